#include "relay/reply_reader.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "text/characters.h"

namespace nairi::mock {
namespace {

constexpr int kDecimal = 10;
constexpr int kHexadecimal = 16;

std::optional<std::uint64_t> whole_number(std::string_view text, int base) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Whether a list of words has this one.
bool has_word(const std::vector<Header>& headers, std::string_view name, std::string_view word) {
  for (const Header& header : headers) {
    if (!equal_ignoring_case(header.name, name)) continue;
    std::string_view list = header.value;
    while (!list.empty()) {
      const std::string_view member = list.substr(0, list.find(','));
      if (equal_ignoring_case(trimmed(member), word)) return true;
      list.remove_prefix(std::min(member.size() + 1, list.size()));
    }
  }
  return false;
}

// What Content-Length says; nullopt when it is not there or says several things.
std::optional<std::uint64_t> length_of(const std::vector<Header>& headers) {
  std::optional<std::uint64_t> length;
  for (const Header& header : headers) {
    if (!equal_ignoring_case(header.name, "Content-Length")) continue;
    const auto number = whole_number(trimmed(header.value), kDecimal);
    if (!number || (length && *length != *number)) return std::nullopt;
    length = number;
  }
  return length;
}

bool is_interim_status(int status) {
  return status >= 100 && status < 200 && status != 101;
}

}  // namespace

void ReplyReader::feed(std::string_view bytes) {
  begun_ = begun_ || !bytes.empty();
  while (!bytes.empty() && !done() && !is_too_large_) {
    if (section_ == Section::body || section_ == Section::until_close ||
        section_ == Section::chunk_data) {
      take_data(bytes);
      continue;
    }
    bool whole = false;
    const std::string_view line = take_line(bytes, whole);
    if (!whole) return;
    on_line(line);
    line_.clear();
  }
  has_excess_ = !bytes.empty();
}

// The next line without its end, or what there is of it.
std::string_view ReplyReader::take_line(std::string_view& bytes, bool& whole) {
  const std::size_t end = bytes.find('\n');
  whole = end != std::string_view::npos;
  const std::size_t size = whole ? end + 1 : bytes.size();
  head_bytes_ += size;
  line_.append(bytes.substr(0, size));
  bytes.remove_prefix(size);
  if (head_bytes_ > max_header_bytes_) {
    give_up();
    whole = false;
  }
  std::string_view line = line_;
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

void ReplyReader::on_line(std::string_view line) {
  switch (section_) {
    case Section::chunk_size:
      return on_chunk_size(line);
    case Section::chunk_end:
      section_ = Section::chunk_size;
      return line.empty() ? void() : give_up();
    case Section::trailers:
      if (line.empty()) section_ = Section::done;
      return;
    default:
      break;
  }
  if (!std::exchange(has_status_line_, true)) return on_status_line(line);
  if (line.empty()) return on_head_end();
  on_field(line);
}

// "HTTP/1.1 200 OK"
void ReplyReader::on_status_line(std::string_view line) {
  constexpr std::size_t kVersion = 9;  // "HTTP/1.1 "
  constexpr std::size_t kStatus = 3;
  const auto status = line.starts_with("HTTP/1.") && line.size() >= kVersion + kStatus
                          ? whole_number(line.substr(kVersion, kStatus), kDecimal)
                          : std::nullopt;
  if (!status) return give_up();
  status_ = static_cast<int>(*status);
  keep_alive_ = line[kVersion - 2] != '0';
}

void ReplyReader::on_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  const bool is_folded = line.front() == ' ' || line.front() == '\t';
  if (is_folded && !headers_.empty()) {
    headers_.back().value.append(" ").append(trimmed(line));
  } else if (colon != std::string_view::npos) {
    headers_.push_back({std::string(trimmed(line.substr(0, colon))),
                        std::string(trimmed(line.substr(colon + 1)))});
  }
}

void ReplyReader::on_head_end() {
  if (is_interim_status(status_)) {
    status_ = 0;
    headers_.clear();
    has_status_line_ = false;
    return;
  }
  if (has_word(headers_, "Connection", "keep-alive")) keep_alive_ = true;
  if (has_word(headers_, "Connection", "close")) keep_alive_ = false;
  head_bytes_ = 0;
  const bool is_coded = find_header(headers_, "Transfer-Encoding") != nullptr;
  const auto length = length_of(headers_);
  if (status_ == 101) keep_alive_ = false;
  if (to_head_ || status_ == 101 || status_ == 204 || status_ == 304) {
    section_ = Section::done;
  } else if (is_coded && has_word(headers_, "Transfer-Encoding", "chunked")) {
    section_ = Section::chunk_size;
  } else if (is_coded || !length) {
    section_ = Section::until_close;
  } else {
    section_ = *length == 0 ? Section::done : Section::body;
    remaining_ = *length;
  }
}

void ReplyReader::on_chunk_size(std::string_view line) {
  head_bytes_ = 0;
  const auto size = whole_number(trimmed(line.substr(0, line.find(';'))), kHexadecimal);
  if (!size) return give_up();
  section_ = *size == 0 ? Section::trailers : Section::chunk_data;
  remaining_ = *size;
}

void ReplyReader::take_data(std::string_view& bytes) {
  const bool has_end = section_ != Section::until_close;
  const std::size_t size =
      has_end ? static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()))
              : bytes.size();
  is_too_large_ = body_.size() + size > max_body_bytes_;
  if (is_too_large_) return;
  body_.append(bytes.substr(0, size));
  bytes.remove_prefix(size);
  remaining_ -= has_end ? size : 0;
  if (!has_end || remaining_ > 0) return;
  section_ = section_ == Section::body ? Section::done : Section::chunk_end;
}

// What comes from here on is not understood.
void ReplyReader::give_up() {
  section_ = Section::until_close;
  keep_alive_ = false;
  is_broken_ = true;
  if (headers_.empty()) status_ = 0;
}

}  // namespace nairi::mock
