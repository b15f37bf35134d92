#include "protocol/operation.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "text/wording.h"

namespace nairi::mock {
namespace {

using enum Operation;

// clang-format off
constexpr std::array kRoutes = {
    Route{get_message, "GET", "/api/public/v1/messages/{message_id}", "poll"},
    Route{list_messages, "GET", "/api/public/v1/conversations/{job_id}/messages", "messages"},
    Route{start_conversation, "POST", "/api/public/v1/conversations/start", "start"},
    Route{continue_conversation, "POST", "/api/public/v1/conversations/{job_id}/continue", "continue"},
    Route{list_conversations, "GET", "/api/public/v1/agents/{agent_id}/conversations", "conversations"},
    Route{deploy_agent, "POST", "/api/public/v1/agents/{agent_id}/deploy", "deploy"},
    Route{list_agents, "GET", "/api/public/v1/agents", "agents"},
    Route{create_agent, "POST", "/api/public/v1/agents", "create_agent"},
    Route{get_agent, "GET", "/api/public/v1/agents/{agent_id}", "agent"},
    Route{update_agent, "PATCH", "/api/public/v1/agents/{agent_id}", "update_agent"},
    Route{delete_agent, "DELETE", "/api/public/v1/agents/{agent_id}", "delete_agent"},
    Route{upload_attachment, "POST", "/api/public/v1/attachments", "upload"},
    Route{get_attachment, "GET", "/api/public/v1/attachments/{attachment_id}", "attachment"},
    Route{control_health, "GET", "/__mock/health", "control"},
    Route{control_reset, "POST", "/__mock/reset", "control"},
    Route{control_clock, "POST", "/__mock/clock", "control"},
    Route{control_jobs, "POST", "/__mock/jobs", "control"},
    Route{control_journal, "GET", "/__mock/journal", "control"},
    Route{control_verdicts, "GET", "/__mock/verdicts", "control"},
    Route{control_revoke, "POST", "/__mock/revoke", "control"},
    Route{control_openapi, "GET", "/__mock/openapi.json", "control"},
    Route{control_faults, "POST", "/__mock/faults", "control"},
    Route{control_put_world, "PUT", "/__mock/world", "control"},
    Route{control_delete_world, "DELETE", "/__mock/world", "control"},
    Route{control_unmatched, "GET", "/__mock/unmatched", "control"},
};
// clang-format on

constexpr std::string_view kManySegments = "{agent_id}";  // slugs may contain '/'

bool same_method(const Route& route, std::string_view method) {
  return route.method == method || (route.method == "GET" && method == "HEAD");
}

// The path with everything that looks like an id replaced by a short stand-in, so that ids don't
// drown the words when paths are compared.
std::string skeleton(std::string_view path) {
  constexpr std::size_t kLongestWord = 24;
  std::string out;
  for (const std::string_view segment : split_path(path)) {
    const bool variable =
        segment.starts_with('{') || segment.size() > kLongestWord ||
        std::any_of(segment.begin(), segment.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    out += '/';
    out += variable ? "*" : segment;
  }
  return out;
}

const Route* nearest_route(std::string_view method, const Target& target) {
  constexpr std::size_t kLongestCompared = 200;
  const std::string asked = skeleton(target.path).substr(0, kLongestCompared);
  const Route* nearest = &kRoutes[0];
  std::size_t best = kLongestCompared * 4;
  for (const Route& route : kRoutes) {
    const std::string known = skeleton(route.path);
    // A path without the prefix is the commonest slip: it should not count for much.
    const bool bare = !asked.starts_with(kApiPrefix) && known.starts_with(kApiPrefix);
    const std::string_view compared =
        bare ? std::string_view(known).substr(kApiPrefix.size()) : std::string_view(known);
    const std::size_t distance =
        2 * edit_distance(asked, compared) + (same_method(route, method) ? 0 : 1);
    if (distance < best) {
      best = distance;
      nearest = &route;
    }
  }
  return nearest;
}

}  // namespace

std::optional<std::string_view> match_path(std::string_view pattern, std::string_view path) {
  const std::size_t open = pattern.find('{');
  if (open == std::string_view::npos) {
    return pattern == path ? std::optional(std::string_view()) : std::nullopt;
  }
  const std::size_t close = pattern.find('}', open);
  const std::string_view before = pattern.substr(0, open);
  const std::string_view after = pattern.substr(close + 1);
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) ||
      !path.ends_with(after)) {
    return std::nullopt;
  }
  path.remove_prefix(before.size());
  path.remove_suffix(after.size());
  const bool many = pattern.substr(open, close + 1 - open) == kManySegments;
  if (!many && path.find('/') != std::string_view::npos) return std::nullopt;
  return path;
}

std::vector<std::string_view> api_names() {
  std::vector<std::string_view> names;
  for (const Route& route : kRoutes) {
    if (static_cast<std::size_t>(route.operation) < kApiOperations) names.push_back(route.name);
  }
  return names;
}

std::variant<Matched, WrongMethod, NoRoute> find_route(std::string_view method,
                                                       const Target& target) {
  // The first pattern that fits the path decides, so that a wrong method on a known path is not
  // taken for another path: POST .../agents/a/conversations is 405, not an agent named
  // "a/conversations".
  std::string_view fitting;
  std::string allow;
  for (const Route& route : kRoutes) {
    if (!fitting.empty() && route.path != fitting) continue;
    const auto parameter = match_path(route.path, target.path);
    if (!parameter) continue;
    if (same_method(route, method)) return Matched{&route, *parameter};
    fitting = route.path;
    if (!allow.empty()) allow += ", ";
    allow += route.method;
    if (route.method == "GET") allow += ", HEAD";
  }
  if (!allow.empty()) return WrongMethod{std::move(allow)};
  return NoRoute{nearest_route(method, target)};
}

}  // namespace nairi::mock
