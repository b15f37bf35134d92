// Reads what a step sends and what it expects back.
// Thread-safety: free functions without state.
#ifndef NAIRI_CONTRACTS_HARNESS_CASES_CALL_READER_H_
#define NAIRI_CONTRACTS_HARNESS_CASES_CALL_READER_H_

#include "harness/cases/case.h"
#include "harness/cases/pattern.h"

namespace nairi::contracts {

// Mistakes go to the node's report; the result is of use only when there are none.
Call read_call(const mock::Node& node, const KnownNames& names);

// Adds the names that the expectation captures.
Expected read_expected(const mock::Node& node, KnownNames& names);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CASES_CALL_READER_H_
