// Text of protocols: header names, schemes and the like, which are ASCII whatever the locale says.
#ifndef NAIRI_MOCK_TEXT_CHARACTERS_H_
#define NAIRI_MOCK_TEXT_CHARACTERS_H_

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace nairi::mock {

constexpr char lower(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                              : character;
}

constexpr bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

constexpr bool is_alnum(char character) {
  return is_digit(character) || (lower(character) >= 'a' && lower(character) <= 'z');
}

inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

// Without the spaces and tabs at both ends.
inline std::string_view trimmed(std::string_view text, std::string_view blanks = " \t") {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TEXT_CHARACTERS_H_
