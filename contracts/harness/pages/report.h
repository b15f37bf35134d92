// What a run found, for people and for machines.
//
//   RunReport report{.title = "our fake, in process", .again = "nairi-contract server"};
//   report.results.push_back(run_case(contract_case, subjects));
//   std::cout << text_report(report, {});
#ifndef NAIRI_CONTRACTS_HARNESS_PAGES_REPORT_H_
#define NAIRI_CONTRACTS_HARNESS_PAGES_REPORT_H_

#include <string>
#include <string_view>
#include <vector>

#include "harness/cases/case_result.h"
#include "harness/cases/values.h"

namespace nairi::contracts {

struct RunReport {
  std::string title;                // who was tested, and how
  std::string again;                // the command that runs it once more, up to --case
  std::string again_after = {};     // and what follows that
  std::vector<CaseResult> results;  // in the order of the cases
  Json extra = {};                  // further members of the JSON report
};

struct Count {
  int passed = 0;
  int failed = 0;
  int differ = 0;
  int not_checked = 0;
  int known = 0;  // failed, and listed as failing

  int checked() const { return passed + failed + differ + known; }
};

Count count(const RunReport& report);

struct TextOptions {
  bool trace = false;  // every exchange of every case that is shown
};

// One case: its verdict, what it is for, and all mismatches; and its exchanges.
std::string case_text(const CaseResult& result);
std::string trace_text(const CaseResult& result);

// Each case that did not pass, with all its mismatches; then one line that sums up.
std::string text_report(const RunReport& report, const TextOptions& options);
std::string junit_report(const RunReport& report);
std::string json_report(const RunReport& report);

// One mismatch as a sentence: "poll: body /status (documented): wanted …, got …".
std::string sentence_of(const Mismatch& mismatch);

// The text as XML can hold it, in an element or an attribute.
std::string xml_text(std::string_view text);

// The names of cases, one on a line; "#" begins a comment.
std::vector<std::string> read_known_failing(const std::string& text);

// Marks what is listed and failed as known. Each sentence says of one entry that it is wrong: it
// passed, or no case is called so.
std::vector<std::string> apply_known_failing(const std::vector<std::string>& known,
                                             RunReport& report);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_PAGES_REPORT_H_
