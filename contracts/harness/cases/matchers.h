// The matchers of a pattern, one table for loading, matching and the list in the documentation:
// those of any value in matchers.cc, those of arrays as a whole in list_matchers.cc.
#ifndef NAIRI_CONTRACTS_HARNESS_CASES_MATCHERS_H_
#define NAIRI_CONTRACTS_HARNESS_CASES_MATCHERS_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "harness/cases/pattern.h"
#include "text/wording.h"

namespace nairi::contracts {

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

// What an object of matchers wants, in words.
std::string wanted_text(const Json& matchers);

// --- What several matchers are made of -------------------------------------------------------

void check_true(const mock::Node& argument, KnownNames& names);
void check_word(const mock::Node& argument, const mock::Words& words);
void check_pointer(const mock::Node& argument, KnownNames& names);

// nullopt for what can't be compared. Times are of one form, so they compare as text.
std::optional<bool> is_at_least(const Json& value, const Json& bound);

// The mismatches of a pattern that is only tried; what it captured counts if there are none.
Mismatches attempt(const Json& pattern, const Spot& spot, Matching& matching);

// The pattern with its names filled in, cut if it is long.
std::string brief(const Json& pattern, const Matching& matching);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CASES_MATCHERS_H_
