// A recording as WorldBuilder has gathered it, and the world file that is written of that
// (docs/recording.md, "How the world is made").
#ifndef NAIRI_CONTRACTS_HARNESS_RECORDING_WORLD_WRITER_H_
#define NAIRI_CONTRACTS_HARNESS_RECORDING_WORLD_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/recording/job_story.h"
#include "harness/recording/seen_things.h"

namespace nairi::contracts {

struct SeenFault {
  std::string operation;
  std::size_t key = 0;
  std::int64_t number = 0;  // of this key's calls of the operation
  std::int64_t times = 1;
  nlohmann::ordered_json effect;
  // "job is not an API job": a world that has the job says so itself.
  std::string refused_job = {};
};

struct SeenTraffic {
  std::deque<JobStory> stories;  // in the order in which they were met; references stay good
  std::map<std::string, JobStory*, std::less<>> by_id = {};  // the last with this id
  SeenAgents agents;
  SeenFiles files;
  KnownIds ids;
  std::vector<SeenFault> faults;
  bool oldest_first = false;             // so was the first list of conversations sorted
  bool any_list = false;                 // of conversations
  std::optional<std::int64_t> began_ms;  // Unix time at which the recording began
};

// The regex for a prompt of which nothing but placeholders is left.
inline constexpr std::string_view kAnyPrompt = "^(?s:.*)$";

nlohmann::ordered_json written_world(const SeenTraffic& seen);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_RECORDING_WORLD_WRITER_H_
