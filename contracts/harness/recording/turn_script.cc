#include "harness/recording/turn_script.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "harness/recording/recorded_call.h"
#include "harness/recording/stages.h"

namespace nairi::contracts {
namespace {

using ScriptJson = nlohmann::ordered_json;

constexpr std::int64_t kUsPerScriptMs = 1000;
// REFERENCE: Messages.
constexpr std::string_view kErrorText = "nairid encountered error: ";
constexpr std::string_view kCompleteText = "Job complete - ";
constexpr std::string_view kUnseen = "no read showed this";

std::int64_t between(std::int64_t low, std::int64_t value, std::int64_t high) {
  return std::max(low, std::min(value, high));
}

// Tells one turn.
class TurnTeller {
 public:
  // `begin` is when it begins to run: `begin.read` is the first read that sees it so. `next`: the
  // turn behind it; null for none.
  TurnTeller(const JobStory& story, const StoryTurn& turn, const StoryTurn* next, StoryMoment begin,
             const FilePathOf& path_of)
      : story_(story), turn_(turn), next_(next), begin_(std::move(begin)), path_of_(path_of) {}

  // When it is over; nullopt when that was not seen. `latest`: a read that shows it over.
  std::optional<StoryMoment> end(std::optional<std::size_t> latest) const {
    if (turn_.has_ended()) return end_at(turn_.statuses.back().when, latest);
    if (!latest) return std::nullopt;
    const std::size_t last = turn_.statuses.empty() ? 0 : turn_.statuses.back().last;
    return end_at({last, *latest}, latest);
  }

  ScriptJson tell(const std::optional<StoryMoment>& end) {
    Stages stages(first_status(), begin_);
    if (end && no_status_was_seen_before_the_end()) stages.remark(std::string(kUnseen));
    const std::vector<Step> steps = steps_until(end);
    for (const Step& step : steps) {
      step.said == nullptr ? stages.move_to(step.status, step.when)
                           : stages.say(saying(*step.said, false), step.when);
    }
    if (!end) {
      stages.remark("the recording ended before this turn did");
      return stages.endless();
    }
    ScriptJson terminal = {
        {"status", turn_.has_ended() ? turn_.statuses.back().status : "completed"}};
    ScriptJson all = stages.until(*end, terminal);
    add_outcome(terminal, *end);
    all.push_back(std::move(terminal));
    return all;
  }

 private:
  // Another status, or something that is said.
  struct Step {
    StoryMoment when;
    std::string status = {};
    const StoryMessage* said = nullptr;
  };

  StoryMoment end_at(StorySighting seen, std::optional<std::size_t> latest) const {
    if (latest && *latest<seen.seen&& * latest> seen.missing) {
      seen.seen = *latest;
    }
    StoryMoment when = place(seen);
    return when;
  }

  // Where it stands among the reads, and at which millisecond: both of what the service says, but
  // never before a read that did not show it, nor after one that did.
  StoryMoment place(const StorySighting& seen) const {
    const std::size_t low = std::max(seen.missing + 1, begin_.read);
    const std::size_t high = std::max(low, seen.seen);
    const auto said = said_us(seen);
    StoryMoment when;
    when.read = std::min(said ? read_at(low, high, *said) : high, story_.reads());
    when.read = std::max(when.read, low);
    if (low < high) {
      when.guess = "seen after read " + std::to_string(low - 1) + " and by read " +
                   std::to_string(high) + " of the job, not exactly here";
    }
    when.ms = moment_ms(when.read, said);
    return when;
  }

  std::int64_t moment_ms(std::size_t read, std::optional<std::int64_t> said) const {
    const bool has_read_before = read > turn_.posted_after + 1 && read - 1 <= story_.reads();
    const std::int64_t low = std::max(
        has_read_before ? story_.read(read - 1).ended_us : turn_.posted_us, turn_.posted_us);
    const std::int64_t high =
        read <= story_.reads() ? std::max(low, story_.read(read).began_us) : low;
    const std::int64_t us = between(low, said.value_or(low + ((high - low) / 2)), high);
    // Clocks count milliseconds: a read of the same one would see it.
    const std::int64_t ms = std::max(us / kUsPerScriptMs, (low / kUsPerScriptMs) + 1);
    return std::max(begin_.ms, std::min(ms, std::max(high / kUsPerScriptMs, low / kUsPerScriptMs)));
  }

  // The service's time of it on the recorder's clock: both know when the prompt came.
  std::optional<std::int64_t> said_us(const StorySighting& seen) const {
    if (!seen.at_ms || !turn_.created_ms || turn_.is_seeded) return std::nullopt;
    return turn_.posted_us + ((*seen.at_ms - *turn_.created_ms) * kUsPerScriptMs);
  }

