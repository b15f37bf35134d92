// Clients that are broken in what they send.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "harness/selftest/broken_clients.h"
#include "harness/selftest/meddling.h"

namespace nairi::contracts {
namespace {

void erase_header(HttpRequest& request, std::string_view name) {
  std::erase_if(request.headers, [&](const HttpHeader& header) { return header.name == name; });
}

bool retries_refusals(const HttpRequest&, const Result<HttpReply>& reply) {
  return reply && reply->status >= 400 && reply->status < 429;
}

bool retries_posts(const HttpRequest& request, const Result<HttpReply>& reply) {
  return !reply && request.method == "POST" && reply.error().code != ErrorCode::malformed_reply;
}

// A conversation of its own for every prompt.
ClientAnswer starts_over(const Json& job, const std::shared_ptr<Transport>& transport) {
  ClientAnswer answer;
  Json& merged = answer.result;
  Json one = job;
  for (const Json& prompt : job.value("prompts", Json::array())) {
    one["prompts"] = Json::array({prompt});
    Json result = own_client(one, transport).result;
    if (merged.is_null()) {
      merged = std::move(result);
      continue;
    }
    for (const Json& reply : result.value("replies", Json::array())) {
      merged["replies"].push_back(reply);
    }
    merged["outcome"] = result["outcome"];
  }
  return merged.is_null() ? own_client(job, transport) : answer;
}

// Takes a turn that it can't read for one that was never begun.
ClientAnswer asks_again(const Json& job, const std::shared_ptr<Transport>& transport) {
  std::optional<HttpRequest> start;
  const Meddle restart = [&](const HttpRequest& request, const Send& send) {
    if (operation_id(request) == "start") start = request;
    auto reply = send(request);
    if (!reply && start && operation_id(request) == "poll") send(*std::exchange(start, {}));
    return reply;
  };
  return behind(restart)(job, transport);
}

Result<HttpReply> gives_up(const HttpRequest& request, const Send& send) {
  auto reply = send(request);
  const bool unavailable = reply && (reply->status == 502 || reply->status == 504);
  if (!unavailable || operation_id(request) != "messages") return reply;
  return no_answer("unavailable", reply->status);
}

// What readers of text do.
void drop_byte_order_mark(HttpRequest& request) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  const std::size_t at = request.body.find(kMark);
  const bool is_upload = operation_id(request) == "upload";
  if (is_upload && at != std::string::npos) request.body.erase(at, kMark.size());
}

// Our client, whose bodies of start are changed.
InProcessClient starting(const Edit& edit) {
  return sending([=](HttpRequest& request) {
    if (operation_id(request) != "start") return;
    Json body = Json::parse(request.body);
    edit(body);
    request.body = body.dump();
  });
}

}  // namespace

BrokenClients clients_broken_in_requests() {
  return {
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
      {"sends ask_mode as text", "valid-requests", "", starting(set("ask_mode", "false"))},
      {"starts over for a follow-up", "continues-the-same-job", "", starts_over},
      {"does not say who it is", "user-agent", "",
       sending([](HttpRequest& request) { erase_header(request, "User-Agent"); })},
      {"asks again after a failed read", "sends-a-prompt-once", "client/polls-are-cut", asks_again},
      {"sends its key in quotes", "key-is-filled-in", "", sending([](HttpRequest& request) {
         for (HttpHeader& header : request.headers) {
           if (header.name == "Authorization") header.value.insert(7, "\"").append("\"");
         }
       })},
      {"asks for pages by a parameter of its own", "known-parameters", "client/reads-all-pages",
       sending([](HttpRequest& request) {
         if (operation_id(request) == "conversations") request.target += "&page=1";
       })},
      {"continues again after a reset", "no-blind-retry-of-post", "client/continue-is-reset",
       repeating(1, is_lost("continue"))},
      {"uploads again after a reset", "uploads-a-file-once", "client/upload-breaks",
       repeating(1, is_lost("upload"))},
      {"gives up when a timeline is unavailable", "retries-idempotent-reads",
       "client/messages-are-unavailable", behind(gives_up)},
      {"forgets ask mode", "result", "client/ask-mode", starting(erase("ask_mode"))},
      {"forgets its files", "keeps-texts-as-they-are", "client/uploads-a-file",
       starting(erase("attachment_ids"))},
      {"reads files as text", "keeps-texts-as-they-are", "client/long-files",
       sending(drop_byte_order_mark)},
      {"cuts slugs at the slash", "result", "client/slug-with-slash",
       sending([](HttpRequest& request) {
         const std::size_t slash = request.target.find("%2F");
         if (slash != std::string::npos) request.target.erase(slash, 6);
       })},
  };
}

}  // namespace nairi::contracts
