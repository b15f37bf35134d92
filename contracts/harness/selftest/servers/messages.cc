// Servers that are broken in the fields of messages, usage included.
#include <memory>
#include <string>

#include "harness/selftest/broken_servers.h"
#include "harness/selftest/tampering.h"

namespace nairi::contracts {
namespace {

// A message has another id each time that it is read.
Tamper renames_messages() {
  auto count = std::make_shared<int>(0);
  return in_answers_to("poll", [count](const HttpRequest&, Json& message) {
    if (++*count % 2 == 1) return;
    std::string id = message["id"];
    id.back() = id.back() == '0' ? '1' : '0';
    message["id"] = id;
  });
}

void trim(Json& message) {
  std::string text = message["content"];
  text.erase(0, text.find_first_not_of(" \n"));
  text.erase(text.find_last_not_of(" \n") + 1);
  message["content"] = text;
}

void cut_at_nul(Json& message) {
  const std::string text = message["content"];
  message["content"] = text.substr(0, text.find('\0'));
}

void compose(Json& message) {
  std::string text = message["content"];
  const std::size_t at = text.find("e\u0308");
  if (at != std::string::npos) text.replace(at, 3, "\u00EB");
  message["content"] = text;
}

Tamper hides_answers() {
  return [](const HttpRequest& request, HttpReply& reply) {
    const bool is_answer = reply.status == 200 && operation_id(request) == "poll" &&
                           Json::parse(reply.body).value("role", "") == "assistant";
    if (is_answer) reply = {.status = 404, .headers = reply.headers, .body = kNotFound};
  };
}

}  // namespace

BrokenServers servers_broken_in_messages() {
  return {
      {"a message has another id each time", "messages/fields", renames_messages},
      {"updated_at is missing", "messages/fields", in_each_message(erase("updated_at"))},
      {"content is missing", "messages/fields", in_each("user", erase("content"))},
      {"role of an answer is agent", "messages/fields", in_each("assistant", set("role", "agent"))},
      {"prompts are not echoed as sent", "messages/fields",
       in_each("user", set("content", "(prompt)"))},
      {"attachment_ids is null", "messages/never-null",
       in_each_message(add("attachment_ids", nullptr))},
      {"attachment_ids is empty", "messages/attachment-ids-only-when-any",
       in_each_message(add("attachment_ids", Json::array()))},
      {"usage lacks the model", "usage/all-six", in_each("assistant", erase("model"))},
      {"cost is text", "usage/all-six", in_each("assistant", change("cost_usd", "0.0123"))},
      {"usage is null where there is none", "usage/none",
       in_each("assistant", add("model", nullptr))},
      {"an empty answer is null", "messages/empty-answer",
       in_each("assistant", set("content", nullptr))},
      {"an empty turn fails", "messages/empty-turn",
       in_each("user", replace("status", "completed", "failed"))},
      {"prompts are trimmed", "messages/prompt-comes-back", in_each("user", trim)},
      {"prompts end at a NUL", "messages/prompts-are-only-text", in_each("user", cut_at_nul)},
      {"combining characters are composed", "messages/prompt-comes-back", in_each("user", compose)},
      {"a message changes before it is there", "messages/times-in-order",
       in_each("user", set("updated_at", "2001-01-01T00:00:00.000Z"))},
      {"only prompts can be polled", "messages/of-any-role", hides_answers},
      {"pull requests are not told", "messages/pull-request", in_timelines(without_role("system"))},
      {"costs have twelve decimals", "usage/ten-decimals",
       in_each("assistant", change("cost_usd", 0.012345678901))},
  };
}

}  // namespace nairi::contracts
