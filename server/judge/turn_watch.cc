// REFERENCE: GET /messages/{message_id}, How real clients talk.
#include "judge/turn_watch.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "protocol/body.h"
#include "protocol/credentials.h"
#include "protocol/target.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

// Assumed: who looked so often, or for so long, had a deadline of its own.
constexpr std::uint64_t kPatientPolls = 20;
constexpr std::int64_t kPatientMs = 30'000;
// Assumed: one look back at a message that is over is no polling.
constexpr int kLooksBack = 1;
// Assumed: who looks again only after more time than this is no poller, unless its pauses are so.
constexpr std::int64_t kLongPauseMs = 10'000;
constexpr std::int64_t kHiccupMs = 1000;
constexpr std::size_t kMostPollers = 8;

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

// As it is shown: short, without a key.
std::string shown_prompt(std::string_view prompt, std::string_view key) {
  constexpr std::size_t kEnough = 1000;
  return in_quotes(redacted(cut(prompt, kEnough), key));
}

bool is_accepted(const Exchange& exchange) {
  return exchange.reply.status >= 200 && exchange.reply.status <= 299;
}

bool is_terminal(std::string_view status) {
  return status == "completed" || status == "failed";
}

}  // namespace

void TurnWatch::observe(const Exchange& exchange) {
  if (!exchange.let_go) newest_ = exchange.received;
  if (!exchange.operation) return;
  if (exchange.held || has_awaited_) note_awaited(exchange);
  if (exchange.held) return;
  switch (*exchange.operation) {
    case Operation::continue_conversation:
      if (!exchange.let_go) supersede(exchange);
      [[fallthrough]];
    case Operation::start_conversation:
      return begin(exchange);
    case Operation::get_message:
      if (exchange.is_get()) poll(exchange);
      return;
    case Operation::list_messages:
      if (exchange.is_get()) read_timeline(exchange);
      return;
    default:
      return;
  }
}

// Of a reply that is held the client knows nothing yet, but that it asked.
void TurnWatch::note_awaited(const Exchange& exchange) {
  has_awaited_ = true;
  if (WatchedJob* job = job_of(exchange)) job->is_awaited = exchange.held;
  const bool is_continued = exchange.operation == Operation::continue_conversation;
  if (is_continued && exchange.held) supersede(exchange);
}

// The conversation that the call names, itself or by a message; null for none that is watched.
TurnWatch::WatchedJob* TurnWatch::job_of(const Exchange& exchange) {
  std::string id = id_in_path(exchange);
  if (exchange.operation == Operation::get_message) {
    const auto turn = turns_.find(id);
    if (turn == turns_.end()) return nullptr;
    id = turn->second.job;
  }
  const auto job = jobs_.find(id);
  return job == jobs_.end() ? nullptr : &job->second;
}

void TurnWatch::begin(const Exchange& exchange) {
  const auto reply = Body::parse(is_accepted(exchange) ? exchange.reply.body : "");
  const std::string message = reply ? text_of(*reply, "message_id") : "";
  const bool is_open = !exchange.delivered || exchange.reply.status >= 500 ||
                       (is_accepted(exchange) && message.empty());
  if (is_open) note_failure(id_in_path(exchange), exchange);
  if (message.empty()) return;
  if (turns_.size() >= options_.max_tracked) {
    overflowed_ = true;
    return;
  }
  const auto request = Body::parse(exchange.request.body);
  const std::string prompt = request ? text_of(*request, "prompt") : "";
  WatchedTurn turn;
  turn.job = text_of(*reply, "job_id");
  turn.prompt = shown_prompt(prompt, exchange.key);
  turn.number = exchange.number;
  turn.asked = exchange.sent();
  // Whether a prompt whose reply was lost may be sent again, is another rule's business.
  if (exchange.delivered) {
    judge_prompt(exchange, prompt, turn, message);
    note_success(turn.job);
  }
  jobs_[turn.job].newest = message;
  if (turns_.emplace(message, std::move(turn)).second) ++waiting_;
}

