// An exchange as a judge sees it.
#ifndef NAIRI_MOCK_JUDGE_OBSERVED_H_
#define NAIRI_MOCK_JUDGE_OBSERVED_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "nairi/mock/delivery.h"
#include "nairi/mock/exchange.h"
#include "nairi/mock/verdicts.h"
#include "protocol/operation.h"

namespace nairi::mock {

// A point in the time that the client lives in. Not known everywhere: under the poll clock in
// process, no time passes that anybody could keep.
class Moment {
 public:
  Moment() = default;
  static Moment real(std::int64_t us) { return {Base::real, us}; }
  static Moment of_world(std::int64_t ms) { return {Base::world, ms * 1000}; }

  Moment after_ms(std::int64_t ms) const { return {base_, us_ + ms * 1000}; }
  // nullopt unless both are known, and of one kind.
  std::optional<std::int64_t> ms_since(const Moment& earlier) const {
    if (base_ == Base::none || base_ != earlier.base_) return std::nullopt;
    return (us_ - earlier.us_) / 1000;
  }

 private:
  enum class Base { none, real, world };
  Moment(Base base, std::int64_t us) : base_(base), us_(us) {}

  Base base_ = Base::none;
  std::int64_t us_ = 0;
};

// By how much less than asked a client may wait: clocks are read at both ends.
inline std::int64_t tolerance_ms(std::int64_t asked_ms) {
  constexpr std::int64_t kLeast = 50;
  const std::int64_t part = asked_ms / 20;
  return part > kLeast ? part : kLeast;
}

// Within which time a request that comes again is a retry of the client's own, and not its user's
// who tries once more, maybe with another run of the same command. Both are assumed.
inline constexpr std::int64_t kRetriesWithinMs = 10'000;  // on the same connection
inline constexpr std::int64_t kReconnectsWithinMs = 5000;

// Why a rule could not be judged.
inline constexpr std::string_view kNoTime = "nobody kept the time in which the client waited";
inline constexpr std::string_view kTooMany =
    "there was more than is watched (JudgeOptions::max_tracked)";

struct Exchange {
  const Request& request;
  const Reply& reply;
  std::optional<Operation> operation = {};  // none: no route fits
  std::string_view parameter = {};          // of the path, still encoded
  std::string_view key = {};                // never shown
  std::uint64_t number = 0;                 // as in the journal
  std::int64_t at_ms = 0;                   // the organization's time, only to be shown; 0: unknown
  Moment received = {};
  bool delivered = true;  // false: the client did not get the whole reply (arrives_whole())
  // Of what was refused before the fake could play it (RefusedRequest); else as they stand here.
  std::string_view refusal = {};
  bool whole_head = true;
  bool misdirected = false;
  bool struck = false;  // a fault decided what was answered
  // A reply that is held is seen twice: when its call comes, and when it is let go, at `let_go`.
  // The time between belongs to nobody's pauses.
  bool held = false;
  std::optional<Moment> let_go = {};
  // Of a look at a turn that can't end as things are: why. Outlives the judge.
  std::string_view no_end = {};

  // When the last byte of the reply was sent, as far as the fake decides.
  Moment sent() const { return let_go.value_or(received).after_ms(sending_ms(reply)); }
  bool is_refused() const { return !refusal.empty(); }
  bool is_get() const { return request.method == "GET"; }
  bool is_write() const { return !is_get() && request.method != "HEAD"; }
  bool succeeded() const { return delivered && reply.status >= 200 && reply.status < 300; }
};

// Whether the client itself, and not its user, may be behind what follows something that happened
// on that connection at that time. Yes, when nobody keeps the time.
inline bool follows_at_once(std::uint64_t connection, const Moment& at, const Exchange& next) {
  const auto since = next.received.ms_since(at);
  const bool is_same = next.request.connection == connection;
  return !since || *since <= (is_same ? kRetriesWithinMs : kReconnectsWithinMs);
}

// When the run ended; at the latest known time of it, if nobody knows better.
inline Moment end_of(const RunEnd& end, const Moment& newest) {
  return end.at_us != 0 ? Moment::real(end.at_us) : newest;
}

// `note` is what matters in the reply: the status of a message, say.
Evidence evidence_of(const Exchange& exchange, std::string_view note = {});

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_JUDGE_OBSERVED_H_
