#include "text/json_source.h"

#include <algorithm>
#include <optional>
#include <set>

#include "text/json_writer.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

// Walks over text that is known to be JSON, to find where its values stand; the text must outlive
// it. Always stands on the first character of a key or a value, or at the end of its object or
// array.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text);

  std::size_t offset() const { return at_; }
  bool on_object() const { return peek() == '{'; }
  bool on_array() const { return peek() == '['; }

  // Goes to the first key or element of the object or array here; false: it is empty, and passed.
  bool enter();
  // After a value: goes to the next key or element; false: there is none, and the end is passed.
  bool next();
  // Reads a key and goes on to its value.
  std::string key();
  void skip_value();

  // Goes to the value of a member, or to the element with that index. Where its key (or the
  // element) begins; nullopt: it is not there, and the cursor has moved to somewhere behind.
  std::optional<std::size_t> go_to_child(std::string_view segment);

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space();
  void skip_string();

  std::string_view text_;
  std::size_t at_ = 0;
};

JsonCursor::JsonCursor(std::string_view text) : text_(text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  skip_space();
}

void JsonCursor::skip_space() {
  at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
}

void JsonCursor::skip_string() {
  for (++at_; at_ < text_.size() && peek() != '"'; ++at_) {
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

// "[…] parse error at line 1, column 2: syntax error while parsing value - unexpected …; expected
// …" without the library's name, a position of its own, and what it read last: that may be long,
// and need not be valid UTF-8.
std::string in_plain_words(std::string text, const std::string& last_token) {
  for (const std::string_view lead : {"; last read: '", " parsing '"}) {
    const std::string quotation = std::string(lead) + last_token + '\'';
    const auto at = text.find(quotation);
    if (at != std::string::npos) text.erase(at, quotation.size());
  }
  for (const std::string_view lead : {"syntax error ", "] "}) {
    if (const auto at = text.find(lead); at != std::string::npos) {
      return "not JSON: " + text.substr(at + lead.size());
    }
  }
  return "not JSON: " + text;
}

// Accepts everything and keeps the first mistake.
class SyntaxCheck : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t position, const std::string& last_token,
                   const nlohmann::json::exception& error) override {
    mistake = {.offset = position > 0 ? position - 1 : 0,
               .pointer = "",
               .message = in_plain_words(error.what(), last_token)};
    return false;
  }

  std::optional<JsonMistake> mistake;
};

class DuplicateSearch {
 public:
  explicit DuplicateSearch(std::string_view text) : cursor_(text) {}

  std::optional<JsonMistake> run() {
    value();
    return std::move(found_);
  }

 private:
  // Recursion is bounded: the text nests at most kMaxNesting deep.
  void value() {
    if (cursor_.on_object()) {
      object();
    } else if (cursor_.on_array()) {
      array();
    } else {
      cursor_.skip_value();
    }
  }

  void object() {
    std::set<std::string> keys;
    if (!cursor_.enter()) return;
    do {
      const std::size_t offset = cursor_.offset();
      const std::string key = cursor_.key();
      if (!keys.insert(key).second && !found_) {
        found_ = {
            .offset = offset, .pointer = pointer_, .message = "duplicate key " + in_quotes(key)};
      }
      child(key);
    } while (!found_ && cursor_.next());
  }

  void array() {
    if (!cursor_.enter()) return;
    std::size_t index = 0;
    do {
      child(std::to_string(index++));
    } while (!found_ && cursor_.next());
  }

  void child(std::string_view segment) {
    const std::size_t length = pointer_.size();
    pointer_ += child_pointer("", segment);
    value();
    pointer_.resize(length);
  }

  JsonCursor cursor_;
  std::string pointer_;
  std::optional<JsonMistake> found_;
};

// Takes the first segment off a pointer.
std::string take_segment(std::string_view& pointer) {
  pointer.remove_prefix(1);
  const std::size_t end = std::min(pointer.find('/'), pointer.size());
  std::string segment;
  for (std::size_t i = 0; i < end; ++i) {
    const bool escape = pointer[i] == '~' && i + 1 < end;
    segment += !escape ? pointer[i] : pointer[++i] == '1' ? '/' : '~';
  }
  pointer.remove_prefix(end);
  return segment;
}

// The cursor on the value at `pointer`, or on the nearest value around it that is there.
JsonCursor walk_to(std::string_view text, std::string_view pointer) {
  JsonCursor cursor(text);
  while (!pointer.empty()) {
    JsonCursor child = cursor;
    if (!child.go_to_child(take_segment(pointer))) break;
    cursor = child;
  }
  return cursor;
}

}  // namespace

tl::expected<nlohmann::json, JsonMistake> parse_json(std::string_view text) {
  if (nests_deeper_than(text, kMaxNesting)) {
    return tl::unexpected(JsonMistake{
        .offset = 0,
        .pointer = "",
        .message = "nested too deeply: at most " + std::to_string(kMaxNesting) + " levels"});
  }
  SyntaxCheck syntax;
  if (!nlohmann::json::sax_parse(text, &syntax)) return tl::unexpected(std::move(*syntax.mistake));
  // The library takes U+0000 for the end, and looks at nothing behind it.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return tl::unexpected(
        JsonMistake{.offset = nul, .pointer = "", .message = "not JSON: U+0000 behind the value"});
  }
  if (auto duplicate = DuplicateSearch(text).run()) return tl::unexpected(std::move(*duplicate));
  return nlohmann::json::parse(text);
}

std::size_t locate(std::string_view text, std::string_view pointer) {
  return walk_to(text, pointer).offset();
}

std::size_t locate_key(std::string_view text, std::string_view pointer, std::string_view key) {
  JsonCursor cursor = walk_to(text, pointer);
  const std::size_t object = cursor.offset();
  return cursor.go_to_child(key).value_or(object);
}

LineColumn line_column(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t last_break = before.rfind('\n');
  const std::size_t line_begin = last_break == std::string_view::npos ? 0 : last_break + 1;
  return {.line = 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n')),
          .column = 1 + static_cast<int>(before.size() - line_begin)};
}

std::string child_pointer(std::string_view pointer, std::string_view key) {
  std::string child(pointer);
  child += '/';
  for (const char character : key) {
    if (character == '~') {
      child += "~0";
    } else if (character == '/') {
      child += "~1";
    } else {
      child += character;
    }
  }
  return child;
}

std::string child_pointer(std::string_view pointer, std::size_t index) {
  return child_pointer(pointer, std::to_string(index));
}

}  // namespace nairi::mock
