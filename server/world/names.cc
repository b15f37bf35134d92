#include "world/names.h"

#include <algorithm>

#include "text/ulid.h"

namespace nairi::mock {

void Names::claim(Kind kind, const std::string& name, const Node& node) {
  const std::string& file = node.report->file();
  const auto [entry, is_new] =
      places_.try_emplace({kind, name}, Place{.file = file, .pointer = node.pointer});
  if (is_new) return;
  const Place& first = entry->second;
  const std::string elsewhere = first.file == file ? "" : first.file + ": ";
  node.refuse("duplicate " + in_quotes(name) + ": " + elsewhere + first.pointer +
              " has it already");
}

void Names::add_agent(const std::string& agent_id) {
  places_.try_emplace({Kind::agent, agent_id}, Place{});
}

std::optional<std::string> Names::known_agent(const Node& node) const {
  auto agent_id = read_text(node);
  if (!agent_id || places_.contains({Kind::agent, *agent_id})) return agent_id;
  Words agents;
  for (const auto& [name, place] : places_) {
    if (name.first == Kind::agent) agents.push_back(name.second);
  }
  node.refuse("no agent " + in_quotes(*agent_id) + " in this world" + hint(*agent_id, agents));
  return std::nullopt;
}

std::optional<std::string> read_id(const ObjectReader& object,
                                   std::initializer_list<std::string_view> prefixes, Names& names) {
  const auto node = object.find("id");
  auto id = node ? read_text(*node) : std::nullopt;
  if (!id) return std::nullopt;
  const bool well_formed =
      std::any_of(prefixes.begin(), prefixes.end(),
                  [&](std::string_view prefix) { return parse_id(*id, prefix).has_value(); });
  if (!well_formed) {
    std::string choice;
    for (const std::string_view prefix : prefixes) {
      choice += (choice.empty() ? "" : " or ") + in_quotes(prefix);
    }
    node->expected(choice +
                   " and 26 characters of 0-9 A-Z without I, L, O, U, the first at most 7");
    return std::nullopt;
  }
  names.claim(Names::Kind::id, *id, *node);
  return id;
}

}  // namespace nairi::mock
