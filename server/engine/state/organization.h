// Everything that belongs to one bearer key: its agents, jobs, messages and attachments, and the
// time that it lives in. Plain state with look-ups; what happens to it is in play/ and api/.
//
// Thread-safety: none; Fake holds one lock for each organization.
#ifndef NAIRI_MOCK_ENGINE_STATE_ORGANIZATION_H_
#define NAIRI_MOCK_ENGINE_STATE_ORGANIZATION_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/lists/conversation_index.h"
#include "engine/state/faults.h"
#include "engine/state/near_misses.h"
#include "engine/state/playbook.h"
#include "engine/state/records.h"
#include "nairi/mock/clock_mode.h"
#include "nairi/mock/fidelity.h"

namespace nairi::mock {

// What all organizations of a fake share.
struct Universe {
  World world;  // without its turns, which the playbook holds
  Playbook playbook;
  std::vector<std::shared_ptr<const AgentSpec>> profiles = {};  // of the world's agents
  std::uint64_t ids_of_jobs = 0;  // that the world's jobs need, as it does not fix them
  ClockMode clock = ClockMode::poll;
  double speed = 1;
  std::uint64_t seed = 1;
  std::size_t max_kept_bytes = 0;
  Knobs knobs = {};
};

// How many ids these jobs need besides those that the world gives them.
std::uint64_t count_ids(const std::vector<JobSpec>& jobs);

// Time under the poll and virtual clocks begins here for every organization: the example time of
// REFERENCE: Basics.
inline constexpr std::int64_t kFirstMs = 1'776'019'512'000;
// The last time that can be written: 9999-12-31T23:59:59.999Z.
inline constexpr std::int64_t kLastMs = 253'402'300'799'999;

class Organization {
 public:
  // `kept_bytes` counts what all organizations of the fake keep.
  Organization(const Universe& universe, std::string_view key, std::int64_t now_ms,
               std::atomic<std::size_t>& kept_bytes);
  ~Organization() { all_kept_bytes_ -= kept_bytes_; }
  Organization(const Organization&) = delete;
  Organization& operator=(const Organization&) = delete;

  const Universe& universe() const { return universe_; }
  const Knobs& knobs() const { return universe_.knobs; }
  std::int64_t now() const { return now_; }
  // Never backwards, and not beyond kLastMs.
  void move_time(std::int64_t ms) { now_ += std::clamp<std::int64_t>(ms, 0, kLastMs - now_); }
  // Moves on by what the wall clock did since it was last asked; not at all when it was set back.
  void follow_wall(std::int64_t wall_ms);

  std::vector<Agent>& agents() { return agents_; }
  std::size_t index_of(const Agent& agent) const {
    return static_cast<std::size_t>(&agent - agents_.data());
  }
  Agent* find_agent(std::string_view slug);
  Agent* find_agent(Ulid id);
  // A slug made from `name` that no agent has yet (REFERENCE: Agents).
  std::string free_slug(std::string_view name);
  Agent& add_agent(std::shared_ptr<const AgentSpec> profile);
  void delete_agent(Agent& agent);

  std::deque<Job>& jobs() { return jobs_; }
  // The world's included, whether they are made or not.
  std::size_t job_count() const {
    return jobs_.size() + (is_folded_ ? universe_.world.jobs.size() : 0);
  }
  // By its number in lists.
  Job& job_of_age(std::uint32_t age);
  Job* find_job(Ulid id, bool legacy_id);
  bool has_job(Ulid id);  // under either prefix
  Job& add_job(Job job);
  // A job of any origin with its messages.
  Job& add_job(const JobSpec& spec);

  // To be called when the job has changed: what lists show, or when something is due.
  void refile(Job& job, std::int64_t due);
  // What the agent's list shows by now.
  const ConversationIndex& conversations(const Agent& agent);

  struct Found {
    Job* job;
    Message* message;
  };
  std::optional<Found> find_message(Ulid id);
  Message& add_message(Job& job, Message message);
  // A completed one with a new id, stamped `at`.
  Message& add_message(Job& job, Role role, std::string content, std::int64_t at,
                       std::string extra = {});

  const Attachment* find_attachment(Ulid id);
  Ulid add_attachment(Attachment attachment);

  // Whether the fake may keep so many bytes more.
  bool has_room_for(std::size_t bytes) const {
    return all_kept_bytes_ + bytes <= universe_.max_kept_bytes;
  }
  // How many bytes more that is; 0 when it keeps too much.
  std::size_t room() const {
    const std::size_t kept = all_kept_bytes_;
    return universe_.max_kept_bytes - std::min(kept, universe_.max_kept_bytes);
  }
  void count_kept(std::size_t bytes);
  std::size_t kept_bytes() const { return kept_bytes_; }

  // Keeps a walk over what the agent's list shows now, dropping the one of too many that was least
  // lately used, and returns its number. As long as nothing changes there, it is the same walk.
  std::uint64_t keep_walk(const Agent& agent, const ListFilter& filter, ListView view);
  const Walk* find_walk(std::uint64_t number);

  Ulid next_id() { return ids_.next(); }

  Faults& faults() { return faults_; }

  // Which scripts have played, of those that play a number of times.
  const Plays& plays() const { return plays_; }
  void count_play(const TurnScript& script) {
    if (script.times) ++plays_[&script];
  }

  // The newest kMostUnmatched prompts that only the default turn answered, oldest first.
  static constexpr std::size_t kMostUnmatched = 100;
  const std::vector<Unmatched>& unmatched() const { return unmatched_; }
  void add_unmatched(Unmatched prompt);

 private:
  // The world's jobs are made when a call asks for one that is not there yet, or for all. They are
  // the same then as if they had been made at once.
  bool unfold();
  static void seed_turn(Job& job, std::shared_ptr<const TurnScript> script);
  Message seeded_message(const Job& job, const MessageSpec& spec, std::int64_t at);
  // Its place among all in the order in which they came: the world's are the first, whenever they
  // are made.
  std::uint32_t age_of(const Job& job) const;
  Filed as_filed(const Job& job) const;
  void file_all();

  const Universe& universe_;
  std::int64_t now_;
  std::int64_t wall_ms_;  // when the wall clock was last asked
  UlidSource ids_;
  std::int64_t began_at_ = 0;  // for the world's jobs, while they are not made
  UlidSource ids_of_jobs_;     // likewise
  bool is_folded_ = false;
  std::uint32_t made_before_ = 0;  // by calls, before the world's jobs were
  Faults faults_;
  Plays plays_;
  std::vector<Unmatched> unmatched_;
  std::vector<Agent> agents_;
  std::unordered_map<std::string, std::size_t> agents_by_slug_;  // without deleted ones
  std::unordered_map<Ulid, std::size_t> agents_by_id_;           // likewise
  // By slug: below which number "slug-N" is not free, so that of many of one name none is tried
  // twice.
  std::unordered_map<std::string, int> taken_below_;
  std::deque<Job> jobs_;  // references stay valid while jobs are added
  std::unordered_map<Ulid, std::size_t> job_index_;
  std::map<std::size_t, ConversationIndex> conversations_;  // by agent
  std::vector<std::uint32_t> unfiled_;                      // jobs
  struct MessagePlace {
    std::uint32_t job;
    std::uint32_t message;
  };
  std::unordered_map<Ulid, MessagePlace> message_index_;
  std::unordered_map<Ulid, Attachment> attachments_;
  std::list<Walk> walks_;  // the least lately used one first
  std::uint64_t next_walk_ = 1;
  std::atomic<std::size_t>& all_kept_bytes_;
  std::size_t kept_bytes_ = 0;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_STATE_ORGANIZATION_H_
