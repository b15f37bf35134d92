#include "engine/state/near_misses.h"

#include "text/json_writer.h"

namespace nairi::mock {
namespace {

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

void append_unmatched(std::string& out, std::uint64_t organization, const Playbook& playbook,
                      const Plays& plays, const std::vector<Unmatched>& prompts) {
  for (const Unmatched& prompt : prompts) {
    if (!out.empty()) out += ',';
    ObjectWriter writer(out);
    writer.field("organization", static_cast<std::int64_t>(organization))
        .field("message_id", make_id(kMessagePrefix, prompt.message))
        .field("job_id", prompt.job_id)
        .field("agent_id", prompt.agent_id)
        .field("prompt", valid_utf8(prompt.text))
        .field("turn", prompt.turn);
    const auto nearest = playbook.nearest({.agent_id = prompt.agent_id,
                                           .text = prompt.text,
                                           .turn = prompt.turn,
                                           .ask_mode = prompt.ask_mode,
                                           .has_attachments = prompt.has_attachments},
                                          plays);
    if (nearest) append_nearest(writer.value("nearest"), *nearest);
    writer.close();
  }
}

}  // namespace nairi::mock
