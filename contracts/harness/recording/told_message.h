// What single messages of a recording become in a world (docs/worlds.md): in turn scripts, whose
// texts are templates, and among the messages of `jobs`, whose texts are taken as they are.
#ifndef NAIRI_CONTRACTS_HARNESS_RECORDING_TOLD_MESSAGE_H_
#define NAIRI_CONTRACTS_HARNESS_RECORDING_TOLD_MESSAGE_H_

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "harness/recording/stages.h"

namespace nairi::contracts {

// The path of an agent's file beside the world, by its id.
using FilePathOf = std::function<std::string(const std::string& attachment_id)>;

// Of a message of the user: whether it changes no more.
bool is_final(std::string_view status);

// The world's word for a status, in which a status that nobody documented is one of working.
std::string world_status(const std::string& status);

// A text as a template that stands for itself, but for the job's id.
std::string template_of(const std::string& text, const std::string& job_id);

// Whether a script can say it: not what a client wrote.
bool is_sayable(const nlohmann::ordered_json& message);

// A message that is_sayable() in a script of this job.
Saying saying_of(const nlohmann::ordered_json& message, const std::string& job_id,
                 const FilePathOf& path_of);

// The answer of a turn, in its last stage.
void add_reply(nlohmann::ordered_json& terminal, const nlohmann::ordered_json& message,
               const std::string& job_id, const FilePathOf& path_of);

// A message that was there before, as `jobs` has it; null for one that a world can't say.
nlohmann::ordered_json earlier_message(const nlohmann::ordered_json& message,
                                       const FilePathOf& path_of);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_RECORDING_TOLD_MESSAGE_H_
