// How inputs are taken apart.
#include <algorithm>

#include "invariants.h"

namespace nairi::tests {

std::string_view without_choice(std::string_view input, unsigned& choice) {
  choice = input.empty() ? 0 : static_cast<unsigned char>(input.front());
  return input.substr(std::min<std::size_t>(1, input.size()));
}

std::vector<std::vector<char>> parts_of(std::string_view input) {
  constexpr std::string_view kDivider = "\n%%\n";
  std::vector<std::vector<char>> parts;
  for (;;) {
    const std::size_t end = std::min(input.find(kDivider), input.size());
    parts.emplace_back(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(end));
    if (end == input.size()) return parts;
    input.remove_prefix(end + kDivider.size());
  }
}

}  // namespace nairi::tests
