// Clients that are broken in what they make of answers.
#include <set>
#include <string>

#include "harness/selftest/broken_clients.h"
#include "harness/selftest/meddling.h"

namespace nairi::contracts {
namespace {

// Knows every field that there is, and trusts in it.
Result<HttpReply> is_closed_minded(const HttpRequest& request, const Send& send) {
  static const std::set<std::string> roles{"user", "assistant", "system", "progress"};
  auto reply = send(request);
  if (!reply || operation_id(request) != "messages") return reply;
  const Json body = Json::parse(reply->body, nullptr, false);
  if (!body.is_object() || !body.contains("messages")) return reply;
  for (const Json& message : body["messages"]) {
    if (roles.contains(message.value("role", ""))) continue;
    return no_answer("unknown role");
  }
  return reply;
}

bool is_new_style(const Json& job) {
  return !job.value("job_id", "job_").starts_with("j_");
}

ClientAnswer parses_ids(const Json& job, const std::shared_ptr<Transport>& transport) {
  if (is_new_style(job)) return own_client(job, transport);
  ClientAnswer answer;
  answer.result = {{"outcome", "error"}, {"error", {{"status", 0}, {"message", "bad job id"}}}};
  return answer;
}

InProcessClient refuses_old_jobs(const std::string& operation) {
  return [=](const Json& job, const std::shared_ptr<Transport>& transport) {
    return job["op"] == operation ? parses_ids(job, transport) : own_client(job, transport);
  };
}

// Lists every message, progress included.
ClientAnswer shows_progress(const Json& job, const std::shared_ptr<Transport>& transport) {
  constexpr const char* kDisguise = "agent at work";
  const auto rename = [](Json& messages, const char* from, const char* to) {
    for (Json& message : messages) {
      if (message["role"] == from) message["role"] = to;
    }
  };
  const auto disguise =
      reading("messages", [&](Json& body) { rename(body["messages"], "progress", kDisguise); });
  ClientAnswer shown = disguise(job, transport);
  if (shown.result.contains("messages")) rename(shown.result["messages"], kDisguise, "progress");
  return shown;
}

// Keeps what has room in a buffer.
void cut_answers(const Json&, Json& result) {
  constexpr std::size_t kBuffer = std::size_t{64} << 10U;
  if (!result.contains("replies")) return;
  for (Json& reply : result["replies"]) {
    const std::string text = reply;
    if (text.size() > kBuffer) reply = "the beginning of a long text";
  }
}

void send_line_feeds(HttpRequest& request) {
  const std::string ends = "\\r\\n";  // as JSON has them
  for (std::size_t at = 0; (at = request.body.find(ends, at)) != std::string::npos;) {
    request.body.replace(at, ends.size(), "\\n");
  }
}

void claim_success(Json& result) {
  result["outcome"] = "completed";
  result.erase("error");
}

void hide_text(Json& result) {
  result["error"]["message"] = "request failed";
}

}  // namespace

BrokenClients clients_broken_in_answers() {
  return {
      {"takes failed for success", "result-matches-terminal", "",
       then([](const Json&, Json& result) {
         if (result["outcome"] == "failed") claim_success(result);
       })},
      {"answers with the first reply again", "reads-the-answer", "client/answers-with-this-turn",
       then([](const Json&, Json& result) {
         if (!result.contains("replies") || result["replies"].size() < 2) return;
         result["replies"].back() = result["replies"].front();
       })},
      {"shows progress", "filters-progress", "", shows_progress},
      {"hides what the API said", "surfaces-api-errors", "", then([](const Json&, Json& result) {
         if (result.contains("error") && result["error"]["status"] == 400) hide_text(result);
       })},
      {"knows all roles", "survives-additive-changes", "", behind(is_closed_minded)},
      {"takes a broken answer for an empty one", "malformed-or-truncated-is-an-error", "",
       then([](const Json&, Json& result) {
         const bool broken = result["outcome"] == "error" && result["error"]["status"] == 0;
         // That no answer came in time is another matter.
         const bool late = broken && result["error"]["message"].get<std::string>().find(
                                         "in time") != std::string::npos;
         if (broken && !late) claim_success(result);
       })},
      {"reads the first page only", "reads-all-pages", "",
       reading("conversations", [](Json& body) { body["next_cursor"] = nullptr; })},
      {"expects ids to begin with job_", "ids-are-opaque", "", parses_ids},
      {"takes a cut timeline for an empty one", "malformed-or-truncated-is-an-error",
       "client/messages-are-cut", noting(is_lost("messages"), claim_success)},
      {"takes an unreadable timeline for an empty one", "malformed-or-truncated-is-an-error",
       "client/messages-are-not-json", noting(is_unreadable("messages"), claim_success)},
      {"takes an unreadable poll for the end", "malformed-or-truncated-is-an-error",
       "client/polls-are-not-json", noting(is_unreadable("poll"), claim_success)},
      {"takes an unreadable start for success", "malformed-or-truncated-is-an-error",
       "client/start-is-not-json", noting(is_unreadable("start"), claim_success)},
      {"says only that a key is not let in", "surfaces-api-errors", "client/key-is-revoked",
       noting(has_status("poll", 401), hide_text)},
      {"says only that an agent is not there", "surfaces-api-errors", "client/unknown-agent",
       noting(has_status("start", 404), hide_text)},
      {"says only that the server broke", "surfaces-api-errors", "client/start-breaks",
       noting(has_status("start", 500), hide_text)},
      {"forgets the status of 429", "surfaces-api-errors", "client/starts-too-often",
       noting(has_status("start", 429), [](Json& result) { result["error"]["status"] = 0; })},
      {"takes a redirected poll for the end", "result", "client/poll-is-redirected",
       noting(has_status("poll", 307), claim_success)},
      {"takes a redirected start for success", "result", "client/start-is-redirected",
       noting(has_status("start", 307), claim_success)},
      {"misses the last agent", "result", "client/lists-agents",
       reading("agents", [](Json& agents) { agents.erase(agents.size() - 1); })},
      {"reads no old jobs", "ids-are-opaque", "client/reads-an-old-job",
       refuses_old_jobs("messages")},
      {"continues no old jobs", "ids-are-opaque", "client/continues-an-old-job",
       refuses_old_jobs("continue")},
      {"has room for 64 KiB of an answer", "keeps-texts-as-they-are", "client/long-texts",
       then(cut_answers)},
      {"makes the line ends of prompts one", "keeps-texts-as-they-are", "client/long-texts",
       sending(send_line_feeds)},
      {"takes the text of a turn for its answer", "reads-the-answer",
       "client/deltas-are-not-the-answer", then([](const Json& job, Json& result) {
         const Json prompts = job.value("prompts", Json::array());
         if (prompts.size() < 2 || prompts[1] != "Differ from it") return;
         if (result.contains("replies")) result["replies"][1] = "Let me look.So it was last week.";
       })},
      {"fills silence with the last answer", "reads-the-answer",
       "client/silence-is-not-the-last-answer", then([](const Json& job, Json& result) {
         if (!result.contains("replies") || job.value("prompts", Json()).size() < 2) return;
         Json& replies = result["replies"];
         if (replies.size() == 2 && replies[1] == Json("")) replies[1] = replies[0];
       })},
  };
}

}  // namespace nairi::contracts
