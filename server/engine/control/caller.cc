#include "engine/control/caller.h"

#include <algorithm>
#include <string_view>

#include "protocol/credentials.h"
#include "protocol/host.h"
#include "text/characters.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

bool may_be_called(const FakeOptions& options, std::string_view name) {
  return is_address(name) || is_localhost(name) ||
         std::any_of(options.control_hosts.begin(), options.control_hosts.end(),
                     [&](const std::string& allowed) {
                       return equal_ignoring_case(host_name(allowed), name);
                     });
}

}  // namespace

std::optional<Failure> check_caller(const FakeOptions& options, const Request& request) {
  const std::string* host = find_header(request.headers, "Host");
  if (host != nullptr && !may_be_called(options, host_name(*host))) {
    return Failure{403, "the control API is called by address or as localhost, got Host " +
                            in_quotes(*host) + ": let it be called so by --control-host " +
                            cut(host_name(*host), 100)};
  }
  const std::string* origin = find_header(request.headers, "Origin");
  if (origin == nullptr) return std::nullopt;
  const std::size_t scheme = origin->find("://");
  const bool same = host != nullptr && scheme != std::string::npos &&
                    equal_ignoring_case(std::string_view(*origin).substr(scheme + 3), *host);
  if (same) return std::nullopt;
  return Failure{403,
                 "the control API does not answer other origins, got Origin " + in_quotes(*origin)};
}

Checked<Scope> read_scope(const FakeOptions& options, const Request& request,
                          const Target& target) {
  const auto query = Query::parse(target.query);
  if (!query) return fail(400, "the query has a % without two hexadecimal digits");
  const auto token = bearer_token(request.headers);
  const std::string& control_token = options.control_token;
  const bool is_control_token = token && !control_token.empty() && *token == control_token;
  const std::string* all = query->find("all");
  if (all != nullptr && *all != "true" && *all != "false") {
    return fail(400, "all must be true or false, got " + in_quotes(*all));
  }
  if (all != nullptr && *all == "true") {
    if (is_control_token) return Scope{.all = true};
    return fail(403, "all=true takes the control token of the ready file as the bearer");
  }
  if (!token) {
    return fail(401, "say whose world is meant: Authorization: Bearer <key>");
  }
  if (is_control_token) return fail(400, "with the control token say all=true");
  return Scope{.key = std::string(*token)};
}

}  // namespace nairi::mock
