#include "harness/selftest/selftest.h"

#include <cstdio>

#include "cli/running.h"

namespace nairi::contracts {

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
