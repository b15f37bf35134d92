#include "engine/play/playback.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/state/message_text.h"
#include "text/placeholders.h"

namespace nairi::mock {
namespace {

bool runs_a_tool(const Progress& progress) {
  return progress.progress_type == "tool_use" || progress.progress_type == "tool_heartbeat";
}

// Plays the running turn of one job. Made for one call and thrown away.
//
// A turn waits (not begun), runs through the stages of its script, and ends. It begins when it is
// the first of its job and the agent is deployed. On entering a stage its system messages are
// appended and the prompt takes its status, but for a terminal stage: there the answer, or the
// failure, comes first and the status last, so that whoever sees the status finds the answer. A
// terminal stage ends the turn at once, and the next one may begin at the same moment.
//
// What makes a stage end depends on the clock. Under the poll clock count_read() counts the reads
// of the job, after each was answered: a stage of two polls is seen twice. A stage of no polls is
// never seen, and settle() goes on through it. Under the other clocks play_until() compares times,
// before each look at the job; what was due in between is played then, with the times at which it
// was due.
class Player {
 public:
  Player(Organization& organization, Job& job) : organization_(organization), job_(job) {}

  // Goes on through everything that takes no time: waiting turns that may begin, ends of turns, and
  // stages without polls. A loop, because a caller decides how many prompts wait.
  void settle(std::int64_t at) {
    while (!job_.turns.empty()) {
      if (!turn().begun) {
        if (!agent().profile.deployed) return;  // assumed: nobody picks its messages up
        turn().begun = true;
        // Assumed: also when an earlier turn ended the job while this prompt waited.
        job_.status = JobStatus::active;
        enter_stage(0, at);
      } else if (is_terminal(stage().status)) {
        end_turn(at);
      } else if (by_polls() && stage().polls == 0 && !stage().endless) {
        enter_stage(turn().stage + 1, at);
      } else {
        return;
      }
    }
  }

  void play_until(std::int64_t now) {
    while (!job_.turns.empty() && turn().begun) {
      show_progress(progress_due(now));
      const std::int64_t end = turn().stage_began_at + duration_ms();
      if (stage().endless || end > now) return;
      enter_stage(turn().stage + 1, end);
      settle(end);
    }
  }

  void count_read() {
    if (job_.turns.empty() || !turn().begun || stage().endless) return;
    const std::int64_t share = stage().ms / stage().polls;
    ++turn().reads;
    if (turn().reads < stage().polls) {
      organization_.move_time(share);
      show_progress(progress_due(organization_.now()));
      return;
    }
    organization_.move_time(stage().ms -
                            share * (stage().polls - 1));  // what division left over too
    enter_stage(turn().stage + 1, organization_.now());
    settle(organization_.now());
  }

 private:
  PlayedTurn& turn() { return job_.turns.front(); }
  const Stage& stage() { return turn().choice.script->timeline[turn().stage]; }
  Agent& agent() { return organization_.agents()[job_.agent]; }
  Message& prompt() { return job_.messages[turn().user_message]; }
  bool by_polls() const { return organization_.universe().clock == ClockMode::poll; }

  std::int64_t duration_ms() {
    const auto ms = static_cast<double>(stage().ms);
    return static_cast<std::int64_t>(std::llround(ms / organization_.universe().speed));
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
      const Progress& progress = stage().progress[shown];
      if (job_.ask_mode && runs_a_tool(progress)) continue;  // REFERENCE: Progress envelope
      Fields fields = progress.fields;
      for (auto& field : fields) field.second = render(field.second);
      ProgressText text = progress_text(job_, prompt().id, progress.progress_type, fields);
      organization_.add_message(job_, Role::progress, std::move(text.content), progress_time(shown),
                                std::move(text.extra));
    }
  }

  void enter_stage(std::size_t index, std::int64_t at) {
    turn().stage = index;
    turn().stage_began_at = at;
    turn().reads = 0;
    turn().progress_shown = 0;
    for (const std::string& text : stage().system) {
      organization_.add_message(job_, Role::system, render(text), at);
    }
    show_progress(progress_due(at));
    if (!is_terminal(stage().status)) set_prompt_status(stage().status, at);
  }

