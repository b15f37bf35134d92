// What was found so far about one rule.
#ifndef NAIRI_MOCK_JUDGE_FINDING_H_
#define NAIRI_MOCK_JUDGE_FINDING_H_

#include <string>
#include <string_view>
#include <vector>

#include "judge/observed.h"
#include "nairi/mock/verdicts.h"

namespace nairi::mock {

class Finding {
 public:
  // `never` says, when nothing put the rule to the test, what did not happen. Both texts must
  // outlive the finding.
  Finding(std::string_view rule, std::string_view never) : rule_(rule), never_(never) {}

  // The rule was put to the test, and not broken then.
  void test() { tested_ = true; }
  // The first sentence stays; the evidence is counted.
  void prove(std::string_view sentence, Evidence evidence);
  // The same for each, in the order of their numbers.
  void prove_all(std::string_view sentence, std::vector<Evidence> evidence);
  // From now on the rule is not kept, unless it is broken.
  void doubt(std::string_view why);

  // `in_suite` as in JudgeOptions.
  Verdict verdict(bool in_suite) const;

 private:
  std::string_view rule_;
  std::string_view never_;
  bool tested_ = false;
  std::string sentence_;
  std::string doubt_;
  std::vector<Evidence> evidence_;
  std::size_t evidence_count_ = 0;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_JUDGE_FINDING_H_
