// What a case expects of a JSON value. A pattern is JSON too (docs/contracts.md, "Matchers"):
//   - text, number, boolean, null: equal, after {names} are filled in;
//   - an array: each element in its place, and no more;
//   - an object: those fields at least; with "exact": true, no others;
//   - an object of matchers, such as {"type": "string", "capture": "job"}: all of them hold.
//
//   Matching matching{.values = values};
//   match(pattern, &value, "", matching);
//   if (!matching.mismatches.empty()) …
#ifndef NAIRI_CONTRACTS_HARNESS_CASES_PATTERN_H_
#define NAIRI_CONTRACTS_HARNESS_CASES_PATTERN_H_

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cases/case_result.h"
#include "harness/cases/values.h"
#include "text/object_reader.h"
#include "text/wording.h"

namespace nairi::contracts {

// What is known while matching, and what came of it.
struct Matching {
  Values& values;                // read for names, written by "capture"
  bool scripted = true;          // whether the server plays the case's timeline
  Source source = Source::seed;  // of what is not marked otherwise
  Mismatches mismatches = {};
};

// `value` is nullptr for what is not there. A pattern must have passed check_pattern().
void match(const Json& pattern, const Json* value, const std::string& pointer, Matching& matching);

// The names that a case has at some place of it.
using KnownNames = std::set<std::string, std::less<>>;

// Reports what is no pattern, and names that nobody gives; adds the names that it captures.
void check_pattern(const mock::Node& node, KnownNames& names);

// Reports the {names} of a text that nobody gives.
void check_names(const mock::Node& node, std::string_view text, const KnownNames& names);

// --- Matchers --------------------------------------------------------------------------------
// One table for loading, matching and the list in the documentation: those of any value in
// matchers.cc, those of arrays as a whole in list_matchers.cc. Many hold patterns again.

// A value of a reply and where it stands; value is nullptr for one that is not there.
struct Spot {
  const Json* value;
  std::string pointer;
};

// What a matcher makes of a value that is not there. A value may be absent when some matcher judges
// that and none refuses it.
enum class Absence { refused, ignored, judged };

struct Matcher {
  std::string_view name;
  Absence absence;
  void (*check)(const mock::Node& argument, KnownNames& names);
  void (*match)(const Json& argument, const Spot& spot, Matching& matching);
  // Whether the argument is of the form that the matcher takes. Only "id" asks: a field can be
  // called so too.
  bool (*takes)(const Json& argument) = [](const Json&) { return true; };
};

std::span<const Matcher> list_matchers();

// nullptr when there is none of that name.
const Matcher* find_matcher(std::string_view name);
const mock::Words& matcher_names();

bool is_json_pointer(std::string_view text);

// Notes that the value there is not what was wanted.
void refuse(const Spot& spot, std::string wanted, Matching& matching);

// Whether a pattern is an object of matchers, and not one of fields.
bool is_matchers(const Json& pattern);

// What a pattern wants, in words.
std::string in_words(const Json& pattern);

// The texts of which a pattern wants one.
std::vector<std::string> wanted_texts(const Json& pattern);

// "2xx" as a pattern of numbers; any other pattern as it is.
Json status_pattern(const Json& status);

// --- What several matchers are made of -------------------------------------------------------

void check_true(const mock::Node& argument, KnownNames& names);
void check_word(const mock::Node& argument, const mock::Words& words);
void check_pointer(const mock::Node& argument, KnownNames& names);

// nullopt for what can't be compared. Times are of one form, so they compare as text.
std::optional<bool> is_at_least(const Json& value, const Json& bound);

// The mismatches of a pattern that is only tried; what it captured counts if there are none.
Mismatches attempt(const Json& pattern, const Spot& spot, Matching& matching);

// The pattern in words, with its names filled in, cut if it is long.
std::string brief(const Json& pattern, const Matching& matching);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CASES_PATTERN_H_
