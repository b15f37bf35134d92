// Servers that are broken in starting and continuing, origins, timelines.
#include <algorithm>
#include <utility>

#include "harness/selftest/broken_servers.h"
#include "harness/selftest/tampering.h"

namespace nairi::contracts {
namespace {

void newest_first(Json& list) {
  std::reverse(list.begin(), list.end());
}

}  // namespace

BrokenServers servers_broken_in_conversations() {
  return {
      {"a follow-up knows nothing of before", "conversation/follow-up-has-context",
       in_each("assistant", set("content", "What do you mean?"))},
      {"timeline is newest first", "conversation/timeline-oldest-first",
       in_timelines(newest_first)},
      {"timeline is bare", "conversation/timeline-includes-progress",
       in_body_of("messages",
                  [](Json& body) {
                    Json messages = body["messages"];
                    body = std::move(messages);
                  })},
      {"progress is hidden", "conversation/timeline-includes-progress",
       in_timelines(without_role("progress"))},
      {"a job from Slack is continued", "origins/slack",
       instead_of(400, "continue", 202, kSomeTurn)},
      {"a job from Discord is refused by a text off by a letter", "origins/discord",
       in_each_error(replace("error", "job is not an API job", "job is not a API job"))},
      {"a job from the web is refused with 403", "origins/web",
       instead_of(400, "continue", 403, R"({"error": "job is not an API job"})")},
      {"a bad attachment id is told late", "conversation/start-bad-attachment-makes-nothing",
       instead_where(400, "start", "attachment_ids", 200, kSomeTurn)},
      {"null options are taken", "conversation/start-null-options",
       instead_where(400, "start", "null", 200, kSomeTurn)},
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
      {"no job is an API job", "origins/api",
       instead_of(200, "continue", 400, R"({"error": "job is not an API job"})")},
      {"jobs of others can't be read", "origins/can-be-read",
       instead_of(200, "messages", 403, kInvalid)},
      {"a bad body is told before the origin", "origins/refused-first",
       instead_of(400, "continue", 400, R"({"error": "prompt is required"})")},
  };
}

}  // namespace nairi::contracts
