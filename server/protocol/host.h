// The names and addresses of hosts, as they stand in Host headers and on command lines.
#ifndef NAIRI_MOCK_PROTOCOL_HOST_H_
#define NAIRI_MOCK_PROTOCOL_HOST_H_

#include <string_view>

namespace nairi::mock {

// "[::1]" and "fake." without what surrounds them: "::1", "fake". Has no port.
std::string_view bare_host(std::string_view host);

// "127.0.0.1:4747", "[::1]:80" or "fake.:4747" without port, brackets and final dot.
std::string_view host_name(std::string_view host);

// The following take bare names.

// An address can't be a name that somebody made to point here.
bool is_address(std::string_view name);

// Names that are always this machine, however they are written (RFC 6761, 6.3): "LOCALHOST",
// "app.localhost".
bool is_localhost(std::string_view name);

// Whether a certificate can name it: letters, digits, "-" and "_" between dots; "*.test" too.
bool is_dns_name(std::string_view name);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_PROTOCOL_HOST_H_
