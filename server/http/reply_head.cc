#include "http/reply_head.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "text/characters.h"
#include "text/json_writer.h"

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

struct Field {
  std::string_view name;
  std::string_view value;
};

void append_line(std::string& head, const Field& field) {
  if (has_line_end(field.name) || has_line_end(field.value)) return;
  head.append(field.name).append(": ").append(field.value).append(kCrLf);
}

// "Keep-Alive: timeout=", 75: appended at once, as each reply has two such lines.
void append_number_line(std::string& head, std::string_view begin, std::uint64_t number) {
  constexpr std::size_t kMost = 64;
  ShortText<kMost> line;
  head.append(line.add(begin).add(write_number, number).add(kCrLf).view());
}

void append_status_line(std::string& head, int status) {
  constexpr std::size_t kMost = 96;  // the longest reason has 31 letters
  ShortText<kMost> line;
  line.add("HTTP/1.1 ").add(write_number, static_cast<std::uint64_t>(std::max(status, 0)));
  head.append(line.add(" ").add(reason_of(status)).add(kCrLf).view());
}

std::string_view connection_of(Persistence persistence) {
  switch (persistence) {
    case Persistence::keep_alive:
      break;
    case Persistence::keep_alive_http10:
      return "keep-alive";
    case Persistence::close:
      return "close";
  }
  return {};
}

// What every reply has, in the order of their names, but Content-Length.
void append_own_fields(std::string& head, const Reply& reply, Persistence persistence,
                       std::chrono::milliseconds idle_timeout) {
  const std::string_view connection = connection_of(persistence);
  if (!connection.empty()) append_line(head, {"Connection", connection});
  if (!reply.body.empty()) append_line(head, {"Content-Type", reply.content_type});
  if (persistence == Persistence::close) return;
  append_number_line(
      head, "Keep-Alive: timeout=", static_cast<std::uint64_t>(idle_timeout.count() / 1000));
}

// The lines of `head` from `begin` on, in the order of their names.
void sort_lines(std::string& head, std::size_t begin) {
  std::vector<std::string> lines;
  for (std::size_t at = begin; at < head.size(); at += lines.back().size()) {
    lines.push_back(head.substr(at, head.find(kCrLf, at) + kCrLf.size() - at));
  }
  const auto name_of = [](std::string_view line) { return line.substr(0, line.find(':')); };
  std::ranges::stable_sort(lines, [&](const std::string& a, const std::string& b) {
    return std::ranges::lexicographical_compare(name_of(a), name_of(b), {}, lower, lower);
  });
  head.resize(begin);
  for (const std::string& line : lines) head += line;
}

}  // namespace

std::string reply_head(const Reply& reply, Persistence persistence,
                       std::chrono::milliseconds idle_timeout) {
  std::string head;
  head.reserve(160);
  append_status_line(head, reply.status);
  const std::size_t begin = head.size();
  append_own_fields(head, reply, persistence, idle_timeout);
  if (!reply.headers.empty()) {  // few have any
    for (const Header& header : reply.headers) append_line(head, {header.name, header.value});
    sort_lines(head, begin);
  }
  // A 204 has no length either (RFC 9110, 8.6).
  if (reply.encode == Encoding::chunked) {
    append_line(head, {"Transfer-Encoding", "chunked"});
  } else if (may_have_body(reply.status)) {
    append_number_line(head, "Content-Length: ", reply.body.size());
  }
  return head.append(kCrLf);
}

bool may_have_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

}  // namespace nairi::mock
