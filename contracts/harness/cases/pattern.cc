#include "harness/cases/pattern.h"

#include <algorithm>

#include "text/json_source.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

constexpr std::string_view kExact = "exact";

bool may_be_absent(const Json& matchers) {
  bool judged = false;
  for (const auto& [name, argument] : matchers.items()) {
    const Absence absence = find_matcher(name)->absence;
    if (absence == Absence::refused) return false;
    judged = judged || absence == Absence::judged;
  }
  return judged;
}

void match_fields(const Json& pattern, const Spot& spot, Matching& matching) {
  if (spot.value == nullptr || !spot.value->is_object()) {
    return refuse(spot, "an object", matching);
  }
  for (const auto& [key, field] : pattern.items()) {
    if (key == kExact) continue;
    const auto found = spot.value->find(key);
    match(field, found == spot.value->end() ? nullptr : &*found,
          mock::child_pointer(spot.pointer, key), matching);
  }
  if (!pattern.value(kExact, false)) return;
  for (const auto& [key, field] : spot.value->items()) {
    if (pattern.contains(key)) continue;
    refuse({&field, mock::child_pointer(spot.pointer, key)}, "no such field", matching);
  }
}

void match_elements(const Json& pattern, const Spot& spot, Matching& matching) {
  if (spot.value == nullptr || !spot.value->is_array() || spot.value->size() != pattern.size()) {
    return refuse(spot, "an array of " + std::to_string(pattern.size()), matching);
  }
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    match(pattern[i], &(*spot.value)[i], mock::child_pointer(spot.pointer, i), matching);
  }
}

void match_matchers(const Json& pattern, const Spot& spot, Matching& matching) {
  const Source around = matching.source;
  const auto source = pattern.find("source");
  if (source != pattern.end()) {
    matching.source = source_from(source->get_ref<const std::string&>()).value_or(around);
  }
  if (spot.value == nullptr && !may_be_absent(pattern)) {
    refuse(spot, in_words(pattern), matching);
  } else {
    for (const auto& [name, argument] : pattern.items()) {
      find_matcher(name)->match(argument, spot, matching);
    }
  }
  matching.source = around;
}

// Whether a message shows all of it, and nobody takes it for another text.
bool shows_itself(const std::string& text) {
  constexpr std::size_t kMost = 60;
  return text.size() <= kMost && std::all_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x80;
         });
}

// Where the character begins of which the byte at `at` is one.
std::size_t begin_of_character(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) {
    --at;
  }
  return at;
}

// The text around a byte. What is beyond ASCII may be invisible or look like something else.
std::string around(std::string_view text, std::size_t at) {
  constexpr std::size_t kBefore = 12;
  constexpr std::size_t kAfter = 24;
  const std::size_t begin = begin_of_character(text, at - std::min(at, kBefore));
  const std::size_t end = begin_of_character(text, std::min(at + kAfter, text.size()));
  const Json part = text.substr(begin, end - begin);
  return "the text with " + part.dump(-1, ' ', true, Json::error_handler_t::replace) + " at byte " +
         std::to_string(begin) + " of " + std::to_string(text.size());
}

// Of two texts that are long, or may look alike, it tells where they begin to differ.
void refuse_other(const Json& wanted, const Spot& spot, Matching& matching) {
  const bool are_texts = wanted.is_string() && spot.value != nullptr && spot.value->is_string();
  if (!are_texts) return refuse(spot, mock::describe(wanted), matching);
  const auto& text = wanted.get_ref<const std::string&>();
  const auto& other = spot.value->get_ref<const std::string&>();
  if (shows_itself(text) && shows_itself(other)) {
    return refuse(spot, mock::describe(wanted), matching);
  }
  const auto differs = std::mismatch(text.begin(), text.end(), other.begin(), other.end());
  const auto at = static_cast<std::size_t>(differs.first - text.begin());
  refuse(spot, around(text, at), matching);
  matching.mismatches.back().got = around(other, at);
}

// An object that is meant as fields, although some of its keys are matchers: a misspelt matcher
// would otherwise be looked for as a field of the reply.
void check_mixture(const mock::Node& node) {
  for (const auto& [key, argument] : node.value->items()) {
    const Matcher* matcher = find_matcher(key);
    if (matcher == nullptr || !matcher->takes(argument)) continue;
    for (const auto& [other, value] : node.value->items()) {
      if (find_matcher(other) != nullptr) continue;
      node.report->add_at_key(node.pointer, other,
                              mock::in_quotes(other) + " is no matcher, but " +
                                  mock::in_quotes(key) + " beside it is" +
                                  mock::hint(other, matcher_names()) +
                                  " (fields with such names need \"exact\": false beside them)");
      return;
    }
  }
}

void check_fields(const mock::Node& node, KnownNames& names) {
  const bool says_exact = node.value->contains(kExact);
  if (!says_exact) check_mixture(node);
  for (const auto& [key, field] : node.value->items()) {
    const mock::Node child{&field, mock::child_pointer(node.pointer, key), node.report};
    if (key == kExact) {
      mock::read_flag(child);
    } else {
      check_pattern(child, names);
    }
  }
}

}  // namespace

bool is_matchers(const Json& pattern) {
  if (pattern.empty() || pattern.contains(kExact)) return false;
  return std::all_of(pattern.items().begin(), pattern.items().end(), [](const auto& member) {
    const Matcher* matcher = find_matcher(member.key());
    return matcher != nullptr && matcher->takes(member.value());
  });
}

Json status_pattern(const Json& status) {
  if (!status.is_string()) return status;
  const int from = (status.get_ref<const std::string&>().front() - '0') * 100;
  return {{"min", from}, {"max", from + 99}};
}

void match(const Json& pattern, const Json* value, const std::string& pointer, Matching& matching) {
  const Spot spot{value, pointer};
  if (pattern.is_object()) {
    if (is_matchers(pattern)) return match_matchers(pattern, spot, matching);
    return match_fields(pattern, spot, matching);
  }
  if (pattern.is_array()) return match_elements(pattern, spot, matching);
  const Json wanted = fill_all(pattern, matching.values);
  if (value == nullptr || *value != wanted) refuse_other(wanted, spot, matching);
}

void check_pattern(const mock::Node& node, KnownNames& names) {
  const Json& pattern = *node.value;
  if (pattern.is_string()) {
    check_names(node, pattern.get_ref<const std::string&>(), names);
  } else if (pattern.is_array()) {
    mock::read_list(node, [&](const mock::Node& element) { check_pattern(element, names); });
  } else if (pattern.is_object() && !is_matchers(pattern)) {
    check_fields(node, names);
  } else if (pattern.is_object()) {
    for (const auto& [name, argument] : pattern.items()) {
      find_matcher(name)->check({&argument, mock::child_pointer(node.pointer, name), node.report},
                                names);
    }
  }
}

void check_names(const mock::Node& node, std::string_view text, const KnownNames& names) {
  for (const std::string& name : names_in(text)) {
    if (names.contains(name)) continue;
    node.refuse("nothing is called {" + name + "} here" +
                mock::hint(name, mock::Words(names.begin(), names.end())));
  }
}

}  // namespace nairi::contracts
