// The statements of REFERENCE that only traffic can be held against, as they are about several
// exchanges or about what no schema can say. docs/watched.md lists them.
//
// Thread-safety: constants.
#ifndef NAIRI_CONTRACTS_HARNESS_WATCH_FACTS_H_
#define NAIRI_CONTRACTS_HARNESS_WATCH_FACTS_H_

#include <array>
#include <string_view>

#include "harness/cases/source.h"

namespace nairi::contracts {

struct Fact {
  std::string_view id;  // "messages/oldest-first"
  Source source;
  std::string_view why;   // its words in REFERENCE; "" for what only we assume
  std::string_view says;  // what was looked at, in a sentence
};

namespace facts {

// --- Messages and their timeline --------------------------------------------------------------
inline constexpr Fact kOldestFirst{
    "messages/oldest-first", Source::seed,
    "REFERENCE: GET /conversations/{job_id}/messages: the whole timeline, oldest first",
    "no message of a timeline is older than the one before it"};
inline constexpr Fact kWhole{
    "messages/whole-timeline", Source::seed,
    "REFERENCE: GET /conversations/{job_id}/messages: the whole timeline, oldest first",
    "a timeline holds each message that was seen of its conversation before, once"};
inline constexpr Fact kAppended{"messages/appended", Source::assumed, "",
                                "a timeline only grows at its end"};
inline constexpr Fact kOneMessage{
    "messages/the-one-asked-for", Source::documented,
    "REFERENCE: GET /messages/{message_id}: One message of any role (shape below)",
    "the message that was asked for comes back"};
inline constexpr Fact kReadsTheSame{
    "messages/reads-the-same", Source::assumed, "",
    "a message that did not change reads the same each time, alone and in the timeline"};
inline constexpr Fact kOfItsJob{"messages/of-its-job", Source::documented,
                                "REFERENCE: Messages: `job_id` | `job_…`/`j_…` | always",
                                "job_id is the conversation that the message is read in"};
inline constexpr Fact kStatusOrder{"messages/status-order", Source::documented,
                                   "REFERENCE: Messages: Statuses of a user message: `queued` (no "
                                   "agent available yet) → `pending` "
                                   "(an agent works on it) → `completed` or `failed`",
                                   "the status of a user message goes forward"};
inline constexpr Fact kTerminalStays{"messages/terminal-stays", Source::assumed,
                                     "REFERENCE: Messages: Terminal statuses never change again",
                                     "a message that is completed or failed stays so"};
inline constexpr Fact kTimesInOrder{
    "messages/updated-after-created", Source::assumed,
    "REFERENCE: Messages: `updated_at` is never before `created_at`",
    "updated_at is never before created_at"};
inline constexpr Fact kUpdatedForward{"messages/updated-forward", Source::assumed, "",
                                      "updated_at never goes back, and created_at never changes"};
inline constexpr Fact kUserMessage{
    "conversations/user-message", Source::seed,
    "REFERENCE: POST /conversations/start: the new job, and the *user* message to poll",
    "the message of an accepted prompt is a user message of that conversation"};
inline constexpr Fact kNewIds{
    "conversations/new-ids", Source::seed,
    "REFERENCE: POST /conversations/start: the new job, and the *user* message to poll",
    "a start answers a job and a message that nobody saw before"};
inline constexpr Fact kContinues{
    "conversations/continues", Source::documented,
    "REFERENCE: POST /conversations/{job_id}/continue: Answers `{\"job_id\", \"message_id\"}` for "
    "the "
    "new user message",
    "a continue answers its own job, and a message that nobody saw before"};
inline constexpr Fact kPromptKept{"messages/prompt-unchanged", Source::assumed,
                                  "REFERENCE: Messages: of a user message the prompt, unchanged",
                                  "the content of a user message is the prompt"};
inline constexpr Fact kFilesEchoed{
    "messages/attachments-echoed", Source::documented,
    "REFERENCE: Messages: only when there are any: echoed on the user message, in the order sent "
    "[A], the agent's files on the assistant message",
    "a user message has the attachment_ids of its prompt, and none without"};
inline constexpr Fact kFilesInOrder{
    "messages/attachments-in-order", Source::assumed,
    "REFERENCE: Messages: echoed on the user message, in the order sent",
    "attachment_ids come in the order sent"};
inline constexpr Fact kAnswerInTime{
    "messages/answer-in-time", Source::client,
    "REFERENCE: Messages: The assistant message appears with status `completed` not later than the "
    "moment at which the user message turns `completed`",
    "no answer appears after its user message was completed without one"};
inline constexpr Fact kFailedUnanswered{
    "messages/failed-unanswered", Source::client,
    "REFERENCE: Messages: A failed turn has no completed assistant message after its user message",
    "a failed turn has no completed assistant message"};
inline constexpr Fact kFailureDetails{
    "messages/failure-details", Source::documented,
    "REFERENCE: Messages: `failed`: look for a sibling `system` message with the details",
    "a failed turn has a system message"};
inline constexpr Fact kFailureText{
    "messages/failure-text", Source::documented,
    "REFERENCE: Messages: Its text has the form `nairid encountered error: <details>`",
    "the system message of a failed turn has the form that is documented"};
inline constexpr Fact kUsageFields{"messages/ten-decimals", Source::documented,
                                   "REFERENCE: Messages: `cost_usd` (number, 10 decimals)",
                                   "cost_usd has at most 10 decimals"};
inline constexpr Fact kCopied{
    "progress/copied", Source::documented,
    "REFERENCE: Messages: on `progress` messages, copied from the envelope when present",
    "a progress message has the fields of its envelope"};
inline constexpr Fact kEnvelope{"progress/envelope", Source::documented,
                                "REFERENCE: Messages: Progress envelope (`content` of a `progress` "
                                "message) [D][C]: `{\"job_id\", "
                                "\"processed_message_id\", \"progress_type\", …}`",
                                "the envelope is about its conversation, and about a user message"};
inline constexpr Fact kDelta{"progress/text", Source::client,
                             "REFERENCE: Messages: `text`: `text_delta`",
                             "progress of the type text has a text_delta"};
inline constexpr Fact kToolUse{
    "progress/tool-use", Source::documented,
    "REFERENCE: Messages: Progress envelope (`content` of a `progress` message) [D][C]: "
    "`{\"job_id\", \"processed_message_id\", \"progress_type\", …}`",
    "progress of the type tool_use has tool_name and tool_status"};
inline constexpr Fact kSummary{"progress/summary", Source::documented,
                               "REFERENCE: Messages: `step`, `subagent` (`summary`, "
                               "`tool_status`), `thinking` (`summary`): each "
                               "with a `summary`",
                               "progress of the types step, subagent and thinking has a summary"};
inline constexpr Fact kProgressStatus{
    "progress/status", Source::assumed,
    "REFERENCE: Messages: A progress message's own `status` is `completed`",
    "a progress message is completed"};
inline constexpr Fact kNeverNull{
    "fields/never-null", Source::client,
    "REFERENCE: Messages: A field that is not there is left out, never `null`",
    "a field that is not there is left out"};

// --- Conversations ------------------------------------------------------------------------------
inline constexpr Fact kWhileRunning{"conversations/second-prompt", Source::client,
                                    "REFERENCE: POST /conversations/{job_id}/continue: A second "
                                    "prompt while a turn is still running "
                                    "is accepted",
                                    "a prompt is accepted while a turn runs"};
inline constexpr Fact kRetry{"conversations/retry", Source::documented,
                             "REFERENCE: POST /conversations/{job_id}/continue: A job in status "
                             "`error` can be continued: that "
                             "is the retry",
                             "a conversation whose turn failed can be continued"};
inline constexpr Fact kNoApiJob{"conversations/not-an-api-job", Source::seed,
                                "REFERENCE: POST /conversations/{job_id}/continue: A job that was "
                                "created from Slack, Discord or "
                                "the web UI: `400` with the error text `job is not an API job`",
                                "a conversation from elsewhere is refused with exactly that text"};
inline constexpr Fact kNothingMade{
    "conversations/refused-makes-nothing", Source::documented,
    "REFERENCE: POST /conversations/start: An invalid or foreign attachment id: 400 **before** any "
    "message is created",
    "a prompt that was refused with 400 is no message"};
inline constexpr Fact kErrorJob{"conversations/error-after-failure", Source::documented,
                                "REFERENCE: Messages: and the job's status becomes `error`",
                                "a conversation whose last turn failed is not active"};
inline constexpr Fact kSorted{
    "list/sort", Source::documented,
    "REFERENCE: GET /agents/{agent_id}/conversations: `sort` one of `created_at_asc`, "
    "`created_at_desc` (default), `updated_at_asc`, `updated_at_desc`",
    "a page is in the order that was asked for"};
inline constexpr Fact kLimit{
    "list/limit", Source::documented,
    "REFERENCE: GET /agents/{agent_id}/conversations: `limit` 1 to 100, default 50, otherwise 400",
    "a page has no more conversations than its limit, each once"};
inline constexpr Fact kFiltered{
    "list/status-filter", Source::documented,
    "REFERENCE: GET /agents/{agent_id}/conversations: Query: `status` CSV of `active`, "
    "`completed`, "
    "`error`, `abandoned`: case-sensitive, an empty CSV segment is rejected (400)",
    "a page has conversations of the statuses asked for"};
inline constexpr Fact kStrictlyAfter{
    "list/updated-after", Source::documented,
    "REFERENCE: GET /agents/{agent_id}/conversations: `updated_after` RFC 3339, strictly after",
    "a page has conversations that were updated after the time asked for"};
inline constexpr Fact kAllStatuses{
    "list/all-statuses", Source::documented,
    "REFERENCE: GET /agents/{agent_id}/conversations: No status filter means all statuses",
    "a list without filters holds each conversation that was started"};
inline constexpr Fact kGoodQuery{
    "list/good-query", Source::documented,
    "REFERENCE: GET /agents/{agent_id}/conversations: `limit` 1 to 100, default 50, otherwise 400",
    "a list with parameters as documented is not refused"};
inline constexpr Fact kWalk{"list/cursor-walk", Source::assumed,
                            "REFERENCE: GET /agents/{agent_id}/conversations: A page walk by "
                            "cursor neither skips nor repeats "
                            "a conversation when others change during the walk.",
                            "a walk by cursor repeats no conversation"};
inline constexpr Fact kJobForward{
    "list/updated-forward", Source::assumed,
    "REFERENCE: Job status: Every message that is added and every change of status moves the job's "
    "`updated_at`",
    "a conversation's updated_at never goes back, and a new status moves it"};

// --- Agents, files, and what else is documented --------------------------------------------------
inline constexpr Fact kBothIds{
    "agents/slug-or-id", Source::documented,
    "REFERENCE: Agents: Every `{agent_id}` accepts slug or `cci_` id",
    "the agent that was asked for comes back, by its slug and by its id"};
inline constexpr Fact kCreated{
    "agents/created", Source::documented,
    "REFERENCE: Agents: → 201 with the agent, slug made from the name, `description` `\"\"`",
    "a new agent has the name and the instances that were sent, and the description \"\""};
inline constexpr Fact kEmptyPatch{"agents/empty-change", Source::documented,
                                  "REFERENCE: Agents: `{}` changes nothing, `updated_at` included",
                                  "an empty change leaves updated_at as it was"};
inline constexpr Fact kPromptOfAgent{"agents/system-prompt", Source::documented,
                                     "REFERENCE: Agents: `system_prompt` null means the platform's "
                                     "default, `\"\"` means empty, absent "
                                     "means unchanged",
                                     "system_prompt is what was sent"};
inline constexpr Fact kFileName{
    "attachments/filename", Source::documented,
    "REFERENCE: Attachments: The file name of the part's header is kept",
    "a file comes back with the name that it was sent with"};
inline constexpr Fact kFileBytes{
    "attachments/data", Source::documented,
    "REFERENCE: Attachments: `GET /attachments/{id}` → `{\"id\", \"filename\", \"data\": "
    "\"<base64>\"}` (further metadata may be present)",
    "the file that was asked for comes back, with as many bytes as were sent"};
inline constexpr Fact kPadded{"attachments/padded-base64", Source::producer,
                              "REFERENCE: Attachments: padded standard base64",
                              "data is padded standard base64"};
inline constexpr Fact kRuleTexts{
    "texts/rules", Source::documented,
    "REFERENCE: The rest of the public API: unknown: 404 `rule not found`",
    "an unknown rule is answered with that text"};
inline constexpr Fact kScheduleTexts{
    "texts/schedules", Source::documented,
    "REFERENCE: The rest of the public API: an empty body is 400 `no fields to update`",
    "an empty change of a schedule is answered with that text"};

// All of the above, in this order.
inline constexpr std::array kAll{
    &kOldestFirst,  &kWhole,          &kAppended,         &kOneMessage,     &kReadsTheSame,
    &kOfItsJob,     &kStatusOrder,    &kTerminalStays,    &kTimesInOrder,   &kUpdatedForward,
    &kUserMessage,  &kNewIds,         &kContinues,        &kPromptKept,     &kFilesEchoed,
    &kFilesInOrder, &kAnswerInTime,   &kFailedUnanswered, &kFailureDetails, &kFailureText,
    &kUsageFields,  &kCopied,         &kEnvelope,         &kDelta,          &kToolUse,
    &kSummary,      &kProgressStatus, &kNeverNull,        &kWhileRunning,   &kRetry,
    &kNoApiJob,     &kNothingMade,    &kErrorJob,         &kSorted,         &kLimit,
    &kFiltered,     &kStrictlyAfter,  &kAllStatuses,      &kGoodQuery,      &kWalk,
    &kJobForward,   &kBothIds,        &kCreated,          &kEmptyPatch,     &kPromptOfAgent,
    &kFileName,     &kFileBytes,      &kPadded,           &kRuleTexts,      &kScheduleTexts};

}  // namespace facts
}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_WATCH_FACTS_H_
