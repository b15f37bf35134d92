#include "engine/state/playbook.h"

#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "text/wording.h"

namespace nairi::mock {

// What a script may ask for, in the order in which it is tested and told.
enum class Asked { agent_id, equals, contains, regex, turn, ask_mode, has_attachments };

namespace {

TurnScript echo_turn() {
  TurnScript script;
  script.timeline.push_back({.status = MessageStatus::pending});
  script.timeline.push_back({.status = MessageStatus::completed, .reply = "You said: {{prompt}}"});
  return script;
}

// Whether the regex is found in the text; fills the groups.
bool search(const RE2& regex, std::string_view text, std::vector<std::string>& groups) {
  const auto count = static_cast<std::size_t>(regex.NumberOfCapturingGroups()) + 1;
  std::vector<re2::StringPiece> found(count);
  if (!regex.Match({text.data(), text.size()}, 0, text.size(), RE2::UNANCHORED, found.data(),
                   static_cast<int>(count))) {
    return false;
  }
  for (const re2::StringPiece& group : found) groups.emplace_back(group.data(), group.size());
  return true;
}

bool is_used_up(const TurnScript& script, const Plays& plays) {
  if (!script.times) return false;
  const auto played = plays.find(&script);
  return played != plays.end() && played->second >= *script.times;
}

std::string word(bool value) {
  return value ? "true" : "false";
}

std::vector<Asked> asked_by(const TurnMatch& when) {
  std::vector<Asked> asked;
  const auto add = [&](bool is_set, Asked what) {
    if (is_set) asked.push_back(what);
  };
  add(when.agent_id.has_value(), Asked::agent_id);
  add(when.prompt_equals.has_value(), Asked::equals);
  add(when.prompt_contains.has_value(), Asked::contains);
  add(when.prompt_regex.has_value(), Asked::regex);
  add(when.turn.has_value(), Asked::turn);
  add(when.ask_mode.has_value(), Asked::ask_mode);
  add(when.has_attachments.has_value(), Asked::has_attachments);
  return asked;
}

std::string wanted_text(Asked what, const TurnMatch& when) {
  switch (what) {
    case Asked::agent_id:
      return "agent_id is " + in_quotes(*when.agent_id);
    case Asked::equals:
      return "prompt equals " + in_quotes(*when.prompt_equals);
    case Asked::contains:
      return "prompt contains " + in_quotes(*when.prompt_contains);
    case Asked::regex:
      return "prompt matches the regex " + in_quotes(*when.prompt_regex);
    case Asked::turn:
      return "turn is " + std::to_string(*when.turn);
    case Asked::ask_mode:
      return "ask_mode is " + word(*when.ask_mode);
    case Asked::has_attachments:
      return "has_attachments is " + word(*when.has_attachments);
  }
  return {};
}

std::string got_text(Asked what, const Prompt& prompt) {
  switch (what) {
    case Asked::agent_id:
      return in_quotes(prompt.agent_id);
    case Asked::turn:
      return std::to_string(prompt.turn);
    case Asked::ask_mode:
      return word(prompt.ask_mode);
    case Asked::has_attachments:
      return word(prompt.has_attachments);
    default:
      return in_quotes(prompt.text);
  }
}

}  // namespace

struct Playbook::Entry {
  TurnScript script;
  std::vector<Asked> asked;
  std::unique_ptr<RE2> regex;  // RE2, because prompts are untrusted: linear time, no recursion

  explicit Entry(TurnScript turn) : script(std::move(turn)), asked(asked_by(script.when)) {
    const auto& pattern = script.when.prompt_regex;
    if (pattern) regex = std::make_unique<RE2>(*pattern, RE2::Quiet);
  }

  // Fills the groups of a regex that is found.
  bool meets(Asked what, const Prompt& prompt, std::vector<std::string>& groups) const {
    const TurnMatch& when = script.when;
    switch (what) {
      case Asked::agent_id:
        return *when.agent_id == prompt.agent_id;
      case Asked::equals:
        return *when.prompt_equals == prompt.text;
      case Asked::contains:
        return prompt.text.find(*when.prompt_contains) != std::string_view::npos;
      case Asked::regex:
        return search(*regex, prompt.text, groups);
      case Asked::turn:
        return *when.turn == prompt.turn;
      case Asked::ask_mode:
        return *when.ask_mode == prompt.ask_mode;
      case Asked::has_attachments:
        return *when.has_attachments == prompt.has_attachments;
    }
    return false;
  }

  std::vector<Criterion> criteria(const Prompt& prompt, const Plays& plays) const {
    std::vector<Criterion> all;
    std::vector<std::string> groups;
    for (const Asked what : asked) {
      const bool met = meets(what, prompt, groups);
      const std::string wanted = wanted_text(what, script.when);
      all.push_back({met ? wanted : wanted + ", got " + got_text(what, prompt), met});
    }
    if (script.times) {
      all.push_back({"times is " + std::to_string(*script.times), !is_used_up(script, plays)});
      if (!all.back().met) all.back().text += ", got as many prompts before";
    }
    return all;
  }
};

Playbook::Playbook(std::vector<TurnScript> scripts) : default_turn_(echo_turn()) {
  entries_.reserve(scripts.size());
  for (TurnScript& script : scripts) entries_.emplace_back(std::move(script));
}

Playbook::~Playbook() = default;

Choice Playbook::choose(const Prompt& prompt, const Plays& plays) const {
  for (const Entry& entry : entries_) {
    if (is_used_up(entry.script, plays)) continue;
    std::vector<std::string> groups;
    const bool fits = std::all_of(entry.asked.begin(), entry.asked.end(),
                                  [&](Asked what) { return entry.meets(what, prompt, groups); });
    if (fits) return {&entry.script, std::move(groups)};
  }
  return {&default_turn_, {}};
}

std::optional<NearMiss> Playbook::nearest(const Prompt& prompt, const Plays& plays) const {
  std::optional<NearMiss> nearest;
  std::ptrdiff_t fewest = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    auto criteria = entries_[i].criteria(prompt, plays);
    const auto missed = std::count_if(criteria.begin(), criteria.end(),
                                      [](const Criterion& one) { return !one.met; });
    if (nearest && missed >= fewest) continue;
    fewest = missed;
    nearest = NearMiss{i, std::move(criteria)};
  }
  return nearest;
}

std::optional<Unscripted> Playbook::unscripted(const Prompt& prompt, const Plays& plays) const {
  if (!is_default(choose(prompt, plays))) return std::nullopt;
  return Unscripted{nearest(prompt, plays)};
}

std::vector<TurnMatch> Playbook::matches() const {
  std::vector<TurnMatch> all;
  for (const Entry& entry : entries_) all.push_back(entry.script.when);
  return all;
}

}  // namespace nairi::mock
