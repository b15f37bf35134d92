#include "world/readers.h"

#include <re2/re2.h>

#include <cstddef>
#include <limits>
#include <tuple>
#include <utility>

#include "world/enum_words.h"
#include "world/progress_reader.h"

namespace nairi::mock {
namespace {

constexpr std::int64_t kMaxPolls = 1'000'000;
// Clients poll about every 2 s (REFERENCE: GET /messages).
constexpr std::int64_t kMsPerPoll = 2000;
constexpr std::int64_t kMaxMs = kMaxPolls * kMsPerPoll;

// The number of groups; nullopt and a report when the pattern is bad.
std::optional<int> count_groups(const std::string& pattern, const Node& node) {
  const RE2 regex(pattern, RE2::Quiet);
  if (regex.ok()) return regex.NumberOfCapturingGroups();
  node.refuse("bad regex " + in_quotes(pattern) + ": " + regex.error());
  return std::nullopt;
}

// Gives how many groups the regex has, if there is one; a bad one counts as having every group, so
// that it is reported once.
std::optional<int> read_prompt(const Node& node, TurnMatch& match) {
  const ObjectReader prompt(node, {"equals", "contains", "regex"});
  match.prompt_equals = prompt.text("equals");
  match.prompt_contains = prompt.text("contains");
  match.prompt_regex = prompt.text("regex");
  if (prompt.is_object() && !prompt.has("equals") && !prompt.has("contains") &&
      !prompt.has("regex")) {
    node.refuse("expected at least one of \"equals\", \"contains\" and \"regex\"");
  }
  if (!prompt.has("regex")) return std::nullopt;
  constexpr int kEveryGroup = std::numeric_limits<int>::max();
  if (!match.prompt_regex) return kEveryGroup;
  return count_groups(*match.prompt_regex, *prompt.find("regex")).value_or(kEveryGroup);
}

// The matcher, and how many groups its regex has.
std::pair<TurnMatch, std::optional<int>> read_when(const Node& node, const WorldContext& context) {
  TurnMatch match;
  std::optional<int> groups;
  const ObjectReader when(node, {"agent_id", "prompt", "turn", "ask_mode", "has_attachments"});
  if (const auto agent = when.find("agent_id")) match.agent_id = context.names.known_agent(*agent);
  if (const auto prompt = when.find("prompt")) groups = read_prompt(*prompt, match);
  match.turn = when.integer("turn", {1, kMaxPolls});
  match.ask_mode = when.flag("ask_mode");
  match.has_attachments = when.flag("has_attachments");
  return {match, groups};
}

// What a turn may become of its job when it completes.
std::optional<JobStatus> ending_from(std::string_view word) {
  const auto status = job_status_from(word);
  const bool ending = status == JobStatus::completed || status == JobStatus::abandoned;
  return ending ? status : std::nullopt;
}

class TimelineReader {
 public:
  TimelineReader(const WorldContext& context, const TurnMatch& match, std::optional<int> groups)
      : context_(context), rules_{.groups = groups}, progress_(rules_, match.ask_mode == true) {}

  std::vector<Stage> read(const Node& node) {
    std::vector<Stage> stages;
    const std::size_t count = node.value->is_array() ? node.value->size() : 0;
    read_list(node, [&](const Node& stage) {
      stages.push_back(read_stage(stage, stages.size() + 1 == count));
    });
    if (node.value->is_array() && stages.empty()) node.refuse("expected at least one stage");
    return stages;
  }