  // The first read from `low` to `high` that began at that time or later.
  std::size_t read_at(std::size_t low, std::size_t high, std::int64_t us) const {
    while (low < high) {
      const std::size_t middle = low + ((high - low) / 2);
      const bool is_late = middle <= story_.reads() && story_.read(middle).began_us < us;
      is_late ? low = middle + 1 : high = middle;
    }
    return low;
  }

  // The statuses that the script has to show: a prompt that waits for its turn is queued by itself.
  std::vector<const SeenStatus*> own_statuses() const {
    std::vector<const SeenStatus*> own;
    for (const SeenStatus& status : turn_.statuses) {
      if (status.last >= begin_.read && !is_final(status.status)) own.push_back(&status);
    }
    return own;
  }

  bool no_status_was_seen_before_the_end() const { return own_statuses().empty(); }

  std::string first_status() const {
    const auto own = own_statuses();
    if (!own.empty()) return world_status(own.front()->status);
    return "pending";
  }

  std::vector<Step> steps_until(const std::optional<StoryMoment>& end) {
    std::vector<Step> steps = status_steps(end);
    std::vector<Step> sayings = saying_steps(end);
    std::vector<Step> all;
    std::merge(steps.begin(), steps.end(), sayings.begin(), sayings.end(), std::back_inserter(all),
               [](const Step& left, const Step& right) {
                 return std::pair(left.when.read, left.when.ms) <
                        std::pair(right.when.read, right.when.ms);
               });
    return all;
  }

  std::vector<Step> status_steps(const std::optional<StoryMoment>& end) const {
    std::vector<Step> steps;
    std::string status = first_status();
    for (const SeenStatus* seen : own_statuses()) {
      const std::string next = world_status(seen->status);
      if (next == status || next == "queued") continue;  // it can't go back there
      status = next;
      steps.push_back({not_behind(place(seen->when), end), status});
    }
    if (!end || status != "queued") return steps;
    // REFERENCE: Messages: an agent works on it first.
    StoryMoment guess = *end;
    guess.guess = kUnseen;
    steps.push_back({guess, "pending"});
    return steps;
  }

  static StoryMoment not_behind(StoryMoment when, const std::optional<StoryMoment>& end) {
    if (!end) return when;
    const bool is_behind = when.read > end->read || (when.read == end->read && when.ms > end->ms);
    if (is_behind) when = {end->read, end->ms, when.guess};
    when.ms = std::min(when.ms, end->ms);
    return when;
  }

  // What is said while the turn runs; what belongs to its end, or comes behind it, is kept for
  // add_outcome().
  std::vector<Step> saying_steps(const std::optional<StoryMoment>& end) {
    const std::size_t count = end ? count_before_outcome(*end) : turn_.messages.size();
    std::vector<Step> steps;
    StoryMoment last = begin_;
    for (std::size_t i = 0; i < count; ++i) {
      const StoryMessage& message = turn_.messages[i];
      StoryMoment when = not_behind(place(message.when), end);
      if (when.read < last.read) when = {last.read, last.ms, when.guess};
      when.ms = std::max(when.ms, last.ms);
      last = when;
      if (is_sayable(message.shown)) steps.push_back({when, {}, &message});
    }
    outcome_ = count;
    return steps;
  }

  // Whether the end's read may be the first that could show the message.
  static bool may_come_with(const StoryMessage& message, const StoryMoment& end) {
    return message.when.missing < end.read && end.read <= message.when.seen;
  }

  // How many messages come before the answer, or before what tells of the failure.
  std::size_t count_before_outcome(const StoryMoment& end) const {
    const auto& messages = turn_.messages;
    const bool failed = turn_.has_ended() && turn_.statuses.back().status == "failed";
    for (std::size_t i = messages.size(); i-- > 0;) {
      if (is_outcome(messages[i], failed) && may_come_with(messages[i], end)) {
        return failed ? first_error(i, end) : i;
      }
    }
    std::size_t count = 0;
    while (count < messages.size() && comes_before(messages[count], end)) ++count;
    return count;
  }

  static bool is_outcome(const StoryMessage& message, bool failed) {
    const std::string role = text_in(message.shown, "role");
    return failed ? role == "system"
                  : role == "assistant" && is_final(text_in(message.first, "status"));
  }

  // Several messages can tell of one failure.
  std::size_t first_error(std::size_t last, const StoryMoment& end) const {
    const auto is_error = [&](std::size_t i) {
      const StoryMessage& message = turn_.messages[i];
      return may_come_with(message, end) &&
             text_in(message.shown, "content").starts_with(kErrorText);
    };
    std::size_t first = last;
    for (std::size_t i = 0; i <= last; ++i) {
      if (is_error(i)) return i;
    }
    return first;
  }

