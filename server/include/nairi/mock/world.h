// What a fake starts from: agents, jobs that exist already, keys, and the turn scripts that say how
// each prompt is answered. A World is plain data; a Fake gives every organization its own copy.
//
//   nairi::mock::World world = nairi::mock::load_world("refund.json");
//   nairi::mock::Fake fake(std::move(world));
//
// Thread-safety: values, like std::vector. Text fields marked "template" may use {{prompt}},
// {{turn}}, {{agent_id}}, {{job_id}}, {{previous.prompt}}, {{previous.reply}} and {{match.1}};
// {{{{ stands for {{.
// The file format is described in docs/worlds.md.
#ifndef NAIRI_MOCK_WORLD_H_
#define NAIRI_MOCK_WORLD_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nairi/mock/exchange.h"

namespace nairi::mock {

enum class Role { user, assistant, system, progress };            // REFERENCE: Messages
enum class MessageStatus { queued, pending, completed, failed };  // REFERENCE: Messages
enum class JobStatus { active, completed, error, abandoned };     // REFERENCE: Job status
enum class Origin { api, slack, discord, web };                   // REFERENCE: Job status

// Whether a message of this status never changes again (REFERENCE: Messages; assumed).
constexpr bool is_terminal(MessageStatus status) {
  return status == MessageStatus::completed || status == MessageStatus::failed;
}

// The words of the API for each value, and back; nullopt for any other word.
std::string_view to_string(Role role);
std::string_view to_string(MessageStatus status);
std::string_view to_string(JobStatus status);
std::string_view to_string(Origin origin);
std::optional<Role> role_from(std::string_view word);
std::optional<MessageStatus> message_status_from(std::string_view word);
std::optional<JobStatus> job_status_from(std::string_view word);
std::optional<Origin> origin_from(std::string_view word);

// A file that an agent or a seeded message carries. The bytes are shared by all organizations.
struct File {
  std::string filename;
  std::shared_ptr<const std::string> bytes;
};

// What a turn cost; all six are answered together or not at all (REFERENCE: Messages).
struct Usage {
  double cost_usd = 0;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t cache_read_tokens = 0;
  std::int64_t cache_write_tokens = 0;
  std::string model;
};

// One progress message (REFERENCE: Progress envelope).
struct Progress {
  // text, tool_use, tool_heartbeat, step, subagent, thinking, or what a service may add; empty:
  // none
  std::string progress_type;
  // The envelope's other fields in the order in which they are answered; values are templates.
  std::vector<std::pair<std::string, std::string>> fields;
  // Fields behind those whose values are no strings: numbers, true and false, as JSON.
  std::vector<std::pair<std::string, std::string>> literals = {};
  // Template; the content instead of an envelope. Need not be JSON.
  std::optional<std::string> raw = {};
};

// A message that exists already in a seeded job; or one that a script adds: of the role assistant
// or system, without id and progress.
struct MessageSpec {
  Role role = Role::user;
  MessageStatus status = MessageStatus::completed;
  std::string content;               // unused for progress; a script's is a template
  std::optional<std::string> id;     // a cmsg_ id; default: made from the seed
  std::optional<Progress> progress;  // role progress only
  std::vector<File> attachments;
  std::optional<Usage> usage;  // role assistant only
};

// Something that happens in a job after a turn of it has ended: so many reads of the job (poll
// clock) or milliseconds (virtual and wall) after what came before it. It holds up no other turn.
struct Later {
  std::int64_t polls = 1;
  std::int64_t ms = 2000;
  std::vector<Progress> progress;
  std::vector<std::string> system;      // templates
  std::vector<MessageSpec> messages;    // behind those of `system`
  std::optional<JobStatus> job_status;  // what the job becomes
  std::string reason;                   // as in a stage
};

// One stage of a turn. A stage that is not terminal lasts `polls` reads of the job under the poll
// clock, and `ms` milliseconds under the virtual and wall clocks.
struct Stage {
  MessageStatus status = MessageStatus::completed;
  std::int64_t polls = 1;  // >= 0; unused in a terminal stage
  std::int64_t ms = 2000;  // >= 0; unused in a terminal stage
  bool endless = false;    // true: the turn stays in this stage for ever (only the last one may)
  std::vector<Progress> progress;  // spread evenly over the stage; shown at once if terminal
  // Templates; system messages appended on entering, of a completed stage behind the answer.
  std::vector<std::string> system;
  // Appended behind those of `system`. An assistant message that is not terminal is a draft: the
  // reply takes its place, and without one it ends as the turn does.
  std::vector<MessageSpec> messages;
  std::optional<std::string> reply;  // template; completed only. None: no assistant message
  // Templates; failed only: a system message "nairid encountered error: <text>" for each.
  std::vector<std::string> errors;
  std::vector<File> attachments;  // completed only: files of the agent
  std::optional<Usage> usage;     // completed only
  // Terminal only: what the job becomes. None: error after a failed turn, else it stays as it is.
  std::optional<JobStatus> job_status;
  std::string reason;        // template; with job_status completed: "Job complete - <reason>"
  std::vector<Later> later;  // terminal only; in order
};

// Which prompts a script answers; every field that is set must match.
struct TurnMatch {
  std::optional<std::string> agent_id;  // the agent's slug
  std::optional<std::string> prompt_equals;
  std::optional<std::string> prompt_contains;
  std::optional<std::string> prompt_regex;  // RE2 syntax, searched anywhere in the prompt
  std::optional<std::int64_t> turn;         // 1 for a job's first prompt
  std::optional<bool> ask_mode;
  std::optional<bool> has_attachments;
};

// The first script that matches plays, in file order; at least one stage.
struct TurnScript {
  TurnMatch when;
  std::optional<std::int64_t> times;  // how many prompts of a key it answers; default: all
  std::vector<Stage> timeline;
};

struct AgentSpec {
  std::string agent_id;           // the slug; may contain '/'
  std::string name;               // default: the slug
  std::optional<std::string> id;  // a cci_ id; default: made from the seed
  std::int64_t instances_count = 1;
  std::optional<std::string> description;    // none: answered as null
  std::optional<std::string> system_prompt;  // none: answered as null
  bool is_self_hosted = false;
  bool deployed = true;  // false: its messages stay queued
};

// A job that exists already.
struct JobSpec {
  std::string agent_id;           // the slug of an agent of this world
  std::optional<std::string> id;  // job_ or j_ id; default: made from the seed
  Origin origin = Origin::api;
  JobStatus status = JobStatus::active;
  bool ask_mode = false;
  std::optional<std::int64_t> created_at_ms;  // Unix time; default: when the organization is made
  std::optional<std::int64_t> updated_at_ms;  // Unix time; default: created_at
  std::vector<MessageSpec> messages;
  // How the last message, a prompt that is not over, goes on. Null: it stays as it is.
  std::shared_ptr<const TurnScript> running = {};
};

// A key that is known by name: the only ones that are let in under `--keys listed`.
struct KeySpec {
  std::string key;
  bool revoked = false;  // true: answers 401 (REFERENCE: Basics)
};

// What a fault does to a call: one of status, malformed_json, redirect_to, reset_after_bytes,
// truncate_after_bytes and empty_response at most, and hold, delay_ms, drip_bytes_per_s and encode
// with any.
struct FaultEffect {
  // An error of 400 to 599 is answered, with body also a 200; with redirect_to 301, 302, 303, 307
  // or 308.
  std::optional<int> status = {};
  std::optional<std::int64_t> retry_after_s = {};  // with an error status: the Retry-After header
  // With retry_after_s: the header says it as a date, that of the reply (its Date header) and so
  // many seconds. It is the world's time, under the wall clock the machine's.
  bool retry_after_date = false;
  std::string error = {};                  // with an error status; default: the status in words
  std::optional<std::string> body = {};    // with status: the whole body, instead of the API's JSON
  std::string content_type = "text/html";  // of body; unused when that is empty
  std::optional<std::string> redirect_to = {};  // an origin, "https://127.0.0.1:4748"; default: 307
  bool malformed_json = false;                  // the first half of the body, as if it were all
  std::optional<std::int64_t> reset_after_bytes = {};     // WireFault::Ending::reset
  std::optional<std::int64_t> truncate_after_bytes = {};  // WireFault::Ending::truncated
  bool empty_response = false;                            // WireFault::Ending::empty
  std::string hold = {};  // keeps the reply until Fake::release() by this name; "": does not
  std::int64_t delay_ms = 0;
  std::int64_t drip_bytes_per_s = 0;  // 0: all at once
  Encoding encode = Encoding::plain;  // plain: as ServerOptions::encode says
  // Whether the call takes effect all the same. Default: not with status and redirect_to.
  std::optional<bool> executed = {};
};

// A fault addressed at a moment of the conversation, not at a URL (docs/worlds.md, "faults").
struct FaultSpec {
  std::string at = "any";                   // "start", "poll", "messages", …; "any" is every call
  std::optional<std::int64_t> number = {};  // "poll#3": the third poll; none: from the next one on
  std::optional<std::int64_t> times = {};   // default: 1 with a number, else for ever
  std::string after = {};  // "continue": strikes only calls behind one of these; never with a
  std::int64_t after_number = 1;  // number. Behind which of them; unused without `after`
  double rate = 1;                // how likely each is to be struck, from the seed; in (0, 1]
  FaultEffect effect = {};
};

struct World {
  std::vector<AgentSpec> agents;
  std::vector<JobSpec> jobs;
  std::vector<TurnScript> turns;
  std::vector<KeySpec> keys;
  std::vector<FaultSpec> faults;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_WORLD_H_
