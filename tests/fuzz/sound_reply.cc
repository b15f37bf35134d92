#include "sound_reply.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "harness/openapi/openapi.h"
#include "nairi/mock/api.h"
#include "nairi/mock/world_file.h"

namespace nairi::tests {
namespace {

std::string broken_headers(const mock::Reply& reply) {
  for (const auto& [name, value] : reply.headers) {
    const auto is_odd = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; };
    if (name.empty() || std::any_of(value.begin(), value.end(), is_odd)) {
      return "a header that is none: " + name;
    }
  }
  return "";
}

std::string broken_error(const mock::Reply& reply) {
  const auto body = nlohmann::json::parse(reply.body, nullptr, false);
  const bool is_error = body.is_object() && body.contains("error") && body["error"].is_string();
  return is_error ? "" : "an error without a text";
}

// What openapi.json says of a reply that is no error.
std::string misfit(const mock::Request& request, const mock::Reply& reply) {
  const std::string_view target = request.target;
  if (!target.starts_with(mock::kApiPrefix)) return "";
  const auto& api = contracts::OpenApi::built_in();
  const auto* const operation = api.find(request.method, target.substr(mock::kApiPrefix.size()));
  if (operation == nullptr) return "";
  const auto type = reply.body.empty() ? std::string() : reply.content_type;
  for (const auto& wrong : api.check_reply(*operation, reply.status, type, reply.body)) {
    return operation->id + " " + wrong.pointer + ": wanted " + wrong.wanted + ", got " + wrong.got;
  }
  return "";
}

}  // namespace

const mock::World& played_world() {
  static const mock::World world = mock::default_world();
  return world;
}

std::string unsound_reply(const mock::Request& request, const mock::Reply& reply) {
  if (reply.status < 200 || reply.status == 500 || reply.status > 503) return "an odd status";
  if (reply.wire.ending != mock::WireFault::Ending::whole) return "a fault that nobody asked for";
  if (std::string broken = broken_headers(reply); !broken.empty()) return broken;
  if (request.method == "HEAD") return "";
  if (reply.status >= 400) return broken_error(reply);
  if (!reply.body.empty() && !nlohmann::json::accept(reply.body)) return "a body that is no JSON";
  return misfit(request, reply);
}

}  // namespace nairi::tests
