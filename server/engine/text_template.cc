#include "engine/text_template.h"

#include <charconv>
#include <cstddef>
#include <optional>

namespace nairi::mock {
namespace {

std::optional<std::string> match_group(std::string_view number, const TemplateValues& values) {
  std::size_t group = 0;
  const auto end = number.data() + number.size();
  const auto [stop, error] = std::from_chars(number.data(), end, group);
  if (error != std::errc{} || stop != end) return std::nullopt;
  if (values.match == nullptr || group >= values.match->size()) return std::nullopt;
  return (*values.match)[group];
}

std::optional<std::string> value_of(std::string_view name, const TemplateValues& values) {
  constexpr std::string_view kMatch = "match.";
  if (name == "prompt") return std::string(values.prompt);
  if (name == "turn") return std::to_string(values.turn);
  if (name == "agent_id") return std::string(values.agent_id);
  if (name == "job_id") return std::string(values.job_id);
  if (name == "previous.prompt") return std::string(values.previous_prompt);
  if (name == "previous.reply") return std::string(values.previous_reply);
  if (name.starts_with(kMatch)) return match_group(name.substr(kMatch.size()), values);
  return std::nullopt;
}

}  // namespace

std::string render(std::string_view text, const TemplateValues& values) {
  std::string out;
  while (true) {
    const std::size_t open = text.find("{{");
    const std::size_t close = open == std::string_view::npos ? open : text.find("}}", open);
    if (close == std::string_view::npos) return out.append(text);
    out.append(text, 0, open);
    const auto value = value_of(text.substr(open + 2, close - open - 2), values);
    out.append(value ? *value : text.substr(open, close + 2 - open));
    text.remove_prefix(close + 2);
  }
}

}  // namespace nairi::mock
