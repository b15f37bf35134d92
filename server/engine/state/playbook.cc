#include "engine/state/playbook.h"

#include <re2/re2.h>

#include <array>
#include <cstddef>
#include <utility>

namespace nairi::mock {
namespace {

TurnScript echo_turn() {
  TurnScript script;
  script.timeline.push_back({.status = MessageStatus::pending});
  script.timeline.push_back({.status = MessageStatus::completed, .reply = "You said: {{prompt}}"});
  return script;
}

template <class T>
bool fits(const std::optional<T>& wanted, const T& got) {
  return !wanted || *wanted == got;
}

bool fits(const TurnMatch& when, const Prompt& prompt) {
  if (when.agent_id && *when.agent_id != prompt.agent_id) return false;
  if (when.prompt_equals && *when.prompt_equals != prompt.text) return false;
  if (when.prompt_contains && prompt.text.find(*when.prompt_contains) == std::string_view::npos) {
    return false;
  }
  return fits(when.turn, prompt.turn) && fits(when.ask_mode, prompt.ask_mode) &&
         fits(when.has_attachments, prompt.has_attachments);
}

// RE2, because prompts are untrusted: its time is linear and it does not recurse.
std::unique_ptr<RE2> compile(const TurnMatch& when) {
  if (!when.prompt_regex) return nullptr;
  return std::make_unique<RE2>(*when.prompt_regex, RE2::Quiet);
}

}  // namespace

struct Playbook::Entry {
  TurnScript script;
  std::unique_ptr<RE2> regex;

  // Whether the regex is found in the prompt; fills the groups.
  bool search(std::string_view text, std::vector<std::string>& groups) const {
    if (!regex) return true;
    const auto count = static_cast<std::size_t>(regex->NumberOfCapturingGroups()) + 1;
    std::vector<re2::StringPiece> found(count);
    if (!regex->Match({text.data(), text.size()}, 0, text.size(), RE2::UNANCHORED, found.data(),
                      static_cast<int>(count))) {
      return false;
    }
    for (const re2::StringPiece& group : found) groups.emplace_back(group.data(), group.size());
    return true;
  }
};

Playbook::Playbook(std::vector<TurnScript> scripts) : default_turn_(echo_turn()) {
  entries_.reserve(scripts.size());
  for (TurnScript& script : scripts) {
    auto regex = compile(script.when);
    entries_.push_back({std::move(script), std::move(regex)});
  }
}

Playbook::~Playbook() = default;

Choice Playbook::choose(const Prompt& prompt) const {
  for (const Entry& entry : entries_) {
    std::vector<std::string> groups;
    if (fits(entry.script.when, prompt) && entry.search(prompt.text, groups)) {
      return {&entry.script, std::move(groups)};
    }
  }
  return {&default_turn_, {}};
}

std::vector<TurnMatch> Playbook::matches() const {
  std::vector<TurnMatch> all;
  for (const Entry& entry : entries_) all.push_back(entry.script.when);
  return all;
}

}  // namespace nairi::mock
