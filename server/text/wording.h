// Helps those who misspell: the nearest known word, and how a JSON value is named in a message.
#ifndef NAIRI_MOCK_TEXT_WORDING_H_
#define NAIRI_MOCK_TEXT_WORDING_H_

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace nairi::mock {

// How many characters must be added, removed or changed to make `a` of `b` (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b);

using Words = std::vector<std::string_view>;

bool contains(const Words& words, std::string_view word);

// The known word that was probably meant; "" when none is near.
std::string_view nearest(std::string_view word, const Words& known);

// `; did you mean "prompt"?` when a known word is near, else the few that there are, else "".
std::string hint(std::string_view word, const Words& known);

// `the text "abc"`, `the number 3`, `null`, `an array`. Long texts are cut.
std::string describe(const nlohmann::json& value);

// The text, or of a longer one its first `most` bytes, whole characters only, and "…".
std::string cut(std::string_view text, std::size_t most);

// The word in quotes, cut when it is long and with control characters made visible.
std::string in_quotes(std::string_view word);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TEXT_WORDING_H_
