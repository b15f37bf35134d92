// Looks at exchanges one after the other, in the order in which they ended, for what is true of
// several of them together: conversations, lists, agents and files. Each watch knows one area.
//
//   Knowledge knowledge(exchanges);
//   MessageWatch messages(knowledge, findings);
//   for (const Exchange& exchange : exchanges) messages.see(exchange);
//
// Thread-safety: none.
#ifndef NAIRI_CONTRACTS_HARNESS_WATCH_WATCHES_H_
#define NAIRI_CONTRACTS_HARNESS_WATCH_WATCHES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/watch/findings.h"
#include "harness/watch/traffic.h"

namespace nairi::contracts {

// A prompt that was accepted.
struct AcceptedPrompt {
  std::string job;
  std::string key;  // with which it was sent
  std::string text;
  std::optional<Json> attachment_ids;  // that were sent
  std::int64_t ended_us = 0;           // when that was known
};

// One call of continue, whatever came of it.
struct Attempt {
  const Exchange* exchange = nullptr;
  std::string text;
  bool sound = false;           // nothing can be wrong with the request; it has no files
  bool refused = false;         // for what it asks, not for who asked or how much
  bool judged_running = false;  // whether a turn ran meanwhile has been told
  bool accepted() const { return exchange->succeeded(); }
  // Whether it may have been accepted without anybody knowing.
  bool unknown() const { return !exchange->passed_over.empty(); }
};

// A conversation.
struct KnownJob {
  bool started_here = false;    // it was begun in the recording
  bool has_others = false;      // it has prompts of somebody who is not in the recording
  std::string key;              // with which it was started
  std::int64_t started_us = 0;  // when that was asked for
  std::string agent;            // as it was named when it was started
  std::string origin;           // "slack"; "" when nobody said
  std::string origin_key;       // with which that was read
  std::vector<Attempt> attempts;
  std::vector<std::string> prompts;  // accepted, by message id, in the order of their answers
  // What looks wrong, unless something happened that is not in the recording. A later read tells.
  std::vector<const Exchange*> refused_retries;  // of a turn that had failed
  std::vector<const Exchange*> listed_active;    // after a turn that had failed
};

// What several reads say of a message, with the newest one.
struct MessageState {
  int rank = -1;  // of its status: how far it has come
  std::string status;
  std::string updated_at;
  Json last;  // the fields that are documented
};

// What the recording has told so far.
class Knowledge {
 public:
  // Takes note of the attempts to continue, and of deleted agents: a read may be about one that
  // ends later, or of which nobody heard.
  explicit Knowledge(const std::vector<Exchange>& exchanges);

  std::map<std::string, AcceptedPrompt> prompts;  // by message id
  std::map<std::string, KnownJob> jobs;
  std::map<std::string, History<MessageState>> messages;

  // Notes when an id was first seen, and tells whether that was before an exchange began.
  void saw(const std::string& id, const Exchange& exchange);
  bool knew(const std::string& id, const Exchange& exchange) const;

  // What was known of a message when an exchange began; nullptr: nothing.
  const MessageState* state_before(const std::string& message, const Exchange& exchange) const;
  // Whether a conversation's newest turn was known to have failed when an exchange began, and
  // nothing else was asked of it until that ended.
  bool failed_last(const KnownJob& job, const Exchange& exchange) const;
  // Whether what was started for an agent may have gone with it by the end of an exchange.
  bool may_have_gone(const KnownJob& job, const Exchange& exchange) const;
  // Requires an exchange of the operation "continue"; nullptr for one that is not in the recording.
  Attempt* attempt_of(const Exchange& exchange);

 private:
  std::map<std::string, std::int64_t> first_seen_us_;
  std::vector<const Exchange*> replaced_agents_;  // what deleted one, or made one anew
};

// Accepted and refused prompts.
class PromptWatch {
 public:
  PromptWatch(Knowledge& knowledge, Findings& findings)
      : knowledge_(knowledge), findings_(findings) {}
  void see(const Exchange& exchange);

 private:
  void started(const Exchange& exchange);
  void continued(const Exchange& exchange);
  void check_retry(const Exchange& exchange);
  void check_origin(const Exchange& exchange, bool sound);
  void accept(const Exchange& exchange, const std::string& job, const std::string& message);

  Knowledge& knowledge_;
  Findings& findings_;
};

// Messages, alone and in their timeline.
class MessageWatch {
 public:
  MessageWatch(Knowledge& knowledge, Findings& findings)
      : knowledge_(knowledge), findings_(findings) {}
  void see(const Exchange& exchange);

