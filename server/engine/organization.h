// Everything that belongs to one bearer key: its agents, jobs, messages and attachments, and the
// time that it lives in. Plain state with look-ups; what happens to it is in playback.h and the
// operations of api.h.
//
// Thread-safety: none; Fake holds one lock for each organization.
#ifndef NAIRI_MOCK_ENGINE_ORGANIZATION_H_
#define NAIRI_MOCK_ENGINE_ORGANIZATION_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/playbook.h"
#include "engine/ulid.h"
#include "nairi/mock/fake.h"

namespace nairi::mock {

struct Agent {
  Ulid id;
  std::string slug;
  std::string name;
  std::int64_t instances_count = 1;
  std::optional<std::string> description;
  std::optional<std::string> system_prompt;
  bool is_self_hosted = false;
  bool deployed = false;
  bool deleted = false;
  std::int64_t created_at = 0;
  std::int64_t updated_at = 0;
  std::vector<std::size_t> jobs;  // in order of their created_at
};

struct Message {
  Ulid id;
  Role role = Role::user;
  MessageStatus status = MessageStatus::completed;
  bool has_attachments = false;
  std::int64_t created_at = 0;
  std::int64_t updated_at = 0;
  std::string content;
  // Fields that only some messages have (attachment_ids, usage, what is copied from a progress
  // envelope), as JSON text ready to be answered.
  std::string extra;
};

// A prompt that is being answered or waits for its turn.
struct Turn {
  std::size_t user_message = 0;  // index into the job's messages
  std::int64_t number = 1;
  Choice choice;
  bool begun = false;
  std::size_t stage = 0;
  std::int64_t stage_began_at = 0;
  std::int64_t reads = 0;          // of the job, in this stage
  std::size_t progress_shown = 0;  // of this stage
};

struct Job {
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
  std::list<Turn> turns;  // the running one first
};

struct Attachment {
  std::string filename;
  std::shared_ptr<const std::string> bytes;
};

// One paged walk over an agent's conversations, frozen at its first page, so that none is skipped
// or repeated when they change meanwhile (REFERENCE: GET /agents/{agent_id}/conversations).
struct Walk {
  std::uint64_t number = 0;
  std::size_t agent = 0;
  std::vector<std::size_t> jobs;
};

// What all organizations of a fake share.
struct Universe {
  World world;  // without its turns, which the playbook holds
  Playbook playbook;
  ClockMode clock = ClockMode::poll;
  double speed = 1;
  std::uint64_t seed = 1;
  std::size_t max_attachment_bytes = 0;
};

class Organization {
 public:
  Organization(const Universe& universe, std::string_view key, std::int64_t now_ms);

  const Universe& universe() const { return universe_; }
  std::int64_t now() const { return now_; }
  void move_time(std::int64_t ms) { now_ += ms; }
  void move_time_to(std::int64_t unix_ms) { now_ = std::max(now_, unix_ms); }

  std::vector<Agent>& agents() { return agents_; }
  Agent* find_agent(std::string_view slug);
  Agent* find_agent(Ulid id);
  // A slug made from `name` that no agent has yet (REFERENCE: Agents).
  std::string free_slug(std::string_view name) const;
  Agent& add_agent(const AgentSpec& spec);

  std::deque<Job>& jobs() { return jobs_; }
  Job* find_job(Ulid id, bool legacy_id);
  bool has_job(Ulid id) const { return job_index_.contains(id); }  // under either prefix
  Job& add_job(Job job);
  // A job of any origin with its messages.
  Job& add_job(const JobSpec& spec);

  struct Found {
    Job* job;
    Message* message;
  };
  std::optional<Found> find_message(Ulid id);
  Message& add_message(Job& job, Message message);
  Message& add_message(Job& job, Role role, std::string content, std::int64_t at);

  const Attachment* find_attachment(Ulid id) const;
  Ulid add_attachment(std::string filename, std::shared_ptr<const std::string> bytes);
  // Of the files that callers sent, which nobody else holds.
  std::size_t uploaded_bytes() const { return uploaded_bytes_; }
  void count_uploaded(std::size_t bytes) { uploaded_bytes_ += bytes; }

  // Keeps the walk, dropping the oldest of too many, and returns its number.
  std::uint64_t add_walk(std::size_t agent, std::vector<std::size_t> jobs);
  const Walk* find_walk(std::uint64_t number) const;

  Ulid next_id() { return ids_.next(); }

 private:
  Message seeded_message(const Job& job, const MessageSpec& spec, std::int64_t at);

  const Universe& universe_;
  std::int64_t now_;
  UlidSource ids_;
  std::vector<Agent> agents_;
  std::deque<Job> jobs_;  // references stay valid while jobs are added
  std::unordered_map<Ulid, std::size_t> job_index_;
  struct MessagePlace {
    std::uint32_t job;
    std::uint32_t message;
  };
  std::unordered_map<Ulid, MessagePlace> message_index_;
  std::unordered_map<Ulid, Attachment> attachments_;
  std::size_t uploaded_bytes_ = 0;
  std::deque<Walk> walks_;
  std::uint64_t next_walk_ = 1;
};

std::string job_id_text(const Job& job);
inline std::string_view job_prefix(const Job& job) {
  return job.legacy_id ? kLegacyJobPrefix : kJobPrefix;
}

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_ORGANIZATION_H_
