#include "harness/openapi/openapi_schema.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "text/json_source.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

std::string_view type_words(JsonType type) {
  switch (type) {
    case JsonType::object:
      return "an object";
    case JsonType::array:
      return "an array";
    case JsonType::string:
      return "a string";
    case JsonType::number:
      return "a number";
    case JsonType::integer:
      return "an integer";
    case JsonType::boolean:
      return "true or false";
    case JsonType::null:
      return "null";
  }
  return "";
}

bool is_of(const Json& value, JsonType type) {
  switch (type) {
    case JsonType::object:
      return value.is_object();
    case JsonType::array:
      return value.is_array();
    case JsonType::string:
      return value.is_string();
    case JsonType::number:
      return value.is_number();
    case JsonType::integer:  // 1.0 is one, says JSON Schema
      return value.is_number_integer() ||
             (value.is_number_float() && std::trunc(value.get<double>()) == value.get<double>());
    case JsonType::boolean:
      return value.is_boolean();
    case JsonType::null:
      return value.is_null();
  }
  return false;
}

// " from 1 to 100", " of at least 1", or nothing.
std::string bounds_words(const Schema& schema) {
  if (schema.minimum && schema.maximum) {
    return " from " + std::to_string(*schema.minimum) + " to " + std::to_string(*schema.maximum);
  }
  if (schema.minimum) return " of at least " + std::to_string(*schema.minimum);
  if (schema.maximum) return " of at most " + std::to_string(*schema.maximum);
  return "";
}

std::int64_t characters(std::string_view text) {  // of UTF-8: its bytes but those that continue one
  return std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; });
}

std::string elements(std::int64_t count) {
  return std::to_string(count) + (count == 1 ? " element" : " elements");
}

class Checker {
 public:
  Checker(const Checking& checking, Violations& violations)
      : pointer_(checking.pointer), partial_(checking.partial), violations_(violations) {}

  // Recursion is bounded by the depth of the value.
  void check(const Schema& schema, const Json& value, Source around) {
    const Source source = schema.source.value_or(around);
    if (schema.target != nullptr) check(*schema.target, value, source);
    if (!fits(schema, value)) {
      refuse(in_words(schema), mock::describe(value), source);
      return;
    }
    if (value.is_object()) check_members(schema, value, source);
    if (value.is_array()) check_elements(schema, value, source);
    if (value.is_string() && schema.content) check_content(schema, value, source);
    if (schema.condition && holds(*schema.condition, value)) {
      check(*schema.consequence, value, source);
    }
  }

 private:
  // All that concerns the value itself, and nothing within it.
  static bool fits(const Schema& schema, const Json& value) {
    const auto is_type = [&](JsonType type) { return is_of(value, type); };
    if (!schema.types.empty() && std::ranges::none_of(schema.types, is_type)) return false;
    if (!schema.words.empty() && std::ranges::count(schema.words, value) == 0) return false;
    if (value.is_string()) {
      const auto& text = value.get_ref<const std::string&>();
      return (!schema.min_length || characters(text) >= *schema.min_length) &&
             (!schema.pattern || RE2::PartialMatch(text, *schema.pattern));
    }
    if (value.is_number()) {
      const auto number = value.get<double>();
      return (!schema.minimum || number >= static_cast<double>(*schema.minimum)) &&
             (!schema.maximum || number <= static_cast<double>(*schema.maximum));
    }
    return true;
  }

  static bool holds(const Schema& schema, const Json& value) {
    Violations violations;
    check_value(schema, value, {.source = Source::assumed, .pointer = {}}, violations);
    return violations.empty();
  }

  void check_members(const Schema& schema, const Json& object, Source source) {
    for (const auto& [name, property] : schema.properties) {
      const auto member = object.find(name);
      if (member == object.end()) continue;
      within(name, [&, &described = *property] { check(described, *member, source); });
    }
    if (partial_) return;
    for (const std::string& name : schema.required) {
      if (!object.contains(name)) miss(schema, name, "", source);
    }
    std::set<std::string_view> missed;  // each is reported once, however many fields ask for it
    for (const auto& [name, companions] : schema.dependent_required) {
      if (!object.contains(name)) continue;
      for (const std::string& companion : companions) {
        if (object.contains(companion) || !missed.insert(companion).second) continue;
        miss(schema, companion, ", as there is " + mock::in_quotes(name), source);
      }
    }
  }

