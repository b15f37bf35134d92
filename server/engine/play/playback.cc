#include "engine/play/playback.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "engine/play/narrator.h"
#include "engine/state/message_text.h"

namespace nairi::mock {
namespace {

// What becomes of a message to an agent that is not deployed, where a ledger says so. Assumed: the
// text.
const TurnScript& undeployed_script() {
  static const TurnScript script = [] {
    Stage failed;
    failed.status = MessageStatus::failed;
    failed.errors = {"the agent is not deployed"};
    TurnScript made;
    made.timeline = {failed};
    return made;
  }();
  return script;
}

// Plays the turns of one job. Made for one call and thrown away.
//
// A turn waits (not begun), runs through the stages of its script, and ends. It begins when it is
// the first of its job and the agent is deployed. On entering a stage its system messages are
// appended and the prompt takes its status, but for a completed stage: there the answer comes
// first, then the status, so that whoever sees the status finds the answer, and everything else
// behind it, as the agents' daemon does. A terminal stage ends the turn at once, and the next one
// may begin at the same moment.
//
// A script may say what comes later, after the end of its turn. Such a turn waits among those that
// ended, and holds up nobody. Assumed: it is told whatever has become of the job meanwhile; and of
// what is due at the same moment, that of the older turn comes first.
//
// What makes a stage end depends on the clock. Under the poll clock count_read() counts the reads
// of the job, after each was answered: a stage of two polls is seen twice. A stage of no polls is
// never seen, and settle() goes on through it. Under the other clocks play_until() compares times,
// before each look at the job; what was due in between is played then, with the times at which it
// was due, and in their order.
class Player {
 public:
  Player(Organization& organization, Job& job) : organization_(organization), job_(job) {}

  // Goes on through everything that takes no time: waiting turns that may begin, ends of turns, and
  // stages without polls. A loop, because a caller decides how many prompts wait.
  void settle(std::int64_t at) {
    while (!job_.turns.empty()) {
      if (!turn().begun) {
        if (!begin_turn(at)) return;
      } else if (is_terminal(stage().status)) {
        end_turn(at);
      } else if (by_polls() && stage().polls == 0 && !stage().endless) {
        enter_stage(turn().stage + 1, at);
      } else {
        return;
      }
    }
  }

  // Lets a turn begin that was to be seen queued first, once time has gone by. It lasts no longer
  // for that.
  void release(std::int64_t now) {
    if (job_.turns.empty() || !turn().held || by_polls()) return;
    const std::int64_t asked_at = prompt().created_at;
    if (now <= asked_at) return;
    turn().held = false;
    settle(asked_at);
  }

  void play_until(std::int64_t now) {
    while (true) {
      const auto next = std::min_element(job_.ended.begin(), job_.ended.end(),
                                         [&](const PlayedTurn& left, const PlayedTurn& right) {
                                           return later_due(left) < later_due(right);
                                         });
      const bool is_due = next != job_.ended.end() && later_due(*next) <= now;
      if (play_stage_until(is_due ? later_due(*next) - 1 : now)) continue;
      if (!is_due) return;
      tell_later(next, later_due(*next));
    }
  }

  void count_read() {
    if (!job_.turns.empty() && turn().held) {
      turn().held = false;
      settle(organization_.now());
      return;
    }
    const bool runs = !job_.turns.empty() && turn().begun && !stage().endless;
    // While a turn runs, time moves as its stage says.
    if (!runs && !job_.ended.empty()) {
      const PlayedTurn& oldest = job_.ended.front();
      organization_.move_time(share(later(oldest), oldest.reads));
    }
    count_for_ended();
    if (runs) count_for_running();
  }

  // To be called after anything was played.
  void refile() { organization_.refile(job_, next_due()); }

 private:
  using Ended = std::list<PlayedTurn>::iterator;

  PlayedTurn& turn() { return job_.turns.front(); }
  const Message& prompt() { return job_.messages[turn().user_message]; }
  const Knobs& knobs() const { return organization_.knobs(); }
  const Stage& stage() { return turn().choice.script->timeline[turn().stage]; }
  static const Later& later(const PlayedTurn& ended) {
    return ended.choice.script->timeline[ended.stage].later[ended.later_told];
  }
  Agent& agent() { return organization_.agents()[job_.agent]; }
  Narrator narrate() { return {organization_, job_, turn()}; }
  bool by_polls() const { return organization_.universe().clock == ClockMode::poll; }

