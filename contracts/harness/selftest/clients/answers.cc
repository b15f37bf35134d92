// Clients that are broken in what they make of answers.
#include <filesystem>
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

// As Unix tools and forms do it.
std::string trimmed(const std::string& text) {
  constexpr const char* kBlanks = " \t\n";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

void trim_prompt(HttpRequest& request) {
  Json body = Json::parse(request.body, nullptr, false);
  if (!body.is_object() || !body.contains("prompt")) return;
  body["prompt"] = trimmed(body["prompt"]);
  request.body = body.dump();
}

// One reply of a job becomes another text.
InProcessClient replying(const std::string& prompt, std::size_t place, const std::string& text) {
  return then([=](const Json& job, Json& result) {
    const Json prompts = job.value("prompts", Json::array());
    if (prompts.empty() || prompts.back() != prompt || !result.contains("replies")) return;
    if (place < result["replies"].size()) result["replies"][place] = text;
  });
}

// What was lost was not there.
InProcessClient losing(const std::string& operation, const std::string& body) {
  return behind([=](const HttpRequest& request, const Send& send) {
    auto reply = send(request);
    const bool lost = is_lost(operation)(request, reply);
    return lost ? Result<HttpReply>(HttpReply{.status = 200, .headers = {}, .body = body}) : reply;
  });
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
      {"trims prompts", "keeps-texts-as-they-are", "client/texts-as-they-are",
       sending(trim_prompt)},
      {"trims answers", "keeps-texts-as-they-are", "client/texts-as-they-are",
       then([](const Json&, Json& result) {
         if (!result.contains("replies")) return;
         for (Json& reply : result["replies"]) reply = trimmed(reply);
       })},
      {"trims messages", "keeps-texts-as-they-are", "client/messages-as-they-are",
       then([](const Json&, Json& result) {
         if (!result.contains("messages")) return;
         for (Json& message : result["messages"]) message["content"] = trimmed(message["content"]);
       })},
      {"writes files as text", "keeps-texts-as-they-are", "client/downloads-a-file",
       reading("attachment",
               [](Json& file) {
                 file["data"] =
                     "77u/" + file["data"].get<std::string>();  // a byte order mark before it
               })},
      {"writes no empty file", "keeps-texts-as-they-are", "client/downloads-an-empty-file",
       then([](const Json& job, Json&) {
         const std::string path = job.value("path", "");
         if (!path.empty() && std::filesystem::file_size(path) == 0) std::filesystem::remove(path);
       })},
      {"takes a cut download for an empty file", "malformed-or-truncated-is-an-error",
       "client/download-is-cut", losing("attachment", R"({"id": "att_1", "data": ""})")},
      {"takes a cut page for the last", "reads-all-pages", "client/page-is-cut",
       losing("conversations", R"({"conversations": [], "next_cursor": null})")},
      {"takes an empty page for an error", "result", "client/last-page-is-empty",
       behind([](const HttpRequest& request, const Send& send) {
         auto reply = send(request);
         const bool is_empty = reply && reply->body.find("\"conversations\": []") < 3;
         return is_empty ? no_answer("an empty page") : reply;
       })},
      {"knows active conversations only", "reads-all-pages", "client/conversations-of-every-status",
       reading("conversations",
               [](Json& body) {
                 std::erase_if(body["conversations"].get_ref<Json::array_t&>(),
                               [](const Json& one) { return one["status"] != "active"; });
               })},
      {"answers with the turn that ran before", "reads-the-answer", "client/job-is-busy",
       replying("What is 2+2?", 0, "One, two, three.")},
      {"fails with the turn that ran before", "result-matches-terminal",
       "client/job-is-busy-and-fails", then([](const Json& job, Json& result) {
         if (job["id"] == "client/job-is-busy-and-fails") result["outcome"] = "failed";
       })},
      {"keeps the answer to a prompt", "reads-the-answer", "client/same-prompt-again",
       replying("What time is it?", 1, "Ten.")},
      {"answers with a late error", "result-matches-terminal", "client/noise-of-the-daemon",
       replying("Say nothing of it", 1, "nairid encountered error: failed to push")},
      {"shows the first text of a failure", "result-matches-terminal",
       "client/two-texts-of-a-failure", then([](const Json&, Json& result) {
         if (result["outcome"] != "failed") return;
         result["error"]["message"] = "nairid encountered error: no such host";
       })},
      {"says only that a proxy answered", "surfaces-api-errors", "client/start-is-a-proxy-page",
       noting(has_status("start", 502), [](Json& result) { result["error"]["status"] = 0; })},
      {"says only that there is no such list", "surfaces-api-errors",
       "client/unknown-agents-conversations", noting(has_status("conversations", 404), hide_text)},
      {"says only that there is no such timeline", "surfaces-api-errors",
       "client/unknown-conversation", noting(has_status("messages", 404), hide_text)},
      {"says only that a key is no good any more", "surfaces-api-errors",
       "client/key-is-revoked-between-turns", noting(has_status("continue", 401), hide_text)},
      {"says only that an upload was refused", "surfaces-api-errors",
       "client/upload-is-unavailable",
       noting(has_status("upload", 503), [](Json& result) { result["error"]["status"] = 0; })},
      {"takes a message that is not there for silence", "surfaces-api-errors",
       "client/poll-is-not-found", noting(has_status("poll", 404), claim_success)},
      {"fills silence with the last answer", "reads-the-answer",
       "client/silence-is-not-the-last-answer", then([](const Json& job, Json& result) {
         if (!result.contains("replies") || job.value("prompts", Json()).size() < 2) return;
         Json& replies = result["replies"];
         if (replies.size() == 2 && replies[1] == Json("")) replies[1] = replies[0];
       })},
  };
}

}  // namespace nairi::contracts
