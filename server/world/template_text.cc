#include "world/template_text.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include "engine/words.h"

namespace nairi::mock {
namespace {

struct Placeholder {
  std::size_t end = 0;    // behind its "}}"; npos when that is missing
  std::string_view name;  // between "{{" and "}}"
};

// The first placeholder at or behind `from`.
std::optional<Placeholder> next_placeholder(std::string_view text, std::size_t from) {
  const std::size_t begin = text.find("{{", from);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::size_t close = text.find("}}", begin + 2);
  if (close == std::string_view::npos) return Placeholder{.end = close, .name = {}};
  return Placeholder{.end = close + 2, .name = text.substr(begin + 2, close - begin - 2)};
}

const Words& known_names() {
  static const Words names = {"prompt",          "turn",           "agent_id", "job_id",
                              "previous.prompt", "previous.reply", "match.1"};
  return names;
}

constexpr std::string_view kMatch = "match.";

// The N of {{match.N}}, from 1.
std::optional<int> group_number(std::string_view name) {
  if (!name.starts_with(kMatch)) return std::nullopt;
  int number = 0;
  const char* end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data() + kMatch.size(), end, number);
  if (error != std::errc() || rest != end || number < 1) return std::nullopt;
  return number;
}

std::optional<std::string> mistake_of(const Placeholder& placeholder, std::optional<int> groups) {
  const std::string_view name = placeholder.name;
  if (placeholder.end == std::string_view::npos) return "a \"{{\" is never closed by \"}}\"";
  if (const auto number = group_number(name)) {
    if (!groups) return "{{" + std::string(name) + "}} needs a \"regex\" in the turn's \"when\"";
    if (*number <= *groups) return std::nullopt;
    return "{{" + std::string(name) + "}} is beyond the regex's groups: it has " +
           std::to_string(*groups);
  }
  if (std::ranges::find(known_names(), name) != known_names().end()) return std::nullopt;
  return "unknown placeholder " + in_quotes(name) + hint(name, known_names());
}

}  // namespace

std::optional<std::string> template_mistake(std::string_view text, std::optional<int> groups) {
  std::size_t from = 0;
  while (const auto placeholder = next_placeholder(text, from)) {
    if (auto mistake = mistake_of(*placeholder, groups)) return mistake;
    from = placeholder->end;
  }
  return std::nullopt;
}

}  // namespace nairi::mock
