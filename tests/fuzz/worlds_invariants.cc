#include <algorithm>
#include <nlohmann/json.hpp>

#include "invariants.h"
#include "nairi/mock/fake.h"
#include "nairi/mock/world_file.h"
#include "sound_reply.h"

namespace nairi::tests {
namespace {

// Whether a path, read step by step, is ever above the folder in which it begins.
bool leads_out(std::string_view path) {
  int depth = 0;
  while (!path.empty() && depth >= 0) {
    const std::string_view step = path.substr(0, path.find('/'));
    if (step == "..") --depth;
    if (step != ".." && step != "." && !step.empty()) ++depth;
    path.remove_prefix(std::min(step.size() + 1, path.size()));
  }
  return depth < 0;
}

// Knows every file, by its name; a path that leads out of the world's folder never comes here.
mock::FileOpener open_by_name(std::string& broken) {
  return [&broken](const std::string& path)
             -> tl::expected<std::shared_ptr<const std::string>, std::string> {
    if (path.empty() || path.front() == '/' || leads_out(path) ||
        path.find('\0') != std::string::npos) {
      broken = "a path that leads out of the folder: " + path;
    }
    if (path.size() > 20) return tl::unexpected(std::string("there is no such file"));
    return std::make_shared<const std::string>(path);
  };
}

std::string broken_diagnostics(const mock::Diagnostics& diagnostics, std::string_view text) {
  if (diagnostics.empty()) return "refused without a word";
  for (const mock::Diagnostic& it : diagnostics) {
    if (it.message.empty() || it.line < 1 || it.column < 1) return "a mistake that is nowhere";
    if (static_cast<std::size_t>(it.line) > text.size() + 1) return "a line behind the last one";
  }
  return "";
}

// Asks each agent once, and reads the answer a few times.
std::string broken_play(const mock::World& world, bool is_sound) {
  mock::Fake fake(world, {.clock = mock::ClockMode::poll, .judge = true});
  if (!nlohmann::json::accept(fake.states())) return "states that are no JSON";
  std::string broken;
  const auto call = [&](std::string method, std::string target, std::string body = "") {
    const mock::Request request{.method = std::move(method),
                                .target = "/api/public/v1" + std::move(target),
                                .headers = {{"Authorization", "Bearer nr_test"}},
                                .body = std::move(body)};
    mock::Reply reply = fake.handle(request);
    if (is_sound && broken.empty()) broken = unsound_reply(request, reply);
    return nlohmann::json::parse(reply.body, nullptr, false);
  };
  call("GET", "/agents");
  for (std::size_t i = 0; i < world.agents.size() && i < 3; ++i) {
    const auto started =
        call("POST", "/conversations/start",
             nlohmann::json{{"agent_id", world.agents[i].agent_id}, {"prompt", "Hello"}}.dump());
    if (!started.is_object() || !started.contains("job_id")) continue;
    for (int poll = 0; poll < 4; ++poll) {
      call("GET", "/messages/" + started["message_id"].get<std::string>());
      call("GET", "/conversations/" + started["job_id"].get<std::string>() + "/messages");
    }
  }
  return broken;
}

}  // namespace

std::string broken_worlds_invariant(std::string_view input) {
  std::string broken;
  const auto world = mock::parse_world(input, {.open_file = open_by_name(broken)});
  if (!broken.empty()) return broken;
  if (!world) return broken_diagnostics(world.error(), input);
  // What a world says of its messages may be odd, and faults are meant to be.
  const bool is_sound = world->faults.empty() && world->jobs.empty();
  return broken_play(*world, is_sound && input.find("progress") == std::string_view::npos);
}

}  // namespace nairi::tests