  bool comes_before(const StoryMessage& message, const StoryMoment& end) const {
    if (message.when.seen < end.read) return true;
    if (message.when.missing >= end.read) return false;
    if (text_in(message.shown, "role") == "progress") return true;
    const auto said = said_us(message.when);
    return said && *said / kUsPerScriptMs < end.ms;
  }

  // The answer that takes the place of a draft, which is told already.
  const StoryMessage* finished_draft() const {
    for (std::size_t i = outcome_; i-- > 0;) {
      const StoryMessage& message = turn_.messages[i];
      const bool is_draft = text_in(message.shown, "role") == "assistant" &&
                            !is_final(text_in(message.first, "status"));
      if (is_draft && text_in(message.shown, "status") == "completed") return &message;
    }
    return nullptr;
  }

  void add_outcome(ScriptJson& terminal, const StoryMoment& end) {
    std::size_t next = outcome_;
    const auto& messages = turn_.messages;
    const bool failed = terminal["status"] == "failed";
    if (!failed) {
      const bool answers = next < messages.size() && is_outcome(messages[next], false) &&
                           may_come_with(messages[next], end);
      const StoryMessage* reply = answers ? &messages[next++] : finished_draft();
      if (reply != nullptr) add_reply(terminal, reply->shown, story_.id(), path_of_);
    } else {
      next = add_errors(terminal, end, next);
    }
    if (!turn_.has_ended()) {
      terminal["x-interpolated"] = "no read showed how it ended";
    } else if (!end.guess.empty() && !terminal.contains("x-interpolated")) {
      terminal["x-interpolated"] = end.guess;
    }
    add_rest(terminal, end, next);
  }

  std::size_t add_errors(ScriptJson& terminal, const StoryMoment& end, std::size_t next) const {
    ScriptJson errors = ScriptJson::array();
    for (; next < turn_.messages.size(); ++next) {
      const std::string text = text_in(turn_.messages[next].shown, "content");
      const bool belongs = text.starts_with(kErrorText) && may_come_with(turn_.messages[next], end);
      if (!belongs) break;
      errors.push_back(as_template(text.substr(kErrorText.size())));
    }
    if (!errors.empty()) {
      terminal["error"] = errors.size() == 1 ? errors.front() : errors;
    } else {
      add_other_details(terminal, end, next);
    }
    return next;
  }

  // A failure without the usual words.
  void add_other_details(ScriptJson& terminal, const StoryMoment& end, std::size_t& next) const {
    terminal["system"] = ScriptJson::array();
    const bool tells = next < turn_.messages.size() && is_outcome(turn_.messages[next], true) &&
                       may_come_with(turn_.messages[next], end);
    if (tells) {
      terminal["system"].push_back(as_template(text_in(turn_.messages[next++].shown, "content")));
    } else if (next == 0 && story_.reads() > 0 && turn_.messages.empty()) {
      terminal["error"] = "the recording does not show why";
      terminal["x-interpolated"] = "no read showed why it failed";
      terminal.erase("system");
    }
  }

  // What comes with the end and behind it.
  void add_rest(ScriptJson& terminal, const StoryMoment& end, std::size_t next) {
    StoryMoment last = end;
    ScriptJson later = ScriptJson::array();
    for (; next < turn_.messages.size(); ++next) {
      const StoryMessage& message = turn_.messages[next];
      if (!is_sayable(message.shown)) continue;
      StoryMoment when = before_next(place(message.when), message.when);
      when.read = std::max(when.read, last.read);
      when.ms = std::max(when.ms, last.ms);
      ScriptJson& entry = entry_for(message, when, last, terminal, later);
      add_to(entry, message);
      if (&entry != &terminal && !when.guess.empty()) entry["x-interpolated"] = when.guess;
      last = when;
    }
    if (!later.empty()) terminal["later"] = std::move(later);
  }

  // It stands above the next prompt, which may have been on its way to the service already; but not
  // so early that the read which did not show it would.
  StoryMoment before_next(StoryMoment when, const StorySighting& seen) const {
    if (next_ == nullptr) return when;
    const bool was_missed = seen.missing > 0 && seen.missing <= story_.reads();
    const std::int64_t earliest =
        was_missed ? (story_.read(seen.missing).began_us / kUsPerScriptMs) + 1 : 0;
    when.read = std::min(when.read, next_->posted_after + 1);
    when.ms = std::max(std::min(when.ms, next_->sent_us / kUsPerScriptMs), earliest);
    return when;
  }

