// What a client answers, how it is to be judged, and what came of it.
//
// Thread-safety: values.
#ifndef NAIRI_CONTRACTS_HARNESS_CLIENT_CLIENT_RESULT_H_
#define NAIRI_CONTRACTS_HARNESS_CLIENT_CLIENT_RESULT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "harness/cases/case_result.h"
#include "harness/cases/values.h"
#include "nairi/mock/fidelity.h"
#include "nairi/mock/verdicts.h"

namespace nairi::contracts {

// What became of one job.
struct ClientAnswer {
  enum class Kind { answered, unsupported, broke, stopped };
  Kind kind = Kind::answered;
  Json result;        // answered: the client's line
  std::string how;    // broke: crashed, hung or printed garbage, in a sentence
  std::string notes;  // what it wrote to stderr
};

struct ClientCaseOptions {
  bool strict = false;  // SHOULD rules fail, too
  bool tls = false;     // remote clients only: HTTPS, and the job has "ca_file"
  // Remote clients only: what they are asked to poll with. Twice what the judge allows them to be
  // too early by; less could not be judged.
  std::int64_t poll_ms = 100;
  bool keeps_journal = false;    // and the verdicts, for CaseResult
  mock::Fidelity fidelity = {};  // the ledger that the fake acts after
};

// What the run says about one rule.
struct RuleResult {
  std::string rule;
  mock::RuleLevel level = mock::RuleLevel::must;
  mock::RuleOutcome outcome = mock::RuleOutcome::not_seen;
};

struct ClientResult {
  CaseResult result;  // mismatches of part "rule <id>" are broken rules
  std::vector<RuleResult> rules;
  mock::Traffic traffic;
  std::string outcome = {};  // that the client gave; "": no result at all
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CLIENT_CLIENT_RESULT_H_
