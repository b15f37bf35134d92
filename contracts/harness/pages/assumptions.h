// contracts/assumptions.json: what nobody vouches for (the statements of docs/REFERENCE.md that are
// assumed or a producer's), and which traffic would confirm or refute each. docs/ledger.md
// describes the file and what its patterns look at.
//
//   for (const Assumption& guess : Assumptions::built_in().all) {
//     match(*guess.holds, &view, "", matching);
//
// Thread-safety: values.
#ifndef NAIRI_CONTRACTS_HARNESS_PAGES_ASSUMPTIONS_H_
#define NAIRI_CONTRACTS_HARNESS_PAGES_ASSUMPTIONS_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "harness/cases/source.h"
#include "harness/cases/values.h"
#include "nairi/mock/diagnostic.h"

namespace nairi::contracts {

// What a pattern looks at: one exchange, or what several of them show of one thing.
enum class Over { exchange, message, tool, turn, conversation, walk };
std::string_view to_string(Over over);

struct Assumption {
  std::string id;   // "start-status"
  std::string why;  // "REFERENCE: <section>: <words>"
  Source source = Source::assumed;
  std::string because = {};  // why no traffic shows it; then there is nothing below
  Over over = Over::exchange;
  Json of = {};                    // the pattern of what can show it
  std::optional<Json> holds = {};  // of that, what confirms it; all else refutes it. nullopt: it
                                   // says what can happen, and all that fits `of` confirms it
  std::string knob = {};           // what the fake can do about it; "" for nothing
  // And what the knob then is: a value for each outcome, or one in which texts that begin with "/"
  // point to what was seen.
  Json value = {};
};

struct Assumptions {
  std::vector<Assumption> all;
  std::map<std::string, Json, std::less<>> knobs;  // the pattern of the values that each may have

  // contracts/assumptions.json, as it was when this library was built.
  static const Assumptions& built_in();

  const Assumption* find(std::string_view id) const;  // nullptr: there is none
};

// Reads the file strictly: unknown keys, sources and knobs, ids that come twice, patterns that are
// none. Quotes are left to lint_assumptions().
tl::expected<Assumptions, mock::Diagnostics> parse_assumptions(std::string_view text,
                                                               const std::string& file);

// Each way in which the assumptions are not those of REFERENCE: a quote that it does not have, a
// grade that the words don't have, and statements that it grades A or P and none here quotes.
std::vector<std::string> lint_assumptions(const Assumptions& assumptions);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_PAGES_ASSUMPTIONS_H_
