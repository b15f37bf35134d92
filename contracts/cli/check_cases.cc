// The commands that check the cases themselves.
#include <cstdio>

#include "cli/running.h"
#include "harness/cases/files.h"
#include "harness/drift/ledger.h"
#include "harness/pages/assumptions.h"
#include "harness/pages/lint.h"
#include "harness/selftest/selftest.h"

namespace nairi::contracts {
namespace {

// "confirmed 2026-11-26", "refuted 2026-11-27", or both: the last days.
Verified what_is_verified(const Ledger& ledger) {
  Verified verified;
  for (const auto& [id, entry] : ledger.entries()) {
    std::string& words = verified[id];
    if (entry.confirmed.count > 0) words = "confirmed " + entry.confirmed.last;
    if (entry.refuted.count > 0)
      words += (words.empty() ? "" : ", ") + ("refuted " + entry.refuted.last);
  }
  return verified;
}

}  // namespace

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

int fidelity(const std::string& ledger_file) {
  const auto cases = choose_cases({});
  if (!cases) return kExitUsage;
  Verified verified;
  if (!ledger_file.empty()) {
    const auto text = read_text_file(ledger_file);
    if (!text) {
      complain(text.error());
      return kExitUsage;
    }
    const auto ledger = Ledger::parse(*text, ledger_file);
    if (!ledger) {
      for (const mock::Diagnostic& mistake : ledger.error()) complain(mock::to_string(mistake));
      return kExitUsage;
    }
    verified = what_is_verified(*ledger);
  }
  std::fputs(fidelity_page(*cases, built_in_remarks(), verified).c_str(), stdout);
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
