#include "engine/control/control.h"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/control/control_scene.h"
#include "protocol/body.h"
#include "protocol/credentials.h"
#include "text/characters.h"
#include "text/json_writer.h"
#include "text/wording.h"
#include "world/embedded.h"

namespace nairi::mock {
namespace {

constexpr std::int64_t kLongestAdvanceMs = std::int64_t{10} * 365 * 24 * 3600 * 1000;

// "127.0.0.1:4747" without its port.
std::string_view host_name(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

// An address can't be a name that somebody made to point here.
bool is_address(std::string_view host) {
  return host.starts_with('[') || host.find_first_not_of("0123456789.") == std::string_view::npos;
}

// A page in a browser can send requests here; its Origin, or the name that it had to use, gives it
// away.
std::optional<Failure> check_caller(const FakeState& state, const Request& request) {
  const std::string* host = find_header(request.headers, "Host");
  const auto& allowed = state.options().control_hosts;
  if (host != nullptr) {
    const std::string_view name = host_name(*host);
    const bool is_allowed = is_address(name) || equal_ignoring_case(name, "localhost") ||
                            std::find(allowed.begin(), allowed.end(), name) != allowed.end();
    if (!is_allowed) {
      return Failure{403, "the control API is called by address or as localhost, got Host " +
                              in_quotes(*host)};
    }
  }
  const std::string* origin = find_header(request.headers, "Origin");
  if (origin == nullptr) return std::nullopt;
  const std::size_t scheme = origin->find("://");
  const bool same = host != nullptr && scheme != std::string::npos &&
                    std::string_view(*origin).substr(scheme + 3) == *host;
  if (same) return std::nullopt;
  return Failure{403,
                 "the control API does not answer other origins, got Origin " + in_quotes(*origin)};
}

Checked<Scope> read_scope(const FakeState& state, const Request& request, const Target& target) {
  const auto query = Query::parse(target.query);
  if (!query) return fail(400, "the query has a % without two hexadecimal digits");
  const auto token = bearer_token(request.headers);
  const std::string& control_token = state.options().control_token;
  const bool is_control_token = token && !control_token.empty() && *token == control_token;
  const std::string* all = query->find("all");
  if (all != nullptr && *all != "true" && *all != "false") {
    return fail(400, "all must be true or false, got " + in_quotes(*all));
  }
  if (all != nullptr && *all == "true") {
    if (is_control_token) return Scope{.all = true, .key = {}};
    return fail(403, "all=true takes the control token of the ready file as the bearer");
  }
  if (!token) {
    return fail(401, "say whose world is meant: Authorization: Bearer <key>");
  }
  if (is_control_token) return fail(400, "with the control token say all=true");
  return Scope{.all = false, .key = std::string(*token)};
}

Reply health(const FakeState& state) {
  constexpr std::string_view kClocks[] = {"poll", "virtual", "wall"};
  Reply reply;
  ObjectWriter(reply.body)
      .field("status", "ok")
      .field("name", "nairi-mock")
      .field("version", state.options().version)
      .field("clock", kClocks[static_cast<std::size_t>(state.options().clock)])
      .field("seed", std::to_string(state.options().seed))
      .field("organizations", static_cast<std::int64_t>(state.count()))
      .close();
  return reply;
}

Reply describe_api() {
  Reply reply;
  reply.body = embedded_contract("openapi.json").value_or("");
  return reply;
}

Reply reset(FakeState& state, const Scope& scope) {
  if (scope.all) {
    state.reset_all();
  } else {
    state.reset(scope.key);
  }
  return done();
}

Reply revoke(FakeState& state, const Scope& scope) {
  if (scope.all) return error_reply(400, "one key is revoked at a time: call with that key");
  const auto revoked = state.revoke(scope.key);
  return revoked ? done() : error_reply(revoked.error());
}

Reply move_clock(FakeState& state, const Scope& scope, const Request& request) {
  if (state.options().clock != ClockMode::virtual_time) {
    return error_reply(400, "this clock can't be moved: start with --clock virtual");
  }
  const auto body = Body::parse(request.body);
  if (!body) return error_reply(body.error());
  if (!body->has("advance_ms")) return error_reply(400, "advance_ms is required");
  const auto ms = body->integer("advance_ms", 0, 0);
  if (!ms) return error_reply(ms.error());
  if (*ms > kLongestAdvanceMs) {
    return error_reply(400, "advance_ms must be at most " + std::to_string(kLongestAdvanceMs));
  }
  if (scope.all) {
    state.advance(*ms);
    return done();
  }
  const auto slot = state.open(scope.key);
  if (!slot) return error_reply(slot.error());
  const std::lock_guard lock((*slot)->mutex);
  (*slot)->organization.move_time(*ms);
  Reply reply;
  ObjectWriter(reply.body).timestamp("now", (*slot)->organization.now()).close();
  return reply;
}

Reply show_journal(FakeState& state, const Scope& scope) {
  constexpr std::uint64_t kNobody = UINT64_MAX;
  Reply reply;
  if (scope.all) {
    reply.body = state.journal().to_json(std::nullopt);
  } else {
    const auto slot = state.find(scope.key);
    reply.body = state.journal().to_json(slot ? slot->number : kNobody);
  }
  return reply;
}

Reply show_verdicts(FakeState& state, const Scope& scope) {
  if (state.judges() == nullptr) {
    return error_reply(400, "nobody judges: start with --judge warn, or FakeOptions::judge");
  }
  Reply reply;
  reply.body = to_json(scope.all ? state.verdicts(std::nullopt) : state.verdicts(scope.key));
  return reply;
}

}  // namespace

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host == "::1" || host == "[::1]") return true;
  // Digits and dots only: "127.evil.example" is a name like any other.
  return host.starts_with("127.") &&
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

Reply control(FakeState& state, Operation operation, const Request& request, const Target& target) {
  if (const auto refused = check_caller(state, request)) return error_reply(*refused);
  if (operation == Operation::control_health) return health(state);
  if (operation == Operation::control_openapi) return describe_api();
  const auto scope = read_scope(state, request, target);
  if (!scope) return error_reply(scope.error());
  switch (operation) {
    case Operation::control_reset:
      return reset(state, *scope);
    case Operation::control_revoke:
      return revoke(state, *scope);
    case Operation::control_clock:
      return move_clock(state, *scope, request);
    case Operation::control_jobs:
      return make_job(state, *scope, request);
    case Operation::control_journal:
      return show_journal(state, *scope);
    case Operation::control_faults:
      return add_faults(state, *scope, request);
    case Operation::control_put_world:
      return put_world(state, *scope, request);
    case Operation::control_delete_world:
      return delete_world(state, *scope);
    case Operation::control_unmatched:
      return show_unmatched(state, *scope);
    case Operation::control_verdicts:
      return show_verdicts(state, *scope);
    default:
      return error_reply(500, "no control operation");  // the route table has no other
  }
}

}  // namespace nairi::mock
