// Watches whether the client reads lists to their end.
#ifndef NAIRI_MOCK_JUDGE_PAGE_WATCH_H_
#define NAIRI_MOCK_JUDGE_PAGE_WATCH_H_

#include <map>
#include <string>
#include <vector>

#include "judge/finding.h"
#include "judge/observed.h"

namespace nairi::mock {

class PageWatch {
 public:
  explicit PageWatch(const JudgeOptions& options) : options_(options) {}

  void observe(const Exchange& exchange);

  // Takes the present for the end of the run.
  void report(std::vector<Verdict>& verdicts) const;

 private:
  // The last page of a list that the client read, when there was one more.
  struct Page {
    std::string query;
    Evidence evidence;
  };

  const JudgeOptions options_;
  std::map<std::string, Page> unfinished_;  // by path
  bool went_on_ = false;
  bool overflowed_ = false;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_JUDGE_PAGE_WATCH_H_
