#include "engine/states.h"

#include <algorithm>
#include <string_view>

#include "engine/json_text.h"

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

// A prompt that the script answers whatever else is true, if it is so simple that one can be told.
const std::string* simple_prompt(const TurnMatch& when) {
  const bool only_text =
      !when.prompt_regex && !when.turn && !when.ask_mode && !when.has_attachments;
  if (!only_text) return nullptr;
  if (when.prompt_equals) return &*when.prompt_equals;
  return when.prompt_contains ? &*when.prompt_contains : nullptr;
}

void write_agents(ObjectWriter& writer, const World& world) {
  const auto write = [&](std::string_view name, auto wanted) {
    if (const AgentSpec* agent = first(world.agents, wanted)) writer.field(name, agent->agent_id);
  };
  write("agent", [](const AgentSpec& agent) { return agent.deployed && !has_slash(agent); });
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

void write_prompts(ObjectWriter& writer, const World& world) {
  const TurnScript* failing = first(world.turns, [](const TurnScript& turn) {
    return !turn.timeline.empty() && turn.timeline.back().status == MessageStatus::failed &&
           simple_prompt(turn.when) != nullptr;
  });
  if (failing != nullptr) writer.field("failing_prompt", *simple_prompt(failing->when));
}

}  // namespace

std::string states_text(const World& world) {
  std::string text;
  ObjectWriter writer(text);
  write_agents(writer, world);
  write_jobs(writer, world);
  write_keys(writer, world);
  write_prompts(writer, world);
  writer.close();
  return text;
}

}  // namespace nairi::mock