  // Where the message can stand, so that it comes in its order.
  ScriptJson& entry_for(const StoryMessage& message, const StoryMoment& when,
                        const StoryMoment& last, ScriptJson& terminal, ScriptJson& later) const {
    ScriptJson& open = later.empty() ? terminal : later.back();
    const std::string key(saying(message, true).key);
    const bool is_failed_end = later.empty() && terminal["status"] == "failed";
    const bool fits = when == last && !is_failed_end && !open.contains("job_status") &&
                      !(key == "system" && open.contains("messages")) &&
                      !(key == "progress" &&
                        (later.empty() || open.contains("system") || open.contains("messages")));
    if (fits) return open;
    ScriptJson entry = ScriptJson::object();
    add_duration(entry, last, when);
    later.push_back(std::move(entry));
    return later.back();
  }

  void add_to(ScriptJson& entry, const StoryMessage& message) const {
    const std::string text = text_in(message.shown, "content");
    // A job that is completed takes no prompts any more: when this one did, it was only said to be.
    const bool completes = text_in(message.shown, "role") == "system" && next_ == nullptr &&
                           text.starts_with(kCompleteText);
    if (completes) {
      entry["job_status"] = "completed";
      entry["reason"] = as_template(text.substr(kCompleteText.size()));
      return;
    }
    Saying said = saying(message, true);
    entry[std::string(said.key)].push_back(std::move(said.what));
  }

  // `is_last`: as it was last seen; else as it was at first, which may be a draft. A service may
  // have shown it under an odd role first.
  Saying saying(const StoryMessage& message, bool is_last) const {
    const bool is_first = !is_last && is_sayable(message.first);
    return saying_of(is_first ? message.first : message.shown, story_.id(), path_of_);
  }

  std::string as_template(const std::string& text) const { return template_of(text, story_.id()); }

  const JobStory& story_;
  const StoryTurn& turn_;
  const StoryTurn* next_;
  StoryMoment begin_;
  const FilePathOf& path_of_;
  std::size_t outcome_ = 0;  // the first message that belongs to the end or comes behind it
};

// What lists showed of the job between the turn's end and the next prompt, where it is not what
// becomes of it by itself. Lists are no reads, so it happens right behind the last read before one.
void add_listed_statuses(const JobStory& story, const StoryMoment& end, const StoryTurn* next,
                         ScriptJson& terminal) {
  std::string status = terminal["status"] == "failed" ? "error" : "active";
  StoryMoment last = end;
  if (terminal.contains("later")) return;  // which may say itself what becomes of it
  for (const JobStory::ListedStatus& listed : story.listed_statuses()) {
    if (listed.last + 1 < end.read || (next != nullptr && listed.first > next->posted_after))
      continue;
    const bool can_be_said = listed.status == "active" || listed.status == "error" ||
                             (listed.status == "abandoned" && next == nullptr);
    if (listed.status == status || !can_be_said || terminal.contains("reason")) continue;
    status = listed.status;
    const StoryMoment when = {std::max(listed.first + 1, last.read),
                              std::max(listed.us / kUsPerScriptMs, last.ms)};
    if (&listed == &story.listed_statuses().front() || listed.first + 1 <= end.read) {
      terminal["job_status"] = status;
      continue;
    }
    ScriptJson entry = ScriptJson::object();
    add_duration(entry, last, when);
    entry["job_status"] = status;
    terminal["later"].push_back(std::move(entry));
    last = when;
  }
}

// The first read that showed an agent at work on the turn.
std::optional<std::size_t> first_at_work(const StoryTurn& turn) {
  for (const SeenStatus& status : turn.statuses) {
    if (status.status != "queued") return status.when.seen;
  }
  return std::nullopt;
}

}  // namespace

std::vector<ScriptJson> timelines_of(const JobStory& story, const FilePathOf& path_of) {
  std::vector<ScriptJson> timelines;
  const auto& turns = story.turns();
  StoryMoment free;  // when the turn before was over
  bool is_free = true;
  for (std::size_t i = 0; i < turns.size(); ++i) {
    const StoryTurn& turn = turns[i];
    StoryMoment begin = {turn.posted_after + 1, turn.sent_us / kUsPerScriptMs};
    begin.read = std::max(begin.read, free.read);
    begin.ms = std::max(begin.ms, free.ms);
    const StoryTurn* next = i + 1 < turns.size() ? &turns[i + 1] : nullptr;
    TurnTeller teller(story, turn, next, begin, path_of);
    auto end = teller.end(next != nullptr ? first_at_work(*next) : std::nullopt);
    ScriptJson timeline = is_free ? teller.tell(end) : ScriptJson::array({{{"status", "queued"}}});
    if (is_free && end) add_listed_statuses(story, *end, next, timeline.back());
    timelines.push_back(std::move(timeline));
    is_free = is_free && end;
    if (end) free = *end;
  }
  return timelines;
}

}  // namespace nairi::contracts
