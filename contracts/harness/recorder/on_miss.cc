#include "harness/recorder/on_miss.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "harness/cases/values.h"
#include "harness/openapi/openapi.h"
#include "harness/openapi/request_reader.h"
#include "harness/recorder/recorder.h"
#include "harness/recording/world_writer.h"
#include "nairi/mock/api.h"
#include "nairi/mock/world_file.h"
#include "text/characters.h"
#include "text/json_writer.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

namespace fs = std::filesystem;

std::string sentences(const mock::Diagnostics& diagnostics) {
  std::string all;
  for (const mock::Diagnostic& one : diagnostics) {
    all += (all.empty() ? "" : "\n") + mock::to_string(one);
  }
  return all;
}

bool is_among(const std::vector<std::string>& files, const fs::path& file) {
  return std::any_of(files.begin(), files.end(), [&](const std::string& one) {
    std::error_code ignored;
    return fs::equivalent(one, file, ignored);
  });
}

template <typename Spec, typename Same>
bool any_same(const std::vector<Spec>& all, Same same) {
  return std::any_of(all.begin(), all.end(), same);
}

// What went wrong once at the service is not told again: the calls are counted otherwise now.
void add_recorded(mock::World& world, mock::World recorded) {
  for (mock::AgentSpec& agent : recorded.agents) {
    const auto same = [&](const mock::AgentSpec& it) { return it.agent_id == agent.agent_id; };
    if (any_same(world.agents, same)) continue;
    const auto same_id = [&](const mock::AgentSpec& it) { return it.id && it.id == agent.id; };
    if (any_same(world.agents, same_id)) agent.id.reset();
    world.agents.push_back(std::move(agent));
  }
  for (mock::JobSpec& job : recorded.jobs) {
    const auto same_id = [&](const mock::JobSpec& it) { return it.id && it.id == job.id; };
    if (!any_same(world.jobs, same_id)) world.jobs.push_back(std::move(job));
  }
  for (mock::TurnScript& turn : recorded.turns) {
    // It would answer every start, so that none went to the service: no prompt is empty.
    const bool answers_all = turn.when.turn == 1 && turn.when.prompt_regex == kAnyPrompt;
    if (answers_all) turn.when.prompt_equals = "";
    world.turns.push_back(std::move(turn));
  }
}

// Ids are made from it: of two runs, and of a service that is a fake itself, they must not be the
// same.
std::uint64_t any_seed() {
  std::random_device source;
  constexpr unsigned kHalf = 32;
  return (std::uint64_t{source()} << kHalf) | source();
}

// What a request is taken for: nothing is passed on but operations that are known, since of another
// path nobody knows where a service takes it to ("/conversations/{job_id}/../start").
struct Asked {
  const ApiOperation* operation = nullptr;
  std::string_view path;  // below the API's prefix, still encoded; "" outside it

  bool is(std::string_view id) const { return operation != nullptr && operation->id == id; }
  bool is_start() const { return is("start"); }
  bool is_continue() const { return is("continue"); }
};

Asked asked_by(const mock::Request& request) {
  const std::string_view target = request.target;
  if (!target.starts_with(mock::kApiPrefix)) return {};
  const std::string_view below = target.substr(mock::kApiPrefix.size());
  const std::string_view path = below.substr(0, below.find('?'));
  return {OpenApi::built_in().find(request.method, path), path};
}

// The conversation, message or file that it is about, which a service may have made. Agents are
// never at the service alone.
std::optional<std::string> named_by(const Asked& asked) {
  if (asked.operation == nullptr || asked.path.starts_with("/agents/")) return std::nullopt;
  const auto encoded = path_parameter(asked.operation->path, asked.path);
  return encoded && !encoded->empty() ? percent_decode(*encoded) : std::nullopt;
}

// "id", "job_id", "attachment_ids": but agents are never at the service alone.
bool names_thing(std::string_view member) {
  if (member == "agent_id") return false;
  return member == "id" || member.ends_with("_id") || member.ends_with("_ids");
}