// The same words in another conversation are another question.
void TurnWatch::judge_prompt(const Exchange& exchange, std::string_view prompt,
                             const WatchedTurn& turn, const std::string& message) {
  once_.test();
  std::string& latest = latest_[std::hash<std::string_view>{}(prompt)];
  const auto before = turns_.find(std::exchange(latest, message));
  if (before == turns_.end()) return;
  WatchedTurn& first = before->second;
  const auto since = exchange.received.ms_since(first.asked);
  if (since && *since < 0) return;  // the first reply was still on its way: likewise
  if (exchange.operation == Operation::start_conversation || first.job == turn.job) {
    judge_repeated(exchange, first);
  }
}

void TurnWatch::judge_repeated(const Exchange& exchange, WatchedTurn& first) {
  const std::string note = "the prompt " + first.prompt + " of #" + std::to_string(first.number);
  const auto open = open_end(first, exchange);
  if (!open) {
    // Two users may ask the same at the same time. But who looks, asks anew, and never looks at the
    // first turn again, has replaced it.
    if (first.seen == Seen::waiting && exchange.operation == Operation::start_conversation &&
        is_soon_after(first, exchange)) {
      first.asked_anew = evidence_of(exchange, note);
    }
    return;
  }
  if (!options_.in_suite && !follows_at_once(open->connection, open->at, exchange)) {
    return once_.doubt("a prompt was sent again after a read had failed, maybe by the user");
  }
  once_.prove(first.seen == Seen::terminal
                  ? "a prompt was sent again because something after its turn had failed"
                  : "a prompt was sent again before its first turn was known to have ended",
              evidence_of(exchange, note));
}

// On the same connection, in a time that somebody kept.
bool TurnWatch::is_soon_after(const WatchedTurn& looked_at, const Exchange& exchange) {
  if (looked_at.connection != exchange.request.connection) return false;
  const auto since = exchange.received.ms_since(*looked_at.looked_at);
  return since && *since <= kRetriesWithinMs;
}

// What leaves it open to the client how the turn goes. On ordinary traffic two tests may ask the
// same at the same time; but who could not read how the turn goes did not know that it ended.
std::optional<TurnWatch::Failure> TurnWatch::open_end(const WatchedTurn& turn,
                                                      const Exchange& exchange) const {
  const auto job = jobs_.find(turn.job);
  if (job != jobs_.end() && job->second.failure) return job->second.failure;
  const Failure last_look{turn.looked_at.value_or(turn.asked), turn.connection};
  const auto since = exchange.received.ms_since(last_look.at);
  if (since && *since < 0)
    return Failure{exchange.received, exchange.request.connection};  // not yet read
  const bool is_unknown = turn.seen == Seen::other;
  const bool is_running = options_.in_suite && turn.seen != Seen::terminal;
  return is_unknown || is_running ? std::optional(last_look) : std::nullopt;
}

// A user who aborts sends the next prompt, and polls only that (REFERENCE: How real clients talk).
void TurnWatch::supersede(const Exchange& exchange) {
  const auto job = jobs_.find(id_in_path(exchange));
  if (job == jobs_.end()) return;
  const auto newest = turns_.find(job->second.newest);
  if (newest != turns_.end()) newest->second.superseded = true;
}

void TurnWatch::poll(const Exchange& exchange) {
  const auto found = turns_.find(id_in_path(exchange));
  if (found == turns_.end()) return;
  WatchedTurn& turn = found->second;
  judge_pace(turn, exchange);
  turn.waiting_at.reset();
  if (turn.seen != Seen::terminal) ++turn.polls;
  const auto body = Body::parse(exchange.succeeded() ? exchange.reply.body : "");
  const std::string status = body ? text_of(*body, "status") : "";
  if (!status.empty()) judge_stop(turn, exchange, status);
  look(turn, exchange);
  if (status.empty()) return note_failure(turn.job, exchange);
  note_success(turn.job);
  turn.looks += 2;
  see(found->first, turn, exchange, status);
  if (turn.seen == Seen::waiting) turn.waiting_at = exchange.sent();
}

