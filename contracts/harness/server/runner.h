// Runs cases against a server.
//
//   CaseResult result = run_case(contract_case, subjects);
//   if (result.verdict == Verdict::failed) for (const Mismatch& mismatch : result.mismatches) …
//
// Thread-safety: free functions without state.
#ifndef NAIRI_CONTRACTS_HARNESS_SERVER_RUNNER_H_
#define NAIRI_CONTRACTS_HARNESS_SERVER_RUNNER_H_

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cases/case.h"
#include "harness/cases/mismatch.h"
#include "harness/server/subject.h"

namespace nairi::contracts {

enum class Verdict {
  passed,
  failed,
  differs,      // only expectations that are assumed were not met
  not_checked,  // a state that the case needs is missing
  known,        // failed, and the tester knows
};

std::string_view to_string(Verdict verdict);

// One exchange of a run.
struct TraceEntry {
  std::string step;     // a client's exchanges are numbered: "#1"
  std::string request;  // "POST /conversations/start"
  std::string sent;     // the body
  int status = 0;       // 0: no answer came
  std::string received;
  std::string mishap = {};  // why no answer came, or what befell it on its way
};

struct CaseResult {
  std::string name;
  std::vector<std::string> why;
  Source source = Source::seed;
  Verdict verdict = Verdict::passed;
  std::string reason;  // why it was not checked
  Mismatches mismatches;
  std::vector<TraceEntry> trace;
  std::string notes = {};  // what a client wrote to stderr
  std::chrono::microseconds duration{0};
};

// The server side of a case. The case must have steps.
CaseResult run_case(const Case& contract_case, const Subjects& subjects);

// Failed when something is not met that is more than assumed.
Verdict judge(const Mismatches& mismatches);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_SERVER_RUNNER_H_
