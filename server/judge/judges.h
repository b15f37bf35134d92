// The judges of a fake: one for each organization, and one for requests that belong to nobody.
//
// Thread-safety: every member may be called from any thread.
#ifndef NAIRI_MOCK_JUDGE_JUDGES_H_
#define NAIRI_MOCK_JUDGE_JUDGES_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <vector>

#include "judge/judge.h"

namespace nairi::mock {

class Judges {
 public:
  explicit Judges(const JudgeOptions& options);

  // 0: no organization. Such a request still counts for the one whose key its connection carried
  // before.
  void observe(std::uint64_t organization, const Exchange& exchange);

  // Of one organization; of one that was never heard of, nothing is seen.
  Verdicts verdicts(std::uint64_t organization) const;
  // Of all together, ended runs included.
  Verdicts verdicts_of_all(const RunEnd& end = {}) const;
  // What that is made of.
  std::vector<JudgedRun> runs(const RunEnd& end) const;

  // Ends the run of one organization, or of everybody. Its verdicts still count for all together:
  // a suite that resets after each test must not wash a broken rule away.
  void end(std::uint64_t organization, const RunEnd& end);
  void end_all(const RunEnd& end);

 private:
  struct Judged {
    explicit Judged(const JudgeOptions& options) : judge(options) {}

    std::mutex mutex;
    Judge judge;  // protected by mutex, or by mutex_ held alone
  };

  // The owner, unless it is still to be noted down.
  std::optional<std::uint64_t> known_owner(std::uint64_t organization,
                                           std::uint64_t connection) const;
  std::uint64_t owner(std::uint64_t organization, std::uint64_t connection);

  const JudgeOptions options_;
  mutable std::shared_mutex mutex_;  // shared by those who observe
  // Protected by mutex_:
  std::map<std::uint64_t, Judged> judges_;               // 0: of nobody's requests
  std::map<std::uint64_t, std::uint64_t> organization_;  // by connection
  Verdicts ended_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_JUDGE_JUDGES_H_
