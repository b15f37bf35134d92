// The order in which statuses may come while a step polls.
//
//   fits_order({"queued*", "pending+", "completed"}, {"queued", "pending", "completed"});  // true
//
// Thread-safety: free functions without state.
#ifndef NAIRI_CONTRACTS_HARNESS_CASES_ORDER_H_
#define NAIRI_CONTRACTS_HARNESS_CASES_ORDER_H_

#include <string>
#include <vector>

namespace nairi::contracts {

// Each word comes once; with "*" any number of times, "+" at least once, "?" at most once.
bool fits_order(const std::vector<std::string>& order, const std::vector<std::string>& seen);

std::string joined(const std::vector<std::string>& words);  // "queued, pending"

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CASES_ORDER_H_
