// Watches what the client does about requests that went wrong.
#ifndef NAIRI_MOCK_JUDGE_RETRY_WATCH_H_
#define NAIRI_MOCK_JUDGE_RETRY_WATCH_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "judge/finding.h"
#include "judge/observed.h"
#include "judge/turn_watch.h"

namespace nairi::mock {

// Tells whether a request is the same again.
struct Fingerprint {
  std::size_t head = 0;  // method, target, Authorization
  std::size_t body = 0;  // without the boundary of a multipart body, which is new in every attempt
  std::size_t body_bytes = 0;  // likewise

  // clang-tidy 14 takes the 0 within a defaulted comparison for a null pointer.
  auto operator<=>(const Fingerprint&) const = default;  // NOLINT(modernize-use-nullptr)
};

class RetryWatch {
 public:
  explicit RetryWatch(const JudgeOptions& options) : options_(options) {}

  void observe(const Exchange& exchange);

  // Takes the present for the end of the run. A poll of a turn that is over needs no retry.
  void report(const TurnWatch& turns, std::vector<Verdict>& verdicts) const;

 private:
  // What may be said of a request if it comes again.
  enum class Trouble {
    none,         // nothing, or not before Retry-After or a pause
    refused,      // 400, 401, 404: it will be refused again
    may_be_done,  // a POST that nobody knows the outcome of
    on_its_way,   // a POST that was carried out, and the reply to it is delayed
    read_failed,  // a GET that is worth another try
  };

  struct Last {
    Trouble trouble = Trouble::none;
    std::uint64_t number = 0;  // as in the journal
    Moment sent;
    std::optional<std::int64_t> asked_ms;  // by Retry-After
    int overloads = 0;                     // 429 or 5xx, without Retry-After, one after the other
    std::optional<std::int64_t> pause_ms;  // between the last two of them
    bool repeated = false;                 // a failed read that was tried again
    std::uint64_t writes = 0;              // how many there had been then
    std::uint64_t lists = 0;               // likewise
    std::string message;                   // of a poll
    Evidence evidence;                     // of a failed read
  };

  static Trouble trouble_of(const Exchange& exchange, bool has_retry_after);
  void judge_repetition(const Last& last, const Exchange& exchange);
  void judge_wait(const Last& last, const Exchange& exchange);
  void judge_backoff(const Last& last, const Exchange& exchange);
  // What is to be remembered of an exchange; nullopt when nothing is.
  std::optional<Last> outcome(const Last* before, const Exchange& exchange);
  void keep(const Fingerprint& fingerprint, std::optional<Last> last);
  Finding failed_reads(const TurnWatch& turns) const;

  const JudgeOptions options_;
  std::map<Fingerprint, Last> troubled_;
  bool overflowed_ = false;
  std::uint64_t writes_ = 0;  // that succeeded: what was refused before may be right now
  std::uint64_t lists_ = 0;   // that were read: a client that looks first does not retry blindly
  bool read_retried_ = false;
  Finding refused_{"no-retry-on-4xx", "nothing was answered 400, 401 or 404"};
  Finding blind_{"no-blind-retry-of-post", "no POST failed in a way that leaves its outcome open"};
  Finding wait_{"retry-after", "no request came again that had been answered with Retry-After"};
  Finding backoff_{"backoff-grows", "no request was retried twice after 429 or 5xx"};
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_JUDGE_RETRY_WATCH_H_
