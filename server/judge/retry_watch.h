// Watches what the client does about requests that went wrong.
#ifndef NAIRI_MOCK_JUDGE_RETRY_WATCH_H_
#define NAIRI_MOCK_JUDGE_RETRY_WATCH_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "judge/finding.h"
#include "judge/observed.h"
#include "judge/turn_watch.h"
#include "nairi/mock/cancellation.h"

namespace nairi::mock {

// Tells whether a request is the same again: a prompt with other files is.
struct Fingerprint {
  std::size_t head = 0;  // method, target, Authorization
  std::size_t body = 0;  // without the boundary of a multipart body, which is new in every attempt
  std::size_t body_bytes = 0;  // likewise; of a prompt, those of its text

  // clang-tidy 14 takes the 0 within a defaulted comparison for a null pointer.
  auto operator<=>(const Fingerprint&) const = default;  // NOLINT(modernize-use-nullptr)
};

class RetryWatch {
 public:
  explicit RetryWatch(const JudgeOptions& options) : options_(options) {}

  void observe(const Exchange& exchange);

  // Takes the present for the end of the run. A poll of a turn that is over needs no retry.
  void report(const TurnWatch& turns, const RunEnd& end, std::vector<Verdict>& verdicts) const;

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
    std::uint64_t number = 0;            // as in the journal
    std::uint64_t connection = 0;        // that carried it
    std::uint64_t first_connection = 0;  // that carried the first attempt
    std::size_t exact = 0;               // its body, as it was sent
    bool struck = false;                 // it was a fault that refused it
    Moment sent;
    std::optional<Moment> held_since;      // the reply is held: nobody knows when it is sent
    std::weak_ptr<Hold> hold;              // gone: its client went away, or it is not held
    std::int64_t patience_ms = 0;          // that Retry-After asks for, of whomever
    std::optional<std::int64_t> asked_ms;  // of this request, not of the key
    int overloads = 0;                     // 429 or 5xx, without Retry-After, one after the other
    std::optional<std::int64_t> pause_ms;  // between the last two of them
    bool repeated = false;                 // a failed read that was tried again
    std::uint64_t writes = 0;              // how many there had been then
    std::uint64_t looks = 0;               // likewise
    std::string message;                   // of a poll
    Evidence evidence;                     // of a failed read
  };

  // A 429 that asked the key to wait.
  struct KeyWait {
    Moment sent;
    std::int64_t asked_ms = 0;
    std::uint64_t number = 0;
    std::uint64_t connection = 0;
  };

  static Trouble trouble_of(const Exchange& exchange, bool has_retry_after);
  bool is_same_client(const Last& last, const Exchange& exchange) const;
  std::uint64_t looks_for(std::optional<Operation> post) const;
  void judge_repetition(const Last& last, const Exchange& exchange);
  void judge_refused(const Last& last, const Exchange& exchange);
  void judge_blind(const Last& last, const Exchange& exchange);
  void judge_key_wait(const Exchange& exchange);
  void judge_wait(const Last& last, const Exchange& exchange);
  void judge_backoff(const Last& last, const Exchange& exchange);
  void note(const Exchange& exchange);
  void judge_arrival(const Last* before, const Exchange& exchange);
  // What is to be remembered of an exchange whose reply is held.
  static std::optional<Last> awaiting(const Last* before, const Exchange& exchange);
  // What is to be remembered of an exchange; nullopt when nothing is.
  std::optional<Last> outcome(const Last* before, const Exchange& exchange);
  void keep(const Fingerprint& fingerprint, std::optional<Last> last);
  // Why nobody can tell whether that read should have been tried again; "" when one can.
  std::string excuse(const Last& last, const RunEnd& end) const;
  Finding failed_reads(const TurnWatch& turns, const RunEnd& end) const;

  const JudgeOptions options_;
  std::map<Fingerprint, Last> troubled_;
  bool overflowed_ = false;
  std::uint64_t writes_ = 0;  // that succeeded: what was refused before may be right now
  // Reads that succeeded, by Operation: a client that looks first does not retry blindly.
  std::array<std::uint64_t, kOperations> reads_{};
  std::optional<KeyWait> key_wait_;
  Moment newest_;  // when the last request came
  bool read_retried_ = false;
  Finding refused_{"no-retry-on-4xx", "no answer 400, 401 or 404 came whole"};
  Finding blind_{"no-blind-retry-of-post",
                 "no POST but uploads failed in a way that leaves its outcome open"};
  Finding uploads_{"uploads-a-file-once", "no upload failed in a way that leaves its outcome open"};
  Finding wait_{"retry-after", "no request came for which Retry-After had set a time"};
  Finding backoff_{
      "backoff-grows",
      "no request was retried twice after whole replies 429 or 5xx without Retry-After"};
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_JUDGE_RETRY_WATCH_H_
