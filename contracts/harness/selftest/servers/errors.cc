// Servers that are broken in what is refused, and in which form.
#include <string>

#include "harness/selftest/broken_servers.h"
#include "harness/selftest/tampering.h"

namespace nairi::contracts {
namespace {

Tamper errors_are_text() {
  return [](const HttpRequest&, HttpReply& reply) {
    if (reply.status < 400) return;
    reply.body = Json::parse(reply.body).value("error", "");
    for (HttpHeader& header : reply.headers) {
      if (header.name == "Content-Type") header.value = "text/plain";
    }
  };
}

Tamper errors_say_html() {
  return [](const HttpRequest&, HttpReply& reply) {
    for (HttpHeader& header : reply.headers) {
      if (reply.status >= 400 && header.name == "Content-Type") header.value = "text/html";
    }
  };
}

}  // namespace

BrokenServers servers_broken_in_errors() {
  return {
      {"start takes an empty prompt", "errors/start-with-bad-fields",
       instead_of(400, "start", 200, kSomeTurn)},
      {"start takes an unknown agent", "errors/unknown-agent",
       instead_of(404, "start", 200, kSomeTurn)},
      {"continue takes an empty prompt", "errors/continue-with-bad-input",
       instead_of(400, "continue", 200, kSomeTurn)},
      {"errors are plain text", "errors/unknown-agent", errors_are_text},
      {"errors say text/html", "errors/start-with-bad-fields", errors_say_html},
      {"errors are called message", "errors/start-with-no-object", in_each_error([](Json& body) {
         body["message"] = body["error"];
         body.erase("error");
       })},
      {"errors are objects", "errors/continue-with-bad-input", in_each_error([](Json& body) {
         body = {{"error", {{"text", body["error"]}}}};
       })},
      {"an unknown agent has no conversations", "errors/unknown-agent",
       instead_of(404, "conversations", 200, kNoConversations)},
      {"any name will do", "errors/agent-with-bad-input",
       instead_of(400, "create_agent", 201, "{}")},
      {"errors name what is wrong", "errors/short-texts", in_each_error([](Json& body) {
         body["error"] = body["error"].get<std::string>() + ": \"42\"";
       })},
      {"errors are sentences", "errors/short-texts", in_each_error([](Json& body) {
         body["error"] = "This can't be done, as something was wrong with what was sent.";
       })},
      {"any change will do", "errors/agent-change-with-bad-input",
       instead_of(400, "update_agent", 200, "{}")},
  };
}

}  // namespace nairi::contracts