  std::int64_t scaled(std::int64_t ms) const {
    return static_cast<std::int64_t>(
        std::llround(static_cast<double>(ms) / organization_.universe().speed));
  }
  std::int64_t duration_ms() { return scaled(stage().ms); }
  bool comes_at_once(const Later& later) const {
    return by_polls() ? later.polls == 0 : scaled(later.ms) == 0;
  }
  std::int64_t later_due(const PlayedTurn& ended) const {
    return ended.stage_began_at + scaled(later(ended).ms);
  }

  // How far the next read moves the time of something that lasts so many polls and milliseconds;
  // the last one by what division left over too.
  template <typename Lasting>
  static std::int64_t share(const Lasting& lasting, std::int64_t reads) {
    const std::int64_t even = lasting.ms / lasting.polls;
    return reads + 1 < lasting.polls ? even : lasting.ms - even * (lasting.polls - 1);
  }

  // When settle() or play_until() has something to do, or before. Reads are nothing that happens by
  // itself.
  std::int64_t next_due() {
    std::int64_t due = kNeverDue;
    if (!job_.turns.empty() && !turn().begun) {
      due = !agent().profile->deployed ? kDueWhenDeployed : turn().held ? kNeverDue : kDueAtOnce;
    }
    if (by_polls()) return due;
    if (!job_.turns.empty() && turn().held) due = prompt().created_at + 1;
    if (!job_.turns.empty() && turn().begun && !stage().endless) due = next_of_stage();
    for (const PlayedTurn& ended : job_.ended) due = std::min(due, later_due(ended));
    return due;
  }
  std::int64_t next_of_stage() {
    const std::int64_t end = turn().stage_began_at + duration_ms();
    const std::size_t shown = turn().progress_shown;
    return shown < stage().progress.size() ? std::min(end, progress_time(shown)) : end;
  }

  void count_for_running() {
    organization_.move_time(share(stage(), turn().reads));
    ++turn().reads;
    if (turn().reads < stage().polls) {
      show_progress(progress_due(organization_.now()));
      return;
    }
    enter_stage(turn().stage + 1, organization_.now());
    settle(organization_.now());
  }

  void count_for_ended() {
    for (auto ended = job_.ended.begin(); ended != job_.ended.end();) {
      const auto counted = ended++;
      ++counted->reads;
      tell_what_was_read_for(counted);
    }
  }

  // Under the poll clock: what follows the last read, and what follows that at once.
  void tell_what_was_read_for(Ended ended) {
    bool waits = true;
    while (waits && ended->reads >= later(*ended).polls) {
      waits = tell_later(ended, organization_.now());
    }
  }

  // Whether more is to come of this turn.
  bool tell_later(Ended ended, std::int64_t at) {
    const Later& told = later(*ended);
    Narrator narrator(organization_, job_, *ended);
    for (const Progress& progress : told.progress) narrator.progress(progress, at);
    narrator.system(told.system, at);
    narrator.messages(told.messages, at);
    narrator.job_status(told.job_status, told.reason, at);
    ended->stage_began_at = at;
    ended->reads = 0;
    ++ended->later_told;
    const bool more = ended->later_told < ended->choice.script->timeline[ended->stage].later.size();
    if (!more) job_.ended.erase(ended);
    return more;
  }

  // Plays the running stage up to then; whether it ended.
  bool play_stage_until(std::int64_t then) {
    if (job_.turns.empty() || !turn().begun || turn().stage_began_at > then) return false;
    show_progress(progress_due(then));
    const std::int64_t end = turn().stage_began_at + duration_ms();
    if (stage().endless || end > then) return false;
    enter_stage(turn().stage + 1, end);
    settle(end);
    return true;
  }

