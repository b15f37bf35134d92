#include "protocol/host.h"

namespace nairi::mock {
namespace {

bool has_digits_and_dots_only(std::string_view text) {
  return text.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

std::string_view host_name(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool is_address(std::string_view host) {
  return host.starts_with('[') || has_digits_and_dots_only(host);
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host == "::1" || host == "[::1]") return true;
  // "127.evil.example" is a name like any other.
  return host.starts_with("127.") && has_digits_and_dots_only(host);
}

}  // namespace nairi::mock
