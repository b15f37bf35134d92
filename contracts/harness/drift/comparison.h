// Two recordings and what is known: whether the service moved, between them, towards it or away.
#ifndef NAIRI_CONTRACTS_HARNESS_DRIFT_COMPARISON_H_
#define NAIRI_CONTRACTS_HARNESS_DRIFT_COMPARISON_H_

#include <string_view>
#include <vector>

#include "harness/watch/findings.h"

namespace nairi::contracts {

// In the order in which they are told.
enum class Move {
  differs_now,        // it was as expected then
  differs_otherwise,  // from what is expected, and from what it was then
  first_seen,         // it differs; what was recorded then does not show it
  agrees_now,         // it differed then
  differs_still,
  not_seen,  // it differed then; what was recorded now does not show it
};
std::string_view to_string(Move move);  // "differs now"

struct Moved {
  Move move = Move::not_seen;
  const Observation* then = nullptr;  // nullptr: it was not looked at
  const Observation* now = nullptr;
};

// Whatever differed then or does now, in the order of the moves. Both findings must outlive it.
std::vector<Moved> compare(const Findings& then, const Findings& now);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_DRIFT_COMPARISON_H_