constexpr int kDeepestId = 16;  // where the API has ids

using Ids = std::set<std::string, std::less<>>;

void collect_ids(const Json& value, Ids& ids, int depth = 0) {
  if (!value.is_structured() || depth > kDeepestId) return;
  for (const auto& [name, member] : value.items()) {
    collect_ids(member, ids, depth + 1);
    if (!value.is_object() || !names_thing(name)) continue;
    if (member.is_string()) ids.insert(member.get<std::string>());
    if (!member.is_array()) continue;
    for (const Json& one : member) {
      if (one.is_string()) ids.insert(one.get<std::string>());
    }
  }
}

// The first file of a prompt that is none of these; nullopt: there is none.
std::optional<std::string> file_besides(const Ids& known, const mock::Request& request) {
  constexpr bool kThrows = false;
  const Json body = Json::parse(request.body, nullptr, kThrows);
  if (!body.is_object() || !body.contains("attachment_ids")) return std::nullopt;
  Ids files;
  collect_ids(Json::object({{"attachment_ids", body.at("attachment_ids")}}), files);
  const auto is_unknown = [&](const std::string& file) { return !known.contains(file); };
  const auto found = std::find_if(files.begin(), files.end(), is_unknown);
  return found == files.end() ? std::nullopt : std::optional(*found);
}

// What fits a header: as JSON writes it in ASCII, but quotes and backslashes stay what they are.
std::string header_line(const std::string& text) {
  constexpr int kNoIndent = -1;
  constexpr bool kAscii = true;
  const std::string escaped =
      Json(text).dump(kNoIndent, ' ', kAscii, Json::error_handler_t::replace);
  std::string line;
  for (std::size_t i = 1; i + 1 < escaped.size(); ++i) {
    const char next = escaped[i + 1];
    if (escaped[i] == '\\' && (next == '"' || next == '\\')) ++i;
    line += escaped[i];
  }
  return line;
}

// Of a service that has none of its own: nothing of it is assumed.
mock::Reply refused_reply(const std::string& text, const std::string& hint) {
  constexpr int kNotFound = 404;  // a client must not try again, as it would after a 503
  mock::Reply reply;
  reply.status = kNotFound;
  mock::ObjectWriter(reply.body).field("error", text).close();
  reply.headers.push_back({"X-Mock-Hint", header_line(hint)});
  return reply;
}

constexpr std::string_view kRecordFiles =
    "files are kept by the worlds: record this one without --on-miss";

// Whether it cost nothing: the service refused it, or never had it.
bool began_nothing(const mock::Relayed& relayed) {
  const bool is_refused = relayed.status >= 400 && relayed.status < 500;
  return is_refused || relayed.ending == mock::Relayed::Ending::none;
}

}  // namespace

tl::expected<ServedWorlds, std::string> read_served_worlds(const std::vector<std::string>& files,
                                                           const std::string& recording_folder) {
  ServedWorlds served;
  auto given = mock::read_worlds(files);
  if (!given) return tl::unexpected(sentences(given.error()));
  served.world = std::move(*given);
  for (const std::string& file : files) {
    const auto alone = mock::read_worlds({file});
    if (!alone) return tl::unexpected(sentences(alone.error()));
    served.scripts.emplace_back(file, alone->turns.size());
  }
  const fs::path path = fs::path(recording_folder) / kWorldFile;
  if (is_among(files, path)) return served;
  auto recorded = mock::read_worlds({path.string()});
  if (!recorded) return tl::unexpected(sentences(recorded.error()));
  served.scripts.emplace_back(path.string(), recorded->turns.size());
  add_recorded(served.world, std::move(*recorded));
  return served;
}

OnMiss::OnMiss(ServedWorlds worlds, std::size_t max_conversations)
    : max_conversations_(max_conversations),
      scripts_(std::move(worlds.scripts)),
      fake_(std::move(worlds.world), {.seed = any_seed()}) {}