 private:
  Stage read_stage(const Node& node, bool last) {
    const ObjectReader object(node, {"status", "polls", "ms", "progress", "system", "reply",
                                     "error", "attachments", "usage", "job_status", "reason"});
    Stage stage;
    read_texts(object, stage);
    read_duration(object, stage);
    stage.attachments = read_attachments(object, context_.open_file);
    stage.usage = read_usage(object);
    if (const auto ending = object.find("job_status")) {
      stage.job_status = read_word(*ending, {"completed", "abandoned"}, ending_from);
    }
    object.require("status");
    const auto status = read_enum(object, "status", kMessageStatusWords, message_status_from);
    if (!status) return stage;
    stage.status = *status;
    stage.endless = last && !is_terminal(*status);
    check_order(object, *status);
    check_duration(object, stage);
    check_outcome(object, stage);
    return stage;
  }

  void read_texts(const ObjectReader& object, Stage& stage) {
    object.list("progress", [&](const Node& node) {
      if (auto progress = progress_.read(node)) stage.progress.push_back(std::move(*progress));
    });
    object.list("system", [&](const Node& node) {
      if (auto text = read_template(node, rules_)) stage.system.push_back(std::move(*text));
    });
    const auto text = [&](std::string_view key) {
      const auto node = object.find(key);
      return node ? read_template(*node, rules_) : std::nullopt;
    };
    stage.reply = text("reply");
    stage.error = text("error").value_or("");
    stage.reason = text("reason").value_or("");
  }

  static void read_duration(const ObjectReader& object, Stage& stage) {
    stage.polls = object.integer("polls", {0, kMaxPolls}).value_or(1);
    stage.ms = object.integer("ms", {0, kMaxMs}).value_or(stage.polls * kMsPerPoll);
  }

  // queued, then pending, then one terminal stage (REFERENCE: Messages).
  void check_order(const ObjectReader& object, MessageStatus status) {
    if (previous_ && is_terminal(*previous_)) {
      object.node().refuse("no stage can follow " + in_quotes(to_string(*previous_)) +
                           ": it is terminal");
    } else if (previous_ && status < *previous_) {
      object.find("status")->refuse(in_quotes(to_string(status)) + " can't follow " +
                                    in_quotes(to_string(*previous_)) +
                                    ": the order is queued, pending, completed or failed");
    }
    previous_ = status;
  }

  static void check_duration(const ObjectReader& object, const Stage& stage) {
    const Words durations = {"polls", "ms"};
    if (is_terminal(stage.status)) {
      object.refuse_keys(durations, "has no effect in a terminal stage: it lasts for ever");
    } else if (stage.endless) {
      object.refuse_keys(durations, "has no effect in the last stage: the turn never leaves it");
    }
    if (stage.status == MessageStatus::queued) {
      object.refuse_keys({"progress"}, "can't appear in a queued stage: no agent works on it yet");
    }
  }

  void check_outcome(const ObjectReader& object, const Stage& stage) {
    if (stage.status == MessageStatus::failed) {
      object.require("error");
    } else {
      object.refuse_keys({"error"}, "belongs to a failed stage");
    }
    if (stage.status == MessageStatus::completed) {
      if (!object.has("reply")) object.refuse_keys({"attachments", "usage"}, "needs a \"reply\"");
      progress_.check_reply(stage.reply, object.find("reply").value_or(object.node()));
    } else {
      object.refuse_keys({"reply", "attachments", "usage", "job_status"},
                         "belongs to a completed stage");
    }
    if (stage.job_status != JobStatus::completed) {
      object.refuse_keys({"reason"}, "needs \"job_status\": \"completed\"");
    }
  }

  const WorldContext& context_;
  TextRules rules_;
  ProgressReader progress_;
  std::optional<MessageStatus> previous_;
};

}  // namespace

TurnScript read_turn(const Node& node, const WorldContext& context) {
  const ObjectReader object(node, {"when", "timeline"});
  TurnScript turn;
  std::optional<int> groups;
  if (const auto when = object.find("when")) {
    std::tie(turn.when, groups) = read_when(*when, context);
  }
  if (const auto timeline = object.require("timeline")) {
    turn.timeline = TimelineReader(context, turn.when, groups).read(*timeline);
  }
  return turn;
}

}  // namespace nairi::mock
