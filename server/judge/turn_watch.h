// Watches the turns that the client began: how it polls them, whether it sees them end, and whether
// it sends a prompt again that is answered already.
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

  // Whether the client has no more reason to poll this message: it saw the end of the turn, began
  // the next one, or had waited for so long that it may have had a deadline.
  bool is_over(const std::string& message) const;

  // Takes the present for the end of the run: a turn that is being polled counts as abandoned.
  void report(const RunEnd& end, std::vector<Verdict>& verdicts) const;
  // Those of turns; the others are 0.
  const Traffic& figures() const { return figures_; }

 private:
  // What the client last saw of a message.
  enum class Seen { nothing, waiting, terminal, other };

  // A call that told nothing of a turn.
  struct Failure {
    Moment at;
    std::uint64_t connection = 0;
  };

  struct WatchedTurn {
    std::string job;
    std::string prompt;        // in quotes, cut
    std::uint64_t number = 0;  // of the prompt, as in the journal
    Moment asked;
    Seen seen = Seen::nothing;
    bool superseded = false;
    std::string_view no_end = {};  // why it could not end when it was last seen; Exchange::no_end
    int looks = 0;  // at a turn that has not ended: a poll counts double, the whole timeline single
    std::uint64_t polls = 0;
    std::uint64_t timelines = 0;
    Moment first_look;
    std::optional<Moment> waiting_at;    // when the last poll was answered, if queued or pending
    std::optional<Moment> looked_at;     // when the last look was answered, whatever with
    std::int64_t longest_pause_ms = 0;   // between two looks
    std::uint64_t connection = 0;        // of the last look
    std::vector<std::uint64_t> pollers;  // connections that polled and were not told the end
    std::optional<Moment> over_at;       // when a poll was first answered completed or failed
    int polls_after_end = 0;
    Evidence last_look;
    std::optional<Evidence> asked_anew;  // since the last look
  };

  // A conversation of the turns above.
  struct WatchedJob {
    std::string newest;              // the message of its last prompt
    std::string ended;               // of the turn that was last seen to end
    std::uint64_t ended_at = 0;      // the exchange that showed it
    std::optional<Failure> failure;  // the last call about it, if that failed
    bool is_awaited = false;         // the last call about it, if the reply to that is held
  };

  void note_awaited(const Exchange& exchange);
  WatchedJob* job_of(const Exchange& exchange);
  void begin(const Exchange& exchange);
  void supersede(const Exchange& exchange);
  void poll(const Exchange& exchange);
  void read_timeline(const Exchange& exchange);
  void note_failure(const std::string& job, const Exchange& exchange);
  void note_success(const std::string& job);
  void judge_prompt(const Exchange& exchange, std::string_view prompt, const WatchedTurn& turn,
                    const std::string& message);
  static bool is_soon_after(const WatchedTurn& looked_at, const Exchange& exchange);
  void judge_repeated(const Exchange& exchange, WatchedTurn& first);
  std::optional<Failure> open_end(const WatchedTurn& turn, const Exchange& exchange) const;
  void judge_pace(const WatchedTurn& turn, const Exchange& exchange);
  void judge_stop(WatchedTurn& turn, const Exchange& exchange, std::string_view status);
  static void look(WatchedTurn& turn, const Exchange& exchange);
  static std::int64_t patience_ms(const WatchedTurn& turn, std::int64_t least);
  void see(const std::string& message, WatchedTurn& turn, const Exchange& exchange,
           std::string_view status);
  void count_answer(const WatchedTurn& turn, const Exchange& exchange);
  bool is_abandoned(const WatchedTurn& turn) const;
  static bool is_deadline(const WatchedTurn& turn);
  std::string excuse(const WatchedTurn& turn, const RunEnd& end) const;
  Evidence last_look(const std::string& message, const WatchedTurn& turn) const;
  Finding until_terminal(const RunEnd& end) const;
  Finding once() const;

  const JudgeOptions options_;
  std::unordered_map<std::string, WatchedTurn> turns_;   // by message id
  std::unordered_map<std::string, WatchedJob> jobs_;     // by id
  std::unordered_map<std::size_t, std::string> latest_;  // message id by the prompt's hash
  std::size_t waiting_ = 0;  // of turns_, those that the client saw no end of
  Moment newest_;            // when the last request came
  bool overflowed_ = false;
  bool has_awaited_ = false;  // a reply was held
  Finding stops_{"stops-after-terminal", "no turn that the client began was seen to end"};
  Finding once_{"sends-a-prompt-once", "the client got no reply that accepts a prompt"};
  Finding pace_{"polls-no-faster-than-asked",
                "no prompt of the client was polled again after queued or pending"};
  Traffic figures_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_JUDGE_TURN_WATCH_H_