void TurnWatch::read_timeline(const Exchange& exchange) {
  const std::string job = id_in_path(exchange);
  if (!jobs_.contains(job)) return;
  if (!exchange.succeeded()) return note_failure(job, exchange);
  if (waiting_ == 0 && !exchange.struck) return note_success(job);  // nothing can be new
  const auto body = Body::parse(exchange.reply.body);
  const nlohmann::json* messages = body ? body->find("messages") : nullptr;
  if (messages == nullptr || !messages->is_array()) return note_failure(job, exchange);
  note_success(job);
  for (const nlohmann::json& message : *messages) {
    const auto found = turns_.find(text_of(message, "id"));
    if (found == turns_.end() || found->second.seen == Seen::terminal) continue;
    look(found->second, exchange);
    ++found->second.looks;
    ++found->second.timelines;
    see(found->first, found->second, exchange, text_of(message, "status"));
    if (found->second.seen == Seen::terminal) stops_.test();
  }
}

void TurnWatch::note_failure(const std::string& job, const Exchange& exchange) {
  const auto found = jobs_.find(job);
  if (found == jobs_.end()) return;
  found->second.failure = Failure{exchange.sent(), exchange.request.connection};
}

void TurnWatch::note_success(const std::string& job) {
  const auto found = jobs_.find(job);
  if (found != jobs_.end()) found->second.failure.reset();
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
  const bool polled = std::erase(turn.pollers, exchange.request.connection) > 0;
  if (!is_terminal(status)) {
    if (turn.pollers.size() < kMostPollers) turn.pollers.push_back(exchange.request.connection);
    return;
  }
  stops_.test();
  if (!turn.over_at) {
    turn.over_at = exchange.sent();
    return;
  }
  if (exchange.let_go) return;  // it came before, whatever it saw
  const auto since = exchange.received.ms_since(*turn.over_at);
  if (since && *since < 0) return;           // the terminal status was still on its way
  if (polled && !options_.in_suite) return;  // one of several that wait has to be told, too
  const auto pause = exchange.received.ms_since(turn.looked_at.value_or(*turn.over_at));
  if (pause && *pause > patience_ms(turn, kLongPauseMs)) return;
  if (++turn.polls_after_end > kLooksBack) {
    stops_.prove("a message was polled on after its terminal status had been delivered",
                 evidence_of(exchange, status));
  }
}

void TurnWatch::look(WatchedTurn& turn, const Exchange& exchange) {
  if (!turn.looked_at) {
    turn.first_look = exchange.received;
  } else if (turn.seen != Seen::terminal) {  // else it no longer waits
    const auto pause = exchange.received.ms_since(*turn.looked_at);
    turn.longest_pause_ms = std::max(turn.longest_pause_ms, pause.value_or(0));
  }
  turn.looked_at = exchange.sent();
  turn.connection = exchange.request.connection;
  turn.no_end = exchange.no_end;
  turn.asked_anew.reset();
}

// For how long a client that goes on may do nothing.
std::int64_t TurnWatch::patience_ms(const WatchedTurn& turn, std::int64_t least) {
  return std::max(least, 2 * turn.longest_pause_ms);
}

void TurnWatch::see(const std::string& message, WatchedTurn& turn, const Exchange& exchange,
                    std::string_view status) {
  if (turn.seen == Seen::terminal) return;
  if (!is_terminal(status)) {
    turn.last_look = evidence_of(exchange, status);
    turn.seen = status == "queued" || status == "pending" ? Seen::waiting : Seen::other;
    return;
  }
  turn.seen = Seen::terminal;
  turn.last_look = {};
  --waiting_;
  WatchedJob& job = jobs_[turn.job];
  job.ended = message;
  job.ended_at = exchange.number;
  count_answer(turn, exchange);
}

