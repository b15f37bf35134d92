// Plays turn scripts: what happens to a job as reads are counted or time goes by. One script, three
// clocks (docs/worlds.md).
#ifndef NAIRI_MOCK_ENGINE_PLAY_PLAYBACK_H_
#define NAIRI_MOCK_ENGINE_PLAY_PLAYBACK_H_

#include <string>
#include <string_view>
#include <vector>

#include "engine/state/organization.h"

namespace nairi::mock {

// Adds a user message to the job and the turn that will answer it; returns the message's id. The
// turn begins at once unless another one runs or the agent is not deployed.
Ulid add_prompt(Organization& organization, Job& job, std::string prompt,
                const std::vector<Ulid>& attachments);

// Whether nobody works in the job any more.
bool has_ended(const Job& job);

// Adds a user message to a job that has ended: it stays queued. Returns its id.
Ulid add_idle_prompt(Organization& organization, Job& job, std::string prompt,
                     const std::vector<Ulid>& attachments);

// Makes the job active for a prompt that comes. Assumed of a job in error: that it is the retry,
// and when it is active again.
void wake(const Organization& organization, Job& job);

// Plays everything of this job that is due at the organization's present time. To be called before
// the job is looked at.
void catch_up(Organization& organization, Job& job);

// Does so to all of the agent's jobs. To be called before their list is looked at.
void catch_up_all(Organization& organization, const Agent& agent);

// Counts one read of the job, after it was answered; moves on under the poll clock only.
void count_read(Organization& organization, Job& job);

// Why the turn that this job is at can't end unless somebody changes something: its agent or the
// clock. "" when it can, or has.
std::string_view why_no_end(const Organization& organization, const Job& job);
inline constexpr std::string_view kTimeStandsStill =
    "the virtual clock was not moved since the prompt";

// Begins what waited for this agent to be deployed.
void begin_waiting_turns(Organization& organization, Agent& agent);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_PLAY_PLAYBACK_H_
