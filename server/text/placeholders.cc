#include "text/placeholders.h"

#include <charconv>
#include <cstddef>
#include <cstdint>

#include "text/wording.h"

namespace nairi::mock {
namespace {

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";
constexpr std::string_view kLiteralOpen = "{{{{";  // stands for "{{"

struct Placeholder {
  std::size_t begin = 0;  // of its "{{"
  std::size_t end = 0;    // behind its "}}"; npos when that is missing
  std::string_view name;  // what stands between; of kLiteralOpen "{{"
};

// The first placeholder at or behind `from`.
std::optional<Placeholder> next_placeholder(std::string_view text, std::size_t from) {
  const std::size_t begin = text.find(kOpen, from);
  if (begin == std::string_view::npos) return std::nullopt;
  if (text.substr(begin).starts_with(kLiteralOpen)) {
    return Placeholder{begin, begin + kLiteralOpen.size(), kOpen};
  }
  const std::size_t name = begin + kOpen.size();
  const std::size_t close = text.find(kClose, name);
  if (close == std::string_view::npos) return Placeholder{begin, close, {}};
  return Placeholder{begin, close + kClose.size(), text.substr(name, close - name)};
}

// The N of {{match.N}}.
std::optional<std::uint64_t> group_number(std::string_view name) {
  constexpr std::string_view kMatch = "match.";
  if (!name.starts_with(kMatch)) return std::nullopt;
  std::uint64_t number = 0;
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + kMatch.size(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

const Words& known_names() {
  static const Words names = {"prompt",          "turn",           "agent_id", "job_id",
                              "previous.prompt", "previous.reply", "match.1"};
  return names;
}

std::optional<std::string> value_of(std::string_view name, const PlaceholderValues& values) {
  if (name == kOpen) return std::string(kOpen);
  if (name == "prompt") return std::string(values.prompt);
  if (name == "turn") return std::to_string(values.turn);
  if (name == "agent_id") return std::string(values.agent_id);
  if (name == "job_id") return std::string(values.job_id);
  if (name == "previous.prompt") return std::string(values.previous_prompt);
  if (name == "previous.reply") return std::string(values.previous_reply);
  const auto group = group_number(name);
  if (!group || values.match == nullptr || *group >= values.match->size()) return std::nullopt;
  return (*values.match)[*group];
}

std::optional<std::string> mistake_in(const Placeholder& placeholder, std::optional<int> groups) {
  const std::string name(placeholder.name);
  if (name == kOpen) return std::nullopt;
  if (placeholder.end == std::string_view::npos) return "a \"{{\" is never closed by \"}}\"";
  const std::uint64_t group = group_number(name).value_or(0);  // 0, the whole match, is not offered
  if (group > 0) {
    if (!groups) return "{{" + name + "}} needs a \"regex\" in the turn's \"when\"";
    if (group <= static_cast<std::uint64_t>(*groups)) return std::nullopt;
    return "{{" + name + "}} is beyond the regex's groups: it has " + std::to_string(*groups);
  }
  if (contains(known_names(), name)) return std::nullopt;
  return "unknown placeholder " + in_quotes(name) + hint(name, known_names());
}

}  // namespace

std::optional<std::string> placeholder_mistake(std::string_view text, std::optional<int> groups) {
  std::size_t from = 0;
  while (const auto placeholder = next_placeholder(text, from)) {
    if (auto mistake = mistake_in(*placeholder, groups)) return mistake;
    from = placeholder->end;
  }
  return std::nullopt;
}

bool has_placeholders(std::string_view text) {
  return text.find(kOpen) != std::string_view::npos;
}

std::string fill_placeholders(std::string_view text, const PlaceholderValues& values,
                              std::size_t most) {
  std::string out;
  std::size_t from = 0;
  while (const auto placeholder = next_placeholder(text, from)) {
    if (out.size() > most) break;
    if (placeholder->end == std::string_view::npos) break;
    out.append(text, from, placeholder->begin - from);
    const auto value = value_of(placeholder->name, values);
    out.append(value ? *value
                     : text.substr(placeholder->begin, placeholder->end - placeholder->begin));
    from = placeholder->end;
  }
  if (out.size() <= most) out.append(text.substr(from));
  if (out.size() <= most) return out;
  while (most > 0 && (static_cast<unsigned char>(out[most]) & 0xC0) == 0x80) --most;
  return out.substr(0, most);
}

}  // namespace nairi::mock
