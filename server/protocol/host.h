// The names and addresses of hosts, as they stand in Host headers and on command lines.
#ifndef NAIRI_MOCK_PROTOCOL_HOST_H_
#define NAIRI_MOCK_PROTOCOL_HOST_H_

#include <string_view>

namespace nairi::mock {

// "127.0.0.1:4747" without its port.
std::string_view host_name(std::string_view host);

// An address can't be a name that somebody made to point here.
bool is_address(std::string_view host);

// Whether only this machine reaches it.
bool is_loopback(std::string_view host);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_PROTOCOL_HOST_H_
