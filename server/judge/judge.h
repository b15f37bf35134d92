// Judges one client by its traffic, exchange by exchange: nothing that made room elsewhere (in the
// journal, say) changes a verdict. Memory is bounded by JudgeOptions::max_tracked; what is beyond
// is said to be not judged.
//
// Thread-safety: none.
#ifndef NAIRI_MOCK_JUDGE_JUDGE_H_
#define NAIRI_MOCK_JUDGE_JUDGE_H_

#include "judge/manners.h"
#include "judge/observed.h"
#include "judge/page_watch.h"
#include "judge/retry_watch.h"
#include "judge/turn_watch.h"

namespace nairi::mock {

class Judge {
 public:
  explicit Judge(const JudgeOptions& options)
      : turns_(options), retries_(options), pages_(options), manners_(options) {}

  void observe(const Exchange& exchange);

  // As if the run ended now: who is still polling counts as having given up, unless somebody else
  // ended the run.
  Verdicts verdicts(const RunEnd& end = {}) const;

 private:
  void judge(const Exchange& exchange);

  TurnWatch turns_;
  RetryWatch retries_;
  PageWatch pages_;
  Manners manners_;
  Traffic bodies_;  // requests and their bytes only
  Strays unrouted_;
  Strays refused_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_JUDGE_JUDGE_H_
