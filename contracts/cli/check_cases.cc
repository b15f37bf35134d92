// The commands that check the cases themselves.
#include <cstdio>

#include "cli/running.h"
#include "harness/pages/assumptions.h"
#include "harness/pages/lint.h"
#include "harness/selftest/selftest.h"

namespace nairi::contracts {

int lint(const std::vector<std::string>& files) {
  const auto cases = choose_cases({.contracts = files});
  if (!cases) return kExitUsage;
  std::vector<std::string> mistakes = lint_cases(*cases);
  // Single files leave most of the API out, as they may.
  const bool whole_set = files.empty();
  if (whole_set) {
    const Coverage coverage = cover(*cases, built_in_remarks());
    std::printf("Cases for each operation and status:\n%s", coverage.table.c_str());
    mistakes.insert(mistakes.end(), coverage.gaps.begin(), coverage.gaps.end());
    const auto of_guesses = lint_assumptions(Assumptions::built_in());
    mistakes.insert(mistakes.end(), of_guesses.begin(), of_guesses.end());
  }
  for (const std::string& mistake : mistakes) complain(mistake);
  std::printf("%zu case%s, %zu mistake%s\n", cases->size(), cases->size() == 1 ? "" : "s",
              mistakes.size(), mistakes.size() == 1 ? "" : "s");
  return mistakes.empty() ? kExitGood : kExitBroken;
}

int fidelity() {
  const auto cases = choose_cases({});
  if (!cases) return kExitUsage;
  std::fputs(fidelity_page(*cases, built_in_remarks()).c_str(), stdout);
  return kExitGood;
}

int selftest() {
  const auto cases = choose_cases({});
  if (!cases) return kExitUsage;
  const SelftestReport report = run_selftest(*cases);
  for (const std::string& survivor : report.survivors) complain(survivor);
  const int tried = report.servers + report.clients;
  std::printf("%d broken servers, %d broken clients: %d of %d caught (%d %%)\n", report.servers,
              report.clients, report.caught, tried, report.caught * 100 / tried);
  const std::size_t needed = cases->size() - report.redundant.size();
  std::printf("%zu of %zu cases can't go unnoticed (%zu %%)", needed, cases->size(),
              needed * 100 / cases->size());
  const char* separator = "; these could:\n  ";
  for (const std::string& name : report.redundant) {
    std::printf("%s%s", separator, name.c_str());
    separator = "\n  ";
  }
  std::printf("\n");
  return report.survivors.empty() ? kExitGood : kExitBroken;
}

}  // namespace nairi::contracts