std::optional<mock::Reply> OnMiss::answer(const mock::Request& request) {
  const Asked asked = asked_by(request);
  {
    const std::lock_guard lock(mutex_);
    const auto id = named_by(asked);
    if (id && ids_.contains(*id)) {
      const auto file = asked.is_continue() ? file_besides(ids_, request) : std::nullopt;
      return file ? std::optional(refuse_file(*file)) : std::nullopt;
    }
    // Nobody else may use up the script that was found.
    if (asked.is_start() || asked.is_continue()) return prompt(request, asked.is_start());
  }
  return fake_.handle(request);
}

std::optional<mock::Reply> OnMiss::prompt(const mock::Request& request, bool is_start) {
  if (const auto missing = fake_.unscripted(request)) {
    if (missing->follows_up) return refuse_follow_up(*missing);
    const bool has_room = summary_.forwarded < max_conversations_;
    const bool with_files = file_besides(ids_, request).has_value();
    if (!has_room || with_files) return refuse_start(*missing, with_files);
    ++summary_.forwarded;
    return std::nullopt;
  }
  mock::Reply reply = fake_.handle(request);
  constexpr int kErrors = 400;
  if (is_start && reply.status < kErrors) ++summary_.served;
  return reply;
}

mock::Reply OnMiss::refuse_start(const mock::UnscriptedPrompt& missing, bool with_files) {
  ++summary_.refused;
  const std::string used = std::to_string(summary_.forwarded) + " of " +
                           counted(max_conversations_, "conversation") + " went to the service";
  if (with_files) {
    return refused_reply("no script answers this prompt, and its files are not at the service",
                         nearest(missing) + "; " + used + "; " + std::string(kRecordFiles));
  }
  return refused_reply("no script answers this prompt, and it is not passed on to the service",
                       nearest(missing) + "; " + used + "; --max-conversations " +
                           std::to_string(max_conversations_ + 1) + " lets one more through");
}

mock::Reply OnMiss::refuse_follow_up(const mock::UnscriptedPrompt& missing) {
  ++summary_.refused_follow_ups;
  return refused_reply(
      "no script answers this prompt, and its conversation is not at the service",
      nearest(missing) +
          "; a world began this conversation, and it can't go on elsewhere: record it "
          "from its start, with its first script taken out or without --on-miss");
}

mock::Reply OnMiss::refuse_file(const std::string& file) {
  ++summary_.refused_files;
  return refused_reply(
      "its files are not at the service",
      "the service made no file " + mock::in_quotes(file) + " known; " + std::string(kRecordFiles));
}

std::string OnMiss::nearest(const mock::UnscriptedPrompt& missing) const {
  if (!missing.nearest) return "the worlds have no scripts";
  std::size_t place = *missing.nearest;
  auto file = scripts_.begin();
  // A world that PUT /__mock/world gave to a key can have more than the files.
  while (file != scripts_.end() && place >= file->second) place -= (file++)->second;
  std::string text = "the nearest is /turns/" + std::to_string(place) + " of ";
  text += file == scripts_.end() ? "the key's own world" : file->first;
  for (const std::string& missed : missing.missed) {
    text += (&missed == &missing.missed.front() ? ": " : ", and ") + missed;
  }
  return text;
}

mock::Request OnMiss::readable(mock::Request request) {
  for (mock::Header& header : request.headers) {
    if (mock::equal_ignoring_case(header.name, "Accept-Encoding")) header.value = "identity";
  }
  return request;
}

void OnMiss::learn(const mock::Relayed& relayed) {
  constexpr bool kThrows = false;
  const Json reply = Json::parse(relayed.body, nullptr, kThrows);
  const std::lock_guard lock(mutex_);
  collect_ids(reply, ids_);
  const Asked asked = asked_by(relayed.request);
  if (asked.is_start() && began_nothing(relayed)) --summary_.forwarded;
  if (asked.is_continue() && !began_nothing(relayed)) ++summary_.further_prompts;
}

OnMiss::Summary OnMiss::summary() const {
  const std::lock_guard lock(mutex_);
  return summary_;
}

}  // namespace nairi::contracts
