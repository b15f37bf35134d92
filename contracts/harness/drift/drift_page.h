// What traffic showed, as the inspector's page: each recording, with what was found in it.
#ifndef NAIRI_CONTRACTS_HARNESS_DRIFT_DRIFT_PAGE_H_
#define NAIRI_CONTRACTS_HARNESS_DRIFT_DRIFT_PAGE_H_

#include "harness/drift/drift_report.h"
#include "nairi/mock/inspector/report.h"

namespace nairi::contracts {

// What was found points to its exchange, as the verdict of a rule does.
mock::InspectorReport page_report(const DriftReport& report);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_DRIFT_DRIFT_PAGE_H_
