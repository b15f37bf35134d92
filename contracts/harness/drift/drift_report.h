// What traffic showed, for people and for machines.
//
//   const DriftReport report{.drift = drift, .recordings = recordings};
//   std::cout << text_report(report);
#ifndef NAIRI_CONTRACTS_HARNESS_DRIFT_DRIFT_REPORT_H_
#define NAIRI_CONTRACTS_HARNESS_DRIFT_DRIFT_REPORT_H_

#include <optional>
#include <string>
#include <vector>

#include "harness/cases/case.h"
#include "harness/drift/comparison.h"
#include "harness/drift/drift.h"
#include "nairi/mock/inspector/report.h"

namespace nairi::contracts {

struct DriftReport {
  const Drift& drift;
  const std::vector<NamedRecording>& recordings;
  bool strict = false;                           // additions and refuted guesses fail, too
  std::optional<std::vector<Moved>> moves = {};  // none: compared with nothing
  std::string against = {};                      // the name of what it is compared with
};

// 80 columns wide, but for what can't be broken; the gravest first.
std::string text_report(const DriftReport& report);
std::string markdown_report(const DriftReport& report);
std::string junit_report(const DriftReport& report);
std::string json_report(const DriftReport& report);
// The inspector's: each recording, judged by itself, with what was found in it; that points to its
// exchange, as the verdict of a rule does.
mock::InspectorReport page_report(const DriftReport& report, const Expectations& expectations);

// Its last sentence: how much of each there was.
std::string summary_of(const DriftReport& report);

// Whether the run fails.
bool fails(const DriftReport& report);

// docs/watched.md: each statement of REFERENCE that is more than a guess, and what of `drift` looks
// for it in traffic.
std::string watched_page(std::vector<Case> cases);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_DRIFT_DRIFT_REPORT_H_
