#include "harness/cases/pattern.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "text/json_source.h"

namespace nairi::contracts {
namespace {

using mock::Node;

// --- What arguments look like ---------------------------------------------------------------

bool is_text(const Json& argument) {
  return argument.is_string();
}

// A list of which one is to fit.
void check_choices(const Node& argument, const std::function<void(const Node&)>& check) {
  if (argument.value->is_array() && argument.value->empty()) {
    return argument.refuse("expected at least one element");
  }
  mock::read_list(argument, check);
}

const mock::Words& type_words() {
  static const mock::Words words{"string", "number", "integer", "boolean",
                                 "object", "array",  "null"};
  return words;
}

// The prefixes of each kind of id (REFERENCE: Basics).
struct IdKind {
  std::string_view word;
  const char* regex;
  std::string_view article;
};
// Independent of the fake's own code on purpose: both could be wrong in the same way.
constexpr std::array<IdKind, 4> kIdKinds{{
    {"cci", "cci_[0-7][0-9A-HJKMNP-TV-Z]{25}", "a"},
    {"job", "(job|j)_[0-7][0-9A-HJKMNP-TV-Z]{25}", "a"},
    {"cmsg", "cmsg_[0-7][0-9A-HJKMNP-TV-Z]{25}", "a"},
    {"att", "att_[0-7][0-9A-HJKMNP-TV-Z]{25}", "an"},
}};

const IdKind* id_kind(const Json& word) {
  const auto found = std::find_if(kIdKinds.begin(), kIdKinds.end(),
                                  [&](const IdKind& kind) { return word == kind.word; });
  return found == kIdKinds.end() ? nullptr : &*found;
}

void check_id(const Node& argument, KnownNames&) {
  check_word(argument, {"cci", "job", "cmsg", "att"});
}

void check_type(const Node& argument, KnownNames&) {
  const auto one = [](const Node& node) { check_word(node, type_words()); };
  if (argument.value->is_array()) return check_choices(argument, one);
  one(argument);
}

void check_regex(const Node& argument, KnownNames&) {
  const auto text = mock::read_text(argument);
  if (!text) return;
  const RE2 regex(*text, RE2::Quiet);
  if (!regex.ok()) argument.refuse("bad regex " + mock::in_quotes(*text) + ": " + regex.error());
}

constexpr const char* kTime =
    "\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d"
    "\\.\\d{3}Z";

void check_bound(const Node& argument, KnownNames& names) {
  if (argument.value->is_number()) return;
  if (!argument.value->is_string()) return argument.expected("a number or a time");
  const auto& text = argument.value->get_ref<const std::string&>();
  if (!names_in(text).empty()) return check_names(argument, text, names);
  if (!RE2::FullMatch(text, kTime)) argument.expected("a number or a time");
}

void check_patterns(const Node& argument, KnownNames& names) {
  check_choices(argument, [&](const Node& node) { check_pattern(node, names); });
}

void check_capture(const Node& argument, KnownNames& names) {
  const auto name = mock::read_text(argument);
  if (!name) return;
  if (names_in("{" + *name + "}") != std::vector<std::string>{*name}) {
    argument.expected("a name of lower-case letters, digits and _");
    return;
  }
  names.insert(*name);
}

void check_same_as(const Node& argument, KnownNames& names) {
  if (const auto name = mock::read_text(argument)) {
    check_names(argument, "{" + *name + "}", names);
  }
}

void check_source(const Node& argument, KnownNames&) {
  check_word(argument, mock::Words(kSourceWords.begin(), kSourceWords.end()));
}

constexpr std::size_t kMostOfAValue = 300;

// As JSON, also when it is no UTF-8: captured from the raw text of an answer. Cut if it is long.
std::string shown(const Json& value) {
  return mock::cut(value.dump(-1, ' ', false, Json::error_handler_t::replace), kMostOfAValue);
}

// --- Matching --------------------------------------------------------------------------------

bool has_type(const Json& value, std::string_view type) {
  if (type == "string") return value.is_string();
  if (type == "number") return value.is_number();
  if (type == "integer") return value.is_number_integer();
  if (type == "boolean") return value.is_boolean();
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  return value.is_null();
}

void match_type(const Json& argument, const Spot& spot, Matching& matching) {
  const Json types = argument.is_array() ? argument : Json::array({argument});
  const bool fits = std::any_of(types.begin(), types.end(), [&](const Json& type) {
    return has_type(*spot.value, type.get_ref<const std::string&>());
  });
  if (!fits) refuse(spot, in_words(Json{{"type", argument}}), matching);
}

void match_in(const Json& argument, const Spot& spot, Matching& matching) {
  const Json filled = fill_all(argument, matching.values);
  if (std::find(filled.begin(), filled.end(), *spot.value) != filled.end()) return;
  refuse(spot, mock::cut(in_words(Json{{"in", filled}}), kMostOfAValue), matching);
}

// Made once for all cases: there are few, and making one takes as long as a hundred matches.
const RE2& compiled(const char* regex) {
  static std::mutex mutex;
  static std::map<std::string, RE2, std::less<>> made;
  const std::lock_guard lock(mutex);
  return made.try_emplace(regex, regex).first->second;
}

void match_whole(const char* regex, const std::string& wanted, const Spot& spot,
                 Matching& matching) {
  const bool fits = spot.value->is_string() &&
                    RE2::FullMatch(spot.value->get_ref<const std::string&>(), compiled(regex));
  if (!fits) refuse(spot, wanted, matching);
}

void match_regex(const Json& argument, const Spot& spot, Matching& matching) {
  const auto& regex = argument.get_ref<const std::string&>();
  const bool fits = spot.value->is_string() &&
                    RE2::PartialMatch(spot.value->get_ref<const std::string&>(), regex);
  if (!fits) refuse(spot, "text that matches " + mock::in_quotes(regex), matching);
}

void match_id(const Json& argument, const Spot& spot, Matching& matching) {
  const IdKind& kind = *id_kind(argument);
  match_whole(kind.regex, std::string(kind.article) + " " + std::string(kind.word) + "_ id", spot,
              matching);
}

void match_time(const Json&, const Spot& spot, Matching& matching) {
  match_whole(kTime, "a time such as \"2026-04-12T18:45:12.000Z\"", spot, matching);
}

void match_min(const Json& argument, const Spot& spot, Matching& matching) {
  const Json bound = fill_all(argument, matching.values);
  if (!is_at_least(*spot.value, bound).value_or(false)) {
    refuse(spot, "at least " + shown(bound), matching);
  }
}

void match_max(const Json& argument, const Spot& spot, Matching& matching) {
  const Json bound = fill_all(argument, matching.values);
  if (!is_at_least(bound, *spot.value).value_or(false)) {
    refuse(spot, "at most " + shown(bound), matching);
  }
}

void match_absent(const Json&, const Spot& spot, Matching& matching) {
  if (spot.value != nullptr) refuse(spot, "nothing", matching);
}

void match_anything(const Json&, const Spot&, Matching&) {}

void match_any_of(const Json& argument, const Spot& spot, Matching& matching) {
  for (const Json& pattern : argument) {
    if (attempt(pattern, spot, matching).empty()) return;
  }
  refuse(spot, brief(Json{{"any_of", argument}}, matching), matching);
}

void match_not(const Json& argument, const Spot& spot, Matching& matching) {
  if (attempt(argument, spot, matching).empty()) {
    refuse(spot, "anything but " + brief(argument, matching), matching);
  }
}

void match_capture(const Json& argument, const Spot& spot, Matching& matching) {
  if (spot.value != nullptr) matching.values[argument.get<std::string>()] = *spot.value;
}

void match_same_as(const Json& argument, const Spot& spot, Matching& matching) {
  const auto& name = argument.get_ref<const std::string&>();
  const auto captured = matching.values.find(name);
  if (captured == matching.values.end()) return;  // the step that captures it failed already
  if (*spot.value != captured->second) {
    refuse(spot, "{" + name + "}, which is " + shown(captured->second), matching);
  }
}

void match_scripted(const Json& argument, const Spot& spot, Matching& matching) {
  if (matching.scripted) match(argument, spot.value, spot.pointer, matching);
}

void match_json(const Json& argument, const Spot& spot, Matching& matching) {
  if (!spot.value->is_string()) return refuse(spot, "JSON as text", matching);
  const Json inner = read_json(spot.value->get_ref<const std::string&>());
  if (inner.is_discarded()) return refuse(spot, "JSON as text", matching);
  match(argument, &inner, spot.pointer, matching);
}

constexpr std::array kValueMatchers{
    Matcher{"type", Absence::refused, check_type, match_type},
    Matcher{"in", Absence::refused, check_patterns, match_in},
    Matcher{"regex", Absence::refused, check_regex, match_regex},
    Matcher{"id", Absence::refused, check_id, match_id, is_text},
    Matcher{"time", Absence::refused, check_true, match_time},
    Matcher{"min", Absence::refused, check_bound, match_min},
    Matcher{"max", Absence::refused, check_bound, match_max},
    Matcher{"absent", Absence::judged, check_true, match_absent},
    Matcher{"any", Absence::refused, check_true, match_anything},
    Matcher{"any_of", Absence::judged, check_patterns, match_any_of},
    Matcher{"not", Absence::judged, check_pattern, match_not},
    Matcher{"capture", Absence::ignored, check_capture, match_capture},
    Matcher{"same_as", Absence::refused, check_same_as, match_same_as},
    Matcher{"scripted", Absence::judged, check_pattern, match_scripted},
    Matcher{"json", Absence::refused, check_pattern, match_json},
    Matcher{"source", Absence::ignored, check_source, match_anything},
};

// A value that came, in a message: arrays and objects with what is in them.
std::string in_full(const Json& value) {
  constexpr std::size_t kMost = 200;
  const std::string text = mock::describe(value);
  return value.is_structured() ? text + ": " + mock::cut(shown(value), kMost) : text;
}

}  // namespace

const Matcher* find_matcher(std::string_view name) {
  for (const auto matchers : {std::span<const Matcher>(kValueMatchers), list_matchers()}) {
    const auto found = std::ranges::find(matchers, name, &Matcher::name);
    if (found != matchers.end()) return &*found;
  }
  return nullptr;
}

const mock::Words& matcher_names() {
  static const mock::Words names = [] {
    mock::Words all;
    for (const Matcher& matcher : kValueMatchers) all.push_back(matcher.name);
    for (const Matcher& matcher : list_matchers()) all.push_back(matcher.name);
    return all;
  }();
  return names;
}

bool is_json_pointer(std::string_view text) {
  static const RE2 pointer("(/([^~/]|~[01])*)*");
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pointer);
}