  void end_turn(std::int64_t at) {
    if (stage().status == MessageStatus::failed) {
      fail_turn(at);
    } else {
      complete_turn(at);
    }
    set_prompt_status(stage().status, at);
    job_.turns.pop_front();
  }

  // The answer is there before the user message is completed: a client may stop at either
  // (REFERENCE: Messages).
  void complete_turn(std::int64_t at) {
    if (stage().reply) {
      std::vector<Ulid> files;
      for (const File& file : stage().attachments) {
        files.push_back(organization_.add_attachment(file.filename, file.bytes));
      }
      std::string extra;
      append_attachment_ids(extra, files);
      if (stage().usage) append_usage(extra, *stage().usage);
      organization_.add_message(job_, Role::assistant, render(*stage().reply), at,
                                std::move(extra));
    }
    if (!stage().job_status) return;
    job_.status = *stage().job_status;
    if (job_.status == JobStatus::completed) {
      organization_.add_message(job_, Role::system, "Job complete - " + render(stage().reason), at);
    }
  }

  void fail_turn(std::int64_t at) {
    organization_.add_message(job_, Role::system,
                              "nairid encountered error: " + render(stage().error), at);
    job_.status = JobStatus::error;
  }

  void set_prompt_status(MessageStatus status, std::int64_t at) {
    if (prompt().status == status) return;
    prompt().status = status;
    prompt().updated_at = at;
    job_.updated_at = std::max(job_.updated_at, at);
  }

  std::string render(std::string_view text) {
    if (!has_placeholders(text)) return std::string(text);
    const std::string job_id = job_id_text(job_);
    return fill_placeholders(
        text, {.prompt = prompt().content,
               .turn = turn().number,
               .agent_id = agent().profile.agent_id,
               .job_id = job_id,
               .previous_prompt = latest_before(turn().user_message, Role::user),
               .previous_reply = latest_before(job_.messages.size(), Role::assistant),
               .match = &turn().choice.match});
  }

  // The content of the newest message of that role before the index; empty when there is none.
  std::string_view latest_before(std::size_t index, Role role) const {
    while (index-- > 0) {
      if (job_.messages[index].role == role) return job_.messages[index].content;
    }
    return {};
  }

  Organization& organization_;
  Job& job_;
};

}  // namespace

Ulid add_prompt(Organization& organization, Job& job, std::string prompt,
                const std::vector<Ulid>& attachments) {
  PlayedTurn turn;
  turn.number = ++job.turns_taken;
  turn.user_message = job.messages.size();
  turn.choice = organization.universe().playbook.choose(
      {.agent_id = organization.agents()[job.agent].profile.agent_id,
       .text = prompt,
       .turn = turn.number,
       .ask_mode = job.ask_mode,
       .has_attachments = !attachments.empty()});
  const bool unmatched = organization.universe().playbook.is_default(turn.choice);
  std::string extra;
  append_attachment_ids(extra, attachments);
  Message& message = organization.add_message(job, Role::user, std::move(prompt),
                                              organization.now(), std::move(extra));
  message.status = MessageStatus::queued;
  const Ulid id = message.id;
  if (unmatched) {
    organization.add_unmatched({.message = id,
                                .job_id = job_id_text(job),
                                .agent_id = organization.agents()[job.agent].profile.agent_id,
                                .text = message.content.substr(0, Unmatched::kMostText),
                                .turn = turn.number,
                                .ask_mode = job.ask_mode,
                                .has_attachments = !attachments.empty()});
  }
  job.turns.push_back(std::move(turn));
  Player(organization, job).settle(organization.now());
  return id;
}

void catch_up(Organization& organization, Job& job) {
  if (organization.universe().clock == ClockMode::poll || job.turns.empty()) return;
  Player(organization, job).play_until(organization.now());
}

void count_read(Organization& organization, Job& job) {
  if (organization.universe().clock != ClockMode::poll) return;
  Player(organization, job).count_read();
}

void begin_waiting_turns(Organization& organization, Agent& agent) {
  for (const std::size_t index : agent.jobs) {
    Player(organization, organization.jobs()[index]).settle(organization.now());
  }
}

}  // namespace nairi::mock
