// From the types of the API to the text of a request. invalid_argument when a text is not UTF-8.
#ifndef NAIRI_CLIENT_ENCODE_H_
#define NAIRI_CLIENT_ENCODE_H_

#include <string>
#include <string_view>

#include "nairi/options.h"
#include "nairi/result.h"

namespace nairi {

Result<std::string> encode_start(std::string_view agent_id, std::string_view prompt,
                                 const StartOptions& options);
Result<std::string> encode_continue(std::string_view prompt, const ContinueOptions& options);
Result<std::string> encode_agent(const NewAgent& agent);
Result<std::string> encode_changes(const AgentChanges& changes);
Result<std::string> encode_deploy(const DeployOptions& options);

}  // namespace nairi

#endif  // NAIRI_CLIENT_ENCODE_H_
