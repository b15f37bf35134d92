// How the turns of a recorded conversation are told again: stages of a world's turn scripts
// (docs/worlds.md), for reads of the poll clock and for milliseconds of the others. What no read
// showed exactly is decided here, and marked "x-interpolated".
#ifndef NAIRI_CONTRACTS_HARNESS_RECORDING_TURN_SCRIPT_H_
#define NAIRI_CONTRACTS_HARNESS_RECORDING_TURN_SCRIPT_H_

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/recording/job_story.h"

namespace nairi::contracts {

// The path of an agent's file beside the world, by its id.
using FilePathOf = std::function<std::string(const std::string& attachment_id)>;

// The timelines of a job's turns, in their order. One that was lost before anybody saw anything of
// it stays queued.
std::vector<nlohmann::ordered_json> timelines_of(const JobStory& story, const FilePathOf& path_of);

// A message that was there before, as `jobs` has it; null for one that a world can't say.
nlohmann::ordered_json earlier_message(const nlohmann::ordered_json& message,
                                       const FilePathOf& path_of);

// A text as a template that stands for itself, but for the job's id.
std::string template_of(const std::string& text, const std::string& job_id);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_RECORDING_TURN_SCRIPT_H_
