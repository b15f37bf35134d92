#include "http/reply_head.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "text/characters.h"

namespace nairi::mock {
namespace {

constexpr std::string_view kCrLf = "\r\n";

// RFC 9110, 15, and the registry behind it; what it does not know has no reason, which is allowed.
struct Reason {
  int status;
  std::string_view text;
};
constexpr std::array kReasons = {
    Reason{200, "OK"},
    Reason{201, "Created"},
    Reason{202, "Accepted"},
    Reason{204, "No Content"},
    Reason{301, "Moved Permanently"},
    Reason{302, "Found"},
    Reason{303, "See Other"},
    Reason{304, "Not Modified"},
    Reason{307, "Temporary Redirect"},
    Reason{308, "Permanent Redirect"},
    Reason{400, "Bad Request"},
    Reason{401, "Unauthorized"},
    Reason{402, "Payment Required"},
    Reason{403, "Forbidden"},
    Reason{404, "Not Found"},
    Reason{405, "Method Not Allowed"},
    Reason{406, "Not Acceptable"},
    Reason{407, "Proxy Authentication Required"},
    Reason{408, "Request Timeout"},
    Reason{409, "Conflict"},
    Reason{410, "Gone"},
    Reason{411, "Length Required"},
    Reason{412, "Precondition Failed"},
    Reason{413, "Payload Too Large"},
    Reason{414, "URI Too Long"},
    Reason{415, "Unsupported Media Type"},
    Reason{416, "Range Not Satisfiable"},
    Reason{417, "Expectation Failed"},
    Reason{418, "I'm a teapot"},
    Reason{422, "Unprocessable Entity"},
    Reason{425, "Too Early"},
    Reason{426, "Upgrade Required"},
    Reason{428, "Precondition Required"},
    Reason{429, "Too Many Requests"},
    Reason{431, "Request Header Fields Too Large"},
    Reason{451, "Unavailable For Legal Reasons"},
    Reason{500, "Internal Server Error"},
    Reason{501, "Not Implemented"},
    Reason{502, "Bad Gateway"},
    Reason{503, "Service Unavailable"},
    Reason{504, "Gateway Timeout"},
    Reason{505, "HTTP Version Not Supported"},
    Reason{511, "Network Authentication Required"},
};

std::string_view reason_of(int status) {
  const auto found = std::ranges::find(kReasons, status, &Reason::status);
  return found == kReasons.end() ? std::string_view() : found->text;
}

bool has_line_end(std::string_view text) {
  return text.find('\r') != std::string_view::npos || text.find('\n') != std::string_view::npos;
}

void append_line(std::string& head, std::string_view name, std::string_view value) {
  if (has_line_end(name) || has_line_end(value)) return;
  head.append(name).append(": ").append(value).append(kCrLf);
}

using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

void sort_by_name(Fields& fields) {
  std::ranges::stable_sort(fields, [](const auto& a, const auto& b) {
    return std::ranges::lexicographical_compare(a.first, b.first, {}, lower, lower);
  });
}

}  // namespace

std::string reply_head(const Reply& reply, Persistence persistence,
                       std::chrono::milliseconds idle_timeout) {
  const std::string keep_alive = "timeout=" + std::to_string(idle_timeout.count() / 1000);
  Fields fields;  // but Content-Length, in the order of their names
  fields.reserve(reply.headers.size() + 3);
  if (persistence == Persistence::close) {
    fields.emplace_back("Connection", "close");
  } else if (persistence == Persistence::keep_alive_http10) {
    fields.emplace_back("Connection", "keep-alive");
  }
  if (!reply.body.empty()) fields.emplace_back("Content-Type", reply.content_type);
  if (persistence != Persistence::close) fields.emplace_back("Keep-Alive", keep_alive);
  if (!reply.headers.empty()) {  // few have any
    for (const Header& header : reply.headers) fields.emplace_back(header.name, header.value);
    sort_by_name(fields);
  }

  std::string head;
  head.reserve(160);
  head.append("HTTP/1.1 ").append(std::to_string(reply.status)).append(" ");
  head.append(reason_of(reply.status)).append(kCrLf);
  for (const auto& [name, value] : fields) append_line(head, name, value);
  // A 204 has no length either (RFC 9110, 8.6).
  if (reply.encode == Encoding::chunked) {
    append_line(head, "Transfer-Encoding", "chunked");
  } else if (may_have_body(reply.status)) {
    append_line(head, "Content-Length", std::to_string(reply.body.size()));
  }
  return head.append(kCrLf);
}

bool may_have_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

}  // namespace nairi::mock
