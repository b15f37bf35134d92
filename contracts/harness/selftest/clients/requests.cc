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
  const auto begin = transport->clock().now();
  for (const Json& prompt : job.value("prompts", Json::array())) {
    one["prompts"] = Json::array({prompt});
    one["deadline_ms"] =
        job.at("deadline_ms").get<std::int64_t>() - (transport->clock().now() - begin).count();
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
InProcessClient asking_again(const Notices& failed) {
  return [=](const Json& job, const std::shared_ptr<Transport>& transport) {
    std::optional<HttpRequest> prompt;
    const Meddle again = [&](const HttpRequest& request, const Send& send) {
      const std::string operation = operation_id(request);
      if (operation == "start" || operation == "continue") prompt = request;
      auto reply = send(request);
      if (prompt && failed(request, reply)) send(*std::exchange(prompt, {}));
      return reply;
    };
    return behind(again)(job, transport);
  };
}

bool is_lost_poll(const HttpRequest& request, const Result<HttpReply>& reply) {
  return !reply && operation_id(request) == "poll";
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

// The ids of a start go into each continue, too.
ClientAnswer repeats_files(const Json& job, const std::shared_ptr<Transport>& transport) {
  Json files;
  const Meddle repeat = [&](HttpRequest request, const Send& send) {
    Json body = Json::parse(request.body, nullptr, false);
    if (operation_id(request) == "start") files = body.value("attachment_ids", Json());
    if (operation_id(request) == "continue" && !files.is_null()) {
      body["attachment_ids"] = files;
      request.body = body.dump();
    }
    return send(request);
  };
  return behind(repeat)(job, transport);
}

void rename_file(HttpRequest& request) {
  constexpr std::string_view kName = "filename=\"";
  const std::size_t at = request.body.find(kName);
  if (operation_id(request) != "upload" || at == std::string::npos) return;
  const std::size_t begin = at + kName.size();
  request.body.replace(begin, request.body.find("\"\r\n", begin) - begin, "file");
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
      {"asks again after a cut read", "sends-a-prompt-once", "client/polls-are-cut",
       asking_again(is_lost_poll)},
      {"asks again after what is no JSON", "sends-a-prompt-once", "client/poll-is-not-json-once",
       asking_again(is_unreadable("poll"))},
      {"asks again after 503", "sends-a-prompt-once", "client/poll-is-unavailable-once",
       asking_again(has_status("poll", 503))},
      {"asks again after 404", "sends-a-prompt-once", "client/second-turn-is-not-found",
       asking_again(has_status("poll", 404))},
      {"sends its files with each prompt", "keeps-texts-as-they-are", "client/several-files",
       repeats_files},
      {"calls every file the same", "keeps-texts-as-they-are", "client/file-names",
       sending(rename_file)},
      {"sends no empty files", "keeps-texts-as-they-are", "client/empty-file", given([](Json& job) {
         if (job["id"] == "client/empty-file") job.erase("attachments");
       })},
      {"encodes slugs in bodies", "result", "client/starts-with-a-slash", starting([](Json& body) {
         if (body["agent_id"] == "acme/ops") body["agent_id"] = "acme%2Fops";
       })},
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
