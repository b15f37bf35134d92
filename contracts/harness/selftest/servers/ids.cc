// Servers that are broken in ids and times: their form, and what is no id.
#include <algorithm>
#include <cctype>
#include <string>

#include "harness/selftest/broken_servers.h"
#include "harness/selftest/tampering.h"

namespace nairi::contracts {
namespace {

void lower(Json& object, const char* key) {
  if (!object.contains(key)) return;
  std::string text = object[key];
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  object[key] = text;
}

void drop_milliseconds(Json& object, const char* key) {
  if (!object.contains(key)) return;
  std::string text = object[key];
  const std::size_t dot = text.find('.');
  if (dot != std::string::npos) text.erase(dot, 4);
  object[key] = text;
}

void seconds_only(Json& message) {
  drop_milliseconds(message, "created_at");
  drop_milliseconds(message, "updated_at");
}

void local_time(Json& message) {
  std::string text = message["created_at"];
  text.replace(text.size() - 1, 1, "+00:00");
  message["created_at"] = text;
}

// Malformed ids are not found.
Tamper malformed_is_unknown() {
  return [](const HttpRequest& request, HttpReply& reply) {
    if (reply.status == 400 && request.method == "GET" &&
        operation_id(request) != "conversations") {
      reply.status = 404;
    }
  };
}

}  // namespace

BrokenServers servers_broken_in_ids() {
  return {
      {"times have seconds only", "ids/times", in_each_message(seconds_only)},
      {"times have an offset", "ids/times", in_each_message(local_time)},
      {"ids are lower case", "ids/form",
       in_each_message([](Json& message) { lower(message, "id"); })},
      {"start answers the job as the message", "ids/form",
       in_body_of("start", [](Json& body) { body["message_id"] = body["job_id"]; })},
      {"a malformed id is not found", "ids/malformed-message", malformed_is_unknown},
      {"a malformed job is not found", "ids/malformed-job",
       instead_of(400, "messages", 404, kNotFound)},
      {"a malformed attachment is not found", "ids/malformed-attachment",
       instead_of(400, "attachment", 404, kNotFound)},
      {"a malformed agent is not found", "ids/malformed-agent",
       instead_of(400, "agent", 404, kNotFound)},
      {"another kind's id is not found", "ids/other-kind",
       instead_where(400, "", "_01ARZ3NDEKTSV4RRFFQ69G5FAV", 404, kNotFound)},
      {"an id over 128 bits is not found", "ids/over-128-bits",
       instead_where(400, "", "_8", 404, kNotFound)},
      {"an unknown job is invalid", "ids/unknown", instead_of(404, "messages", 400, kInvalid)},
      {"an unknown message is invalid", "ids/unknown-message",
       instead_of(404, "poll", 400, kInvalid)},
      {"an old job is not found", "ids/legacy-job",
       instead_where(200, "messages", "/j_", 404, kNotFound)},
      {"a bad attachment id is taken", "ids/bad-attachment-in-prompt",
       instead_where(400, "start", "attachment_ids", 200, kSomeTurn)},
  };
}

}  // namespace nairi::contracts
