#include "harness/cases/case_result.h"

#include <algorithm>

namespace nairi::contracts {

std::string_view to_string(CaseVerdict verdict) {
  switch (verdict) {
    case CaseVerdict::passed:
      return "passed";
    case CaseVerdict::failed:
      return "failed";
    case CaseVerdict::differs:
      return "differs";
    case CaseVerdict::not_checked:
      return "not checked";
    case CaseVerdict::known:
      break;
  }
  return "known to fail";
}

CaseResult not_run(const std::string& name, const std::vector<std::string>& why, Source source) {
  CaseResult result;
  result.name = name;
  result.why = why;
  result.source = source;
  result.verdict = CaseVerdict::not_checked;
  result.reason = kNotRun;
  return result;
}

CaseVerdict verdict_of(const Mismatches& mismatches) {
  if (mismatches.empty()) return CaseVerdict::passed;
  const bool binding =
      std::any_of(mismatches.begin(), mismatches.end(),
                  [](const Mismatch& mismatch) { return binds_servers(mismatch.source); });
  return binding ? CaseVerdict::failed : CaseVerdict::differs;
}

}  // namespace nairi::contracts