  // How many of the stage's progress messages are there by now. Assumed: they are spread evenly
  // over the stage, the first at once.
  std::size_t progress_due(std::int64_t now) {
    const auto count = static_cast<std::int64_t>(stage().progress.size());
    if (is_terminal(stage().status) || stage().endless) return stage().progress.size();
    std::int64_t due = count;
    if (by_polls()) {
      const std::int64_t polls = std::max<std::int64_t>(stage().polls, 1);
      due = ((turn().reads + 1) * count + polls - 1) / polls;
    } else if (const std::int64_t passed = now - turn().stage_began_at; passed < duration_ms()) {
      due = passed * count / duration_ms() + 1;
    }
    return static_cast<std::size_t>(std::min(due, count));
  }

  // When the progress message with this index appears.
  std::int64_t progress_time(std::size_t index) {
    if (by_polls()) return organization_.now();
    if (stage().endless || is_terminal(stage().status)) return turn().stage_began_at;
    const auto count = static_cast<std::int64_t>(stage().progress.size());
    return turn().stage_began_at + static_cast<std::int64_t>(index) * duration_ms() / count;
  }

  void show_progress(std::size_t due) {
    for (std::size_t& shown = turn().progress_shown; shown < due; ++shown) {
      narrate().progress(stage().progress[shown], progress_time(shown));
    }
  }

  // Whether it could. Assumed: nobody picks up the messages of an agent that is not deployed.
  bool begin_turn(std::int64_t at) {
    const bool is_lost = !agent().profile->deployed;
    if (turn().held || (is_lost && !knobs().undeployed_fails)) return false;
    if (is_lost) turn().choice = {&undeployed_script(), {}};
    turn().begun = true;
    // Assumed: also when an earlier turn ended the job while this prompt waited.
    wake(organization_, job_);
    enter_stage(0, at);
    return true;
  }

  void enter_stage(std::size_t index, std::int64_t at) {
    turn().stage = index;
    turn().stage_began_at = at;
    turn().reads = 0;
    turn().progress_shown = 0;
    if (stage().status != MessageStatus::completed) say_beside(at);
    show_progress(progress_due(at));
    if (!is_terminal(stage().status)) narrate().prompt_status(stage().status, at);
  }

  // What a stage says besides its progress and its answer.
  void say_beside(std::int64_t at) {
    narrate().system(stage().system, at);
    narrate().messages(stage().messages, at);
  }

  // The answer or the failure is there before the user message has its last status: a client may
  // stop at either (REFERENCE: Messages). What else there is follows.
  void end_turn(std::int64_t at) {
    Narrator narrator = narrate();
    narrator.reply(stage(), at);
    narrator.errors(stage().errors, at);
    const bool is_good = stage().status == MessageStatus::completed;
    const bool is_first = is_good && knobs().completed_first;
    narrator.prompt_status(stage().status, is_first ? std::max(prompt().updated_at, at - 1) : at);
    if (is_good) succeed(at);
    const bool failed = stage().status == MessageStatus::failed;
    narrator.job_status(failed ? stage().job_status.value_or(JobStatus::error) : stage().job_status,
                        stage().reason, at);
    retire_turn(at);
  }

  void succeed(std::int64_t at) {
    if (knobs().retry_stays_in_error && job_.status == JobStatus::error) {
      narrate().job_status(JobStatus::active, "", at);
    }
    say_beside(at);
  }

  void retire_turn(std::int64_t at) {
    if (stage().later.empty()) {
      job_.turns.pop_front();
      return;
    }
    turn().stage_began_at = at;
    turn().reads = 0;
    job_.ended.splice(job_.ended.end(), job_.turns, job_.turns.begin());
    const auto ended = std::prev(job_.ended.end());
    bool waits = true;
    while (waits && comes_at_once(later(*ended))) waits = tell_later(ended, at);
  }

