// Hashing for everything that must look random and yet be a function of the seed: ids, faults by
// chance, additive changes.
#ifndef NAIRI_MOCK_TEXT_HASH_H_
#define NAIRI_MOCK_TEXT_HASH_H_

#include <cstdint>
#include <string_view>

namespace nairi::mock {

// splitmix64: every bit of the input reaches every bit of the output.
constexpr std::uint64_t mix(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

// `state` and the text.
constexpr std::uint64_t mix(std::uint64_t state, std::string_view text) {
  for (const char character : text) state = mix(state ^ static_cast<unsigned char>(character));
  return state;
}

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TEXT_HASH_H_
