#include "text/ulid.h"

#include <array>
#include <cstring>

#include "text/hash.h"

namespace nairi::mock {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::uint8_t kNoDigit = 0x80;  // a bit that no digit has

constexpr std::array<std::uint8_t, 256> make_digits() {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  for (std::size_t value = 0; value < kAlphabet.size(); ++value) {
    digits[static_cast<unsigned char>(kAlphabet[value])] = static_cast<std::uint8_t>(value);
  }
  return digits;
}

constexpr std::array<std::uint8_t, 256> kDigits = make_digits();

// All pairs of digits, as ids are written in pairs.
constexpr std::array<char, 2048> make_pairs() {
  std::array<char, 2048> pairs{};
  for (std::size_t value = 0; value < 1024; ++value) {
    pairs[2 * value] = kAlphabet[value >> 5];
    pairs[2 * value + 1] = kAlphabet[value & 31];
  }
  return pairs;
}

constexpr std::array<char, 2048> kPairs = make_pairs();

}  // namespace

std::optional<Ulid> parse_ulid(std::string_view text) {
  // The first thirteen digits are 63 bits, as the first of them has three; the others are 65. What
  // is no digit is looked for once, in all of them together.
  constexpr std::size_t kHalf = kUlidLength / 2;
  if (text.size() != kUlidLength || text[0] > '7') return std::nullopt;
  const auto digit = [&](std::size_t at) { return kDigits[static_cast<unsigned char>(text[at])]; };
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  std::uint8_t all = digit(kHalf);
  for (std::size_t i = 0; i < kHalf; ++i) {
    all |= digit(i);
    all |= digit(kHalf + i);
    first = (first << 5) | digit(i);
    second = (second << 5) | digit(kHalf + i);  // the topmost bit leaves; it is put back below
  }
  if ((all & kNoDigit) != 0) return std::nullopt;
  return Ulid{.high = (first << 1) | (digit(kHalf) >> 4), .low = second};
}

char* write_ulid(char* to, Ulid ulid) {
  // Two digits lead, 3 and 5 bits; the others are written in pairs.
  const auto pair = [&](std::size_t at, std::uint64_t bits) {
    std::memcpy(to + at, &kPairs[2 * (bits & 1023)], 2);
  };
  to[0] = kAlphabet[ulid.high >> 61];
  to[1] = kAlphabet[(ulid.high >> 56) & 31];
  pair(2, ulid.high >> 46);
  pair(4, ulid.high >> 36);
  pair(6, ulid.high >> 26);
  pair(8, ulid.high >> 16);
  pair(10, ulid.high >> 6);
  pair(12, (ulid.high << 4) | (ulid.low >> 60));
  for (std::size_t i = 0; i < 6; ++i) pair(14 + 2 * i, ulid.low >> (50 - 10 * i));
  return to + kUlidLength;
}

void append_ulid(std::string& out, Ulid ulid) {
  std::array<char, kUlidLength> text{};
  write_ulid(text.data(), ulid);
  out.append(text.data(), text.size());
}

std::optional<Ulid> parse_id(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  return parse_ulid(text.substr(prefix.size()));
}

std::string make_id(std::string_view prefix, Ulid ulid) {
  std::string id(prefix);
  append_ulid(id, ulid);
  return id;
}

UlidSource::UlidSource(std::uint64_t seed, std::string_view key, std::int64_t base_ms)
    : state_(mix(mix(seed), key)), base_ms_(static_cast<std::uint64_t>(base_ms)) {}

Ulid UlidSource::next() {
  const std::uint64_t time = (base_ms_ + counter_) & 0xFFFF'FFFF'FFFFULL;
  const std::uint64_t first = mix(state_ ^ counter_);
  const std::uint64_t second = mix(first ^ state_);
  ++counter_;
  return {.high = (time << 16) | (first & 0xFFFF), .low = second};
}

}  // namespace nairi::mock
