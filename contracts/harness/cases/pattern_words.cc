// Patterns in words, for people who never saw one: {"in": ["error", "timeout"]} is
// "\"error\" or \"timeout\"".
#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "harness/cases/pattern.h"

namespace nairi::contracts {
namespace {

std::string plain(const Json& value) {
  constexpr std::size_t kMost = 120;
  return mock::cut(value.dump(-1, ' ', false, Json::error_handler_t::replace), kMost);
}

// The words of each, with `between` between them.
std::string all_words(const Json& patterns, std::string_view between) {
  std::string text;
  for (const Json& pattern : patterns) {
    if (!text.empty()) text += between;
    text += in_words(pattern);
  }
  return text;
}

std::string type_words(const Json& type) {
  if (type.is_array()) {
    std::string text;
    for (const Json& one : type) text += (text.empty() ? "" : " or ") + type_words(one);
    return text;
  }
  const auto& word = type.get_ref<const std::string&>();
  if (word == "null") return word;
  const bool begins_with_vowel = std::string_view("aeiou").find(word.front()) != std::string::npos;
  return (begins_with_vowel ? "an " : "a ") + word;
}

std::string sorted_words(const Json& argument) {
  const std::string order = argument.at("order") == "asc" ? "rising" : "falling";
  return "a list by " + plain(argument.at("by")) + ", " + order;
}

std::string unique_words(const Json& argument) {
  const bool is_whole = argument.get_ref<const std::string&>().empty();
  return "a list without duplicates" + (is_whole ? "" : " by " + plain(argument));
}

struct MatcherWords {
  std::string_view name;
  std::string (*words)(const Json& argument);
};

constexpr std::array kWords{
    MatcherWords{"type", type_words},
    MatcherWords{"in", [](const Json& it) { return all_words(it, " or "); }},
    MatcherWords{"regex", [](const Json& it) { return "a text that matches " + plain(it); }},
    MatcherWords{"id", [](const Json& it) { return "an id with " + it.get<std::string>() + "_"; }},
    MatcherWords{"time", [](const Json&) { return std::string("a time"); }},
    MatcherWords{"min", [](const Json& it) { return "at least " + plain(it); }},
    MatcherWords{"max", [](const Json& it) { return "at most " + plain(it); }},
    MatcherWords{"absent", [](const Json&) { return std::string("nothing"); }},
    MatcherWords{"any", [](const Json&) { return std::string("anything"); }},
    MatcherWords{"any_of", [](const Json& it) { return all_words(it, " or "); }},
    MatcherWords{"not", [](const Json& it) { return "anything but " + in_words(it); }},
    MatcherWords{"same_as",
                 [](const Json& it) { return "the same as {" + it.get<std::string>() + "}"; }},
    MatcherWords{"scripted", [](const Json& it) { return in_words(it); }},
    MatcherWords{"json", [](const Json& it) { return "as JSON text " + in_words(it); }},
    MatcherWords{"contains",
                 [](const Json& it) {
                   if (!it.is_array()) return "what contains " + in_words(it);
                   return "a list with " + all_words(it, ", then ");
                 }},
    MatcherWords{"each", [](const Json& it) { return "a list, each of it " + in_words(it); }},
    MatcherWords{"length", [](const Json& it) { return "of a length of " + in_words(it); }},
    MatcherWords{"sorted", sorted_words},
    MatcherWords{"unique", unique_words},
    MatcherWords{"deltas_lead_to_reply",
                 [](const Json&) { return std::string("text deltas that lead up to the answer"); }},
};

// What only takes notes says nothing of a value.
bool says_nothing(std::string_view name) {
  return name == "capture" || name == "source";
}

std::string matcher_words(const Json& matchers) {
  std::string text;
  for (const auto& [name, argument] : matchers.items()) {
    if (says_nothing(name)) continue;
    const auto* found = std::ranges::find(kWords, std::string_view(name), &MatcherWords::name);
    text += (text.empty() ? "" : ", ") + found->words(argument);
  }
  return text.empty() ? "anything" : text;
}

std::string field_words(const Json& pattern) {
  std::string text;
  for (const auto& [key, field] : pattern.items()) {
    if (key == "exact") continue;
    text += (text.empty() ? "" : ", ") + plain(key) + ": " + in_words(field);
  }
  return text.empty() ? "an object" : "an object with " + text;
}

bool is_plain(const Json& pattern) {
  return !pattern.is_object() &&
         (!pattern.is_array() || std::all_of(pattern.begin(), pattern.end(), is_plain));
}

}  // namespace

std::string in_words(const Json& pattern) {
  if (is_plain(pattern)) return plain(pattern);
  if (pattern.is_array()) return "[" + all_words(pattern, ", ") + "]";
  return is_matchers(pattern) ? matcher_words(pattern) : field_words(pattern);
}

std::vector<std::string> wanted_texts(const Json& pattern) {
  if (pattern.is_string()) return {pattern.get<std::string>()};
  std::vector<std::string> texts;
  if (!pattern.is_object()) return texts;
  for (const char* matcher : {"any_of", "in"}) {
    for (const Json& choice : pattern.value(matcher, Json::array())) {
      std::ranges::move(wanted_texts(choice), std::back_inserter(texts));
    }
  }
  return texts;
}

}  // namespace nairi::contracts
