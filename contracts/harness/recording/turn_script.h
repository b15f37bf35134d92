// How the turns of a recorded conversation are told again: stages of a world's turn scripts
// (docs/worlds.md), for reads of the poll clock and for milliseconds of the others. What no read
// showed exactly is decided here, and marked "x-interpolated".
#ifndef NAIRI_CONTRACTS_HARNESS_RECORDING_TURN_SCRIPT_H_
#define NAIRI_CONTRACTS_HARNESS_RECORDING_TURN_SCRIPT_H_

#include <nlohmann/json.hpp>
#include <vector>

#include "harness/recording/job_story.h"
#include "harness/recording/told_message.h"

namespace nairi::contracts {

// The timelines of a job's turns, in their order. One that was lost before anybody saw anything of
// it stays queued.
std::vector<nlohmann::ordered_json> timelines_of(const JobStory& story, const FilePathOf& path_of);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_RECORDING_TURN_SCRIPT_H_
