#include "world/readers.h"

#include <utility>

#include "text/timestamp.h"
#include "text/ulid.h"
#include "world/enum_words.h"
#include "world/progress_reader.h"

namespace nairi::mock {
namespace {

std::optional<std::int64_t> read_time(const ObjectReader& object, std::string_view key) {
  const auto node = object.find(key);
  const auto text = node ? read_text(*node) : std::nullopt;
  if (!text) return std::nullopt;
  const auto unix_ms = parse_timestamp(*text);
  if (!unix_ms) node->expected("a time of RFC 3339, such as \"2026-04-12T18:45:12.000Z\"");
  return unix_ms;
}

void read_times(const ObjectReader& object, JobSpec& job) {
  job.created_at_ms = read_time(object, "created_at");
  job.updated_at_ms = read_time(object, "updated_at");
  if (!object.has("created_at")) object.refuse_keys({"updated_at"}, "needs \"created_at\"");
  if (job.created_at_ms && job.updated_at_ms && *job.updated_at_ms < *job.created_at_ms) {
    object.find("updated_at")->refuse("expected a time that is not before \"created_at\"");
  }
}

// Reads the messages of one job, turn by turn.
class MessagesReader {
 public:
  MessagesReader(const WorldContext& context, bool ask_mode)
      : context_(context), ask_mode_(ask_mode), progress_(new_turn()) {}

  MessageSpec read(const Node& node) {
    const ObjectReader object(
        node, {"id", "role", "content", "status", "progress", "attachments", "usage"});
    const auto known = read_message(object, context_.open_file);
    MessageSpec message = known.value_or(MessageSpec{});
    message.id = read_id(object, {kMessagePrefix}, context_.names);
    message.content = object.text("content").value_or("");
    if (known && message.role == Role::user) progress_ = new_turn();
    if (const auto progress = object.find("progress")) message.progress = progress_.read(*progress);
    if (!known) return message;
    if (message.role == Role::progress) {
      check_progress(object, message);
    } else {
      check_text(object, message);
    }
    return message;
  }

 private:
  // Placeholders mean nothing in a job that no script plays.
  ProgressReader new_turn() const { return {TextRules{.templates = false}, ask_mode_}; }

  static void check_progress(const ObjectReader& object, const MessageSpec& message) {
    object.require("progress");
    object.refuse_keys({"content"}, "is made from \"progress\"");
    object.refuse_keys({"attachments"}, "can't belong to a progress message");
    check_usage(object, message.role);
    // Assumed, as in REFERENCE: Messages.
    if (message.status != MessageStatus::completed) {
      object.find("status")->refuse(
          "expected \"completed\": a progress message is never anything else");
    }
  }

  void check_text(const ObjectReader& object, const MessageSpec& message) const {
    object.refuse_keys({"progress"}, "belongs to a message of the role progress");
    check_spoken(object, message.role);
    if (message.role == Role::assistant) {
      progress_.check_reply(message.content, object.find("content").value_or(object.node()));
    }
  }

  const WorldContext& context_;
  bool ask_mode_;
  ProgressReader progress_;
};

void read_running(const Node& node, const WorldContext& context, JobSpec& job) {
  TurnScript script;
  script.when.ask_mode = job.ask_mode;
  script.timeline = read_timeline(node, context, script.when);
  const bool runs = !job.messages.empty() && job.messages.back().role == Role::user &&
                    !is_terminal(job.messages.back().status);
  if (!runs) {
    node.refuse(
        "needs a last message of the user that is \"queued\" or \"pending\": it is how "
        "that one goes on");
  }
  job.running = std::make_shared<const TurnScript>(std::move(script));
}

}  // namespace

JobSpec read_job(const Node& node, const WorldContext& context) {
  const ObjectReader object(node, {"id", "agent_id", "origin", "status", "ask_mode", "created_at",
                                   "updated_at", "messages", "timeline"});
  JobSpec job;
  if (const auto agent = object.require("agent_id")) {
    job.agent_id = context.names.known_agent(*agent).value_or("");
  }
  job.id = read_id(object, {kJobPrefix, kLegacyJobPrefix}, context.names);
  job.origin = read_enum(object, "origin", kOriginWords, origin_from).value_or(job.origin);
  job.status = read_enum(object, "status", kJobStatusWords, job_status_from).value_or(job.status);
  job.ask_mode = object.flag("ask_mode").value_or(false);
  read_times(object, job);
  MessagesReader messages(context, job.ask_mode);
  object.list("messages",
              [&](const Node& message) { job.messages.push_back(messages.read(message)); });
  if (const auto timeline = object.find("timeline")) read_running(*timeline, context, job);
  return job;
}

}  // namespace nairi::mock
