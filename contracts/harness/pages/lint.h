// Whether a set of cases is sound, and whether it leaves something of the API out.
//
//   for (const std::string& mistake : lint_cases(cases)) complain(mistake);
//   Coverage coverage = cover(cases, built_in_remarks());
#ifndef NAIRI_CONTRACTS_HARNESS_PAGES_LINT_H_
#define NAIRI_CONTRACTS_HARNESS_PAGES_LINT_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cases/case.h"

namespace nairi::contracts {

// "file: what is wrong", for each mistake: a name that is not the file's, a `why` that REFERENCE
// does not say, a source that its words do not have, a reply that openapi.json does not allow,
// rules that can't be told apart, or that the faults keep from being put to the test.
std::vector<std::string> lint_cases(const std::vector<Case>& cases);

struct Coverage {
  std::string table;              // operations and their documented statuses, with counts
  std::vector<std::string> gaps;  // what no case checks, and remarks that are wrong or not needed
};

// A graded statement that no case can check, or not all of it, and why.
struct Excuse {
  std::string why;  // as in a case
  std::string because;
  bool is_partly = false;  // cases check the rest
};

// A world whose turns play what REFERENCE says, so that clients can meet it.
struct ShownByWorld {
  std::string file;              // its path
  std::vector<std::string> why;  // each as in a case: the `x-why` of its turns
};
ShownByWorld read_shown(const std::string& file, std::string_view text);

// What is said of statements besides the cases.
struct Remarks {
  std::vector<Excuse> excuses;
  std::vector<ShownByWorld> worlds;
};
// Of the built-in contracts/unobservable.json and the worlds that ship.
Remarks built_in_remarks();

Coverage cover(const std::vector<Case>& cases, const Remarks& remarks);

// What became of assumptions, by their ids: "confirmed 2026-11-26".
using Verified = std::map<std::string, std::string>;

// docs/fidelity.md, as Markdown: every graded statement of REFERENCE, the cases that pin it and the
// worlds that play it, what traffic would settle it, and whether any did.
std::string fidelity_page(const std::vector<Case>& cases, const Remarks& remarks,
                          const Verified& verified = {});

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_PAGES_LINT_H_
