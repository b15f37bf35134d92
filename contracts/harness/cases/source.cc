#include "harness/cases/source.h"

#include <algorithm>
#include <cstddef>

namespace nairi::contracts {

std::string_view to_string(Source source) {
  return kSourceWords[static_cast<std::size_t>(source)];
}

std::optional<Source> source_from(std::string_view word) {
  const auto found = std::find(kSourceWords.begin(), kSourceWords.end(), word);
  if (found == kSourceWords.end()) return std::nullopt;
  return static_cast<Source>(found - kSourceWords.begin());
}

}  // namespace nairi::contracts
