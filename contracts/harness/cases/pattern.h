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

#include <set>
#include <string>
#include <string_view>

#include "harness/cases/case_result.h"
#include "harness/cases/values.h"
#include "text/object_reader.h"

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

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CASES_PATTERN_H_
