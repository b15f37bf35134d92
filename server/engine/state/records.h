// What an organization keeps: plain records, and how they refer to one another.
#ifndef NAIRI_MOCK_ENGINE_STATE_RECORDS_H_
#define NAIRI_MOCK_ENGINE_STATE_RECORDS_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/lists/conversation_index.h"
#include "engine/state/playbook.h"
#include "nairi/mock/world.h"
#include "text/ulid.h"

namespace nairi::mock {

struct Agent {
  Ulid id;
  std::shared_ptr<const AgentSpec> profile;  // the world's, until a call changes it
  bool deleted = false;
  std::int64_t created_at = 0;
  std::int64_t updated_at = 0;
};

inline void set_deployed(Agent& agent, bool deployed) {
  if (agent.profile->deployed == deployed) return;
  AgentSpec changed = *agent.profile;
  changed.deployed = deployed;
  agent.profile = std::make_shared<const AgentSpec>(std::move(changed));
}

struct Message {
  Ulid id;
  Role role = Role::user;
  MessageStatus status = MessageStatus::completed;
  std::int64_t created_at = 0;
  std::int64_t updated_at = 0;
  std::string content;
  // Fields that only some messages have (attachment_ids, usage, what is copied from a progress
  // envelope), as JSON text ready to be answered.
  std::string extra;
};

// A prompt that is being answered or waits for its turn; or that was answered, and more is to come.
struct PlayedTurn {
  std::size_t user_message = 0;  // index into the job's messages
  std::int64_t number = 1;
  Choice choice;
  bool begun = false;
  bool held = false;  // until it was seen queued (Knobs::begins_queued)
  std::size_t stage = 0;
  std::int64_t stage_began_at = 0;  // of an ended turn: when it ended, or was last heard of
  std::int64_t reads = 0;           // of the job, since then
  std::size_t progress_shown = 0;   // of this stage
  std::size_t later_told = 0;       // of what comes after the end
};

struct Job {
  std::uint32_t number = 0;  // its place among the organization's
  Ulid id;
  bool legacy_id = false;  // answered as j_… (REFERENCE: Basics)
  std::size_t agent = 0;
  Origin origin = Origin::api;
  JobStatus status = JobStatus::active;
  bool ask_mode = false;
  std::int64_t created_at = 0;
  std::int64_t updated_at = 0;
  std::int64_t turns_taken = 0;
  std::vector<Message> messages;
  std::list<PlayedTurn> turns;                // the running one first
  std::shared_ptr<const TurnScript> running;  // of a turn that ran when the job was seeded
  std::list<PlayedTurn> ended;   // those of which something is still to come, oldest first
  std::int64_t due = kNeverDue;  // when something happens to it by itself
  std::optional<Filed> filed;    // in its agent's index; Organization::refile() keeps it
  bool waits_to_be_filed = false;
};

struct Attachment {
  std::string filename;
  std::string_view bytes;
  std::shared_ptr<const void> owner;  // of the bytes
};

// One paged walk over an agent's conversations, frozen at its first page, so that none is skipped
// or repeated when they change meanwhile (REFERENCE: GET /agents/{agent_id}/conversations).
struct Walk {
  std::uint64_t number = 0;
  std::size_t agent = 0;
  ListFilter filter;
  std::uint64_t version = 0;  // of the agent's index
  ListView conversations;
};

inline std::string_view job_prefix(const Job& job) {
  return job.legacy_id ? kLegacyJobPrefix : kJobPrefix;
}
// "job_01KRK1V46BXS73CSNK2VR35NPJ"
inline std::string job_id_text(const Job& job) {
  return make_id(job_prefix(job), job.id);
}

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_STATE_RECORDS_H_