void TurnWatch::count_answer(const WatchedTurn& turn, const Exchange& exchange) {
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
  if (found == turns_.end()) return false;
  const WatchedTurn& turn = found->second;
  return turn.seen == Seen::terminal || turn.superseded || is_deadline(turn);
}

// What only traffic shows. A client that stopped at an error, or at a status that is no status of
// the API, is another rule's business.
bool TurnWatch::is_abandoned(const WatchedTurn& turn) const {
  const auto job = jobs_.find(turn.job);
  const bool failed = job != jobs_.end() && job->second.failure;
  return turn.seen == Seen::waiting && turn.looks >= 2 && !failed && !turn.superseded;
}

bool TurnWatch::is_deadline(const WatchedTurn& turn) {
  if (std::max(turn.polls, turn.timelines) >= kPatientPolls) return true;
  const auto watched = turn.looked_at ? turn.looked_at->ms_since(turn.first_look) : std::nullopt;
  return watched && *watched >= kPatientMs;
}

// What may be the reason that the client left the turn, other than that it is wrong; "" for none.
std::string TurnWatch::excuse(const WatchedTurn& turn, const RunEnd& end) const {
  if (!turn.no_end.empty()) {
    return "a turn was left that could not end: " + std::string(turn.no_end);
  }
  if (jobs_.at(turn.job).is_awaited) return "a turn was left while a reply about it was held";
  if (is_deadline(turn)) return "a message was given up after long polling, as at a deadline";
  if (end.by.empty()) return "";
  const auto since = end_of(end, newest_).ms_since(*turn.looked_at);
  const std::int64_t patience =
      turn.longest_pause_ms > 0 ? patience_ms(turn, kHiccupMs) : kLongPauseMs;
  if (since && *since > patience) return "";
  return "a turn was waited for when " + std::string(end.by);
}

// The evidence for a turn that was left. Who took another prompt's answer for its own saw that one.
Evidence TurnWatch::last_look(const std::string& message, const WatchedTurn& turn) const {
  Evidence evidence = turn.last_look;
  if (evidence.text.find(message) == std::string::npos) evidence.text += "; message " + message;
  evidence.text += "; prompt " + turn.prompt + " of #" + std::to_string(turn.number);
  const WatchedJob& job = jobs_.at(turn.job);
  if (job.ended_at < turn.number) return evidence;
  const WatchedTurn& other = turns_.at(job.ended);
  evidence.text += "; meanwhile the prompt " + other.prompt + " of #" +
                   std::to_string(other.number) + " in the same conversation had ended";
  return evidence;
}

Finding TurnWatch::until_terminal(const RunEnd& end) const {
  Finding finding("polls-until-terminal",
                  "no turn that the client began was seen to end, or left where that tells more");
  std::vector<Evidence> abandoned;
  for (const auto& [message, turn] : turns_) {
    if (turn.seen == Seen::terminal) finding.test();
    if (!is_abandoned(turn)) continue;
    const std::string why = excuse(turn, end);
    if (why.empty()) {
      abandoned.push_back(last_look(message, turn));
    } else {
      finding.doubt(why);
    }
  }
  finding.prove_all("a message was abandoned before it was completed or failed",
                    std::move(abandoned));
  return finding;
}

Finding TurnWatch::once() const {
  Finding finding = once_;
  std::vector<Evidence> anew;
  for (const auto& [message, turn] : turns_) {
    if (turn.asked_anew) anew.push_back(*turn.asked_anew);
  }
  finding.prove_all("a prompt was sent again, and its first turn was left while it went on",
                    std::move(anew));
  return finding;
}

void TurnWatch::report(const RunEnd& end, std::vector<Verdict>& verdicts) const {
  for (Finding finding : {until_terminal(end), stops_, once(), pace_}) {
    if (overflowed_) finding.doubt(kTooMany);
    verdicts.push_back(finding.verdict(options_.in_suite));
  }
}

}  // namespace nairi::mock
