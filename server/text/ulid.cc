#include "text/ulid.h"

#include <array>

#include "text/hash.h"

namespace nairi::mock {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::uint8_t kNoDigit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_digits() {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  for (std::size_t value = 0; value < kAlphabet.size(); ++value) {
    digits[static_cast<unsigned char>(kAlphabet[value])] = static_cast<std::uint8_t>(value);
  }
  return digits;
}

constexpr std::array<std::uint8_t, 256> kDigits = make_digits();

}  // namespace

std::optional<Ulid> parse_ulid(std::string_view text) {
  if (text.size() != kUlidLength || text[0] > '7') return std::nullopt;
  Ulid ulid;
  for (const char character : text) {
    const std::uint8_t digit = kDigits[static_cast<unsigned char>(character)];
    if (digit == kNoDigit) return std::nullopt;
    ulid.high = (ulid.high << 5) | (ulid.low >> 59);
    ulid.low = (ulid.low << 5) | digit;
  }
  return ulid;
}

void append_ulid(std::string& out, Ulid ulid) {
  // Two digits lead; then two halves of twelve, written side by side.
  constexpr std::size_t kHalf = 12;
  constexpr int kHalfBits = 60;
  std::uint64_t first = (ulid.high << 4) | (ulid.low >> kHalfBits);
  std::uint64_t second = ulid.low;
  std::array<char, kUlidLength> text{};
  text[0] = kAlphabet[ulid.high >> 61];
  text[1] = kAlphabet[(ulid.high >> 56) & 31];
  for (std::size_t i = kHalf; i-- > 0; first >>= 5, second >>= 5) {
    text[2 + i] = kAlphabet[first & 31];
    text[2 + kHalf + i] = kAlphabet[second & 31];
  }
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
