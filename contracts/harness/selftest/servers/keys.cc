// Servers that are broken in keys, and organizations that must not see each other.
#include <map>
#include <memory>
#include <string>

#include "harness/selftest/broken_servers.h"
#include "harness/selftest/tampering.h"

namespace nairi::contracts {
namespace {

constexpr const char* kSomeMessage =
    R"({"id": "cmsg_01ARZ3NDEKTSV4RRFFQ69G5FAV", "job_id": "job_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "content": "Hello", "role": "user", "status": "completed",
        "created_at": "2026-04-12T18:45:12.000Z", "updated_at": "2026-04-12T18:45:12.000Z"})";

// Another status than the documented one, wherever a key is refused.
Tamper forbids_instead() {
  return [](const HttpRequest&, HttpReply& reply) {
    if (reply.status == 401) reply.status = 403;
  };
}

// A conversation that one key saw is listed for every other.
Tamper lists_foreign_conversations() {
  auto seen = std::make_shared<std::map<std::string, Json>>();  // by key
  return in_answers_to("conversations", [seen](const HttpRequest& request, Json& body) {
    const std::string& key = request.headers.front().value;
    const Json own = body["conversations"];
    for (const auto& [other, conversations] : *seen) {
      if (other == key) continue;
      for (const Json& conversation : conversations) body["conversations"].push_back(conversation);
    }
    (*seen)[key] = own;
  });
}

// Answers as a good key's call would be, where the header begins with that.
MakeTamper lets_in(const std::string& authorization) {
  return [=]() -> Tamper {
    return [=](const HttpRequest& request, HttpReply& reply) {
      for (const HttpHeader& header : request.headers) {
        const bool meant = reply.status == 401 && header.name == "Authorization" &&
                           header.value.starts_with(authorization);
        if (meant) reply = {.status = 200, .headers = reply.headers, .body = "[]"};
      }
    };
  };
}

Tamper wants_bearer_capital() {
  return [](const HttpRequest& request, HttpReply& reply) {
    for (const HttpHeader& header : request.headers) {
      if (header.value.starts_with("bearer ")) reply.status = 401;
    }
  };
}

}  // namespace

BrokenServers servers_broken_in_keys() {
  return {
      {"a missing key is forbidden", "auth/missing-key", forbids_instead},
      {"a revoked key still lists agents", "auth/revoked-key",
       instead_of(401, "agents", 200, "[]")},
      {"a revoked key still polls", "auth/revoked-key-in-flight",
       instead_of(401, "poll", 200, kSomeMessage)},
      {"another organization's message is shown", "organizations/conversation",
       instead_of(404, "poll", 200, kSomeMessage)},
      {"another organization's timeline is shown", "organizations/not-found",
       instead_of(404, "messages", 200, R"({"messages": []})")},
      {"another organization's file is shown", "organizations/attachments",
       instead_of(404, "attachment", 200,
                  R"({"id": "att_01ARZ3NDEKTSV4RRFFQ69G5FAV", "filename": "a", "data": ""})")},
      {"a rogue scheme is let in", "auth/wrong-scheme", lets_in("Basic")},
      {"the scheme must be capital", "auth/case-insensitive", wants_bearer_capital},
      {"an unknown key is let in", "auth/unknown-key", lets_in("Bearer nr_")},
      {"an agent's key is let in", "auth/keys-of-agents", lets_in("Bearer eksecd_")},
      {"files need no key", "auth/missing-key-attachments",
       instead_of(401, "upload", 201, kSomeFile)},
      {"agents need no key", "auth/missing-key-agents", instead_of(401, "agents", 200, "[]")},
      {"another organization's agent is shown", "organizations/agents",
       instead_of(404, "agent", 200, "{}")},
      {"another organization's jobs are listed", "organizations/list", lists_foreign_conversations},
  };
}

}  // namespace nairi::contracts
