// Matchers of arrays as a whole.
#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "harness/cases/pattern.h"
#include "text/json_source.h"

namespace nairi::contracts {
namespace {

using mock::Node;

void check_sorted(const Node& argument, KnownNames& names) {
  const mock::ObjectReader sorted(argument, {"by", "order"});
  if (const auto by = sorted.require("by")) check_pointer(*by, names);
  if (const auto order = sorted.require("order")) check_word(*order, {"asc", "desc"});
}

// A pattern that some length may fit.
void check_length(const Node& argument, KnownNames& names) {
  check_pattern(argument, names);
  const Json& pattern = *argument.value;
  const bool is_named = pattern.is_string() && !names_in(pattern.get<std::string>()).empty();
  const bool is_length = pattern.is_number_integer() && pattern >= 0;
  const bool is_pattern = pattern.is_object() && is_matchers(pattern);
  if (!is_named && !is_length && !is_pattern) {
    return argument.expected("a whole number from 0 on, or matchers of one");
  }
  for (const char* bound : {"min", "max"}) {
    if (!is_pattern || !pattern.contains(bound)) continue;
    check_length(
        {&pattern.at(bound), mock::child_pointer(argument.pointer, bound), argument.report}, names);
  }
}

// An element from `first` on that fits; otherwise what is wrong with the one that is nearest.
struct Found {
  std::optional<std::size_t> index;
  Mismatches nearest;
};

Found find_element(const Json& pattern, const Spot& spot, std::size_t first, Matching& matching) {
  Found found;
  for (std::size_t i = first; i < spot.value->size(); ++i) {
    Mismatches mismatches =
        attempt(pattern, {&(*spot.value)[i], mock::child_pointer(spot.pointer, i)}, matching);
    if (mismatches.empty()) return {i, {}};
    if (found.nearest.empty() || mismatches.size() < found.nearest.size()) {
      found.nearest = std::move(mismatches);
    }
  }
  return found;
}

void refuse_element(const Json& pattern, const Spot& spot, const Found& found, Matching& matching) {
  std::string wanted = "an element that fits " + brief(pattern, matching);
  if (!found.nearest.empty()) {
    const Mismatch& nearest = found.nearest.front();
    wanted +=
        "; nearest: at " + nearest.pointer + " wanted " + nearest.wanted + ", got " + nearest.got;
  }
  refuse(spot, std::move(wanted), matching);
}

// Several patterns are found in this order, with anything between them.
void match_contains(const Json& argument, const Spot& spot, Matching& matching) {
  if (spot.value->is_string()) {
    const std::string part =
        fill(argument.is_string() ? argument.get<std::string>() : "", matching.values);
    const bool contained = argument.is_string() && spot.value->get_ref<const std::string&>().find(
                                                       part) != std::string::npos;
    if (!contained) refuse(spot, "text that contains " + argument.dump(), matching);
    return;
  }
  if (!spot.value->is_array()) return refuse(spot, "an array or a text", matching);
  const Json patterns = argument.is_array() ? argument : Json::array({argument});
  std::size_t next = 0;
  for (const Json& pattern : patterns) {
    const Found found = find_element(pattern, spot, next, matching);
    if (!found.index) return refuse_element(pattern, spot, found, matching);
    next = *found.index + 1;
  }
}

void match_each(const Json& argument, const Spot& spot, Matching& matching) {
  if (!spot.value->is_array()) return refuse(spot, "an array", matching);
  for (std::size_t i = 0; i < spot.value->size(); ++i) {
    match(argument, &(*spot.value)[i], mock::child_pointer(spot.pointer, i), matching);
  }
}

void match_length(const Json& argument, const Spot& spot, Matching& matching) {
  const bool has_length = spot.value->is_string() || spot.value->is_array();
  if (!has_length) return refuse(spot, "an array or a text", matching);
  const Json length = spot.value->is_string() ? spot.value->get_ref<const std::string&>().size()
                                              : spot.value->size();
  for (const Mismatch& mismatch : attempt(argument, {&length, spot.pointer}, matching)) {
    refuse({&length, spot.pointer}, "a length: " + mismatch.wanted, matching);
    matching.mismatches.back().source = mismatch.source;
  }
}

const Json* member_at(const Json& element, const std::string& pointer) {
  const Json::json_pointer at(pointer);
  return element.contains(at) ? &element.at(at) : nullptr;
}

void match_sorted(const Json& argument, const Spot& spot, Matching& matching) {
  if (!spot.value->is_array()) return refuse(spot, "an array", matching);
  const auto& by = argument.at("by").get_ref<const std::string&>();
  const bool ascending = argument.at("order") == "asc";
  for (std::size_t i = 1; i < spot.value->size(); ++i) {
    const Json* before = member_at((*spot.value)[i - 1], by);
    const Json* here = member_at((*spot.value)[i], by);
    const bool in_order =
        before != nullptr && here != nullptr &&
        (ascending ? is_at_least(*here, *before) : is_at_least(*before, *here)).value_or(false);
    if (in_order) continue;
    return refuse({here, mock::child_pointer(spot.pointer, i) + by},
                  std::string(ascending ? "not less" : "not more") + " than the one before, " +
                      (before == nullptr ? "nothing" : before->dump()),
                  matching);
  }
}

void match_unique(const Json& argument, const Spot& spot, Matching& matching) {
  if (!spot.value->is_array()) return refuse(spot, "an array", matching);
  const auto& by = argument.get_ref<const std::string&>();
  for (std::size_t i = 0; i < spot.value->size(); ++i) {
    const Json* here = member_at((*spot.value)[i], by);
    for (std::size_t j = 0; j < i && here != nullptr; ++j) {
      const Json* before = member_at((*spot.value)[j], by);
      if (before == nullptr || *before != *here) continue;
      return refuse({here, mock::child_pointer(spot.pointer, i) + by},
                    "another than " + mock::child_pointer(spot.pointer, j) + by, matching);
    }
  }
}

// The text deltas in a list of messages, joined, against the answer in the same list
// (REFERENCE: Messages, progress envelope).
void match_deltas(const Json&, const Spot& spot, Matching& matching) {
  if (!spot.value->is_array()) return refuse(spot, "an array of messages", matching);
  std::string deltas;
  std::string answer;
  for (const Json& message : *spot.value) {
    if (!message.is_object()) continue;
    const Json content = message.value("content", Json());
    if (!content.is_string()) continue;
    const auto& text = content.get_ref<const std::string&>();
    if (message.value("role", Json()) == "assistant") answer = text;
    if (message.value("role", Json()) != "progress") continue;
    const Json envelope = read_json(text);
    if (envelope.is_object() && envelope.value("text_delta", Json()).is_string()) {
      deltas += envelope["text_delta"].get_ref<const std::string&>();
    }
  }
  const std::size_t end = deltas.find_last_not_of(" \t\r\n");
  deltas.erase(end == std::string::npos ? 0 : end + 1);
  if (deltas.empty() || !answer.starts_with(deltas)) {
    const Json joined = deltas;
    refuse({&joined, spot.pointer}, "text deltas that lead up to " + mock::in_quotes(answer),
           matching);
  }
}

constexpr std::array kListMatchers{
    Matcher{"contains", Absence::refused, check_pattern, match_contains},
    Matcher{"each", Absence::refused, check_pattern, match_each},
    Matcher{"length", Absence::refused, check_length, match_length},
    Matcher{"sorted", Absence::refused, check_sorted, match_sorted},
    Matcher{"unique", Absence::refused, check_pointer, match_unique},
    Matcher{"deltas_lead_to_reply", Absence::refused, check_true, match_deltas},
};

}  // namespace

std::span<const Matcher> list_matchers() {
  return kListMatchers;
}

}  // namespace nairi::contracts
