// The things of the API as plain data.
//
//   for (const nairi::Message& message : nairi::visible(*client.messages(turn->job_id)))
//     if (message.role == nairi::role::kAssistant) show(message.content);
//
// The service adds fields, roles, statuses and progress types at any time (REFERENCE: Basics), so
// those are strings, unknown words pass through, and `raw_json` keeps the whole object with every
// field that this library does not know. Ids are opaque strings. Times are strings as the API sends
// them (RFC 3339, UTC, milliseconds, "Z"); of one form, so they compare as text.
// A field that the API leaves out or answers with null is nullopt, or empty where it is not
// optional.
//
// Thread-safety: values.
// Not promised: that `raw_json` has the white space of the reply.
#ifndef NAIRI_TYPES_H_
#define NAIRI_TYPES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nairi/result.h"

namespace nairi {

namespace role {  // REFERENCE: Messages
inline constexpr std::string_view kUser = "user";
inline constexpr std::string_view kAssistant = "assistant";
inline constexpr std::string_view kSystem = "system";
inline constexpr std::string_view kProgress = "progress";
}  // namespace role

namespace message_status {  // REFERENCE: Messages
inline constexpr std::string_view kQueued = "queued";
inline constexpr std::string_view kPending = "pending";
inline constexpr std::string_view kCompleted = "completed";
inline constexpr std::string_view kFailed = "failed";
}  // namespace message_status

namespace job_status {  // REFERENCE: Job status
inline constexpr std::string_view kActive = "active";
inline constexpr std::string_view kCompleted = "completed";
inline constexpr std::string_view kError = "error";
inline constexpr std::string_view kAbandoned = "abandoned";
}  // namespace job_status

namespace conversation_sort {  // REFERENCE: GET /agents/{agent_id}/conversations
inline constexpr std::string_view kCreatedAtAsc = "created_at_asc";
inline constexpr std::string_view kCreatedAtDesc = "created_at_desc";
inline constexpr std::string_view kUpdatedAtAsc = "updated_at_asc";
inline constexpr std::string_view kUpdatedAtDesc = "updated_at_desc";
}  // namespace conversation_sort

// One prompt under way: what start() and continue_conversation() answer and wait() polls.
struct Turn {
  std::string job_id;
  std::string message_id;  // the user message
};

// What an agent's turn cost (REFERENCE: Messages). The API reports all six or none; one that is
// missing beside others is 0 or empty.
struct Usage {
  double cost_usd = 0;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t cache_read_tokens = 0;
  std::int64_t cache_write_tokens = 0;
  std::string model;
};

struct Message {
  std::string id;       // required
  std::string job_id;   // required
  std::string role;     // required
  std::string status;   // required
  std::string content;  // for role progress a JSON envelope as text: see read_progress()
  std::string created_at;
  std::string updated_at;
  std::vector<std::string> attachment_ids;
  std::optional<Usage> usage;
  std::optional<std::string> progress_type;
  std::optional<std::string> tool_use_id;
  std::optional<std::string> parent_tool_use_id;
  std::optional<std::string> tool_name;
  std::optional<std::string> tool_status;
  std::string raw_json;
};

// True for completed and failed; false for queued and for every status unknown today.
bool is_terminal(const Message& message);

// The messages that people want to read: all but progress, in the same order.
std::vector<Message> visible(const std::vector<Message>& timeline);

// The messages that belong to the turn of one user message, progress included, without that user
// message itself; empty when the timeline does not hold it. A second prompt may queue behind a
// running turn, so that both user messages precede both answers: then progress is told apart by its
// envelope, and other messages by the time at which each turn ended.
// ASSUMED: `updated_at` of a finished user message is the moment at which its turn ended.
std::vector<Message> messages_of_turn(const std::vector<Message>& timeline,
                                      std::string_view message_id);

// The envelope in a progress message's content (REFERENCE: Progress envelope).
struct Progress {
  std::string progress_type;                        // required
  std::optional<std::string> processed_message_id;  // the user message that is worked on
  std::optional<std::string> text_delta;
  std::optional<std::string> summary;
  std::optional<std::string> tool_name;
  std::optional<std::string> tool_input;
  std::optional<std::string> tool_output;
  std::optional<std::string> tool_status;
  std::optional<std::string> tool_description;
  std::optional<std::string> tool_use_id;
  std::optional<std::string> parent_tool_use_id;
  std::string raw_json;
};

// malformed_reply when the content is no such envelope; invalid_argument for another role.
Result<Progress> read_progress(const Message& message);

// One conversation of an agent: a job.
struct Conversation {
  std::string id;      // required
  std::string status;  // required
  std::string created_at;
  std::string updated_at;
  std::string raw_json;
};

struct ConversationPage {
  std::vector<Conversation> conversations;
  bool has_cursors = false;                // the server answered `next_cursor`, even if as null
  std::optional<std::string> next_cursor;  // none: this is the last page, or there are no cursors
};

struct Agent {
  std::string id;        // required: cci_…
  std::string agent_id;  // required: the slug; may contain '/'
  std::string name;
  std::int64_t instances_count = 0;
  bool is_self_hosted = false;
  std::optional<std::string> description;
  std::optional<std::string> system_prompt;
  std::string created_at;
  std::string updated_at;
  std::string raw_json;
};

struct Attachment {
  std::string id;  // required
  std::string filename;
  std::string data;      // required: the file's bytes, decoded
  std::string raw_json;  // without `data`
};

}  // namespace nairi

#endif  // NAIRI_TYPES_H_
