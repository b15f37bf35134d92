// Counts what happens, for GET /__mock/metrics: never keys, ids or targets.
//
// Thread-safety: every member may be called from any thread; counting takes no lock.
#ifndef NAIRI_MOCK_ENGINE_STATE_METRICS_H_
#define NAIRI_MOCK_ENGINE_STATE_METRICS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "protocol/operation.h"

namespace nairi::mock {

// How many replies had which status.
class StatusCounts {
 public:
  static constexpr int kOther = -1;  // the status of those for which there was no place left

  void count(int status) {
    for (Place& place : places_) {
      int owner = place.status.load(std::memory_order_relaxed);
      // Whoever comes first takes the place; the others are told whose it is.
      if (owner == kFree && place.status.compare_exchange_strong(owner, status)) owner = status;
      if (owner != status) continue;
      place.count.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    other_.fetch_add(1, std::memory_order_relaxed);
  }

  // Those that there were.
  std::map<int, std::uint64_t> counts() const {
    std::map<int, std::uint64_t> counts;
    for (const Place& place : places_) {
      if (place.status != kFree) counts[place.status] = place.count;
    }
    if (other_ != 0) counts[kOther] = other_;
    return counts;
  }

 private:
  static constexpr int kFree = -2;
  static constexpr std::size_t kPlaces = 24;  // a world's faults can answer 200 statuses
  struct Place {
    std::atomic<int> status = kFree;
    std::atomic<std::uint64_t> count = 0;
  };
  std::array<Place, kPlaces> places_;
  std::atomic<std::uint64_t> other_ = 0;
};

struct Metrics {
  // By Operation; what no operation fits comes last. Status 0: nothing was answered.
  std::array<StatusCounts, kOperations + 1> requests;
  std::array<std::atomic<std::uint64_t>, kOperations> faults{};  // that struck, by Operation
  std::atomic<std::uint64_t> evicted_keys = 0;

  void count_request(std::optional<Operation> operation, int status) {
    requests[operation ? static_cast<std::size_t>(*operation) : kOperations].count(status);
  }
  void count_fault(Operation operation) {
    faults[static_cast<std::size_t>(operation)].fetch_add(1, std::memory_order_relaxed);
  }
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_STATE_METRICS_H_
