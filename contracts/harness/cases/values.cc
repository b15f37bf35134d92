#include "harness/cases/values.h"

#include <cstddef>
#include <cstdio>
#include <optional>

#include "harness/cases/made_content.h"
#include "text/json_source.h"
#include "text/json_writer.h"

namespace nairi::contracts {
namespace {

struct Name {
  std::string_view name;
  bool raw = false;      // "{+name}"
  std::size_t size = 0;  // with the braces
};

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_name_part(char c) {
  return is_lower(c) || (c >= '0' && c <= '9') || c == '_';
}

// The name in braces with which the text begins, if it does.
std::optional<Name> leading_name(std::string_view text) {
  if (!text.starts_with('{')) return std::nullopt;
  const bool raw = text.substr(1).starts_with('+');
  const std::size_t begin = raw ? 2 : 1;
  std::size_t end = begin;
  while (end < text.size() && is_name_part(text[end])) ++end;
  const bool is_name = end > begin && is_lower(text[begin]) && text.substr(end).starts_with('}');
  if (!is_name) return std::nullopt;
  return Name{text.substr(begin, end - begin), raw, end + 1};
}

// Calls `literal` for each stretch of plain text and `name` for each name.
template <typename Literal, typename Named>
void split(std::string_view text, Literal literal, Named named) {
  while (!text.empty()) {
    if (const auto name = leading_name(text)) {
      named(*name, text.substr(0, name->size));
      text.remove_prefix(name->size);
      continue;
    }
    const std::size_t brace = text.find('{', 1);
    literal(text.substr(0, brace));
    text.remove_prefix(std::min(brace, text.size()));
  }
}

std::string as_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// nullptr for a name that nothing has.
const Json* value_of(std::string_view name, const Values& values) {
  const auto found = values.find(name);
  return found == values.end() ? made_content(name) : &found->second;
}

template <typename Encode>
std::string fill_with(std::string_view text, const Values& values, Encode encode) {
  std::string filled;
  split(
      text, [&](std::string_view literal) { filled += literal; },
      [&](const Name& name, std::string_view whole) {
        const Json* const value = value_of(name.name, values);
        filled += value == nullptr ? std::string(whole) : encode(name, as_text(*value));
      });
  return filled;
}

}  // namespace

std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> names;
  split(
      text, [](std::string_view) {},
      [&](const Name& name, std::string_view) { names.emplace_back(name.name); });
  return names;
}

std::string fill(std::string_view text, const Values& values) {
  return fill_with(text, values, [](const Name&, std::string value) { return value; });
}

std::string fill_path(std::string_view text, const Values& values) {
  return fill_with(text, values, [](const Name& name, const std::string& value) {
    return name.raw ? value : percent_encode(value);
  });
}

Json fill_all(const Json& value, const Values& values) {
  if (value.is_string()) return fill(value.get_ref<const std::string&>(), values);
  Json filled = value;
  if (value.is_structured()) {
    for (Json& child : filled) child = fill_all(child, values);
  }
  return filled;
}

Json read_json(std::string_view text) {
  // The library takes U+0000 for the end, and looks at nothing behind it.
  const bool is_cut = text.find('\0') != std::string_view::npos;
  if (is_cut || mock::nests_deeper_than(text, mock::kMaxNesting)) {
    return Json(Json::value_t::discarded);
  }
  return Json::parse(text, nullptr, false);
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kHex[byte >> 4U];
    encoded += kHex[byte & 15U];
  }
  return encoded;
}

std::string text_in(const Json& object, std::string_view name) {
  if (!object.is_object()) return {};
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string counted(std::uint64_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

}  // namespace nairi::contracts