void refuse(const Spot& spot, std::string wanted, Matching& matching) {
  matching.mismatches.push_back({.step = {},
                                 .part = {},
                                 .pointer = spot.pointer,
                                 .wanted = std::move(wanted),
                                 .got = spot.value == nullptr ? "nothing" : in_full(*spot.value),
                                 .source = matching.source});
}

void check_true(const Node& argument, KnownNames&) {
  if (*argument.value != true) argument.expected("true");
}

void check_word(const Node& argument, const mock::Words& words) {
  const bool known = argument.value->is_string() &&
                     std::find(words.begin(), words.end(),
                               argument.value->get_ref<const std::string&>()) != words.end();
  if (!known) mock::expected_one_of(argument, words);
}

void check_pointer(const Node& argument, KnownNames&) {
  const auto text = mock::read_text(argument);
  if (text && !is_json_pointer(*text)) argument.expected("a JSON pointer");
}

std::optional<bool> is_at_least(const Json& value, const Json& bound) {
  const bool comparable =
      (value.is_number() && bound.is_number()) || (value.is_string() && bound.is_string());
  if (!comparable) return std::nullopt;
  return value >= bound;
}

Mismatches attempt(const Json& pattern, const Spot& spot, Matching& matching) {
  Values values = matching.values;
  Matching trial{values, matching.scripted, matching.source};
  match(pattern, spot.value, spot.pointer, trial);
  if (trial.mismatches.empty()) matching.values = std::move(values);
  return std::move(trial.mismatches);
}

std::string brief(const Json& pattern, const Matching& matching) {
  return mock::cut(in_words(fill_all(pattern, matching.values)), kMostOfAValue);
}

}  // namespace nairi::contracts
