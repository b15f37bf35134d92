// Gives a client one schedule after the other, and tells of each kind of failure the shortest.
//
//   const Exploration found = explore(runs_of(own_client, {}), {.seed = 7, .runs = 500});
//   for (const Discovery& discovery : found.discoveries) std::cout << discovery.file;
//
// Thread-safety: explorations may run at the same time if the client may.
#ifndef NAIRI_CONTRACTS_HARNESS_EXPLORE_EXPLORER_H_
#define NAIRI_CONTRACTS_HARNESS_EXPLORE_EXPLORER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "harness/client/client_runner.h"
#include "harness/explore/schedule.h"

namespace nairi::contracts {

struct ExploreOptions {
  std::uint64_t seed = 1;
  std::uint64_t runs = 500;  // at most
  std::optional<std::chrono::milliseconds> time =
      {};                  // no run begins after it; none: as long as it takes
  int jobs = 1;            // so many runs at a time
  int shrink_tries = 400;  // for each kind of failure
  std::stop_token stop = {};
  // Told after each run, by one thread at a time: runs that are done, kinds of failure until then.
  std::function<void(std::uint64_t runs, std::size_t kinds)> progress = {};
};

// One run of the case of one schedule.
using ExploreRun = std::function<ClientResult(const Case&)>;

ExploreRun runs_of(const InProcessClient& client, const ClientCaseOptions& options);
// The client gets a deadline of `most` at most: without a fault of its own nothing takes long.
ExploreRun runs_of(const RemoteClient& client, const ClientCaseOptions& options,
                   std::chrono::milliseconds most);

// Of all failures of one kind the shortest, made as short as can be.
struct Discovery {
  std::string kind;        // "rule retry-after"; "result completed": wrong, with that outcome
  std::uint64_t run = 0;   // the schedule that it comes from
  std::uint64_t seen = 0;  // failures of that kind
  Schedule schedule;
  std::string name;  // of the case
  std::string file;  // its text
  CaseResult result;
};

struct Exploration {
  std::uint64_t runs = 0;
  std::uint64_t unchecked = 0;          // runs of jobs that the client does not support
  std::vector<std::uint64_t> unstable;  // runs that failed and, tried again, did not
  std::vector<Discovery> discoveries;   // in the order of their runs
  std::chrono::milliseconds taken{0};   // by the runs, without the shortening
};

Exploration explore(const ExploreRun& run, const ExploreOptions& options);

// The case of a schedule; nullopt when it makes no sense.
std::optional<Case> explored_case(const Schedule& schedule, const std::string& name);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_EXPLORE_EXPLORER_H_
