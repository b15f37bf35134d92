// Writes JSON text. Replies are written straight into a string: a poll is answered some hundred
// thousand times a second, and a tree of values would be built only to be thrown away.
#ifndef NAIRI_MOCK_TEXT_JSON_WRITER_H_
#define NAIRI_MOCK_TEXT_JSON_WRITER_H_

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace nairi::mock {

// Appends a JSON string, quotes included. The text must be valid UTF-8 (see valid_utf8).
void append_json_string(std::string& out, std::string_view text);

// The text itself when it is valid UTF-8, else with each bad byte replaced by U+FFFD.
std::string valid_utf8(std::string_view text);
bool is_valid_utf8(std::string_view text);

// The text as a terminal may be shown it: what could command it or hide other text is made visible,
// "\x1b" or "\u202e": control characters, line ends of Unicode's own, what turns the direction of
// writing, and bytes that are no UTF-8. Line breaks and tabs stay.
std::string harmless(std::string_view text);
// The same on one line, which has no tabs either.
std::string harmless_line(std::string_view text);

// Appends a finite number with 1 to 60 decimals, rounded by its exact value; a point in any locale.
void append_decimal(std::string& out, double number, int decimals);

// Whether arrays and objects nest deeper than `limit`, without recursion; for text that may not
// even be JSON.
bool nests_deeper_than(std::string_view json, int limit);

// Text of at most N bytes, which the caller knows to be enough. Each step of a growing string asks
// for room; here pieces of known length become a few moves. For what every poll is answered with.
template <std::size_t N>
class ShortText {
 public:
  ShortText& add(std::string_view piece) {
    end_ += piece.copy(end_, piece.size());  // which may have no data
    return *this;
  }
  // What writes, such as write_ulid, is given where, and tells where it ended.
  template <typename Write, typename Value>
  ShortText& add(Write write, const Value& value) {
    end_ = write(end_, value);
    return *this;
  }
  std::string_view view() const {
    return {text_.data(), static_cast<std::size_t>(end_ - text_.data())};
  }

 private:
  std::array<char, N> text_;
  char* end_ = text_.data();
};

// For a ShortText: writes at most 20 decimal digits, and returns where they end.
inline char* write_number(char* to, std::uint64_t number) {
  constexpr std::size_t kMostDigits = 20;
  return std::to_chars(to, to + kMostDigits, number).ptr;
}

// Writes one object's fields in order; the braces come with construction and close().
//
//   ObjectWriter(out).field("job_id", id).field("turn", 1).close();
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }

  ObjectWriter& field(std::string_view name, std::string_view text);
  ObjectWriter& field(std::string_view name, const char* text) {
    return field(name, std::string_view(text));
  }
  ObjectWriter& field(std::string_view name, std::int64_t number);
  ObjectWriter& field(std::string_view name, bool flag);
  ObjectWriter& timestamp(std::string_view name, std::int64_t unix_ms);
  ObjectWriter& null(std::string_view name);
  // Begins a field whose value the caller appends to the string.
  std::string& value(std::string_view name);
  // Appends fields that are JSON text already ("a":1,"b":2); nothing when it is empty.
  ObjectWriter& fields(std::string_view json);
  void close() { out_ += '}'; }

 private:
  void comma();
  std::string& out_;
  bool first_ = true;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TEXT_JSON_WRITER_H_
