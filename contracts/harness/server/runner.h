// Runs cases against a server.
//
//   CaseResult result = run_case(contract_case, subjects);
//   if (result.verdict == CaseVerdict::failed) for (const Mismatch& mismatch : result.mismatches) …
#ifndef NAIRI_CONTRACTS_HARNESS_SERVER_RUNNER_H_
#define NAIRI_CONTRACTS_HARNESS_SERVER_RUNNER_H_

#include "harness/cases/case.h"
#include "harness/cases/case_result.h"
#include "harness/server/subject.h"

namespace nairi::contracts {

// The server side of a case. The case must have steps.
CaseResult run_case(const Case& contract_case, const Subjects& subjects);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_SERVER_RUNNER_H_
