#include "text/json_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <cstring>

#include "text/characters.h"
#include "text/timestamp.h"

namespace nairi::mock {
namespace {

constexpr bool needs_escape(unsigned char byte) {
  return byte < 0x20 || byte == '"' || byte == '\\';
}

constexpr bool is_plain(std::uint64_t block) {
  return !may_have_less(block, 0x20) && !may_have_less(block ^ eight('"'), 1) &&
         !may_have_less(block ^ eight('\\'), 1);
}

// Where the next character may be that needs an escape, or the end.
std::size_t skip_plain(std::string_view text) {
  std::size_t at = 0;
  while (at + kBlock <= text.size() && is_plain(block_at(text, at))) at += kBlock;
  while (at < text.size() && !needs_escape(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

// How many bytes of ASCII lead, at least.
std::size_t leading_ascii(std::string_view text) {
  std::size_t at = 0;
  while (at + kBlock <= text.size() && (block_at(text, at) & eight(0x80)) == 0) at += kBlock;
  return at;
}

constexpr std::string_view kHex = "0123456789abcdef";

// The character behind the backslash; 0 where there is none so short.
constexpr char short_escape(char character) {
  switch (character) {
    case '"':
    case '\\':
      return character;
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    default:
      return '\0';
  }
}

constexpr std::size_t kLongestEscape = 6;  // \u001f

// Writes the character as it stands in a string, and returns where it ends.
char* write_character(char* to, char character) {
  if (!needs_escape(static_cast<unsigned char>(character))) {
    *to++ = character;
  } else if (const char code = short_escape(character)) {
    *to++ = '\\';
    *to++ = code;
  } else {
    to = std::copy_n("\\u00", 4, to);
    *to++ = kHex[static_cast<unsigned char>(character) >> 4];
    *to++ = kHex[character & 15];
  }
  return to;
}

// Progress is JSON in a string of JSON: every fourth character is escaped. Put together in one
// place, as a string that grows asks for room at every step.
void append_with_escapes(std::string& out, std::string_view text) {
  std::array<char, 64 * kBlock> written;
  char* end = written.data();
  const char* const nearly_full = end + written.size() - kLongestEscape * kBlock;
  for (std::size_t at = 0; at < text.size();) {
    if (end > nearly_full) {
      out.append(written.data(), end);
      end = written.data();
    }
    const std::string_view rest = text.substr(at, kBlock);
    if (rest.size() == kBlock && is_plain(block_at(rest, 0))) {
      std::memcpy(end, rest.data(), kBlock);
      end += kBlock;
    } else {
      for (const char character : rest) end = write_character(end, character);
    }
    at += rest.size();
  }
  out.append(written.data(), end);
}

// The smallest code point that a sequence of so many bytes may stand for; smaller ones are
// overlong.
constexpr std::array<std::uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};

// How many bytes the well-formed UTF-8 sequence at the front of `text` has; 0 when there is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 0;
  if (length == 0 || lead > 0xF4 || text.size() < length) return 0;
  std::uint32_t code = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    code = (code << 6) | (byte(i) & 0x3FU);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return code < kSmallest[length] || code > 0x10FFFF || surrogate ? 0 : length;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  const std::size_t plain = skip_plain(text);
  out.append(text, 0, plain);
  if (plain < text.size()) append_with_escapes(out, text.substr(plain));
  out += '"';
}

bool is_valid_utf8(std::string_view text) {
  while (true) {
    text.remove_prefix(leading_ascii(text));
    if (text.empty()) return true;
    const std::size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
}

std::string valid_utf8(std::string_view text) {
  if (is_valid_utf8(text)) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    } else {
      out.append(text, 0, length);
      text.remove_prefix(length);
    }
  }
  return out;
}

namespace {

// The code point of a well-formed sequence.
std::uint32_t code_point(std::string_view sequence) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(sequence[i]); };
  if (sequence.size() == 1) return byte(0);
  std::uint32_t code = byte(0) & (0xFFU >> (sequence.size() + 1));
  for (std::size_t i = 1; i < sequence.size(); ++i) code = (code << 6) | (byte(i) & 0x3FU);
  return code;
}

bool is_control(std::uint32_t code) {
  const bool is_c0_or_c1 = code < 0x20 || (code >= 0x7F && code <= 0x9F);
  const bool breaks_or_turns =
      (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
  return is_c0_or_c1 || breaks_or_turns;
}

void append_visible(std::string& out, std::uint32_t code) {
  out += code < 0x100 ? "\\x" : "\\u";
  for (int shift = code < 0x100 ? 4 : 12; shift >= 0; shift -= 4) out += kHex[code >> shift & 15U];
}

// `kept` are the control characters that stay.
std::string harmless_but(std::string_view text, std::string_view kept) {
  const auto is_plain = [](char c) { return c >= ' ' && c <= '~'; };
  if (std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    const auto first = static_cast<unsigned char>(text.front());
    const std::uint32_t code = length == 0 ? first : code_point(text.substr(0, length));
    const bool stays =
        length != 0 && (!is_control(code) || kept.find(text.front()) != std::string_view::npos);
    if (stays) {
      out.append(text, 0, length);
    } else {
      append_visible(out, code);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

}  // namespace

std::string harmless(std::string_view text) {
  return harmless_but(text, "\n\t");
}

std::string harmless_line(std::string_view text) {
  return harmless_but(text, "");
}

// By printf, as not every standard library has std::to_chars for these; printf's point is the
// locale's.
void append_decimal(std::string& out, double number, int decimals) {
  std::array<char, 400> text{};  // the longest double has 309 digits before the point
  const int size = std::snprintf(text.data(), text.size(), "%.*f", decimals, number);
  const std::string_view printed(text.data(), static_cast<std::size_t>(size));
  out += printed.substr(0, printed.find_first_not_of("-0123456789"));
  out += '.';
  out += printed.substr(printed.size() - static_cast<std::size_t>(decimals));
}

bool nests_deeper_than(std::string_view json, int limit) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char character = json[i];
    if (in_string) {
      if (character == '\\') ++i;
      if (character == '"') in_string = false;
    } else if (character == '"') {
      in_string = true;
    } else if (character == '[' || character == '{') {
      if (++depth > limit) return true;
    } else if (character == ']' || character == '}') {
      --depth;
    }
  }
  return false;
}

void ObjectWriter::comma() {
  if (!first_) out_ += ',';
  first_ = false;
}

std::string& ObjectWriter::value(std::string_view name) {
  comma();
  // In one step, as every field of every reply comes through here.
  const std::size_t at = out_.size();
  out_.append(name.size() + 3, '"');
  std::memcpy(out_.data() + at + 1, name.data(), name.size());
  out_.back() = ':';
  return out_;
}

ObjectWriter& ObjectWriter::field(std::string_view name, std::string_view text) {
  append_json_string(value(name), text);
  return *this;
}

ObjectWriter& ObjectWriter::field(std::string_view name, std::int64_t number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  value(name).append(digits.data(), end);
  return *this;
}

ObjectWriter& ObjectWriter::field(std::string_view name, bool flag) {
  value(name) += flag ? "true" : "false";
  return *this;
}

ObjectWriter& ObjectWriter::timestamp(std::string_view name, std::int64_t unix_ms) {
  std::string& out = value(name);
  out += '"';
  append_timestamp(out, unix_ms);
  out += '"';
  return *this;
}

ObjectWriter& ObjectWriter::null(std::string_view name) {
  value(name) += "null";
  return *this;
}

ObjectWriter& ObjectWriter::fields(std::string_view json) {
  if (json.empty()) return *this;
  comma();
  out_ += json;
  return *this;
}

}  // namespace nairi::mock
