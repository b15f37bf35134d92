// REFERENCE: Agents.
#include <algorithm>

#include "engine/api/arguments.h"
#include "engine/api/operations.h"
#include "engine/play/playback.h"
#include "engine/state/message_text.h"
#include "text/json_writer.h"

namespace nairi::mock {
namespace {

constexpr std::int64_t kLeastInstances = 1;

Reply agent_reply(const Agent& agent, int status) {
  Reply reply;
  reply.status = status;
  append_agent(reply.body, agent);
  return reply;
}

// The fields that a body sets, on top of `profile`. Assumed: without instances_count there is one.
Checked<AgentSpec> read_profile(const Body& body, AgentSpec profile) {
  if (body.has("name")) {
    auto name = body.required_text("name");
    if (!name) return tl::unexpected(name.error());
    profile.name = std::move(*name);
  }
  const auto instances = body.integer("instances_count", kLeastInstances, profile.instances_count);
  if (!instances) return tl::unexpected(instances.error());
  profile.instances_count = *instances;
  for (const auto& [name, field] : {std::pair("description", &AgentSpec::description),
                                    std::pair("system_prompt", &AgentSpec::system_prompt)}) {
    if (!body.has(name)) continue;
    auto text = body.optional_text(name);
    if (!text) return tl::unexpected(text.error());
    profile.*field = std::move(*text);
  }
  return profile;
}

bool changes_anything(const Body& body) {
  const Words& fields = fields_of_body("update_agent");
  return std::any_of(fields.begin(), fields.end(),
                     [&](std::string_view name) { return body.has(name); });
}

}  // namespace

Reply list_agents(Organization& organization, const Call& /*call*/) {
  Reply reply;
  reply.body = "[";
  for (const Agent& agent : organization.agents()) {
    if (agent.deleted) continue;
    if (reply.body.back() != '[') reply.body += ',';
    append_agent(reply.body, agent);
  }
  reply.body += ']';
  return reply;
}

Reply get_agent(Organization& organization, const Call& call) {
  const auto agent = find_agent(organization, call.parameter);
  return agent ? agent_reply(**agent, 200) : error_reply(agent.error());
}

Reply create_agent(Organization& organization, const Call& call) {
  const auto body = read_body(organization, call.request.body, fields_of_body("create_agent"));
  if (!body) return error_reply(body.error());
  const auto name = body->required_text("name");
  if (!name) return error_reply(name.error());
  AgentSpec blank;
  blank.description = "";  // not null: REFERENCE: Agents
  auto profile = read_profile(*body, std::move(blank));
  if (!profile) return error_reply(profile.error());
  if (const auto full = check_room(organization, call)) return error_reply(*full);
  profile->agent_id = organization.free_slug(*name);
  profile->deployed = false;  // assumed: it takes a deploy to pick up work
  return agent_reply(organization.add_agent(std::make_shared<const AgentSpec>(std::move(*profile))),
                     201);
}

// `{}` changes nothing, and a system_prompt that is null is the platform's default (REFERENCE:
// Agents). Assumed: which other fields may change, and that the slug stays.
Reply update_agent(Organization& organization, const Call& call) {
  const auto agent = find_agent(organization, call.parameter);
  if (!agent) return error_reply(agent.error());
  const auto body = read_body(organization, call.request.body, fields_of_body("update_agent"));
  if (!body) return error_reply(body.error());
  auto profile = read_profile(*body, *(*agent)->profile);
  if (!profile) return error_reply(profile.error());
  if (changes_anything(*body)) {
    (*agent)->profile = std::make_shared<const AgentSpec>(std::move(*profile));
    (*agent)->updated_at = organization.now();
  }
  return agent_reply(**agent, 200);
}

// Assumed: its conversations stay readable, and their unfinished turns wait for ever if they have
// not begun.
Reply delete_agent(Organization& organization, const Call& call) {
  const auto agent = find_agent(organization, call.parameter);
  if (!agent) return error_reply(agent.error());
  // What was due before must not depend on whether somebody looked.
  catch_up_all(organization, **agent);
  organization.delete_agent(**agent);
  Reply reply;
  reply.status = 204;
  return reply;
}

// 202 at once, with some text (REFERENCE: Agents). Assumed: which text, and that it is done when
// the next call is played. With update_config_only nothing is deployed that was not.
Reply deploy_agent(Organization& organization, const Call& call) {
  const auto agent = find_agent(organization, call.parameter);
  if (!agent) return error_reply(agent.error());
  // One without a body is one with an empty one.
  const std::string_view sent = call.request.body;
  const auto body = read_body(organization, sent.empty() ? "{}" : sent, fields_of_body("deploy"));
  if (!body) return error_reply(body.error());
  const auto config_only = body->flag("update_config_only", false);
  if (!config_only) return error_reply(config_only.error());
  (*agent)->updated_at = organization.now();
  if (!*config_only) {
    set_deployed(**agent, true);
    begin_waiting_turns(organization, **agent);
  }
  Reply reply;
  reply.status = 202;
  ObjectWriter(reply.body).field("status", *config_only ? "updating_config" : "deploying").close();
  return reply;
}

}  // namespace nairi::mock
