// What came of one case: every way in which a server's replies, or a client's result and requests,
// were not what the case expects, and the exchanges that show it.
#ifndef NAIRI_CONTRACTS_HARNESS_CASES_CASE_RESULT_H_
#define NAIRI_CONTRACTS_HARNESS_CASES_CASE_RESULT_H_

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cases/source.h"
#include "nairi/contracts/cases.h"
#include "nairi/mock/exchange.h"

namespace nairi::contracts {

struct Mismatch {
  std::string step;     // the step's id; "client" for a client's result; "" while matching
  std::string part;     // "status", "body", "header content-type", …
  std::string pointer;  // JSON pointer into that part; "" is all of it
  std::string wanted;
  std::string got;
  Source source = Source::assumed;  // where the expectation comes from
};

using Mismatches = std::vector<Mismatch>;

// One exchange of a run.
struct TraceEntry {
  std::string step;     // a client's exchanges are numbered: "#1"
  std::string request;  // "POST /conversations/start"
  std::string sent;     // the body
  int status = 0;       // 0: no answer came
  std::string received;
  std::string mishap = {};             // why no answer came, or what befell it on its way
  std::chrono::microseconds taken{0};  // by a server under test, for its answer
  std::string sent_type = {};          // of a client's body: its Content-Type
  // Of an exchange with a server under test: when it began, by the clock of the way there, and what
  // headers came back.
  std::chrono::microseconds began{0};
  std::vector<mock::Header> headers = {};
};

struct CaseResult {
  std::string name;
  std::vector<std::string> why;
  Source source = Source::seed;
  CaseVerdict verdict = CaseVerdict::passed;
  std::string reason;  // why it was not checked
  Mismatches mismatches;
  std::vector<TraceEntry> trace;
  std::string notes = {};  // what a client wrote to stderr
  std::chrono::microseconds duration{0};
  // Of a client, when ClientCaseOptions asks for it: what its fake answered to GET /__mock/journal
  // and to GET /__mock/verdicts.
  std::string journal = {};
  std::string verdicts = {};
};

// The reason of a case that was not run, since the run was ended before.
inline constexpr std::string_view kNotRun = "not run";

// The result of such a case.
CaseResult not_run(const std::string& name, const std::vector<std::string>& why, Source source);

// Failed when something is not met that binds servers.
CaseVerdict verdict_of(const Mismatches& mismatches);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CASES_CASE_RESULT_H_
