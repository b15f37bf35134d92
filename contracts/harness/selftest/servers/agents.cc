// Servers that are broken in agents, and slugs with a slash.
#include <utility>

#include "harness/selftest/broken_servers.h"
#include "harness/selftest/tampering.h"

namespace nairi::contracts {
namespace {

Tamper touches_what_is_not_changed() {
  return in_answers_to("update_agent", [](const HttpRequest& request, Json& agent) {
    if (request.body == "{}") agent["updated_at"] = "2029-01-01T00:00:00.000Z";
  });
}

}  // namespace

BrokenServers servers_broken_in_agents() {
  return {
      {"agents are wrapped", "agents/list",
       in_body_of("agents",
                  [](Json& body) {
                    Json agents = body;
                    body = {{"agents", std::move(agents)}};
                  })},
      {"an agent has no slug", "agents/one", in_body_of("agent", erase("agent_id"))},
      {"a created agent answers 200", "agents/create", instead_of(201, "create_agent", 200, "{}")},
      {"a deleted agent is still there", "agents/delete", instead_of(404, "agent", 200, "{}")},
      {"delete answers a body", "agents/delete", instead_of(204, "delete_agent", 200, "{}")},
      {"deploy is done at once", "agents/deploy",
       instead_of(202, "deploy", 200, R"({"status": "deployed"})")},
      {"no instances are allowed", "agents/create", instead_of(400, "create_agent", 201, "{}")},
      {"a cci_ id is no agent", "agents/by-id",
       instead_where(200, "agent", "/cci_", 404, kNotFound)},
      {"a change has no effect", "agents/change",
       in_body_of("update_agent", set("name", "as before"))},
      {"agents can't be changed", "agents/patch-exists",
       instead_of(200, "update_agent", 405, kInvalid)},
      {"a change of nothing is a change", "agents/empty-change", touches_what_is_not_changed},
      {"a new agent has no description", "agents/create",
       in_body_of("create_agent", set("description", nullptr))},
      {"an empty system prompt is the default one", "agents/system-prompt",
       in_body_of("update_agent", replace("system_prompt", "", nullptr))},
      {"a change forgets the system prompt", "agents/system-prompt",
       in_body_of("update_agent", replace("system_prompt", "Be exact.", nullptr))},
      {"deploy answers 200", "agents/deploy-is-accepted",
       instead_of(202, "deploy", 200, R"({"status": "deploying"})")},
      {"deploy fails", "agents/deployed-at-last", instead_of(202, "deploy", 500, kInvalid)},
      {"an agent that is not deployed works", "agents/not-deployed",
       in_each("user", replace("status", "queued", "pending"))},
      {"a slug has nothing of the name", "agents/slug-of-a-new-agent",
       in_body_of("create_agent", set("agent_id", "new-agent"))},
      {"%2F is no slash to GET", "slugs/get", instead_where(200, "agent", "%2F", 404, kNotFound)},
      {"%2F is no slash to lists", "slugs/conversations",
       instead_where(200, "conversations", "%2F", 404, kNotFound)},
      {"%2F is no slash to PATCH", "slugs/change-and-delete",
       instead_of(200, "update_agent", 404, kNotFound)},
      {"%2F is no slash to DELETE", "slugs/delete-encoded",
       instead_of(204, "delete_agent", 404, kNotFound)},
      {"%2F is no slash to deploy", "slugs/deploy", instead_of(202, "deploy", 404, kNotFound)},
      {"an unknown slug is found", "slugs/unknown", instead_of(404, "agent", 200, "{}")},
  };
}

}  // namespace nairi::contracts
