#include "protocol/host.h"

#include <algorithm>
#include <cstddef>

#include "text/characters.h"

namespace nairi::mock {
namespace {

bool is_label(std::string_view label) {
  constexpr std::size_t kLongestLabel = 63;
  return !label.empty() && label.size() <= kLongestLabel &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return is_alnum(c) || c == '-' || c == '_'; });
}

}  // namespace

std::string_view bare_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) return host.substr(1, host.size() - 2);
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

std::string_view host_name(std::string_view host) {
  if (host.starts_with('[')) return bare_host(host.substr(0, host.find(']') + 1));
  const bool has_port = std::count(host.begin(), host.end(), ':') == 1;
  return bare_host(has_port ? host.substr(0, host.find(':')) : host);
}

bool is_address(std::string_view name) {
  if (name.find(':') != std::string_view::npos) return true;
  return !name.empty() && name.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool is_localhost(std::string_view name) {
  constexpr std::string_view kName = "localhost";
  if (name.size() < kName.size()) return false;
  const std::size_t rest = name.size() - kName.size();
  return equal_ignoring_case(name.substr(rest), kName) && (rest == 0 || name[rest - 1] == '.');
}

bool is_dns_name(std::string_view name) {
  constexpr std::size_t kLongestName = 253;
  if (name.size() > kLongestName || is_address(name)) return false;
  if (name.starts_with("*.")) name.remove_prefix(2);
  while (true) {
    const std::string_view label = name.substr(0, name.find('.'));
    if (!is_label(label)) return false;
    if (label.size() == name.size()) return true;
    name.remove_prefix(label.size() + 1);
  }
}

}  // namespace nairi::mock
