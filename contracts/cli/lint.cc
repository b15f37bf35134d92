#include "harness/pages/lint.h"

#include <cstdio>

#include "cli/running.h"
#include "harness/pages/fidelity_page.h"

namespace nairi::contracts {

int lint(const std::vector<std::string>& files) {
  const auto cases = choose_cases({.contracts = files});
  if (!cases) return kExitUsage;
  std::vector<std::string> mistakes = lint_cases(*cases);
  // Single files leave most of the API out, as they may.
  const bool whole_set = files.empty();
  if (whole_set) {
    const Coverage coverage = cover(*cases, built_in_excuses());
    std::printf("Cases for each operation and status:\n%s", coverage.table.c_str());
    mistakes.insert(mistakes.end(), coverage.gaps.begin(), coverage.gaps.end());
  }
  for (const std::string& mistake : mistakes) complain(mistake);
  std::printf("%zu case%s, %zu mistake%s\n", cases->size(), cases->size() == 1 ? "" : "s",
              mistakes.size(), mistakes.size() == 1 ? "" : "s");
  return mistakes.empty() ? kExitGood : kExitBroken;
}

int fidelity() {
  const auto cases = choose_cases({});
  if (!cases) return kExitUsage;
  std::fputs(fidelity_page(*cases, built_in_excuses()).c_str(), stdout);
  return kExitGood;
}

}  // namespace nairi::contracts
