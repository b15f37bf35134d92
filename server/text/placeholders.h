// The {{…}} of template texts: names that stand for what a turn knows, and no logic; {{{{ stands
// for
// {{ itself. One grammar for those who check a world file and for those who fill a text in.
//
//   placeholder_mistake("{{promt}}", std::nullopt);          // unknown placeholder "promt"; did
//   you … fill_placeholders("You said: {{prompt}}", {.prompt = "Hello"});   // You said: Hello
#ifndef NAIRI_MOCK_TEXT_PLACEHOLDERS_H_
#define NAIRI_MOCK_TEXT_PLACEHOLDERS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nairi::mock {

// What is wrong with the placeholders of `text`; nullopt: nothing. `groups` is how many groups the
// turn's regex has, nullopt when the turn has none.
std::optional<std::string> placeholder_mistake(std::string_view text, std::optional<int> groups);

struct PlaceholderValues {
  std::string_view prompt = {};
  std::int64_t turn = 1;
  std::string_view agent_id = {};
  std::string_view job_id = {};
  std::string_view previous_prompt = {};  // empty in the first turn
  std::string_view previous_reply = {};
  const std::vector<std::string>* match = nullptr;  // groups of the regex, [0] the whole match
};

bool has_placeholders(std::string_view text);

// What is no placeholder stays as it is: world files with such are refused when they are read. A
// text that would become longer than `most` bytes ends there, with a whole character: a few that
// quote each other would else fill any memory.
std::string fill_placeholders(std::string_view text, const PlaceholderValues& values,
                              std::size_t most = std::string_view::npos);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TEXT_PLACEHOLDERS_H_
