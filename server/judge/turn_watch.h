// Watches the turns that the client began: how it polls them, and whether it sees them end.
#ifndef NAIRI_MOCK_JUDGE_TURN_WATCH_H_
#define NAIRI_MOCK_JUDGE_TURN_WATCH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "judge/finding.h"
#include "judge/observed.h"

namespace nairi::mock {

class TurnWatch {
 public:
  explicit TurnWatch(const JudgeOptions& options) : options_(options) {}

  void observe(const Exchange& exchange);

  // Whether the client has no more reason to poll this message: it saw the end of the turn, or
  // began the next one.
  bool is_over(const std::string& message) const;

  // Takes the present for the end of the run: a turn that is being polled counts as abandoned.
  void report(std::vector<Verdict>& verdicts) const;
  // Those of turns; the others are 0.
  const Traffic& figures() const { return figures_; }

 private:
  // What the client last saw of a message.
  enum class Seen { nothing, waiting, terminal, other };

  struct WatchedTurn {
    std::string job;
    std::uint64_t number = 0;  // of the prompt, as in the journal
    Moment asked;
    Seen seen = Seen::nothing;
    bool last_read_failed = false;
    bool superseded = false;
    int looks = 0;  // at a turn that has not ended: a poll counts double, the whole timeline single
    std::uint64_t polls = 0;
    Moment first_poll;
    std::optional<Moment> waiting_at;  // when the last poll was answered, if queued or pending
    std::optional<Moment> over_at;     // when a poll was first answered completed or failed
    int polls_after_end = 0;
    Evidence last_look;
  };

  void begin(const Exchange& exchange);
  void supersede(const Exchange& exchange);
  void poll(const Exchange& exchange);
  void read_timeline(const Exchange& exchange);
  void fail_timeline(const std::string& job);
  void judge_prompt(const Exchange& exchange, const WatchedTurn& turn, const std::string& message);
  bool is_settled(const WatchedTurn& turn) const;
  void judge_pace(const WatchedTurn& turn, const Exchange& exchange);
  void judge_stop(WatchedTurn& turn, const Exchange& exchange, std::string_view status);
  void see(WatchedTurn& turn, const Exchange& exchange, std::string_view status);
  bool is_abandoned(const WatchedTurn& turn) const;
  static bool is_deadline(const WatchedTurn& turn);
  Finding until_terminal() const;

  const JudgeOptions options_;
  std::unordered_map<std::string, WatchedTurn> turns_;   // by message id
  std::unordered_map<std::size_t, std::string> latest_;  // message id by the prompt's hash
  std::size_t waiting_ = 0;  // of turns_, those that the client saw no end of
  bool overflowed_ = false;
  Finding stops_{"stops-after-terminal", "no turn was polled to its end"};
  Finding once_{"sends-a-prompt-once", "no prompt was accepted"};
  Finding pace_{"polls-no-faster-than-asked", "no message was polled twice"};
  Traffic figures_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_JUDGE_TURN_WATCH_H_