  Organization& organization_;
  Job& job_;
};

Message& add_user_message(Organization& organization, Job& job, std::string prompt,
                          const std::vector<Ulid>& attachments) {
  std::string extra;
  append_attachment_ids(extra, attachments);
  Message& message = organization.add_message(job, Role::user, std::move(prompt),
                                              organization.now(), std::move(extra));
  message.status = MessageStatus::queued;
  return message;
}

// Whether a new turn is to be seen queued before it begins: one that has to wait is anyway.
bool is_held(const Organization& organization, const Job& job, const PlayedTurn& turn) {
  const auto& first = turn.choice.script->timeline.front();
  return organization.knobs().begins_queued && job.turns.empty() &&
         first.status != MessageStatus::queued;
}

}  // namespace

bool has_ended(const Job& job) {
  return job.status == JobStatus::completed || job.status == JobStatus::abandoned;
}

void wake(const Organization& organization, Job& job) {
  if (job.status == JobStatus::error && organization.knobs().retry_stays_in_error) return;
  job.status = JobStatus::active;
}

Ulid add_idle_prompt(Organization& organization, Job& job, std::string prompt,
                     const std::vector<Ulid>& attachments) {
  const Ulid id = add_user_message(organization, job, std::move(prompt), attachments).id;
  organization.refile(job, job.due);
  return id;
}

Ulid add_prompt(Organization& organization, Job& job, std::string prompt,
                const std::vector<Ulid>& attachments) {
  PlayedTurn turn;
  turn.number = ++job.turns_taken;
  turn.user_message = job.messages.size();
  turn.choice = organization.universe().playbook.choose(
      {.agent_id = organization.agents()[job.agent].profile->agent_id,
       .text = prompt,
       .turn = turn.number,
       .ask_mode = job.ask_mode,
       .has_attachments = !attachments.empty()},
      organization.plays());
  organization.count_play(*turn.choice.script);
  const bool unmatched = organization.universe().playbook.is_default(turn.choice);
  const Message& message = add_user_message(organization, job, std::move(prompt), attachments);
  const Ulid id = message.id;
  if (unmatched) {
    organization.add_unmatched({.message = id,
                                .job_id = job_id_text(job),
                                .agent_id = organization.agents()[job.agent].profile->agent_id,
                                .text = message.content.substr(0, Unmatched::kMostText),
                                .turn = turn.number,
                                .ask_mode = job.ask_mode,
                                .has_attachments = !attachments.empty()});
  }
  turn.held = is_held(organization, job, turn);
  job.turns.push_back(std::move(turn));
  Player player(organization, job);
  player.settle(organization.now());
  player.refile();
  return id;
}

void catch_up(Organization& organization, Job& job) {
  if (job.turns.empty() && job.ended.empty()) return;
  Player player(organization, job);
  player.release(organization.now());
  player.settle(organization.now());  // begins a turn that was seeded
  if (organization.universe().clock != ClockMode::poll) player.play_until(organization.now());
  player.refile();
}

void catch_up_all(Organization& organization, const Agent& agent) {
  for (const auto job : organization.conversations(agent).due_by(organization.now())) {
    catch_up(organization, organization.job_of_age(job));
  }
}

void count_read(Organization& organization, Job& job) {
  if (organization.universe().clock != ClockMode::poll) return;
  if (job.turns.empty() && job.ended.empty()) return;
  Player player(organization, job);
  player.count_read();
  player.refile();
}

namespace {

// One that came when the job had ended, and was accepted (Knobs::continue_ended_status).
bool has_idle_prompt(const Organization& organization, const Job& job) {
  if (organization.knobs().continue_ended_status >= 400 || !has_ended(job)) return false;
  const auto is_idle = [](const Message& message) {
    return message.role == Role::user && message.status == MessageStatus::queued;
  };
  return std::any_of(job.messages.begin(), job.messages.end(), is_idle);
}

}  // namespace

std::string_view why_no_end(const Organization& organization, const Job& job) {
  if (job.turns.empty()) return has_idle_prompt(organization, job) ? "its job has ended" : "";
  const PlayedTurn& turn = job.turns.front();
  const auto& timeline = turn.choice.script->timeline;
  if (!turn.begun && !turn.held) return "its agent is not deployed";
  if (timeline.back().endless) return "its script has no end";
  const std::int64_t asked_at = job.messages[turn.user_message].created_at;
  const bool stands_still =
      organization.universe().clock == ClockMode::virtual_time && organization.now() == asked_at;
  return stands_still ? kTimeStandsStill : "";
}

void begin_waiting_turns(Organization& organization, Agent& agent) {
  for (const auto job : organization.conversations(agent).due_by(kDueWhenDeployed)) {
    Player player(organization, organization.job_of_age(job));
    player.settle(organization.now());
    player.refile();
  }
}

}  // namespace nairi::mock
