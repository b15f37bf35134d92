#include "world/readers.h"

#include <re2/re2.h>

#include "text/ulid.h"

namespace nairi::mock {
namespace {

// Which slugs the service accepts is not known; these survive in a path. Assumed.
bool is_slug(const std::string& text) {
  static const RE2 slug("[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*");
  return text.size() <= 200 && RE2::FullMatch(text, slug) && !parse_id(text, kAgentPrefix);
}

std::string read_slug(const ObjectReader& object, Names& names) {
  const auto node = object.require("agent_id");
  const auto slug = node ? read_text(*node) : std::nullopt;
  if (!slug) return {};
  if (!is_slug(*slug)) {
    node->expected(
        "a slug (at most 200 letters, digits, \".\", \"_\" and \"-\", in parts that are separated "
        "by \"/\" and begin with a letter or a digit; not an id)");
  }
  names.claim(Names::Kind::agent, *slug, *node);
  return *slug;
}

AgentSpec read_agent(const Node& node, const WorldContext& context) {
  const ObjectReader object(node, {"agent_id", "name", "id", "instances_count", "description",
                                   "system_prompt", "is_self_hosted", "deployed"});
  AgentSpec agent;
  agent.agent_id = read_slug(object, context.names);
  agent.name = object.text("name").value_or(agent.agent_id);
  agent.id = read_id(object, {kAgentPrefix}, context.names);
  agent.instances_count = object.integer("instances_count", {1, 1'000'000}).value_or(1);
  agent.description = object.text("description");
  agent.system_prompt = object.text("system_prompt");
  agent.is_self_hosted = object.flag("is_self_hosted").value_or(false);
  agent.deployed = object.flag("deployed").value_or(true);
  return agent;
}

KeySpec read_key(const Node& node, Names& names) {
  const ObjectReader object(node, {"key", "revoked"});
  KeySpec key;
  key.revoked = object.flag("revoked").value_or(false);
  const auto name = object.require("key");
  const auto text = name ? read_text(*name) : std::nullopt;
  if (!text) return key;
  static const RE2 token("[!-~]+");  // what fits into a header without quoting
  if (!RE2::FullMatch(*text, token)) name->expected("printable ASCII without spaces");
  names.claim(Names::Kind::key, *text, *name);
  key.key = *text;
  return key;
}

}  // namespace

ObjectReader read_root(const Node& node) {
  return ObjectReader(node, {"$schema", "agents", "jobs", "turns", "keys", "faults"});
}

void read_agents(const ObjectReader& root, const WorldContext& context, World& world) {
  root.list("agents", [&](const Node& node) { world.agents.push_back(read_agent(node, context)); });
}

void read_other_lists(const ObjectReader& root, const WorldContext& context, World& world) {
  root.list("jobs", [&](const Node& node) { world.jobs.push_back(read_job(node, context)); });
  root.list("turns", [&](const Node& node) { world.turns.push_back(read_turn(node, context)); });
  root.list("keys", [&](const Node& node) { world.keys.push_back(read_key(node, context.names)); });
  root.list("faults", [&](const Node& node) { world.faults.push_back(read_fault(node)); });
}

}  // namespace nairi::mock
