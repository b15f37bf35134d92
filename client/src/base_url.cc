#include "nairi/base_url.h"

#include <algorithm>
#include <charconv>

#include "failure.h"

namespace nairi {
namespace {

constexpr std::string_view kPrefix = "/api/public/v1";

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && rest == text.data() + text.size() && port > 0 && port <= 65535;
}

// "example.com", "example.com:80", "[::1]:80".
bool is_authority(std::string_view text) {
  const std::size_t bracket = text.find(']');
  const std::size_t host_end =
      bracket == std::string_view::npos ? std::min(text.find(':'), text.size()) : bracket + 1;
  if (host_end == 0 || (text[0] == '[') != (bracket != std::string_view::npos)) return false;
  const std::string_view rest = text.substr(host_end);
  return rest.empty() || (rest[0] == ':' && is_port(rest.substr(1)));
}

tl::unexpected<Error> bad_url(std::string_view url, const std::string& expected) {
  return invalid_argument("base URL \"" + std::string(url) + "\": expected " + expected);
}

}  // namespace

Result<BaseUrl> parse_base_url(std::string_view url) {
  if (url.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return invalid_argument("base URL: expected one such as " + std::string(kDefaultBaseUrl) +
                            ", came an empty text");
  }
  const bool is_https = url.starts_with("https://");
  if (!is_https && !url.starts_with("http://")) return bad_url(url, "http:// or https:// in front");
  const auto is_odd = [](char c) { return c <= ' ' || c == 127; };
  if (std::any_of(url.begin(), url.end(), is_odd)) return bad_url(url, "no white space");
  if (url.find_first_of("?#") != std::string_view::npos) {
    return bad_url(url, "no query and no fragment");
  }
  const std::size_t host = is_https ? 8 : 7;
  const std::size_t path_start = std::min(url.find('/', host), url.size());
  const std::string_view authority = url.substr(host, path_start - host);
  if (authority.find('@') != std::string_view::npos) {
    // Not repeated in the message: it may hold a password.
    return invalid_argument("base URL: expected no user name or password; set NAIRI_API_KEY");
  }
  if (!is_authority(authority)) return bad_url(url, "a host, and a port from 1 to 65535 if any");
  std::string path(url.substr(path_start));
  while (path.ends_with('/')) path.pop_back();
  if (!path.ends_with(kPrefix)) path += kPrefix;
  return BaseUrl{.origin = std::string(url.substr(0, path_start)), .prefix = std::move(path)};
}

}  // namespace nairi
