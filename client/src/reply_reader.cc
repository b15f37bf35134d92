#include "reply_reader.h"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace nairi {
namespace {

constexpr std::size_t kMostHeadBytes = std::size_t{64} << 10;
constexpr std::string_view kLineEnd = "\r\n";

std::optional<std::size_t> number(std::string_view text, int base) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "HTTP/1.1 200 OK"; 0 for anything else.
int status_in(std::string_view line) {
  if (!line.starts_with("HTTP/1.") || line.size() < 12 || line[8] != ' ') return 0;
  return static_cast<int>(number(line.substr(9, 3), 10).value_or(0));
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  const std::size_t end = text.find_last_not_of(" \t") + 1;
  return text.substr(begin, end - std::min(begin, end));
}

}  // namespace

bool ReplyReader::take(std::string_view bytes) {
  rest_ += bytes;
  while (step()) {
  }
  return !is_over();
}

void ReplyReader::end() {
  if (part_ == Part::open_body) part_ = Part::whole;
}

// Reads on; false when that needs more bytes, or the end is reached.
bool ReplyReader::step() {
  switch (part_) {
    case Part::head:
      return read_head();
    case Part::chunk_size:
    case Part::chunk_end:
    case Part::trailer:
      return read_line();
    case Part::body:
    case Part::open_body:
    case Part::chunk:
      return read_piece();
    default:
      return false;
  }
}

bool ReplyReader::read_head() {
  const std::size_t end = rest_.find("\r\n\r\n");
  if (end == std::string::npos) {
    if (rest_.size() > kMostHeadBytes) part_ = Part::malformed;
    return false;
  }
  const std::string head = rest_.substr(0, end + kLineEnd.size());
  rest_.erase(0, end + 2 * kLineEnd.size());
  std::size_t line_end = head.find(kLineEnd);
  reply = {.status = status_in(std::string_view(head).substr(0, line_end))};
  for (std::size_t at = line_end + 2; at < head.size(); at = line_end + 2) {
    line_end = head.find(kLineEnd, at);
    const std::string_view line = std::string_view(head).substr(at, line_end - at);
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string_view value = line.substr(std::min(colon + 1, line.size()));
    reply.headers.push_back({std::string(line.substr(0, colon)), std::string(trimmed(value))});
  }
  part_ = part_after_head();
  left_ = 0;
  if (part_ == Part::body) left_ = *number(*find_header(reply, "Content-Length"), 10);
  return true;
}

ReplyReader::Part ReplyReader::part_after_head() const {
  // Nobody asked for another protocol (101).
  if (reply.status < 100 || reply.status == 101) return Part::malformed;
  if (reply.status < 200) return Part::head;
  if (reply.status == 204 || reply.status == 304) return Part::whole;
  const std::string* coding = find_header(reply, "Transfer-Encoding");
  if (coding != nullptr) {
    return strcasecmp(coding->c_str(), "chunked") == 0 ? Part::chunk_size : Part::malformed;
  }
  const std::string* length = find_header(reply, "Content-Length");
  if (length == nullptr) return Part::open_body;
  return number(*length, 10) ? Part::body : Part::malformed;
}

bool ReplyReader::read_line() {
  const std::size_t end = rest_.find(kLineEnd);
  if (end == std::string::npos) {
    if (rest_.size() > kMostHeadBytes) part_ = Part::malformed;
    return false;
  }
  const std::string line = rest_.substr(0, end);
  rest_.erase(0, end + kLineEnd.size());
  if (part_ == Part::chunk_size) {
    part_ = begin_chunk(line);
  } else if (part_ == Part::chunk_end) {
    part_ = line.empty() ? Part::chunk_size : Part::malformed;
  } else if (line.empty()) {
    part_ = Part::whole;
  }
  return true;
}

ReplyReader::Part ReplyReader::begin_chunk(const std::string& line) {
  const std::string_view size = trimmed(std::string_view(line).substr(0, line.find(';')));
  const auto bytes = number(size, 16);
  if (!bytes) return Part::malformed;
  left_ = *bytes;
  return *bytes == 0 ? Part::trailer : Part::chunk;
}

bool ReplyReader::read_piece() {
  const bool is_open = part_ == Part::open_body;
  const std::size_t size = is_open ? rest_.size() : std::min(left_, rest_.size());
  if (size > max_bytes_ - reply.body.size()) {
    part_ = Part::too_large;
    return false;
  }
  reply.body.append(rest_, 0, size);
  rest_.erase(0, size);
  if (is_open || (left_ -= size) > 0) return false;
  part_ = part_ == Part::chunk ? Part::chunk_end : Part::whole;
  return true;
}

}  // namespace nairi
