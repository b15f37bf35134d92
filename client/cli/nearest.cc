#include "nearest.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace nairi::cli {
namespace {

// How many letters must be added, taken away or changed.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string suggestion(std::string_view typo, const std::vector<std::string>& names) {
  const auto nearer = [typo](const std::string& a, const std::string& b) {
    return distance(typo, a) < distance(typo, b);
  };
  const auto nearest = std::min_element(names.begin(), names.end(), nearer);
  if (nearest == names.end() ||
      distance(typo, *nearest) > std::max<std::size_t>(2, typo.size() / 3)) {
    return {};
  }
  return "; did you mean " + *nearest + "?";
}

}  // namespace nairi::cli
