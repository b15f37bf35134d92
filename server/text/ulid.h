// 128-bit identifiers in Crockford's base32, and the source of new ones: a function of seed, key
// and a counter, so that two runs with the same calls make the same ids however keys interleave.
#ifndef NAIRI_MOCK_TEXT_ULID_H_
#define NAIRI_MOCK_TEXT_ULID_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace nairi::mock {

struct Ulid {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const Ulid&) const = default;
};

inline constexpr std::size_t kUlidLength = 26;

// Upper case only, no I, L, O or U, at most 128 bits: anything else is malformed (REFERENCE:
// Basics; that an overflowing first character is malformed too is assumed).
std::optional<Ulid> parse_ulid(std::string_view text);
void append_ulid(std::string& out, Ulid ulid);
// Writes kUlidLength characters, and returns where they end.
char* write_ulid(char* to, Ulid ulid);

// The prefixes of REFERENCE: Basics, underscore included.
inline constexpr std::string_view kAgentPrefix = "cci_";
inline constexpr std::string_view kJobPrefix = "job_";
inline constexpr std::string_view kLegacyJobPrefix = "j_";
inline constexpr std::string_view kMessagePrefix = "cmsg_";
inline constexpr std::string_view kAttachmentPrefix = "att_";

std::optional<Ulid> parse_id(std::string_view text, std::string_view prefix);
std::string make_id(std::string_view prefix, Ulid ulid);

class UlidSource {
 public:
  UlidSource(std::uint64_t seed, std::string_view key, std::int64_t base_ms);
  Ulid next();
  // Leaves out so many.
  void skip(std::uint64_t count) { counter_ += count; }

 private:
  std::uint64_t state_;    // of this seed and key
  std::uint64_t base_ms_;  // the ids' time part starts here and counts calls: ids sort by age
  std::uint64_t counter_ = 0;
};

}  // namespace nairi::mock

template <>
struct std::hash<nairi::mock::Ulid> {
  std::size_t operator()(const nairi::mock::Ulid& ulid) const noexcept {
    return ulid.low ^ (ulid.high * 0x9E3779B97F4A7C15ULL);
  }
};

#endif  // NAIRI_MOCK_TEXT_ULID_H_
