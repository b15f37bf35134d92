// Whether the cases catch what is broken: each broken server by the case that it names, each broken
// client by its rule and by no other.
//
//   SelftestReport report = run_selftest(cases);
//   if (!report.survivors.empty()) …
#ifndef NAIRI_CONTRACTS_HARNESS_SELFTEST_SELFTEST_H_
#define NAIRI_CONTRACTS_HARNESS_SELFTEST_SELFTEST_H_

#include <string>
#include <vector>

#include "harness/cases/case.h"

namespace nairi::contracts {

struct SelftestReport {
  int servers = 0;  // broken ones that were tried
  int clients = 0;
  int caught = 0;
  std::vector<std::string> survivors;  // what was not caught, and how it could be
  // Cases that could go without a broken server or client coming through, or a statement or status
  // of the API being left unchecked: how redundant the set is.
  std::vector<std::string> redundant;
};

SelftestReport run_selftest(const std::vector<Case>& cases);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_SELFTEST_SELFTEST_H_
