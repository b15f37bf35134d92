#include "protocol/cors.h"

#include <algorithm>

#include "protocol/failure.h"
#include "text/characters.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

constexpr std::string_view kMethods = "GET, HEAD, POST, PATCH, DELETE";  // those of the API
// What else of our replies a page may read; Content-Type it may without.
constexpr std::string_view kReadable =
    "Allow, Location, Retry-After, WWW-Authenticate, X-Mock-Fidelity, X-Mock-Hint";

// The origin that a request names, if it is one of these; nullptr otherwise.
const std::string* allowed_origin(const Origins& allowed, const Request& request) {
  const std::string* origin = find_header(request.headers, "Origin");
  const bool is_allowed =
      origin != nullptr && std::any_of(allowed.begin(), allowed.end(), [&](const std::string& one) {
        return equal_ignoring_case(one, *origin);
      });
  return is_allowed ? origin : nullptr;
}

void add_header(Reply& reply, std::string_view name, std::string_view value) {
  reply.headers.push_back({std::string(name), std::string(value)});
}

}  // namespace

bool is_origin(std::string_view text) {
  if (text == "null") return true;
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos || scheme_end == 0) return false;
  const std::string_view host = text.substr(scheme_end + 3);
  return !host.empty() && host.find_first_of("/?#@* ,") == std::string_view::npos;
}

bool is_preflight(const Request& request) {
  return request.method == "OPTIONS" && find_header(request.headers, "Origin") != nullptr &&
         find_header(request.headers, "Access-Control-Request-Method") != nullptr;
}

Reply answer_preflight(const Origins& allowed, const Request& request) {
  if (allowed_origin(allowed, request) == nullptr) {
    const std::string origin(header_value(request.headers, "Origin"));
    return error_reply({403, "origin not allowed",
                        "a browser asks for a page of " + in_quotes(origin) +
                            ": let its calls of the API in by --cors"});
  }
  constexpr std::string_view kTenMinutes = "600";
  Reply reply;
  reply.status = 204;
  let_read(allowed, request, reply);
  add_header(reply, "Access-Control-Allow-Methods", kMethods);
  // "*" would not mean Authorization.
  const auto headers = header_value(request.headers, "Access-Control-Request-Headers");
  if (!headers.empty()) add_header(reply, "Access-Control-Allow-Headers", headers);
  add_header(reply, "Access-Control-Max-Age", kTenMinutes);
  return reply;
}

void let_read(const Origins& allowed, const Request& request, Reply& reply) {
  if (allowed.empty()) return;
  add_header(reply, "Vary", "Origin");
  const std::string* origin = allowed_origin(allowed, request);
  if (origin == nullptr) return;
  add_header(reply, "Access-Control-Allow-Origin", *origin);
  add_header(reply, "Access-Control-Expose-Headers", kReadable);
}

}  // namespace nairi::mock
