#include "engine/routes.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "nairi/mock/api.h"
#include "text/characters.h"
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
    open_control("/metrics", show_metrics),
    control("POST", "/reset", reset_scope),
    control("POST", "/clock", move_clock),
    control("POST", "/jobs", make_job),
    control("GET", "/journal", show_journal),
    control("GET", "/verdicts", show_verdicts),
    control("POST", "/revoke", revoke_key),
    open_control("/openapi.json", show_openapi),
    open_control("/", show_page),
    open_control("", lead_to_page),
    control("GET", "/state", show_state),
    control("GET", "/organizations", show_organizations),
    control("POST", "/faults", add_faults),
    control("DELETE", "/faults", delete_faults),
    control("PUT", "/world", put_world),
    control("DELETE", "/world", delete_world),
    control("GET", "/unmatched", show_unmatched),
    control("GET", "/held", show_held),
    control("POST", "/release", release_held),
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
  if (path.starts_with('/') || path.ends_with('/')) return std::nullopt;  // no slug does (assumed)
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

std::string in_lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool is_api(const Route& route) {
  return route.prefix() == kApiPrefix;
}

// What was probably meant by a path that has no route: `path` is what stands below the prefix once
// all slips are taken back.
struct Meant {
  std::string path;
  std::string slips = {};

  void note(std::string_view slip) { slips.append(slips.empty() ? "" : ", and ").append(slip); }
};

// What stands right of the last prefix, in whatever case it is written.
void take_prefix(Meant& meant) {
  const std::string lowered = in_lower_case(meant.path);
  const std::size_t last = lowered.rfind(kApiPrefix);
  if (last == std::string::npos) {
    // Parts of it stand there, or nothing at all.
    for (const std::string_view part : {"/api", "/public", "/v1", "/v2"}) {
      const std::string next = in_lower_case(meant.path.substr(0, part.size() + 1));
      if (next == part || next == std::string(part) + "/") meant.path.erase(0, part.size());
    }
    return meant.note("the prefix /api/public/v1 is missing");
  }
  if (lowered.find(kApiPrefix) != last) {
    meant.note("the prefix /api/public/v1 stands there twice");
  } else if (last > 0) {
    meant.note("something stands before the prefix /api/public/v1");
  } else if (!meant.path.starts_with(kApiPrefix)) {
    meant.note("the prefix /api/public/v1 is not in lower case");
  }
  meant.path.erase(0, last + kApiPrefix.size());
  if (meant.path.empty() || meant.path.starts_with('/')) return;
  meant.note("a slash is missing after the prefix /api/public/v1");
  meant.path.insert(0, "/");
}

void take_slashes(Meant& meant) {
  if (meant.path.find("//") != std::string::npos) {
    meant.note("two slashes stand side by side (is an id empty?)");
    const auto both = [](char one, char other) { return one == '/' && other == '/'; };
    meant.path.erase(std::unique(meant.path.begin(), meant.path.end(), both), meant.path.end());
  }
  if (meant.path.size() > 1 && meant.path.ends_with('/')) {
    meant.note("the path ends in a slash");
    meant.path.pop_back();
  }
}

// A route of the API that fits the path; of several, one with that method.
const Route* fitting(std::string_view method, std::string_view path) {
  const Route* found = nullptr;
  for (const Route& route : kRoutes) {
    if (!is_api(route) || !match_path(route.path, path)) continue;
    if (same_method(route, method)) return &route;
    if (found == nullptr) found = &route;
  }
  return found;
}

// The same where the words of the path are in another case, or its first word is missing.
const Route* fitting_with_a_slip(std::string_view method, Meant& meant) {
  if (const Route* route = fitting(method, meant.path)) return route;
  if (const Route* route = fitting(method, in_lower_case(meant.path))) {
    meant.note("the path is not in lower case");
    return route;
  }
  const Route* route = fitting(method, "/conversations" + meant.path);
  if (route == nullptr) return nullptr;
  const bool is_in_words = route->path.find('{') == std::string_view::npos;
  const bool is_of_a_job = meant.path.starts_with("/job_") || meant.path.starts_with("/j_");
  if (!is_in_words && !is_of_a_job) return nullptr;
  meant.note("/conversations is missing");
  return route;
}

std::string_view first_segment(std::string_view path) {
  return path.substr(0, path.find('/', 1));
}

// By how much a path differs from a route. One that begins with the same word is rather meant.
std::size_t difference(std::string_view path, const Route& route) {
  constexpr std::size_t kLongestCompared = 200;
  constexpr std::size_t kAnotherWord = 3;
  const std::string known = is_api(route) ? skeleton(route.path) : skeleton(route.full_path());
  const std::string asked = skeleton(path).substr(0, kLongestCompared);
  return edit_distance(asked, known) +
         (first_segment(asked) == first_segment(known) ? 0 : kAnotherWord);
}

// The one whose words differ least; those of that method first. `path` is what stands below the
// API's prefix.
const Route* similar(std::string_view method, std::string_view path, std::string_view full_path) {
  const bool is_control = is_control_path(full_path);
  const Route* nearest = nullptr;
  std::pair<bool, std::size_t> best;  // whether the method differs, and by how much the words do
  for (const Route& route : kRoutes) {
    if (is_control && is_api(route)) continue;
    const std::pair rank{!same_method(route, method),
                         difference(is_api(route) ? path : full_path, route)};
    if (nearest != nullptr && rank >= best) continue;
    best = rank;
    nearest = &route;
  }
  return nearest;
}

NoRoute nearest_route(std::string_view method, const Target& target) {
  if (is_control_path(target.path)) return {similar(method, "", target.path)};
  Meant meant{std::string(target.path)};
  take_prefix(meant);
  if (meant.path.empty() || meant.path == "/") {
    return {fitting("GET", "/agents"), "the base URL alone is no route"};
  }
  take_slashes(meant);
  const Route* route = fitting_with_a_slip(method, meant);
  if (route == nullptr) route = similar(method, meant.path, target.path);
  return {route, std::move(meant.slips)};
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
  return nearest_route(method, target);
}

std::string NoRoute::hint() const {
  return (slip.empty() ? "" : slip + "; ") + "the nearest route is " +
         std::string(nearest->method) + " " + nearest->full_path();
}

bool is_control_path(std::string_view path) {
  return path.starts_with(kControlPrefix) &&
         (path.size() == kControlPrefix.size() || path[kControlPrefix.size()] == '/');
}

}  // namespace nairi::mock
