// The shortest schedule that still fails: whatever can go, goes, the large before the small.
//
//   const Schedule shortest = shrink(schedule, [&](const Schedule& it) { return fails(it); });
//
// Thread-safety: a function without state; `fails` is called by the caller's thread.
#ifndef NAIRI_CONTRACTS_HARNESS_EXPLORE_SHRINK_H_
#define NAIRI_CONTRACTS_HARNESS_EXPLORE_SHRINK_H_

#include <functional>

#include "harness/explore/schedule.h"

namespace nairi::contracts {

// `fails` says whether a schedule, which may make no sense, fails in the same way. It is asked
// `most_tries` times at most, in an order that depends on the schedule and its answers alone.
Schedule shrink(Schedule schedule, const std::function<bool(const Schedule&)>& fails,
                int most_tries);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_EXPLORE_SHRINK_H_
