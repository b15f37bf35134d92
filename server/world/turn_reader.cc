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
    const ObjectReader object(
        node, {"status", "polls", "ms", "progress", "system", "messages", "reply", "error",
               "attachments", "usage", "job_status", "reason", "later"});
    Stage stage;
    read_said(object, stage);
    stage.reply = read_one(object, "reply");
    read_errors(object, stage);
    read_duration(object, stage);
    stage.attachments = read_attachments(object, context_.open_file);
    stage.usage = read_usage(object);
    object.require("status");
    const auto status = read_enum(object, "status", kMessageStatusWords, message_status_from);
    if (!status) return stage;
    stage.status = *status;
    stage.endless = last && !is_terminal(*status);
    check_order(object, *status);
    check_duration(object, stage);
    check_outcome(object, stage);
    // Last: its texts do not lead up to the reply.
    object.list("later", [&](const Node& later) { stage.later.push_back(read_later(later)); });
    return stage;
  }

  Later read_later(const Node& node) {
    const ObjectReader object(
        node, {"polls", "ms", "progress", "system", "messages", "job_status", "reason"});
    Later later;
    read_said(object, later);
    read_duration(object, later);
    if (object.is_object() && !object.has("progress") && !object.has("system") &&
        !object.has("messages") && !object.has("job_status")) {
      node.refuse(
          "expected at least one of \"progress\", \"system\", \"messages\" and "
          "\"job_status\"");
    }
    return later;
  }

  // What a stage and what comes later have in common.
  template <typename Saying>
  void read_said(const ObjectReader& object, Saying& saying) {
    object.list("progress", [&](const Node& node) {
      if (auto progress = progress_.read(node)) saying.progress.push_back(std::move(*progress));
    });
    object.list("system", [&](const Node& node) { read_into(saying.system, node); });
    object.list("messages", [&](const Node& node) {
      if (auto message = read_added(node)) saying.messages.push_back(std::move(*message));
    });
    saying.job_status = read_enum(object, "job_status", kJobStatusWords, job_status_from);
    saying.reason = read_one(object, "reason").value_or("");
    const auto becomes = object.find("job_status");
    if (!becomes || *becomes->value != "completed") {
      object.refuse_keys({"reason"}, "needs \"job_status\": \"completed\"");
    }
  }

  // A message of the assistant or the system, with all that it may have.
  std::optional<MessageSpec> read_added(const Node& node) {
    const ObjectReader object(node, {"role", "status", "content", "attachments", "usage"});
    auto message = read_message(object, context_.open_file);
    if (!message) return std::nullopt;
    message->content = read_one(object, "content").value_or("");
    if (message->role != Role::assistant && message->role != Role::system) {
      object.find("role")->expected("\"assistant\" or \"system\"");
    }
    check_spoken(object, message->role);
    if (message->role == Role::assistant) {
      // Assumed: no source says that there are such.
      node.remark("a turn's only message of the role assistant is its \"reply\"");
      answered_ = answered_ || message->status == MessageStatus::completed;
    }
    return message;
  }

  // One text, or several: a failed run of the agent sends two (REFERENCE: Messages).
  void read_errors(const ObjectReader& object, Stage& stage) {
    const auto node = object.find("error");
    if (!node) return;
    if (!node->value->is_array()) {
      read_into(stage.errors, *node);
      return;
    }
    read_list(*node, [&](const Node& error) { read_into(stage.errors, error); });
    if (node->value->empty()) node->refuse("expected at least one text");
  }

  std::optional<std::string> read_one(const ObjectReader& object, std::string_view key) const {
    const auto node = object.find(key);
    return node ? read_template(*node, rules_) : std::nullopt;
  }

  void read_into(std::vector<std::string>& texts, const Node& node) const {
    if (auto text = read_template(node, rules_)) texts.push_back(std::move(*text));
  }

  template <typename Lasting>
  static void read_duration(const ObjectReader& object, Lasting& lasting) {
    lasting.polls = object.integer("polls", {0, kMaxPolls}).value_or(1);
    lasting.ms = object.integer("ms", {0, kMaxMs}).value_or(lasting.polls * kMsPerPoll);
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
      // Clients look for a system message with the details (REFERENCE: Messages).
      if (!object.has("system") && !object.has("messages")) object.require("error");
      if (answered_) {
        object.node().remark("clients take a completed message of the assistant for success");
      }
    } else {
      object.refuse_keys({"error"}, "belongs to a failed stage");
    }
    if (stage.status == MessageStatus::completed) {
      if (!object.has("reply")) object.refuse_keys({"attachments", "usage"}, "needs a \"reply\"");
      progress_.check_reply(stage.reply, object.find("reply").value_or(object.node()));
    } else {
      object.refuse_keys({"reply", "attachments", "usage"}, "belongs to a completed stage");
    }
    if (!is_terminal(stage.status)) {
      object.refuse_keys({"job_status", "later"}, "belongs to a completed or failed stage");
    }
  }

  const WorldContext& context_;
  TextRules rules_;
  ProgressReader progress_;
  std::optional<MessageStatus> previous_;
  bool answered_ = false;  // by a message besides the reply
};

}  // namespace

TurnScript read_turn(const Node& node, const WorldContext& context) {
  const ObjectReader object(node, {"when", "times", "timeline"});
  TurnScript turn;
  std::optional<int> groups;
  if (const auto when = object.find("when")) {
    std::tie(turn.when, groups) = read_when(*when, context);
  }
  turn.times = object.integer("times", {1, kMaxPolls});
  if (const auto timeline = object.require("timeline")) {
    turn.timeline = TimelineReader(context, turn.when, groups).read(*timeline);
  }
  return turn;
}

std::vector<Stage> read_timeline(const Node& node, const WorldContext& context,
                                 const TurnMatch& match) {
  return TimelineReader(context, match, std::nullopt).read(node);
}

}  // namespace nairi::mock
