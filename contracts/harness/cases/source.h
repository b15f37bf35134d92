// Where an expectation comes from (docs/REFERENCE.md, the table of grades).
#ifndef NAIRI_CONTRACTS_HARNESS_CASES_SOURCE_H_
#define NAIRI_CONTRACTS_HARNESS_CASES_SOURCE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace nairi::contracts {

enum class Source { seed, documented, client, assumed };

// In the order of the values.
inline constexpr std::array<std::string_view, 4> kSourceWords = {"seed", "documented", "client",
                                                                 "assumed"};

constexpr std::string_view to_string(Source source) {
  return kSourceWords[static_cast<std::size_t>(source)];
}

constexpr std::optional<Source> source_from(std::string_view word) {
  const auto* const found = std::find(kSourceWords.begin(), kSourceWords.end(), word);
  if (found == kSourceWords.end()) return std::nullopt;
  return static_cast<Source>(found - kSourceWords.begin());
}

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CASES_SOURCE_H_
