// Cuts a text into the pieces of JSON that it has: also one that is cut off, or no JSON at all.
//
//   for_each_piece(text, [](const std::string& name) { return Place{is_secret_name(name)}; },
//                  [&](JsonPiece piece, std::string_view bytes, const Place& place) { … });
//
// All pieces joined are the text.
#ifndef NAIRI_CONTRACTS_HARNESS_RECORDER_JSON_PIECES_H_
#define NAIRI_CONTRACTS_HARNESS_RECORDER_JSON_PIECES_H_

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cases/values.h"
#include "text/characters.h"

namespace nairi::contracts {

enum class JsonPiece {
  between,  // whatever is none of these
  name,     // of a member, in quotes
  text,     // in quotes; the last one may lack its second quote
  number,
};

// Where a value stands: what the names around it say.
struct Place {
  bool is_secret = false;
  bool may_count = false;    // a number right here is a count, and no secret
  bool is_left_out = false;  // nothing of it is kept
};

// What a JSON string means, also one that is cut off; nullopt for what is none.
inline std::optional<std::string> meaning_of(std::string_view literal) {
  const Json value = Json::parse(literal, nullptr, false);
  if (!value.is_string()) return std::nullopt;
  return value.get<std::string>();
}

// Where the JSON string that begins at `at` ends, its closing quote included.
inline std::size_t end_of_literal(std::string_view text, std::size_t at) {
  for (std::size_t end = at + 1; end < text.size(); ++end) {
    if (text[end] == '\\') {
      ++end;
    } else if (text[end] == '"') {
      return end + 1;
    }
  }
  return text.size();
}

template <typename PlaceOf, typename Visit>
void for_each_piece(std::string_view text, PlaceOf place_of, Visit visit) {
  const auto is_number = [](char c) {
    return mock::is_digit(c) || std::string_view("+-.eE").find(c) != std::string_view::npos;
  };
  std::vector<Place> around(1);
  Place next;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const std::size_t begin = at++;
    JsonPiece piece = JsonPiece::between;
    if (c == '"') {
      at = end_of_literal(text, begin);
      const std::size_t behind = text.find_first_not_of(" \t\r\n", at);
      const bool is_name = behind != std::string_view::npos && text[behind] == ':';
      piece = is_name ? JsonPiece::name : JsonPiece::text;
    } else if (mock::is_digit(c) || c == '-') {
      while (at < text.size() && is_number(text[at])) ++at;
      piece = JsonPiece::number;
    } else if (c == '{' || c == '[') {
      next.may_count = false;
      around.push_back(next);
    } else if (c == '}' || c == ']') {
      if (around.size() > 1) around.pop_back();
      next = around.back();
    } else if (c == ',') {
      next = around.back();
    } else {
      while (at < text.size() &&
             std::string_view("\"-{}[],0123456789").find(text[at]) == std::string_view::npos) {
        ++at;
      }
    }
    const std::string_view bytes = text.substr(begin, at - begin);
    visit(piece, bytes, next);
    if (piece != JsonPiece::name) continue;
    next = place_of(meaning_of(bytes).value_or(""));
    next.is_secret = next.is_secret || around.back().is_secret;
    next.is_left_out = next.is_left_out || around.back().is_left_out;
    next.may_count = next.may_count && !around.back().is_secret;
  }
}

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_RECORDER_JSON_PIECES_H_
