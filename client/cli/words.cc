#include "words.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <utility>

namespace nairi::cli {
namespace {

// How many letters must be added, taken away or changed.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
  bool is_valid = false;  // else a byte that is no UTF-8
};

Character first_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t size = lead < 0x80   ? 1
                           : lead < 0xC2 ? 0
                           : lead < 0xE0 ? 2
                           : lead < 0xF0 ? 3
                                         : 4;
  if (size == 0 || lead > 0xF4 || size > text.size()) return {lead, 1, false};
  char32_t code = size == 1 ? lead : lead & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {lead, 1, false};
    code = code << 6 | (byte(i) & 0x3FU);
  }
  return {code, size, true};
}

struct Range {
  char32_t first;
  char32_t last;
};

template <std::size_t N>
bool is_in(char32_t code, const Range (&ranges)[N]) {
  return std::any_of(std::begin(ranges), std::end(ranges), [code](const Range& range) {
    return range.first <= code && code <= range.last;
  });
}

// C0, DEL, C1; what turns the direction of writing, and Unicode's own line ends.
bool is_control(char32_t code) {
  static constexpr Range kControls[]{{0, 0x1F}, {0x7F, 0x9F}, {0x2028, 0x202E}, {0x2066, 0x2069}};
  return is_in(code, kControls);
}

// Where Unicode says "wide" or "full width" (UAX 11), in blocks: what is in doubt counts as wide.
bool is_wide(char32_t code) {
  static constexpr Range kWide[]{{0x1100, 0x115F},   {0x231A, 0x231B},   {0x23E9, 0x23F3},
                                 {0x25FD, 0x25FE},   {0x2614, 0x2615},   {0x2648, 0x2653},
                                 {0x267F, 0x27BF},   {0x2B1B, 0x2B55},   {0x2E80, 0x303E},
                                 {0x3041, 0xA4CF},   {0xA960, 0xA97C},   {0xAC00, 0xD7A3},
                                 {0xF900, 0xFAFF},   {0xFE10, 0xFE19},   {0xFE30, 0xFE6F},
                                 {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x16FE0, 0x18DFF},
                                 {0x1AFF0, 0x1B2FF}, {0x1F000, 0x1FAFF}, {0x20000, 0x3FFFD}};
  return is_in(code, kWide);
}

// "\x1b", or "\u202e".
std::string escaped(char32_t code) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = code < 0x100 ? "\\x" : "\\u";
  for (int shift = code < 0x100 ? 4 : 12; shift >= 0; shift -= 4) {
    text += kDigits[code >> shift & 15];
  }
  return text;
}

}  // namespace

std::string suggestion(std::string_view typo, const std::vector<std::string>& names) {
  const auto nearer = [typo](const std::string& a, const std::string& b) {
    return distance(typo, a) < distance(typo, b);
  };
  const auto nearest = std::min_element(names.begin(), names.end(), nearer);
  if (nearest == names.end() ||
      distance(typo, *nearest) > std::max<std::size_t>(2, typo.size() / 3)) {
    return {};
  }
  return "; did you mean " + *nearest + "?";
}

std::string harmless(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const Character next = first_of(text);
    const bool is_space = next.code == '\n' || next.code == '\t';
    if (next.is_valid && (is_space || !is_control(next.code))) {
      safe += text.substr(0, next.bytes);
    } else {
      safe += escaped(next.code);
    }
    text.remove_prefix(next.bytes);
  }
  return safe;
}

std::string harmless_line(std::string_view text) {
  std::string line = harmless(text);
  for (char& c : line) {
    if (c == '\n' || c == '\t') c = ' ';
  }
  return line;
}

std::string cut_to(std::string_view line, std::size_t columns) {
  std::size_t used = 0;
  std::size_t size = 0;
  while (size < line.size()) {
    const Character next = first_of(line.substr(size));
    used += is_wide(next.code) ? 2 : 1;
    if (used > columns) break;
    size += next.bytes;
  }
  return std::string(line.substr(0, size));
}

}  // namespace nairi::cli
