#include "json_reader.h"

#include <algorithm>

#include "failure.h"

namespace nairi {
namespace {

constexpr int kMaxDepth = 200;  // deeper documents could exhaust the stack when they are written

// The greatest nesting of brackets outside of strings.
int depth_of(std::string_view text) {
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return deepest;
}

std::string excerpt(std::string_view text) {
  constexpr std::size_t kLength = 60;
  return text.empty()
             ? "an empty body"
             : "\"" + std::string(text.substr(0, kLength)) + (text.size() > kLength ? "…\"" : "\"");
}

}  // namespace

Result<Document> parse_document(std::string_view text) {
  if (auto plain = read_plain_json(text)) return std::move(*plain);
  if (depth_of(text) > kMaxDepth) return malformed("", "expected at most 200 levels of nesting");
  // The library takes it for the end, and looks at nothing behind it.
  if (text.find('\0') != std::string_view::npos) {
    return malformed("", "expected JSON, came U+0000 (at byte " +
                             std::to_string(text.find('\0') + 1) + " of " +
                             std::to_string(text.size()) + ")");
  }
  try {
    return Document{Json::parse(text)};
  } catch (const nlohmann::json::parse_error& error) {
    return malformed("", "expected JSON, came " + excerpt(text) + " (wrong at byte " +
                             std::to_string(error.byte) + " of " + std::to_string(text.size()) +
                             ")");
  } catch (const nlohmann::json::exception& error) {  // a number out of range, for one
    return malformed("", std::string("expected JSON that can be read: ") + error.what());
  }
}

Result<Json> parse_json(std::string_view text) {
  return parse_document(text).map([](Document document) { return std::move(document.value); });
}

std::string kind_of(const Json& value) {
  switch (value.type()) {
    case Json::value_t::object:
      return "an object";
    case Json::value_t::array:
      return "an array";
    case Json::value_t::string:
      return "a string";
    case Json::value_t::boolean:
      return "a boolean";
    case Json::value_t::null:
      return "null";
    default:
      return "a number";
  }
}

FieldReader::FieldReader(const Json& value, std::string pointer)
    : value_(value), pointer_(std::move(pointer)) {
  if (!value.is_object()) {
    error_ = malformed(pointer_, "expected an object, came " + kind_of(value)).value();
  }
}

const Json* FieldReader::find(const char* key) const {
  if (!value_.is_object()) return nullptr;
  const auto field = value_.find(key);
  return field == value_.end() || field->is_null() ? nullptr : &*field;
}

bool FieldReader::has(const char* key) const {
  return value_.is_object() && value_.contains(key);
}

void FieldReader::expect(const char* key, const char* expected, const Json* came) {
  if (error_) return;
  error_ = malformed(pointer_ + "/" + key, std::string("expected ") + expected + ", came " +
                                               (came ? kind_of(*came) : "nothing"))
               .value();
}

std::string FieldReader::required_text(const char* key) {
  const Json* field = find(key);
  if (field && field->is_string() && !field->get_ref<const std::string&>().empty()) {
    return field->get<std::string>();
  }
  expect(key, "a non-empty string", field);
  return {};
}

std::optional<std::string> FieldReader::text(const char* key) {
  const Json* field = find(key);
  if (!field) return std::nullopt;
  if (field->is_string()) return field->get<std::string>();
  expect(key, "a string", field);
  return std::nullopt;
}

std::optional<std::int64_t> FieldReader::integer(const char* key) {
  const Json* field = find(key);
  if (!field) return std::nullopt;
  if (field->is_number_integer()) return field->get<std::int64_t>();
  expect(key, "an integer", field);
  return std::nullopt;
}

std::optional<double> FieldReader::number(const char* key) {
  const Json* field = find(key);
  if (!field) return std::nullopt;
  if (field->is_number()) return field->get<double>();
  expect(key, "a number", field);
  return std::nullopt;
}

std::optional<bool> FieldReader::boolean(const char* key) {
  const Json* field = find(key);
  if (!field) return std::nullopt;
  if (field->is_boolean()) return field->get<bool>();
  expect(key, "a boolean", field);
  return std::nullopt;
}

std::vector<std::string> FieldReader::texts(const char* key) {
  const Json* field = find(key);
  if (!field) return {};
  const auto is_text = [](const Json& item) { return item.is_string(); };
  if (field->is_array() && std::all_of(field->begin(), field->end(), is_text)) {
    return field->get<std::vector<std::string>>();
  }
  expect(key, "an array of strings", field);
  return {};
}

const Json* FieldReader::required_array(const char* key) {
  const Json* field = find(key);
  if (field && field->is_array()) return field;
  expect(key, "an array", field);
  return nullptr;
}

}  // namespace nairi
