// Where an expectation comes from (docs/REFERENCE.md, the table of grades).
#ifndef NAIRI_CONTRACTS_HARNESS_CASES_SOURCE_H_
#define NAIRI_CONTRACTS_HARNESS_CASES_SOURCE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace nairi::contracts {

enum class Source { seed, documented, client, producer, assumed };

// In the order of the values.
inline constexpr std::array<std::string_view, 5> kSourceWords = {"seed", "documented", "client",
                                                                 "producer", "assumed"};

constexpr std::string_view to_string(Source source) {
  return kSourceWords[static_cast<std::size_t>(source)];
}

constexpr std::optional<Source> source_from(std::string_view word) {
  const auto* const found = std::find(kSourceWords.begin(), kSourceWords.end(), word);
  if (found == kSourceWords.end()) return std::nullopt;
  return static_cast<Source>(found - kSourceWords.begin());
}

// Whether a server that does otherwise is wrong. Nobody knows how the service shows what a producer
// sends, nor what is assumed.
constexpr bool binds_servers(Source source) {
  return source != Source::producer && source != Source::assumed;
}

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CASES_SOURCE_H_
