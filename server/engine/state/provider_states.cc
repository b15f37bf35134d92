#include "engine/state/provider_states.h"

#include <algorithm>
#include <string_view>

#include "text/json_writer.h"

namespace nairi::mock {
namespace {

template <class List, class Wanted>
auto first(const List& list, Wanted wanted) -> const typename List::value_type* {
  const auto found = std::find_if(list.begin(), list.end(), wanted);
  return found == list.end() ? nullptr : &*found;
}

bool has_slash(const AgentSpec& agent) {
  return agent.agent_id.find('/') != std::string::npos;
}

bool is_usual(const AgentSpec& agent) {
  return agent.deployed && !has_slash(agent);
}

void write_agents(ObjectWriter& writer, const World& world) {
  const auto write = [&](std::string_view name, auto wanted) {
    if (const AgentSpec* agent = first(world.agents, wanted)) writer.field(name, agent->agent_id);
  };
  write("agent", is_usual);
  write("agent_with_slash",
        [](const AgentSpec& agent) { return agent.deployed && has_slash(agent); });
  write("undeployed_agent", [](const AgentSpec& agent) { return !agent.deployed; });
}

// Only jobs with an id of their own: other ids differ from key to key.
void write_jobs(ObjectWriter& writer, const World& world) {
  const auto write = [&](std::string_view name, auto wanted) {
    const JobSpec* job = first(world.jobs, [&](const JobSpec& it) { return it.id && wanted(it); });
    if (job != nullptr) writer.field(name, *job->id);
  };
  const auto from = [](Origin origin) {
    return [origin](const JobSpec& job) { return job.origin == origin; };
  };
  const auto in = [](JobStatus status) {
    return
        [status](const JobSpec& job) { return job.origin == Origin::api && job.status == status; };
  };
  write("slack_job", from(Origin::slack));
  write("discord_job", from(Origin::discord));
  write("web_job", from(Origin::web));
  write("completed_job", in(JobStatus::completed));
  write("error_job", in(JobStatus::error));
  write("abandoned_job", in(JobStatus::abandoned));
  write("legacy_job", [](const JobSpec& job) { return job.id->starts_with("j_"); });
}

void write_keys(ObjectWriter& writer, const World& world) {
  // The first listed key is the one to test with; any other one is another organization.
  const auto valid = [](const KeySpec& key) { return !key.revoked; };
  const KeySpec* own = first(world.keys, valid);
  if (own != nullptr) writer.field("api_key", own->key);
  const KeySpec* other =
      first(world.keys, [&](const KeySpec& key) { return valid(key) && &key != own; });
  if (other != nullptr) writer.field("other_api_key", other->key);
  const KeySpec* revoked = first(world.keys, [](const KeySpec& key) { return key.revoked; });
  if (revoked != nullptr) writer.field("revoked_api_key", revoked->key);
}

// A text that a script asks for and that makes the usual agent's first turn fail.
void write_prompts(ObjectWriter& writer, const World& world, const Playbook& playbook) {
  const AgentSpec* agent = first(world.agents, is_usual);
  if (agent == nullptr) return;
  for (const TurnMatch& when : playbook.matches()) {
    const auto& text = when.prompt_equals ? when.prompt_equals : when.prompt_contains;
    if (!text || text->empty()) continue;
    const Choice choice = playbook.choose({.agent_id = agent->agent_id, .text = *text});
    if (choice.script->timeline.back().status != MessageStatus::failed) continue;
    writer.field("failing_prompt", *text);
    return;
  }
}

}  // namespace

std::string states_text(const World& world, const Playbook& playbook) {
  std::string text;
  ObjectWriter writer(text);
  write_agents(writer, world);
  write_jobs(writer, world);
  write_keys(writer, world);
  write_prompts(writer, world, playbook);
  writer.close();
  return text;
}

}  // namespace nairi::mock
