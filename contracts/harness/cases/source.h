// Where an expectation comes from (docs/REFERENCE.md, the table of grades).
// Thread-safety: free functions without state.
#ifndef NAIRI_CONTRACTS_HARNESS_CASES_SOURCE_H_
#define NAIRI_CONTRACTS_HARNESS_CASES_SOURCE_H_

#include <array>
#include <optional>
#include <string_view>

namespace nairi::contracts {

enum class Source { seed, documented, client, assumed };

// In the order of the values.
inline constexpr std::array<std::string_view, 4> kSourceWords = {"seed", "documented", "client",
                                                                 "assumed"};

std::string_view to_string(Source source);
std::optional<Source> source_from(std::string_view word);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CASES_SOURCE_H_
