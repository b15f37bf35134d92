// Reads JSON text that people write: parses it strictly and finds the line and column of any value.
// Exceptions of the JSON library stop here.
//
//   auto value = parse_json(text);
//   if (!value) complain(line_column(text, value.error().offset), value.error().message);
#ifndef NAIRI_MOCK_TEXT_JSON_SOURCE_H_
#define NAIRI_MOCK_TEXT_JSON_SOURCE_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace nairi::mock {

inline constexpr int kMaxNesting = 200;

struct JsonMistake {
  std::size_t offset = 0;  // in bytes
  std::string pointer;     // the object with the duplicate key; otherwise ""
  std::string message;
};

// Refuses what is not JSON, invalid UTF-8, duplicate keys and nesting beyond kMaxNesting.
tl::expected<nlohmann::json, JsonMistake> parse_json(std::string_view text);

// Where a value begins, in a text that parse_json() accepts; or the nearest value around it that is
// there.
std::size_t locate(std::string_view text, std::string_view pointer);

// Where the name of a member begins, in the object at `pointer`.
std::size_t locate_key(std::string_view text, std::string_view pointer, std::string_view key);

struct LineColumn {
  int line = 1;    // from 1
  int column = 1;  // from 1, in bytes
};
LineColumn line_column(std::string_view text, std::size_t offset);

// `pointer` extended by a member's name or an element's index, escaped as RFC 6901 wants it.
std::string child_pointer(std::string_view pointer, std::string_view key);
std::string child_pointer(std::string_view pointer, std::size_t index);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TEXT_JSON_SOURCE_H_
