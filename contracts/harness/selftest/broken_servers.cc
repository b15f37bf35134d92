#include "harness/selftest/broken_servers.h"

#include <utility>

#include "harness/selftest/server_flaws.h"

namespace nairi::contracts {
namespace {

std::vector<BrokenServer> make_broken_servers() {
  return {
      // Lifecycle
      {"completed goes back to pending", "lifecycle/terminal-stays", flips_back},
      {"completed before the answer is listed", "lifecycle/answer-is-there-when-completed",
       answers_late},
      {"queued is never said", "lifecycle/queued-first",
       in_each("user", replace("status", "queued", "pending"))},
      {"completed is called done", "lifecycle/completes",
       in_each("user", replace("status", "completed", "done"))},
      {"a message has another id each time", "messages/fields", renames_messages},
      {"a failed turn is completed", "failure/system-message",
       in_each("user", replace("status", "failed", "completed"))},
      {"a failed turn has no system message", "failure/newest-system-message",
       in_timelines([](Json& messages) { erase_role(messages, "system"); })},
      {"the failure comes as an answer", "failure/no-answer", in_timelines(failure_is_an_answer)},
      {"the failure text lacks its prefix", "failure/system-message",
       in_each("system", without_prefix)},
      {"a failed job stays active", "failure/job-in-error",
       in_each_conversation(replace("status", "error", "active"))},
      {"a completed job gives no reason", "lifecycle/job-completes",
       in_each("system", without_reason)},
      {"a completed job stays active", "lifecycle/job-completes",
       in_each_conversation(replace("status", "completed", "active"))},
      {"a retry is refused", "failure/retry",
       instead_of(200, "continue", 400, R"({"error": "job is not active"})")},
      {"a follow-up knows nothing of before", "conversation/follow-up-has-context",
       in_each("assistant", set("content", "What do you mean?"))},

      // Messages
      {"updated_at is missing", "messages/fields", in_each_message(erase("updated_at"))},
      {"content is missing", "messages/fields", in_each("user", erase("content"))},
      {"role of an answer is agent", "messages/fields", in_each("assistant", set("role", "agent"))},
      {"prompts are not echoed as sent", "messages/fields",
       in_each("user", set("content", "(prompt)"))},
      {"attachment_ids is null", "messages/never-null", in_each_message(add_null)},
      {"attachment_ids is empty", "messages/attachment-ids-only-when-any",
       in_each_message([](Json& message) {
         if (!message.contains("attachment_ids")) message["attachment_ids"] = Json::array();
       })},
      {"attachments of a prompt are forgotten", "attachments/in-prompts",
       in_each("user", erase("attachment_ids"))},
      {"files of the agent are forgotten", "attachments/from-the-agent",
       in_each("assistant", erase("attachment_ids"))},
      {"usage lacks the model", "usage/all-six", in_each("assistant", erase("model"))},
      {"cost is text", "usage/all-six",
       in_each("assistant",
               [](Json& message) {
                 if (message.contains("cost_usd")) message["cost_usd"] = "0.0123";
               })},
      {"usage is null where there is none", "usage/none",
       in_each("assistant",
               [](Json& message) {
                 if (!message.contains("model")) message["model"] = nullptr;
               })},
      {"times have seconds only", "ids/times", in_each_message(seconds_only)},
      {"times have an offset", "ids/times", in_each_message(local_time)},
      {"ids are lower case", "ids/form",
       in_each_message([](Json& message) { lower(message, "id"); })},
      {"timeline is newest first", "conversation/timeline-oldest-first",
       in_timelines(newest_first)},
      {"timeline is bare", "conversation/timeline-includes-progress",
       in_body_of("messages",
                  [](Json& body) {
                    Json messages = body["messages"];
                    body = std::move(messages);
                  })},

      // Progress
      {"progress is hidden", "conversation/timeline-includes-progress",
       in_timelines([](Json& messages) { erase_role(messages, "progress"); })},
      {"progress content is an object", "progress/step", in_each("progress", open_envelopes)},
      {"progress_type is only in the envelope", "progress/thinking",
       in_each("progress", erase("progress_type"))},
      {"envelope lacks job_id", "progress/text", in_each_envelope(erase("job_id"))},
      {"envelope lacks processed_message_id", "progress/subagent",
       in_each_envelope(erase("processed_message_id"))},
      {"a tool ends under another id", "progress/tool-use",
       in_each("progress", other_tool_id_at_end)},
      {"a tool never ends", "progress/tool-error",
       in_each("progress", set("tool_status", "running"))},
      {"a tool's output is lost", "progress/tool-use", in_each_envelope(erase("tool_output"))},
      {"a heartbeat has no summary", "progress/heartbeat", in_each_envelope(erase("summary"))},
      {"a parent tool is not named", "progress/parent-of-a-tool",
       in_each("progress", erase("parent_tool_use_id"))},
      {"text deltas are not of the answer", "progress/text", in_each_envelope([](Json& envelope) {
         if (envelope.contains("text_delta")) envelope["text_delta"] = "…";
       })},
      {"tools run in ask mode", "progress/no-tools-in-ask-mode",
       in_each("progress", tools_in_place_of_thoughts)},

      // Starting and continuing
      {"start answers no message", "lifecycle/completes", in_body_of("start", erase("message_id"))},
      {"start answers the job as the message", "ids/form",
       in_body_of("start", [](Json& body) { body["message_id"] = body["job_id"]; })},
      {"start takes an empty prompt", "errors/start-with-bad-fields",
       instead_of(400, "start", 200, kSomeTurn)},
      {"start takes an unknown agent", "errors/unknown-agent",
       instead_of(404, "start", 200, kSomeTurn)},
      {"continue takes an empty prompt", "errors/continue-with-bad-input",
       instead_of(400, "continue", 200, kSomeTurn)},
      {"a job from Slack is continued", "origins/slack",
       instead_of(400, "continue", 202, kSomeTurn)},
      {"a job from Discord is refused by a text off by a letter", "origins/discord",
       in_each_error(replace("error", "job is not an API job", "job is not a API job"))},
      {"a job from the web is refused with 403", "origins/web",
       instead_of(400, "continue", 403, R"({"error": "job is not an API job"})")},

      // Errors, keys and ids
      {"errors are plain text", "errors/unknown-agent", errors_are_text},
      {"errors say text/html", "errors/start-with-bad-fields", errors_say_html},
      {"errors are called message", "errors/start-with-no-object", in_each_error([](Json& body) {
         body["message"] = body["error"];
         body.erase("error");
       })},
      {"errors are objects", "errors/continue-with-bad-input", in_each_error([](Json& body) {
         body = {{"error", {{"text", body["error"]}}}};
       })},
      {"a missing key is forbidden", "auth/missing-key", forbids_instead},
      {"a revoked key still lists agents", "auth/revoked-key",
       instead_of(401, "agents", 200, "[]")},
      {"a revoked key still polls", "auth/revoked-key-in-flight",
       instead_of(401, "poll", 200, kSomeMessage)},
      {"a malformed id is not found", "ids/malformed-message", malformed_is_unknown},
      {"another organization's message is shown", "organizations/conversation",
       instead_of(404, "poll", 200, kSomeMessage)},
      {"another organization's timeline is shown", "organizations/not-found",
       instead_of(404, "messages", 200, R"({"messages": []})")},
      {"another organization's file is shown", "organizations/attachments",
       instead_of(404, "attachment", 200,
                  R"({"id": "att_01ARZ3NDEKTSV4RRFFQ69G5FAV", "filename": "a", "data": ""})")},

      // Listing conversations
      {"the oldest conversation comes first", "list/sort-by-creation",
       for_query("conversations", "sort=created_at_desc", reverse_when_unsorted)},
      {"sorting by update is the wrong way round", "list/sort-by-update",
       for_query("conversations", "sort=updated_at", reverse_when_unsorted)},
      {"a page repeats the one before", "list/cursor-walk", repeats_at_edges},
      {"a page by offset skips one", "list/pages-by-offset",
       for_query("conversations", "offset=", skip_first)},
      {"a page by cursor skips one", "list/cursor-walk-by-update",
       for_query("conversations", "cursor=", skip_first)},
      {"the status filter leaks", "list/by-status",
       for_query("conversations", "status=", first_is_active)},
      {"updated_after includes its moment", "list/checkpoint-sync", includes_the_moment},
      {"limit 0 is taken", "list/bad-limit",
       instead_of(400, "conversations", 200, kNoConversations)},
      {"an unknown agent has no conversations", "errors/unknown-agent", knows_any_agent},
      {"conversations lack updated_at", "list/shape", in_each_conversation(erase("updated_at"))},
      {"next_cursor is a number", "list/last-page",
       in_body_of("conversations",
                  [](Json& body) {
                    if (!body["next_cursor"].is_null()) body["next_cursor"] = 2;
                  })},

      // Agents
      {"agents are wrapped", "agents/list",
       in_body_of("agents",
                  [](Json& body) {
                    Json agents = body;
                    body = {{"agents", std::move(agents)}};
                  })},
      {"an agent has no slug", "agents/one", in_body_of("agent", erase("agent_id"))},
      {"a created agent answers 200", "agents/create", instead_of(201, "create_agent", 200, "{}")},
      {"a deleted agent is still there", "agents/delete", instead_of(404, "agent", 200, "{}")},
      {"delete answers a body", "agents/delete", instead_of(204, "delete_agent", 200, "{}")},
      {"deploy is done at once", "agents/deploy",
       instead_of(202, "deploy", 200, R"({"status": "deployed"})")},
      {"no instances are allowed", "agents/create", instead_of(400, "create_agent", 201, "{}")},

      // Attachments
      {"data is not base64", "attachments/round-trip",
       in_body_of("attachment", set("data", "raw bytes!"))},
      {"data is another file's", "attachments/bytes-are-kept",
       in_body_of("attachment", set("data", "AAAA"))},
      {"file names are ASCII", "attachments/utf8-names", in_body_of("attachment", ascii_names)},
      {"a quote in a file name stays escaped", "attachments/quotes-in-names",
       in_body_of("attachment", escape_quotes)},
      {"a form without a file is taken", "attachments/missing-part",
       instead_of(400, "upload", 200, kSomeFile)},
      {"a file of any size is taken", "attachments/fifty-mebibytes",
       instead_of(413, "upload", 200, kSomeFile)},

      // What each further case is there for
      {"a rogue scheme is let in", "auth/wrong-scheme", lets_in("Basic")},
      {"the scheme must be capital", "auth/case-insensitive", wants_bearer_capital},
      {"an unknown key is let in", "auth/unknown-key", lets_in("Bearer nr_")},
      {"files need no key", "auth/missing-key-attachments",
       instead_of(401, "upload", 201, kSomeFile)},
      {"agents need no key", "auth/missing-key-agents", instead_of(401, "agents", 200, "[]")},
      {"a malformed job is not found", "ids/malformed-job",
       instead_of(400, "messages", 404, kNotFound)},
      {"a malformed attachment is not found", "ids/malformed-attachment",
       instead_of(400, "attachment", 404, kNotFound)},
      {"a malformed agent is not found", "ids/malformed-agent",
       instead_of(400, "agent", 404, kNotFound)},
      {"an id over 128 bits is not found", "ids/over-128-bits",
       instead_where(400, "", "_8", 404, kNotFound)},
      {"an unknown job is invalid", "ids/unknown", instead_of(404, "messages", 400, kInvalid)},
      {"an unknown message is invalid", "ids/unknown-message",
       instead_of(404, "poll", 400, kInvalid)},
      {"an old job is not found", "ids/legacy-job",
       instead_where(200, "messages", "/j_", 404, kNotFound)},
      {"a bad attachment id is taken", "ids/bad-attachment-in-prompt",
       instead_where(400, "start", "attachment_ids", 200, kSomeTurn)},
      {"a bad attachment id is told late", "conversation/start-bad-attachment-makes-nothing",
       instead_where(400, "start", "attachment_ids", 200, kSomeTurn)},
      {"an eleventh attachment is taken", "attachments/ten-for-a-prompt",
       instead_where(400, "start", "attachment_ids", 200, kSomeTurn)},
      {"null options are taken", "conversation/start-null-options",
       instead_where(400, "start", "null", 200, kSomeTurn)},
      {"another organization's agent is shown", "organizations/agents",
       instead_of(404, "agent", 200, "{}")},
      {"another organization's jobs are listed", "organizations/list", lists_foreign_conversations},

      {"the error filter leaks", "list/error",
       for_query("conversations", "status=error", first_is_active)},
      {"the completed filter leaks", "list/completed",
       for_query("conversations", "status=completed", first_is_active)},
      {"the abandoned filter leaks", "list/abandoned",
       for_query("conversations", "status=abandoned", first_is_active)},
      {"only the first of several statuses counts", "list/several-statuses",
       for_query("conversations", ",", first_status_only)},
      {"no filter means active", "list/all-statuses", by_default("status", only_active)},
      {"an unknown status is taken", "list/bad-status",
       instead_where(400, "conversations", "status=", 200, kNoConversations)},
      {"an unknown sort is taken", "list/bad-sort",
       instead_where(400, "conversations", "sort=", 200, kNoConversations)},
      {"a bad offset is taken", "list/bad-offset",
       instead_where(400, "conversations", "offset=", 200, kNoConversations)},
      {"a bad time is taken", "list/bad-updated-after",
       instead_where(400, "conversations", "updated_after=", 200, kNoConversations)},
      {"empty parameters are taken", "list/empty-parameters",
       instead_of(400, "conversations", 200, kNoConversations)},
      {"the moment itself is after", "list/updated-after", includes_the_moment},
      {"a time with an offset is refused", "list/updated-after-forms",
       instead_where(200, "conversations", "%2B", 400, kInvalid)},
      {"twenty by default", "list/fifty-by-default", by_default("limit", at_most_twenty)},
      {"limit is one short", "list/limit", for_query("conversations", "limit=", one_more)},
      {"offset is one off", "list/offset", for_query("conversations", "offset=", skip_first)},

      {"a cci_ id is no agent", "agents/by-id",
       instead_where(200, "agent", "/cci_", 404, kNotFound)},
      {"a change has no effect", "agents/change",
       in_body_of("update_agent", set("name", "as before"))},
      {"agents can't be changed", "agents/patch-exists",
       instead_of(200, "update_agent", 405, kInvalid)},
      {"deploy answers 200", "agents/deploy-is-accepted",
       instead_of(202, "deploy", 200, R"({"status": "deploying"})")},
      {"deploy fails", "agents/deployed-at-last", instead_of(202, "deploy", 500, kInvalid)},
      {"an agent that is not deployed works", "agents/not-deployed",
       in_each("user", replace("status", "queued", "pending"))},
      {"a slug has nothing of the name", "agents/slug-of-a-new-agent",
       in_body_of("create_agent", set("agent_id", "new-agent"))},
      {"any name will do", "errors/agent-with-bad-input",
       instead_of(400, "create_agent", 201, "{}")},
      {"any change will do", "errors/agent-change-with-bad-input",
       instead_of(400, "update_agent", 200, "{}")},
      {"%2F is no slash to GET", "slugs/get", instead_where(200, "agent", "%2F", 404, kNotFound)},
      {"%2F is no slash to lists", "slugs/conversations",
       instead_where(200, "conversations", "%2F", 404, kNotFound)},
      {"%2F is no slash to PATCH", "slugs/change-and-delete",
       instead_of(200, "update_agent", 404, kNotFound)},
      {"%2F is no slash to DELETE", "slugs/delete-encoded",
       instead_of(204, "delete_agent", 404, kNotFound)},
      {"%2F is no slash to deploy", "slugs/deploy", instead_of(202, "deploy", 404, kNotFound)},
      {"an unknown slug is found", "slugs/unknown", instead_of(404, "agent", 200, "{}")},

      {"50,000,000 bytes are too many", "attachments/fifty-megabytes", refuses_large_files},
      {"an upload answers 202", "attachments/status-of-an-upload",
       instead_of(201, "upload", 202, kSomeFile)},
      {"other parts spoil an upload", "attachments/other-parts",
       instead_where(201, "upload", "name=\"purpose\"", 400, kInvalid)},

      {"HEAD is not found", "requests/head", has_no_head},
      {"405 does not say what is allowed", "requests/wrong-method", allows_nothing},
      {"unknown fields are refused", "requests/unknown-fields",
       instead_where(200, "start", "colour", 400, kInvalid)},
      {"a charset is refused", "requests/json-with-charset", refuses_charsets},
      {"queued ends in failed", "requests/queued-is-polled-on",
       in_each("user", replace("status", "completed", "failed"))},
      {"timelines never complete", "requests/timeline-only", in_timelines([](Json& messages) {
         for (Json& message : messages) message["status"] = "pending";
       })},
      {"a second prompt is refused", "requests/only-the-new-message",
       instead_of(200, "continue", 400, kInvalid)},
      {"a poll and the timeline disagree", "requests/message-and-timeline-in-turn",
       in_timelines([](Json& messages) {
         for (Json& message : messages) message["content"] = "(content)";
       })},
      {"files can be sent once only", "requests/upload-and-send-again",
       in_each("user", erase("attachment_ids"))},

      {"an abandoned job is continued", "conversation/continue-abandoned-job",
       instead_of(400, "continue", 200, kSomeTurn)},
      {"a completed job is continued", "conversation/continue-completed-job",
       instead_of(400, "continue", 200, kSomeTurn)},
      {"a continuation answers an earlier message", "conversation/continue-answers-a-new-message",
       in_body_of("continue", set("message_id", "cmsg_01ARZ3NDEKTSV4RRFFQ69G5FAV"))},
      {"a job in error is over", "conversation/continue-retries-after-error",
       instead_of(200, "continue", 400, R"({"error": "job is not active"})")},
      {"malformed message ids are not found", "conversation/message-ids",
       instead_of(400, "poll", 404, kNotFound)},
      {"a prompt must wait for the answer", "conversation/prompts-wait-their-turn",
       instead_of(200, "continue", 400, kInvalid)},
      {"start answers 201", "conversation/statuses-of-success",
       instead_of(200, "start", 201, kSomeTurn)},
      {"a failed turn ends the queue", "failure/next-prompt-is-played",
       instead_of(200, "continue", 400, kInvalid)},
      {"an abandoned job stays active", "lifecycle/job-abandoned",
       in_each_conversation(replace("status", "abandoned", "active"))},
      {"a turn that nobody polls stands still", "lifecycle/unwatched-turn-goes-on",
       in_each("user", replace("status", "completed", "pending"))},
      {"an empty answer is null", "messages/empty-answer",
       in_each("assistant", set("content", nullptr))},
      {"an empty turn fails", "messages/empty-turn",
       in_each("user", replace("status", "completed", "failed"))},
      {"pull requests are not told", "messages/pull-request",
       in_timelines([](Json& messages) { erase_role(messages, "system"); })},
      {"no job is an API job", "origins/api",
       instead_of(200, "continue", 400, R"({"error": "job is not an API job"})")},
      {"jobs of others can't be read", "origins/can-be-read",
       instead_of(200, "messages", 403, kInvalid)},
      {"a bad body is told before the origin", "origins/refused-first",
       instead_of(400, "continue", 400, R"({"error": "prompt is required"})")},
      {"progress is pending", "progress/own-status", in_each("progress", set("status", "pending"))},
      {"no tool ever runs", "progress/tools-without-ask-mode",
       in_timelines([](Json& messages) { erase_role(messages, "progress"); })},
      {"costs have twelve decimals", "usage/ten-decimals",
       in_each("assistant",
               [](Json& message) {
                 if (message.contains("cost_usd")) message["cost_usd"] = 0.012345678901;
               })},
  };
}

}  // namespace

const std::vector<BrokenServer>& broken_servers() {
  static const std::vector<BrokenServer> all = make_broken_servers();
  return all;
}

}  // namespace nairi::contracts
