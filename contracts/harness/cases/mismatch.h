// One way in which a reply, or a client's result, is not what a case expects.
// Thread-safety: values.
#ifndef NAIRI_CONTRACTS_HARNESS_CASES_MISMATCH_H_
#define NAIRI_CONTRACTS_HARNESS_CASES_MISMATCH_H_

#include <string>
#include <vector>

#include "harness/cases/source.h"

namespace nairi::contracts {

struct Mismatch {
  std::string step;     // the step's id; "client" for a client's result; "" while matching
  std::string part;     // "status", "body", "header content-type", …
  std::string pointer;  // JSON pointer into that part; "" is all of it
  std::string wanted;
  std::string got;
  Source source = Source::assumed;  // where the expectation comes from
};

using Mismatches = std::vector<Mismatch>;

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CASES_MISMATCH_H_