 private:
  // Messages of one timeline, in their order.
  using Messages = std::vector<const Json*>;

  void see_message(const Exchange& exchange, const Json& message);
  void check_times(const Exchange& exchange, const Json& message);
  void compare_with_before(const Exchange& exchange, const Json& message,
                           const MessageState& before);
  void check_prompt(const Exchange& exchange, const Json& message, const AcceptedPrompt& prompt);
  void check_attachments(const Exchange& exchange, const Json& message,
                         const AcceptedPrompt& prompt);
  void check_running(const Exchange& exchange, const Json& message, const AcceptedPrompt& prompt);
  void learn(const Exchange& exchange, const Json& message);
  void check_decimals(const Exchange& exchange);

  void see_timeline(const Exchange& exchange);
  void check_order(const Exchange& exchange, const Messages& messages);
  void check_whole(const Exchange& exchange, const Messages& messages);
  void check_turns(const Exchange& exchange, const Messages& messages);
  void check_failed(const Exchange& exchange, const Messages& messages, std::size_t user,
                    std::size_t next);
  void check_answer(const Exchange& exchange, const Messages& messages);
  void check_refused(const Exchange& exchange, const Messages& messages);
  void check_listed(const Exchange& exchange);
  void note_others(const Json& message);

  struct Listed {
    std::map<std::string, std::int64_t> first_us;  // ids, and when they were first read
    History<std::vector<std::string>> order;
    std::map<std::string, std::int64_t> unanswered_us;  // completed prompts that had no answer then
  };

  Knowledge& knowledge_;
  Findings& findings_;
  std::map<std::string, Listed> listed_;  // by job
};

// The envelope of a progress message.
void check_progress(const Exchange& exchange, const Json& message, Findings& findings);

// Lists of conversations.
class ListWatch {
 public:
  ListWatch(Knowledge& knowledge, Findings& findings)
      : knowledge_(knowledge), findings_(findings) {}
  void see(const Exchange& exchange);

 private:
  struct JobState {
    std::string status;
    std::string updated_at;
  };
  void check_page(const Exchange& exchange, const Json& page);
  void check_once(const Exchange& exchange, const Json& page);
  void check_limit(const Exchange& exchange, const Json& page);
  void check_sorted(const Exchange& exchange, const Json& page);
  void check_filters(const Exchange& exchange, const Json& page);
  void check_walk(const Exchange& exchange, const Json& page);
  void check_complete(const Exchange& exchange, const Json& page);
  void see_job(const Exchange& exchange, const Json& job);
  void check_after_failure(const Exchange& exchange, KnownJob& job, const std::string& status);

  Knowledge& knowledge_;
  Findings& findings_;
  std::map<std::string, History<JobState>> jobs_;
  std::map<std::string, std::set<std::string>> walks_;  // ids that were listed, by the next cursor
  std::map<std::string, std::int64_t> answered_us_;     // agents for which a list was answered
};

// Agents, files, and texts of operations that openapi.json does not have.
class ThingWatch {
 public:
  explicit ThingWatch(Findings& findings) : findings_(findings) {}
  void see(const Exchange& exchange);

 private:
  struct AgentState {
    std::string updated_at;
    std::int64_t began_us = 0;  // when that was asked for
    Json rest;                  // what else was told
  };
  struct Upload {
    std::string filename;
    std::size_t bytes = 0;
  };
  // Calls of one agent with one key.
  struct Called {
    std::optional<std::int64_t> good_us;   // when the first good one ended
    std::vector<const Exchange*> unknown;  // that answered 404 since
  };
  // What a call names its agent; "" when it names none, or may be refused for something else.
  static std::string name_in(const Exchange& exchange);
  void see_agent(const Exchange& exchange, const Json& agent);
  std::string agent_called(const Exchange& exchange) const;
  void check_names(const Exchange& exchange);
  void check_created(const Exchange& exchange);
  void check_changed(const Exchange& exchange);
  bool changed_since(const std::string& name, const AgentState& read) const;
  void uploaded(const Exchange& exchange);
  void check_file(const Exchange& exchange);
  void check_texts(const Exchange& exchange);

  Findings& findings_;
  std::map<std::string, History<AgentState>> agents_;
  // When the last change of an agent ended, by the name that it was called in it.
  std::map<std::string, std::int64_t> changed_us_;
  std::map<std::string, std::string> ids_of_slugs_;  // by key and slug
  std::map<std::string, Called> called_;             // by key and id
  std::map<std::string, Upload> uploads_;            // by attachment id
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_WATCH_WATCHES_H_
