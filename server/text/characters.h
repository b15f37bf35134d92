// Text of protocols: header names, schemes and the like, which are ASCII whatever the locale says.
#ifndef NAIRI_MOCK_TEXT_CHARACTERS_H_
#define NAIRI_MOCK_TEXT_CHARACTERS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
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

// A class of characters as a table. Each character of each request is asked for, and a look-up is
// a tenth of what a predicate costs that is called through a pointer.
class CharacterSet {
 public:
  template <typename Predicate>
  constexpr explicit CharacterSet(Predicate holds) {
    for (std::size_t byte = 0; byte < has_.size(); ++byte)
      has_[byte] = holds(static_cast<char>(byte));
  }

  constexpr bool has(char character) const { return has_[static_cast<unsigned char>(character)]; }
  constexpr bool has_all(std::string_view text) const {
    for (const char character : text) {
      if (!has(character)) return false;
    }
    return true;
  }

 private:
  std::array<bool, 256> has_{};
};

// Eight bytes of text at once, and the same byte in each of eight.
inline constexpr std::size_t kBlock = sizeof(std::uint64_t);
inline std::uint64_t block_at(std::string_view text, std::size_t at) {
  std::uint64_t block = 0;
  std::memcpy(&block, text.data() + at, kBlock);
  return block;
}
constexpr std::uint64_t eight(std::uint64_t byte) {
  return byte * 0x0101010101010101ULL;
}

// False only if none of the eight bytes is below `limit`, which is at most 0x80.
constexpr bool may_have_less(std::uint64_t block, std::uint64_t limit) {
  return ((block - eight(limit)) & ~block & eight(0x80)) != 0;
}

inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
  // Nearly all write a header's name as everybody does: then the bytes are equal.
  return a == b || std::equal(a.begin(), a.end(), b.begin(), b.end(),
                              [](char x, char y) { return lower(x) == lower(y); });
}

// Without the spaces and tabs at both ends.
inline std::string_view trimmed(std::string_view text, std::string_view blanks = " \t") {
  const auto is_blank = [&](char character) {
    return std::any_of(blanks.begin(), blanks.end(), [&](char it) { return it == character; });
  };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TEXT_CHARACTERS_H_
