#include "engine/control/caller.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>

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

Checked<Scope> scope_of(const Organizations& organizations, std::uint64_t number) {
  auto key = organizations.find_key(number);
  if (key) return Scope{.key = std::move(*key)};
  return fail(404, "there is no organization " + std::to_string(number) +
                       " (a key that was reset gets another number): GET /__mock/organizations "
                       "lists those that there are");
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

Checked<Scope> read_scope(const FakeParts& fake, const Request& request, const Query& query) {
  const auto token = bearer_token(request.headers);
  const std::string& control_token = fake.options.control_token;
  const bool is_control_token = token && !control_token.empty() && *token == control_token;
  const auto all = read_flag(query, "all");
  if (!all) return tl::unexpected(all.error());
  const auto organization = read_count(query, "organization", UINT64_MAX);
  if (!organization) return tl::unexpected(organization.error());
  if (*all && *organization) return fail(400, "expected all=true or an organization, got both");
  if (is_control_token) {
    if (*all) return Scope{.all = true};
    if (*organization) return scope_of(fake.organizations, **organization);
    return fail(400, "with the control token say all=true, or which organization=N is meant");
  }
  if (*all || *organization) {
    return fail(403, std::string(*all ? "all=true" : "organization=N") +
                         " takes the control token of the ready file as the bearer");
  }
  if (!token) {
    return fail(401, "say whose world is meant: Authorization: Bearer <key>");
  }
  return Scope{.key = std::string(*token)};
}

Checked<std::optional<std::uint64_t>> read_count(const Query& query, std::string_view name,
                                                 std::uint64_t most) {
  const std::string* text = query.find(name);
  if (text == nullptr) return std::nullopt;
  std::uint64_t number = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, number);
  if (error == std::errc() && stop == end && !text->empty() && number <= most) return number;
  const std::string bound = most == UINT64_MAX ? "" : " from 0 to " + std::to_string(most);
  return fail(400, std::string(name) + " must be a whole number" + bound + ", got " +
                       in_quotes(cut(*text, 100)));
}

Checked<bool> read_flag(const Query& query, std::string_view name) {
  const std::string* text = query.find(name);
  if (text == nullptr || *text == "false") return false;
  if (*text == "true") return true;
  return fail(400, std::string(name) + " must be true or false, got " + in_quotes(*text));
}

}  // namespace nairi::mock
