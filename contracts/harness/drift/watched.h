// docs/watched.md: each statement of REFERENCE that is more than a guess, and what of `drift` looks
// for it in traffic.
//
// Thread-safety: a pure function.
#ifndef NAIRI_CONTRACTS_HARNESS_DRIFT_WATCHED_H_
#define NAIRI_CONTRACTS_HARNESS_DRIFT_WATCHED_H_

#include <string>
#include <vector>

#include "harness/cases/case.h"

namespace nairi::contracts {

std::string watched_page(std::vector<Case> cases);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_DRIFT_WATCHED_H_
