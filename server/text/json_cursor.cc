#include "text/json_cursor.h"

#include <nlohmann/json.hpp>

namespace nairi::mock {

JsonCursor::JsonCursor(std::string_view text) : text_(text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  skip_space();
}

void JsonCursor::skip_space() {
  at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
}

void JsonCursor::skip_string() {
  for (++at_; peek() != '"'; ++at_) {
    if (peek() == '\\') ++at_;
  }
  ++at_;
}

bool JsonCursor::enter() {
  ++at_;
  skip_space();
  if (peek() != '}' && peek() != ']') return true;
  ++at_;
  return false;
}

bool JsonCursor::next() {
  skip_space();
  const bool more = peek() == ',';
  ++at_;
  if (more) skip_space();
  return more;
}

std::string JsonCursor::key() {
  const std::size_t begin = at_;
  skip_string();
  const std::string_view token = text_.substr(begin, at_ - begin);
  skip_space();
  ++at_;  // the colon
  skip_space();
  if (token.find('\\') == std::string_view::npos) {
    return std::string(token.substr(1, token.size() - 2));
  }
  return nlohmann::json::parse(token).get<std::string>();
}

void JsonCursor::skip_value() {
  int depth = 0;
  do {
    switch (peek()) {
      case '"':
        skip_string();
        continue;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        --depth;
        break;
      default:
        break;
    }
    ++at_;
  } while (depth > 0 || (at_ < text_.size() && peek() != ',' && peek() != '}' && peek() != ']'));
}

std::optional<std::size_t> JsonCursor::go_to_child(std::string_view segment) {
  const bool object = on_object();
  if ((!object && !on_array()) || !enter()) return std::nullopt;
  std::size_t index = 0;
  do {
    const std::size_t begin = at_;
    if ((object ? key() : std::to_string(index++)) == segment) return begin;
    skip_value();
  } while (next());
  return std::nullopt;
}

}  // namespace nairi::mock
