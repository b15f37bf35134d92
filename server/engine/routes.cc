#include "engine/routes.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "nairi/mock/api.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

constexpr Route api(std::string_view method, std::string_view path, Operation operation,
                    Reply (*play)(Organization&, const Call&)) {
  return {method, path, ApiRoute{operation, play}};
}

constexpr Route control(std::string_view method, std::string_view path,
                        Reply (*play)(const ControlCall&)) {
  return {method, path, ControlRoute{play}};
}

constexpr Route open_control(std::string_view path, Reply (*play)(const ControlCall&)) {
  return {"GET", path, ControlRoute{play, true}};
}

// The first pattern that fits a path decides.
constexpr std::array kRoutes = {
    api("GET", "/messages/{message_id}", Operation::get_message, get_message),
    api("GET", "/conversations/{job_id}/messages", Operation::list_messages, list_messages),
    api("POST", "/conversations/start", Operation::start_conversation, start_conversation),
    api("POST", "/conversations/{job_id}/continue", Operation::continue_conversation,
        continue_conversation),
    api("GET", "/agents/{agent_id}/conversations", Operation::list_conversations,
        list_conversations),
    api("POST", "/agents/{agent_id}/deploy", Operation::deploy_agent, deploy_agent),
    api("GET", "/agents", Operation::list_agents, list_agents),
    api("POST", "/agents", Operation::create_agent, create_agent),
    api("GET", "/agents/{agent_id}", Operation::get_agent, get_agent),
    api("PATCH", "/agents/{agent_id}", Operation::update_agent, update_agent),
    api("DELETE", "/agents/{agent_id}", Operation::delete_agent, delete_agent),
    api("POST", "/attachments", Operation::upload_attachment, upload_attachment),
    api("GET", "/attachments/{attachment_id}", Operation::get_attachment, get_attachment),
    open_control("/health", show_health),
    control("POST", "/reset", reset_scope),
    control("POST", "/clock", move_clock),
    control("POST", "/jobs", make_job),
    control("GET", "/journal", show_journal),
    control("GET", "/verdicts", show_verdicts),
    control("POST", "/revoke", revoke_key),
    open_control("/openapi.json", show_openapi),
    control("POST", "/faults", add_faults),
    control("PUT", "/world", put_world),
    control("DELETE", "/world", delete_world),
    control("GET", "/unmatched", show_unmatched),
};

bool same_method(const Route& route, std::string_view method) {
  return route.method == method || (route.method == "GET" && method == "HEAD");
}

// The part of `path` that stands for the pattern's {…}, still encoded; empty when the pattern has
// none. nullopt: it does not fit.
std::optional<std::string_view> match_path(std::string_view pattern, std::string_view path) {
  constexpr std::string_view kManySegments = "{agent_id}";  // slugs may contain '/'
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
    // A path without the API's prefix is the commonest slip: it should not count for much.
    const bool bare = !asked.starts_with(kApiPrefix) && route.prefix() == kApiPrefix;
    const std::string known = bare ? skeleton(route.path) : skeleton(route.full_path());
    const std::size_t distance =
        2 * edit_distance(asked, known) + (same_method(route, method) ? 0 : 1);
    if (distance < best) {
      best = distance;
      nearest = &route;
    }
  }
  return nearest;
}

}  // namespace

std::string_view Route::prefix() const {
  return std::holds_alternative<ApiRoute>(handler) ? kApiPrefix : kControlPrefix;
}

std::string Route::full_path() const {
  return std::string(prefix()).append(path);
}

std::variant<Matched, WrongMethod, NoRoute> find_route(std::string_view method,
                                                       const Target& target) {
  // A wrong method on a known path is not taken for another path: POST .../agents/a/conversations
  // is 405, not an agent named "a/conversations".
  std::string_view fitting;
  std::string allow;
  for (const Route& route : kRoutes) {
    if (!fitting.empty() && route.path != fitting) continue;
    if (!target.path.starts_with(route.prefix())) continue;
    const auto parameter = match_path(route.path, target.path.substr(route.prefix().size()));
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
