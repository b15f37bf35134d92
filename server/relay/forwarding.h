// What goes on to the server, and what is understood of what comes back: no sockets.
#ifndef NAIRI_MOCK_RELAY_FORWARDING_H_
#define NAIRI_MOCK_RELAY_FORWARDING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nairi/mock/exchange.h"

namespace nairi::mock {

// Where a relay leads.
struct RelayTarget {
  bool tls = false;
  std::string host;  // without brackets
  std::string port;
  std::string authority;  // as Host says it
  std::string path;       // without a "/" at its end
  std::string url() const { return (tls ? "https://" : "http://") + authority + path; }
};
// Throws std::runtime_error with a sentence. Without a path it is the API's.
RelayTarget parse_target(const std::string& url);

// Path and query below the API's prefix; nullopt for what is not below it.
std::optional<std::string_view> below_prefix(std::string_view target);

// Head and body, for a target below the prefix.
std::string forwarded(const Request& request, std::string_view below, const RelayTarget& to);

// Whether nothing may be sent behind it on the same connection (RFC 9112, 9.6), whatever the server
// says.
bool asks_to_close(const Request& request);

// Whether it may be sent twice: nothing is changed by it.
bool is_safe_method(std::string_view method);

// Unpacks a body with the coding that the headers name. False, and no body, where it is unknown,
// the body is damaged, or larger than `most`.
bool unpack(const std::vector<Header>& headers, std::string& body, std::size_t most);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_RELAY_FORWARDING_H_
