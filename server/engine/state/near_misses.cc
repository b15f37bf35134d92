#include "engine/state/near_misses.h"

#include <re2/re2.h>

#include <algorithm>
#include <string_view>

#include "text/json_writer.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

std::string word(bool value) {
  return value ? "true" : "false";
}

std::vector<Criterion> criteria_of(const TurnMatch& when, const Unmatched& prompt) {
  std::vector<Criterion> all;
  // What is not met also says what came instead.
  const auto add = [&](const std::string& wanted, bool met, const std::string& got) {
    all.push_back({met ? wanted : wanted + ", got " + got, met});
  };
  if (when.agent_id) {
    add("agent_id is " + in_quotes(*when.agent_id), *when.agent_id == prompt.agent_id,
        in_quotes(prompt.agent_id));
  }
  const std::string text = in_quotes(prompt.text);
  if (when.prompt_equals) {
    add("prompt equals " + in_quotes(*when.prompt_equals), *when.prompt_equals == prompt.text,
        text);
  }
  if (when.prompt_contains) {
    add("prompt contains " + in_quotes(*when.prompt_contains),
        prompt.text.find(*when.prompt_contains) != std::string::npos, text);
  }
  if (when.prompt_regex) {
    add("prompt matches the regex " + in_quotes(*when.prompt_regex),
        RE2::PartialMatch(prompt.text, RE2(*when.prompt_regex, RE2::Quiet)), text);
  }
  if (when.turn) {
    add("turn is " + std::to_string(*when.turn), *when.turn == prompt.turn,
        std::to_string(prompt.turn));
  }
  if (when.ask_mode) {
    add("ask_mode is " + word(*when.ask_mode), *when.ask_mode == prompt.ask_mode,
        word(prompt.ask_mode));
  }
  if (when.has_attachments) {
    add("has_attachments is " + word(*when.has_attachments),
        *when.has_attachments == prompt.has_attachments, word(prompt.has_attachments));
  }
  return all;
}

void append_nearest(std::string& out, const NearMiss& nearest) {
  ObjectWriter writer(out);
  std::string& list =
      writer.field("script", "/turns/" + std::to_string(nearest.script)).value("criteria");
  list += '[';
  for (const Criterion& criterion : nearest.criteria) {
    if (list.back() != '[') list += ',';
    append_json_string(list, valid_utf8((criterion.met ? "✓ " : "✗ ") + criterion.text));
  }
  list += ']';
  writer.close();
}

}  // namespace

std::optional<NearMiss> nearest_script(const Playbook& playbook, const Unmatched& prompt) {
  std::optional<NearMiss> nearest;
  std::ptrdiff_t fewest = 0;
  const std::vector<TurnMatch> matches = playbook.matches();
  for (std::size_t i = 0; i < matches.size(); ++i) {
    auto criteria = criteria_of(matches[i], prompt);
    const auto missed = std::ranges::count(criteria, false, &Criterion::met);
    if (nearest && missed >= fewest) continue;
    fewest = missed;
    nearest = NearMiss{i, std::move(criteria)};
  }
  return nearest;
}

std::string to_json(const Playbook& playbook, const std::deque<Unmatched>& prompts) {
  std::string out = "{\"prompts\":[";
  for (const Unmatched& prompt : prompts) {
    if (out.back() != '[') out += ',';
    ObjectWriter writer(out);
    writer.field("message_id", make_id(kMessagePrefix, prompt.message))
        .field("job_id", prompt.job_id)
        .field("agent_id", prompt.agent_id)
        .field("prompt", valid_utf8(prompt.text))
        .field("turn", prompt.turn);
    if (const auto nearest = nearest_script(playbook, prompt)) {
      append_nearest(writer.value("nearest"), *nearest);
    }
    writer.close();
  }
  return out += "]}";
}

}  // namespace nairi::mock
