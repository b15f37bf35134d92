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

CaseVerdict verdict_of(const Mismatches& mismatches) {
  if (mismatches.empty()) return CaseVerdict::passed;
  const bool assumed_only =
      std::all_of(mismatches.begin(), mismatches.end(),
                  [](const Mismatch& mismatch) { return mismatch.source == Source::assumed; });
  return assumed_only ? CaseVerdict::differs : CaseVerdict::failed;
}

}  // namespace nairi::contracts
