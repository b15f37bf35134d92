// The names under which a world offers what contracts need (docs/worlds.md, "States").
#ifndef NAIRI_MOCK_ENGINE_STATE_PROVIDER_STATES_H_
#define NAIRI_MOCK_ENGINE_STATE_PROVIDER_STATES_H_

#include <string>

#include "engine/state/playbook.h"
#include "nairi/mock/world.h"

namespace nairi::mock {

// A flat JSON object: {"agent": "my-agent", "slack_job": "job_...", ...}. What the world does not
// have is left out.
std::string states_text(const World& world, const Playbook& playbook);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_STATE_PROVIDER_STATES_H_
