#include "harness/selftest/broken_clients.h"

#include <algorithm>
#include <set>
#include <utility>

#include "harness/client/own_client.h"
#include "harness/server/tampering.h"

namespace nairi::contracts {
namespace {

using Send = std::function<Result<HttpReply>(const HttpRequest&)>;
// What stands between the client and the server: it may change, repeat or swallow what it is given.
using Meddle = std::function<Result<HttpReply>(HttpRequest, const Send&)>;

class Meddling : public Transport {
 public:
  Meddling(std::shared_ptr<Transport> inner, Meddle meddle)
      : inner_(std::move(inner)), meddle_(std::move(meddle)) {}

  Result<HttpReply> send(const HttpRequest& request) override {
    return meddle_(request, [this](const HttpRequest& changed) { return inner_->send(changed); });
  }
  Clock& clock() override { return inner_->clock(); }

 private:
  std::shared_ptr<Transport> inner_;
  Meddle meddle_;
};

ClientAnswer answer(Json result) {
  return {
      .kind = ClientAnswer::Kind::answered, .result = std::move(result), .how = {}, .notes = {}};
}

// Our client behind a meddler; each run has a new one.
InProcessClient behind(std::function<Meddle()> make_meddle) {
  return [make_meddle = std::move(make_meddle)](const Json& job,
                                                std::shared_ptr<Transport> transport) {
    return answer(
        run_own_client(job, std::make_shared<Meddling>(std::move(transport), make_meddle())));
  };
}

InProcessClient behind_always(Meddle meddle) {
  return behind([meddle = std::move(meddle)] { return meddle; });
}

// Our client, whose result is changed.
InProcessClient then(std::function<void(const Json& job, Json& result)> edit) {
  return [edit = std::move(edit)](const Json& job, const std::shared_ptr<Transport>& transport) {
    Json result = run_own_client(job, transport);
    edit(job, result);
    return answer(std::move(result));
  };
}

// Our client with another job.
InProcessClient given(std::function<void(Json& job)> edit) {
  return [edit = std::move(edit)](Json job, const std::shared_ptr<Transport>& transport) {
    edit(job);
    return answer(run_own_client(job, transport));
  };
}

// Our client, which reads the answers of an operation changed.
InProcessClient reading(const std::string& operation, const Edit& edit) {
  return behind_always([=](const HttpRequest& request, const Send& send) {
    auto reply = send(request);
    if (!reply || reply->status != 200 || operation_id(request) != operation) return reply;
    Json body = Json::parse(reply->body, nullptr, false);
    if (body.is_discarded()) return reply;
    edit(body);
    reply->body = body.dump();
    return reply;
  });
}

// Our client, whose requests are changed on the way out.
InProcessClient sending(std::function<void(HttpRequest&)> edit) {
  return behind_always([edit = std::move(edit)](HttpRequest request, const Send& send) {
    edit(request);
    return send(request);
  });
}

// Sends again, `times` times, what came back as `again` says.
InProcessClient repeating(int times,
                          std::function<bool(const HttpRequest&, const Result<HttpReply>&)> again) {
  return behind_always(
      [times, again = std::move(again)](const HttpRequest& request, const Send& send) {
        auto reply = send(request);
        if (!again(request, reply)) return reply;
        for (int i = 0; i < times; ++i) reply = send(request);
        return reply;
      });
}

void erase_header(HttpRequest& request, std::string_view name) {
  std::erase_if(request.headers, [&](const HttpHeader& header) { return header.name == name; });
}

bool is_terminal(const HttpReply& reply) {
  const Json body = Json::parse(reply.body, nullptr, false);
  const std::string status = body.is_object() ? body.value("status", "") : "";
  return status == "completed" || status == "failed";
}

Edit status(const std::function<bool(const std::string&)>& which, const char* becomes) {
  return [=](Json& message) {
    if (which(message.value("status", ""))) message["status"] = becomes;
  };
}

bool is_known(const std::string& word) {
  return word == "queued" || word == "pending" || word == "completed" || word == "failed";
}

// Polls once more after the end of a turn.
bool polls_on(const HttpRequest& request, const Result<HttpReply>& reply) {
  return reply && operation_id(request) == "poll" && is_terminal(*reply);
}

bool retries_refusals(const HttpRequest&, const Result<HttpReply>& reply) {
  return reply && reply->status >= 400 && reply->status < 429;
}

bool retries_posts(const HttpRequest& request, const Result<HttpReply>& reply) {
  return !reply && request.method == "POST" && reply.error().code != ErrorCode::malformed_reply;
}

// A conversation of its own for every prompt.
ClientAnswer starts_over(const Json& job, const std::shared_ptr<Transport>& transport) {
  Json merged;
  Json one = job;
  for (const Json& prompt : job.value("prompts", Json::array())) {
    one["prompts"] = Json::array({prompt});
    Json result = run_own_client(one, transport);
    if (merged.is_null()) {
      merged = std::move(result);
      continue;
    }
    for (const Json& reply : result.value("replies", Json::array())) {
      merged["replies"].push_back(reply);
    }
    merged["outcome"] = result["outcome"];
  }
  return answer(merged.is_null() ? run_own_client(job, transport) : std::move(merged));
}

// Knows every field that there is, and trusts in it.
Meddle is_closed_minded() {
  return [](const HttpRequest& request, const Send& send) -> Result<HttpReply> {
    static const std::set<std::string> roles{"user", "assistant", "system", "progress"};
    auto reply = send(request);
    if (!reply || operation_id(request) != "messages") return reply;
    const Json body = Json::parse(reply->body, nullptr, false);
    if (!body.is_object() || !body.contains("messages")) return reply;
    for (const Json& message : body["messages"]) {
      if (roles.contains(message.value("role", ""))) continue;
      Error error;
      error.code = ErrorCode::malformed_reply;
      error.message = "unknown role";
      return tl::unexpected(error);
    }
    return reply;
  };
}

bool is_new_style(const Json& job) {
  return !job.value("job_id", "job_").starts_with("j_");
}

ClientAnswer parses_ids(const Json& job, const std::shared_ptr<Transport>& transport) {
  if (is_new_style(job)) return answer(run_own_client(job, transport));
  return answer({{"outcome", "error"}, {"error", {{"status", 0}, {"message", "bad job id"}}}});
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

// Our client; when an exchange was such as `notices` says, its result is changed.
using Notices = std::function<bool(const HttpRequest&, const Result<HttpReply>&)>;

InProcessClient noting(const Notices& notices, const Edit& edit) {
  return [=](const Json& job, const std::shared_ptr<Transport>& transport) {
    bool noticed = false;
    const Meddle watch = [&](const HttpRequest& request, const Send& send) {
      auto reply = send(request);
      noticed = noticed || notices(request, reply);
      return reply;
    };
    Json result = run_own_client(job, std::make_shared<Meddling>(transport, watch));
    if (noticed) edit(result);
    return answer(std::move(result));
  };
}

Notices is_lost(const std::string& operation) {
  return [=](const HttpRequest& request, const Result<HttpReply>& reply) {
    return !reply && reply.error().code == ErrorCode::connection_lost &&
           operation_id(request) == operation;
  };
}

Notices is_unreadable(const std::string& operation) {
  return [=](const HttpRequest& request, const Result<HttpReply>& reply) {
    return reply && reply->status == 200 && operation_id(request) == operation &&
           !Json::accept(reply->body);
  };
}

Notices has_status(const std::string& operation, int status) {
  return [=](const HttpRequest& request, const Result<HttpReply>& reply) {
    return reply && reply->status == status && operation_id(request) == operation;
  };
}

void claim_success(Json& result) {
  result["outcome"] = "completed";
  result.erase("error");
}

void hide_text(Json& result) {
  result["error"]["message"] = "request failed";
}

InProcessClient deaf_to(int status) {
  return behind_always([=](const HttpRequest& request, const Send& send) {
    auto reply = send(request);
    if (reply && reply->status == status) {
      std::erase_if(reply->headers,
                    [](const HttpHeader& header) { return header.name == "Retry-After"; });
    }
    return reply;
  });
}

Result<HttpReply> gives_up(const HttpRequest& request, const Send& send) {
  auto reply = send(request);
  const bool unavailable = reply && (reply->status == 502 || reply->status == 504);
  if (!unavailable || operation_id(request) != "messages") return reply;
  Error error;
  error.code = ErrorCode::malformed_reply;  // which our client never tries again
  error.status = reply->status;
  error.message = "unavailable";
  return tl::unexpected(error);
}

ClientAnswer impatient(const Json& job, const std::shared_ptr<Transport>& transport) {
  constexpr std::chrono::milliseconds kPatience{1000};
  const Meddle watch = [&](const HttpRequest& request, const Send& send) -> Result<HttpReply> {
    const auto begin = transport->clock().now();
    auto reply = send(request);
    const bool slow = transport->clock().now() - begin > kPatience;
    if (!slow || operation_id(request) != "poll") return reply;
    Error error;
    error.code = ErrorCode::malformed_reply;
    error.message = "too slow";
    return tl::unexpected(error);
  };
  return answer(run_own_client(job, std::make_shared<Meddling>(transport, watch)));
}

InProcessClient refuses_old_jobs(const std::string& operation) {
  return [=](const Json& job, const std::shared_ptr<Transport>& transport) {
    return job["op"] == operation ? parses_ids(job, transport)
                                  : answer(run_own_client(job, transport));
  };
}

std::vector<BrokenClient> make_broken_clients() {
  return {
      {"takes queued for the end", "polls-until-terminal", "",
       reading("poll",
               status([](const std::string& word) { return word == "queued"; }, "completed"))},
      {"polls on after the end", "stops-after-terminal", "", repeating(3, polls_on)},
      {"takes failed for success", "result-matches-terminal", "",
       then([](const Json&, Json& result) {
         if (result["outcome"] != "failed") return;
         result["outcome"] = "completed";
         result.erase("error");
       })},
      {"answers with the first reply again", "reads-the-answer", "client/answers-with-this-turn",
       then([](const Json&, Json& result) {
         if (!result.contains("replies") || result["replies"].size() < 2) return;
         result["replies"].back() = result["replies"].front();
       })},
      {"shows progress", "filters-progress", "", shows_progress},
      {"hides what the API said", "surfaces-api-errors", "", then([](const Json&, Json& result) {
         if (result.contains("error") && result["error"]["status"] == 400) {
           result["error"]["message"] = "request failed";
         }
       })},
      {"tries a refused request again", "no-retry-on-4xx", "", repeating(1, retries_refusals)},
      {"sends a POST again after a reset", "no-blind-retry-of-post", "",
       repeating(1, retries_posts)},
      {"reads timelines without a key", "auth-on-every-call", "", sending([](HttpRequest& request) {
         if (operation_id(request) == "messages") erase_header(request, "Authorization");
       })},
      {"puts the key into the URL", "auth-on-every-call", "", sending([](HttpRequest& request) {
         const auto key =
             std::find_if(request.headers.begin(), request.headers.end(),
                          [](const HttpHeader& header) { return header.name == "Authorization"; });
         if (operation_id(request) == "poll" && key != request.headers.end()) {
           request.target += "?api_key=" + key->value.substr(key->value.find(' ') + 1);
         }
       })},
      {"sends ask_mode as text", "valid-requests", "", sending([](HttpRequest& request) {
         if (operation_id(request) != "start") return;
         Json body = Json::parse(request.body);
         body["ask_mode"] = "false";
         request.body = body.dump();
       })},
      {"starts over for a follow-up", "continues-the-same-job", "", starts_over},
      {"knows all roles", "survives-additive-changes", "", behind(is_closed_minded)},
      {"takes an unknown status for the end", "unknown-status-is-not-terminal", "",
       reading("poll",
               status([](const std::string& word) { return !is_known(word); }, "completed"))},
      {"takes a broken answer for an empty one", "malformed-or-truncated-is-an-error", "",
       then([](const Json&, Json& result) {
         const bool broken = result["outcome"] == "error" && result["error"]["status"] == 0;
         // That no answer came in time is another matter.
         const bool late = broken && result["error"]["message"].get<std::string>().find(
                                         "in time") != std::string::npos;
         if (broken && !late) {
           result["outcome"] = "completed";
           result.erase("error");
         }
       })},
      {"reads the first page only", "reads-all-pages", "",
       reading("conversations", [](Json& body) { body["next_cursor"] = nullptr; })},
      {"waits for ever", "deadline-kept", "client/turn-never-ends",
       given([](Json& job) { job.erase("deadline_ms"); })},
      {"expects ids to begin with job_", "ids-are-opaque", "", parses_ids},
      {"polls without a pause", "polls-no-faster-than-asked", "",
       given([](Json& job) { job["poll_ms"] = 1; })},
      {"does not say who it is", "user-agent", "",
       sending([](HttpRequest& request) { erase_header(request, "User-Agent"); })},

      // What further cases are there for
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
      {"continues again after a reset", "no-blind-retry-of-post", "client/continue-is-reset",
       repeating(1, is_lost("continue"))},
      {"does not read the Retry-After of 503", "retry-after",
       "client/poll-unavailable-for-a-second", deaf_to(503)},
      {"does not read the Retry-After of 429", "retry-after", "client/polls-too-often",
       deaf_to(429)},
      {"takes a redirected poll for the end", "result", "client/poll-is-redirected",
       noting(has_status("poll", 307), claim_success)},
      {"takes a redirected start for success", "result", "client/start-is-redirected",
       noting(has_status("start", 307), claim_success)},
      {"gives up when a timeline is unavailable", "retries-idempotent-reads",
       "client/messages-are-unavailable", behind_always(gives_up)},
      {"has no patience with a slow poll", "polls-until-terminal", "client/poll-is-slow",
       impatient},
      {"forgets ask mode", "result", "client/ask-mode", sending([](HttpRequest& request) {
         if (operation_id(request) != "start") return;
         Json body = Json::parse(request.body);
         body.erase("ask_mode");
         request.body = body.dump();
       })},
      {"misses the last agent", "result", "client/lists-agents",
       reading("agents", [](Json& agents) { agents.erase(agents.size() - 1); })},
      {"cuts slugs at the slash", "result", "client/slug-with-slash",
       sending([](HttpRequest& request) {
         const std::size_t slash = request.target.find("%2F");
         if (slash != std::string::npos) request.target.erase(slash, 6);
       })},
      {"reads no old jobs", "ids-are-opaque", "client/reads-an-old-job",
       refuses_old_jobs("messages")},
      {"continues no old jobs", "ids-are-opaque", "client/continues-an-old-job",
       refuses_old_jobs("continue")},
      {"fills silence with the last answer", "reads-the-answer",
       "client/silence-is-not-the-last-answer", then([](const Json& job, Json& result) {
         if (!result.contains("replies") || job.value("prompts", Json()).size() < 2) return;
         Json& replies = result["replies"];
         if (replies.size() == 2 && replies[1] == Json("")) replies[1] = replies[0];
       })},
      {"waits for a start for ever", "deadline-kept", "client/start-takes-too-long",
       sending([](HttpRequest& request) {
         if (operation_id(request) == "start") request.time_limit.reset();
       })},
  };
}

}  // namespace

const std::vector<BrokenClient>& broken_clients() {
  static const std::vector<BrokenClient> all = make_broken_clients();
  return all;
}

}  // namespace nairi::contracts
