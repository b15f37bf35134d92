#include "text/wording.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "text/json_writer.h"

namespace nairi::mock {
namespace {

constexpr std::size_t kMaxListed = 8;
constexpr std::size_t kMaxQuoted = 60;  // bytes
constexpr std::size_t kMaxCompared = 64;

std::string listed(const Words& known) {
  std::string text = "; known: ";
  for (const std::string_view word : known) {
    if (word != known.front()) text += ", ";
    text += in_quotes(word);
  }
  return text;
}

}  // namespace

bool contains(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (const char c : a) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (c == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

std::string_view nearest(std::string_view word, const Words& known) {
  std::string_view meant;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    if (word.size() > kMaxCompared || candidate.size() > kMaxCompared) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < least && distance < candidate.size()) {
      least = distance;
      meant = candidate;
    }
  }
  return meant;
}

std::string hint(std::string_view word, const Words& known) {
  const std::string_view meant = nearest(word, known);
  if (!meant.empty()) return "; did you mean " + in_quotes(meant) + "?";
  return known.empty() || known.size() > kMaxListed ? "" : listed(known);
}

std::string cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

std::string in_quotes(std::string_view word) {
  std::string text;
  append_json_string(text, cut(word, kMaxQuoted));
  return text;
}

std::string describe(const nlohmann::json& value) {
  switch (value.type()) {
    case nlohmann::json::value_t::object:
      return "an object";
    case nlohmann::json::value_t::array:
      return "an array";
    case nlohmann::json::value_t::string:
      return "the text " + in_quotes(value.get_ref<const std::string&>());
    case nlohmann::json::value_t::null:
    case nlohmann::json::value_t::boolean:
      return value.dump();
    default:
      return "the number " + value.dump();
  }
}

}  // namespace nairi::mock
