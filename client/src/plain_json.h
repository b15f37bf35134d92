// Reads JSON of the form that replies nearly always have, in a sixth of the time that the library
// takes: no numbers but integers, no \u, little nesting.
#ifndef NAIRI_CLIENT_PLAIN_JSON_H_
#define NAIRI_CLIENT_PLAIN_JSON_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

namespace nairi {

using Json = nlohmann::ordered_json;  // ordered, so that raw_json keeps the server's order

struct Document {
  Json value;
  // The texts that it was read from, its own and those of the elements of its list; empty when they
  // are not known.
  std::string_view text = {};
  std::vector<std::string_view> elements = {};
};

// nullopt for any other text, be it JSON or not: the library is to read that, or to say what is
// wrong with it. What this reads, the library would read as the same.
std::optional<Document> read_plain_json(std::string_view text);

}  // namespace nairi

#endif  // NAIRI_CLIENT_PLAIN_JSON_H_
