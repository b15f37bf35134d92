// Servers that are broken in how a turn goes on and ends, and how it fails.
#include <memory>
#include <set>
#include <string>

#include "harness/selftest/broken_servers.h"
#include "harness/selftest/tampering.h"

namespace nairi::contracts {
namespace {

// The second reading of a completed message finds it pending again.
Tamper flips_back() {
  auto completed = std::make_shared<std::set<std::string>>();
  return in_answers_to("poll", [completed](const HttpRequest&, Json& message) {
    if (message["status"] != "completed") return;
    if (!completed->insert(message["id"]).second) message["status"] = "pending";
  });
}

// The answer is missing from the first timeline after the message was completed.
Tamper answers_late() {
  auto read = std::make_shared<std::set<std::string>>();
  return in_answers_to("messages", [read](const HttpRequest& request, Json& body) {
    if (read->insert(request.target).second) without_role("assistant")(body["messages"]);
  });
}

void failure_is_an_answer(Json& messages) {
  for (Json& message : messages) {
    if (message["role"] == "system") message["role"] = "assistant";
  }
}

void without_prefix(Json& message) {
  const std::string text = message["content"];
  const std::size_t colon = text.find(": ");
  if (text.starts_with("nairid")) message["content"] = text.substr(colon + 2);
}

void without_reason(Json& message) {
  const std::string text = message["content"];
  if (text.starts_with("Job complete")) message["content"] = "Job complete";
}

}  // namespace

BrokenServers servers_broken_in_lifecycle() {
  return {
      {"completed goes back to pending", "lifecycle/terminal-stays", flips_back},
      {"completed before the answer is listed", "lifecycle/answer-is-there-when-completed",
       answers_late},
      {"queued is never said", "lifecycle/queued-first",
       in_each("user", replace("status", "queued", "pending"))},
      {"completed is called done", "lifecycle/completes",
       in_each("user", replace("status", "completed", "done"))},
      {"a failed turn is completed", "failure/system-message",
       in_each("user", replace("status", "failed", "completed"))},
      {"a failed turn has no system message", "failure/newest-system-message",
       in_timelines(without_role("system"))},
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
      {"start answers no message", "lifecycle/completes", in_body_of("start", erase("message_id"))},
      {"a failed turn ends the queue", "failure/next-prompt-is-played",
       instead_of(200, "continue", 400, kInvalid)},
      {"an abandoned job stays active", "lifecycle/job-abandoned",
       in_each_conversation(replace("status", "abandoned", "active"))},
      {"a turn that nobody polls stands still", "lifecycle/unwatched-turn-goes-on",
       in_each("user", replace("status", "completed", "pending"))},
  };
}

}  // namespace nairi::contracts