  void check_elements(const Schema& schema, const Json& array, Source source) {
    const auto size = static_cast<std::int64_t>(array.size());
    if (schema.min_items && size < *schema.min_items) {
      refuse("at least " + elements(*schema.min_items), elements(size), source);
    }
    if (schema.max_items && size > *schema.max_items) {
      refuse("at most " + elements(*schema.max_items), elements(size), source);
    }
    if (!schema.items) return;
    for (std::size_t i = 0; i < array.size(); ++i) {
      within(std::to_string(i), [&] { check(*schema.items, array[i], source); });
    }
  }

  void check_content(const Schema& schema, const Json& value, Source source) {
    if (const auto inner = parse_bounded(value.get_ref<const std::string&>())) {
      check(*schema.content, *inner, source);
    } else {
      refuse("JSON as text", mock::describe(value), source);
    }
  }

  // A member that should be there.
  void miss(const Schema& schema, const std::string& name, const std::string& why, Source source) {
    const auto property = schema.properties.find(name);
    const bool known = property != schema.properties.end();
    within(name, [&] {
      refuse((known ? in_words(*property->second) : "a value") + why, "nothing",
             known ? source_of(*property->second, source) : source);
    });
  }

  template <typename Check>
  void within(std::string_view name, Check check_child) {
    const std::size_t length = pointer_.size();
    pointer_ += mock::child_pointer("", name);
    check_child();
    pointer_.resize(length);
  }

  void refuse(std::string wanted, std::string got, Source source) {
    violations_.push_back({pointer_, std::move(wanted), std::move(got), source});
  }

  std::string pointer_;
  bool partial_;
  Violations& violations_;
};

// One step of descend().
SchemaPlace child_of(const Schema& schema, Source around, const std::string& name) {
  const Source source = schema.source.value_or(around);
  const auto property = schema.properties.find(name);
  if (property != schema.properties.end()) return {property->second.get(), source};
  if (schema.items) return {schema.items.get(), source};
  if (schema.target != nullptr) return child_of(*schema.target, source, name);
  return {nullptr, source};
}

}  // namespace

std::optional<Json> parse_bounded(std::string_view text) {
  Json value = read_json(text);
  if (value.is_discarded()) return std::nullopt;
  return value;
}

std::string either(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::string in_words(const Schema& schema) {
  if (!schema.title.empty()) return schema.title;
  std::vector<std::string> parts;
  if (!schema.words.empty()) {
    for (const Json& word : schema.words) parts.push_back(word.dump());
    return either(parts);
  }
  if (schema.types.empty() && schema.target != nullptr) return in_words(*schema.target);
  for (const JsonType type : schema.types) parts.emplace_back(type_words(type));
  std::string text = parts.empty() ? "a value" : either(parts);
  if (schema.pattern) text += " like " + schema.pattern->pattern();
  if (schema.min_length == 1) {
    text += " that is not empty";
  } else if (schema.min_length) {
    text += " of at least " + std::to_string(*schema.min_length) + " characters";
  }
  return text + bounds_words(schema);
}

bool takes(const Schema& schema, JsonType type) {
  return std::ranges::count(schema.types, type) > 0 ||
         (schema.target != nullptr && takes(*schema.target, type));
}

Source source_of(const Schema& schema, Source around) {
  const Source own = schema.source.value_or(around);
  return schema.target == nullptr ? own : source_of(*schema.target, own);
}

SchemaPlace descend(const Schema& schema, Source source, std::string_view pointer) {
  std::vector<std::string> names;
  for (Json::json_pointer rest{std::string(pointer)}; !rest.empty(); rest.pop_back()) {
    names.push_back(rest.back());
  }
  SchemaPlace place{&schema, source};
  for (auto name = names.rbegin(); name != names.rend() && place.schema != nullptr; ++name) {
    place = child_of(*place.schema, place.source, *name);
  }
  return place;
}

void check_value(const Schema& schema, const Json& value, const Checking& checking,
                 Violations& violations) {
  Checker(checking, violations).check(schema, value, checking.source);
}

}  // namespace nairi::contracts
