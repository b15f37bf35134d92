#include "relay/forwarding.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "nairi/mock/api.h"
#include "text/characters.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

// Those of one connection alone, and what the server in front has done already (RFC 9110, 7.6.1).
constexpr std::array<std::string_view, 9> kOfConnection = {
    "connection", "keep-alive", "proxy-connection", "proxy-authorization",
    "te",         "trailer",    "upgrade",          "transfer-encoding",
    "expect"};

bool names(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::string_view member = list.substr(0, list.find(','));
    if (equal_ignoring_case(trimmed(member), word)) return true;
    list.remove_prefix(std::min(member.size() + 1, list.size()));
  }
  return false;
}

// Whether a Connection field names it.
bool is_named(const std::vector<Header>& headers, std::string_view word) {
  return std::any_of(headers.begin(), headers.end(), [&](const Header& header) {
    return equal_ignoring_case(header.name, "Connection") && names(header.value, word);
  });
}

bool is_of_connection(const std::vector<Header>& headers, std::string_view name) {
  return is_named(headers, name) ||
         std::any_of(kOfConnection.begin(), kOfConnection.end(),
                     [&](std::string_view known) { return equal_ignoring_case(known, name); });
}

void append_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

// What the client wants of its connection, we want of ours: so the server says the same to both.
void append_connection(std::string& head, const std::vector<Header>& headers) {
  for (const std::string_view word : {"close", "keep-alive"}) {
    if (is_named(headers, word)) return append_field(head, "Connection", word);
  }
}

[[noreturn]] void refuse_target(const std::string& url, const std::string& why) {
  throw std::runtime_error("expected a target such as https://api.nairi.ai, got " + in_quotes(url) +
                           (why.empty() ? "" : ": " + why));
}

// Where the host ends and the port begins.
std::size_t end_of_host(std::string_view authority) {
  if (!authority.starts_with('[')) return std::min(authority.find(':'), authority.size());
  const std::size_t bracket = authority.find(']');
  return bracket == std::string_view::npos ? 0 : bracket + 1;
}

bool is_port(std::string_view text) {
  constexpr std::size_t kDigits = 5;
  return !text.empty() && text.size() <= kDigits &&
         std::all_of(text.begin(), text.end(), is_digit) && std::stoi(std::string(text)) < 65536;
}

constexpr int kGzipOrZlib = 32 + MAX_WBITS;
constexpr int kRawDeflate = -MAX_WBITS;

// What zlib makes of it; nullopt where it is damaged or too large.
std::optional<std::string> inflated(std::string_view packed, int window, std::size_t most) {
  z_stream stream{};
  if (inflateInit2(&stream, window) != Z_OK) return std::nullopt;
  std::string out;
  std::array<char, 65536> piece;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  int result = Z_OK;
  while (result == Z_OK && out.size() <= most) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    result = inflate(&stream, Z_NO_FLUSH);
    out.append(piece.data(), piece.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (result != Z_STREAM_END || out.size() > most) return std::nullopt;
  return out;
}

}  // namespace

RelayTarget parse_target(const std::string& url) {
  RelayTarget target;
  target.tls = url.starts_with("https://");
  if (!target.tls && !url.starts_with("http://")) refuse_target(url, "");
  const std::size_t begin = url.find("://") + 3;
  const std::size_t end = std::min(url.find_first_of("/?#", begin), url.size());
  target.authority = url.substr(begin, end - begin);
  target.path = url.substr(end);
  if (target.path.find_first_of("?# ") != std::string::npos) refuse_target(url, "it has a query");
  if (target.authority.find('@') != std::string::npos) refuse_target(url, "it has a user name");
  const std::size_t host_end = end_of_host(target.authority);
  target.host = target.authority.substr(0, host_end);
  target.port = target.tls ? "443" : "80";
  if (host_end < target.authority.size()) {
    target.port = target.authority.substr(host_end + 1);
    if (!is_port(target.port)) refuse_target(url, "its port is none");
  }
  if (target.host.starts_with('[')) target.host = target.host.substr(1, target.host.size() - 2);
  if (target.host.empty()) refuse_target(url, "it has no host");
  while (target.path.ends_with('/')) target.path.pop_back();
  if (target.path.empty()) target.path = kApiPrefix;
  return target;
}

std::optional<std::string_view> below_prefix(std::string_view target) {
  if (!target.starts_with(kApiPrefix)) return std::nullopt;
  target.remove_prefix(kApiPrefix.size());
  if (!target.empty() && target.front() != '/' && target.front() != '?') return std::nullopt;
  return target;
}

std::string forwarded(const Request& request, std::string_view below, const RelayTarget& to) {
  std::string text = request.method + " " + to.path + std::string(below) + " HTTP/1.1\r\n";
  const bool has_host = find_header(request.headers, "Host") != nullptr;
  if (!has_host) append_field(text, "Host", to.authority);
  const bool was_chunked = find_header(request.headers, "Transfer-Encoding") != nullptr;
  for (const Header& header : request.headers) {
    if (equal_ignoring_case(header.name, "Host")) {
      append_field(text, header.name, to.authority);
    } else if (equal_ignoring_case(header.name, "Content-Length") ||  // whatever Connection names
               !is_of_connection(request.headers, header.name)) {
      append_field(text, header.name, header.value);
    }
  }
  append_connection(text, request.headers);
  if (was_chunked) append_field(text, "Content-Length", std::to_string(request.body.size()));
  return text.append("\r\n").append(request.body);
}

bool asks_to_close(const Request& request) {
  return is_named(request.headers, "close");
}

bool is_safe_method(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

bool unpack(const std::vector<Header>& headers, std::string& body, std::size_t most) {
  const std::string_view coding = trimmed(header_value(headers, "Content-Encoding"));
  if (coding.empty() || equal_ignoring_case(coding, "identity") || body.empty()) return true;
  std::optional<std::string> plain;
  if (equal_ignoring_case(coding, "gzip") || equal_ignoring_case(coding, "x-gzip") ||
      equal_ignoring_case(coding, "deflate")) {
    plain = inflated(body, kGzipOrZlib, most);
    if (!plain && equal_ignoring_case(coding, "deflate")) plain = inflated(body, kRawDeflate, most);
  }
  body = plain.value_or("");
  return plain.has_value();
}

}  // namespace nairi::mock
