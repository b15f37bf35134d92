// REFERENCE: GET /messages/{message_id}, How real clients talk.
#include "judge/turn_watch.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "protocol/body.h"
#include "protocol/target.h"

namespace nairi::mock {
namespace {

// Assumed: who looked so often, or for so long, had a deadline of its own.
constexpr std::uint64_t kPatientPolls = 20;
constexpr std::int64_t kPatientMs = 30'000;
// Assumed: one look back at a message that is over is no polling.
constexpr int kLooksBack = 1;

// "" when there is none.
std::string text_of(const nlohmann::json& object, std::string_view name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string text_of(const Body& body, std::string_view name) {
  const nlohmann::json* value = body.find(name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

std::string id_in_path(const Exchange& exchange) {
  return percent_decode(exchange.parameter).value_or("");
}

bool is_terminal(std::string_view status) {
  return status == "completed" || status == "failed";
}

}  // namespace

void TurnWatch::observe(const Exchange& exchange) {
  if (!exchange.operation) return;
  switch (*exchange.operation) {
    case Operation::continue_conversation:
      supersede(exchange);
      [[fallthrough]];
    case Operation::start_conversation:
      return begin(exchange);
    case Operation::get_message:
      if (exchange.is_get()) poll(exchange);
      return;
    case Operation::list_messages:
      if (exchange.is_get() && waiting_ > 0) read_timeline(exchange);
      return;
    default:
      return;
  }
}

void TurnWatch::begin(const Exchange& exchange) {
  if (exchange.reply.status < 200 || exchange.reply.status > 299) return;
  const auto body = Body::parse(exchange.reply.body);
  if (!body) return;
  const std::string message = text_of(*body, "message_id");
  if (message.empty()) return;
  if (turns_.size() >= options_.max_tracked) {
    overflowed_ = true;
    return;
  }
  WatchedTurn turn;
  turn.job = text_of(*body, "job_id");
  turn.number = exchange.number;
  turn.asked = exchange.sent();
  // Whether a prompt whose reply was lost may be sent again, is another rule's business.
  if (exchange.delivered) judge_prompt(exchange, turn, message);
  if (turns_.emplace(message, std::move(turn)).second) ++waiting_;
}

void TurnWatch::judge_prompt(const Exchange& exchange, const WatchedTurn& turn,
                             const std::string& message) {
  const auto body = Body::parse(exchange.request.body);
  if (!body) return;
  once_.test();
  std::string& latest = latest_[std::hash<std::string>{}(text_of(*body, "prompt"))];
  const auto before = turns_.find(std::exchange(latest, message));
  if (before == turns_.end() || is_settled(before->second)) return;
  const auto since = exchange.received.ms_since(before->second.asked);
  if (since && *since < 0) return;  // the first reply was still on its way: likewise
  // The same words in another conversation are another question.
  if (exchange.operation == Operation::continue_conversation && before->second.job != turn.job) {
    return;
  }
  once_.prove("a prompt was sent again before its first turn was known to have ended",
              evidence_of(exchange, "the prompt of #" + std::to_string(before->second.number)));
}

// Whether there may be a reason to send the prompt again. On ordinary traffic two tests may ask the
// same at the same time; but who could not read how the turn goes did not know that it ended.
bool TurnWatch::is_settled(const WatchedTurn& turn) const {
  if (turn.seen == Seen::terminal) return true;
  return !options_.in_suite && !turn.last_read_failed;
}

// A user who aborts sends the next prompt, and polls only that (REFERENCE: How real clients talk).
void TurnWatch::supersede(const Exchange& exchange) {
  const std::string job = id_in_path(exchange);
  for (auto& [message, turn] : turns_) {
    if (turn.job == job) turn.superseded = true;
  }
}

void TurnWatch::poll(const Exchange& exchange) {
  const auto found = turns_.find(id_in_path(exchange));
  if (found == turns_.end()) return;
  WatchedTurn& turn = found->second;
  judge_pace(turn, exchange);
  turn.waiting_at.reset();
  if (turn.seen != Seen::terminal && ++turn.polls == 1) turn.first_poll = exchange.received;
  const auto body = Body::parse(exchange.reply.body);
  const std::string status = body ? text_of(*body, "status") : "";
  turn.last_read_failed = !exchange.succeeded() || status.empty();
  if (turn.last_read_failed) return;
  judge_stop(turn, exchange, status);
  turn.looks += 2;
  see(turn, exchange, status);
  if (turn.seen == Seen::waiting) turn.waiting_at = exchange.sent();
}

void TurnWatch::read_timeline(const Exchange& exchange) {
  if (!exchange.succeeded()) return fail_timeline(id_in_path(exchange));
  const auto body = Body::parse(exchange.reply.body);
  const nlohmann::json* messages = body ? body->find("messages") : nullptr;
  if (messages == nullptr || !messages->is_array()) return fail_timeline(id_in_path(exchange));
  for (const nlohmann::json& message : *messages) {
    const auto found = turns_.find(text_of(message, "id"));
    if (found == turns_.end() || found->second.seen == Seen::terminal) continue;
    found->second.last_read_failed = false;
    ++found->second.looks;
    see(found->second, exchange, text_of(message, "status"));
    if (found->second.seen == Seen::terminal) stops_.test();
  }
}

void TurnWatch::fail_timeline(const std::string& job) {
  for (auto& [message, turn] : turns_) {
    if (turn.job == job) turn.last_read_failed = true;
  }
}

void TurnWatch::judge_pace(const WatchedTurn& turn, const Exchange& exchange) {
  if (!turn.waiting_at) return;
  const auto gap = exchange.received.ms_since(*turn.waiting_at);
  if (!gap) return pace_.doubt(kNoTime);
  if (*gap < 0) return;  // the client did not wait for the reply
  pace_.test();
  if (*gap >= options_.min_poll_ms - tolerance_ms(options_.min_poll_ms)) return;
  pace_.prove("a message was polled again sooner than after " +
                  std::to_string(options_.min_poll_ms) + " ms",
              evidence_of(exchange, "after " + std::to_string(*gap) + " ms"));
}

void TurnWatch::judge_stop(WatchedTurn& turn, const Exchange& exchange, std::string_view status) {
  if (!is_terminal(status)) return;
  stops_.test();
  if (!turn.over_at) {
    turn.over_at = exchange.sent();
    return;
  }
  const auto since = exchange.received.ms_since(*turn.over_at);
  if (since && *since < 0) return;  // the terminal status was still on its way
  if (++turn.polls_after_end > kLooksBack) {
    stops_.prove("a message was polled on after its terminal status had been delivered",
                 evidence_of(exchange, status));
  }
}

void TurnWatch::see(WatchedTurn& turn, const Exchange& exchange, std::string_view status) {
  if (turn.seen == Seen::terminal) return;
  if (!is_terminal(status)) {
    turn.last_look = evidence_of(exchange, status);
    turn.seen = status == "queued" || status == "pending" ? Seen::waiting : Seen::other;
    return;
  }
  turn.seen = Seen::terminal;
  turn.last_look = {};
  --waiting_;
  ++figures_.answers;
  figures_.polls += turn.polls;
  figures_.most_polls = std::max(figures_.most_polls, turn.polls);
  if (const auto took = exchange.sent().ms_since(turn.asked)) {
    ++figures_.timed_answers;
    figures_.answer_ms += *took;
    figures_.longest_answer_ms = std::max(figures_.longest_answer_ms, *took);
  }
}

bool TurnWatch::is_over(const std::string& message) const {
  const auto found = turns_.find(message);
  return found != turns_.end() &&
         (found->second.seen == Seen::terminal || found->second.superseded);
}

// What only traffic shows. A client that stopped at an error, or at a status that is no status of
// the API, is another rule's business.
bool TurnWatch::is_abandoned(const WatchedTurn& turn) const {
  return turn.seen == Seen::waiting && turn.looks >= 2 && !turn.last_read_failed &&
         !turn.superseded;
}

bool TurnWatch::is_deadline(const WatchedTurn& turn) {
  if (turn.polls >= kPatientPolls) return true;
  const auto watched = turn.waiting_at ? turn.waiting_at->ms_since(turn.first_poll) : std::nullopt;
  return watched && *watched >= kPatientMs;
}

Finding TurnWatch::until_terminal() const {
  Finding finding("polls-until-terminal", "no turn that the client began was polled");
  std::vector<Evidence> abandoned;
  for (const auto& [message, turn] : turns_) {
    if (turn.seen == Seen::terminal) finding.test();
    if (!is_abandoned(turn)) continue;
    if (is_deadline(turn)) {
      finding.doubt("a message was given up after long polling, as at a deadline");
    } else {
      abandoned.push_back(turn.last_look);
    }
  }
  finding.prove_all("a message was abandoned before it was completed or failed",
                    std::move(abandoned));
  if (overflowed_) finding.doubt(kTooMany);
  return finding;
}

void TurnWatch::report(std::vector<Verdict>& verdicts) const {
  verdicts.push_back(until_terminal().verdict(options_.in_suite));
  for (Finding finding : {stops_, once_, pace_}) {
    if (overflowed_) finding.doubt(kTooMany);
    verdicts.push_back(finding.verdict(options_.in_suite));
  }
}

}  // namespace nairi::mock
