// What all exchanges of a recording together show of each thing: who has seen it, how its messages
// looked when, which turns were begun. Says nothing that no reply has said.
//
//   const Scene scene(recording);
//   for (const SeenTurn& turn : scene.turns) …
//
// Thread-safety: immutable once made; the recording must outlive it.
#ifndef NAIRI_CONTRACTS_HARNESS_DRIFT_SCENE_H_
#define NAIRI_CONTRACTS_HARNESS_DRIFT_SCENE_H_

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/drift/heard.h"

namespace nairi::contracts::evidence {

// The exchange (its place in Scene::heard) that showed something, and what it showed.
struct SceneSighting {
  std::size_t at = 0;
  const Json* seen = nullptr;
};

struct SeenJob {
  std::string agent = {};                     // by its slug if that is known; "" when nothing tells
  std::vector<SceneSighting> listed = {};     // in lists of conversations
  std::vector<SceneSighting> timelines = {};  // arrays of messages
  std::vector<std::size_t> turns = {};        // places in Scene::turns
  std::size_t named_at = 0;                   // the last exchange that was about it alone
  std::optional<int> reading = {};            // the last status of a GET of its timeline
  bool is_of_other_origin = false;            // it was refused as no job of the API
};

struct SeenAgent {
  std::optional<std::size_t> created = {};
  std::optional<std::size_t> deployed = {};  // the first time
  std::optional<std::size_t> deleted = {};
};

// A prompt that was accepted.
struct SeenTurn {
  std::size_t at = 0;
  std::string job_id = {};
  std::string message_id = {};
};

class Scene {
 public:
  explicit Scene(const Recording& recording) : Scene(hear(recording)) {}
  // Its parts point at one another.
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  const std::vector<Heard> heard;
  std::vector<SeenTurn> turns;
  std::map<std::string, std::vector<SceneSighting>, std::less<>> messages;
  std::map<std::string, SeenJob, std::less<>> jobs;
  std::map<std::string, SeenAgent, std::less<>> agents;  // by slug if that is known
  std::map<std::string, std::size_t, std::less<>> file_sizes;
  std::vector<SceneSighting> agent_lists;
  std::set<std::string, std::less<>> good_keys;  // keys that were let in
  bool tells_keys = false;  // false: whoever recorded it may have left out all keys

  // The first exchange was over when the second began. Where a coarse clock tells no difference,
  // the order of the recording does.
  bool is_before(std::size_t first, std::size_t second) const {
    const std::int64_t ended = heard[first].raw->ended_us;
    const std::int64_t began = heard[second].raw->began_us;
    return ended == began ? first < second : ended < began;
  }

  // Whether such a request about that job or agent may have been carried out by the time that
  // exchange ended, though no reply says so.
  bool may_have(std::string_view operation, const std::string& job_or_agent, std::size_t at) const;

  // Whose it is: "own" of a key that ever saw it; "foreign" when only another key did; "deleted"
  // before `at`; "never" when it was made up, or nobody saw it and it was not found; "" when
  // nothing tells.
  std::string_view whose(const std::string& id, std::size_t at) const;

  // By its slug if that is known.
  std::string agent_called(const std::string& slug_or_id) const;
  const SeenAgent* find_agent(const std::string& slug_or_id) const;
  const SeenJob* find_job(std::string_view id) const;

  // What a list last said of the job before that exchange; "" when nothing did, or it may have
  // changed since.
  std::string job_status_before(std::string_view job_id, std::size_t at) const;

 private:
  explicit Scene(Hearing hearing);
  std::string what_it_is_about(const Heard& request) const;
  void learn(std::size_t at);
  void learn_names(const Json& value, const std::string& key);
  void learn_agent(const Json& agent);
  void learn_agents(std::size_t at);
  void learn_turn(std::size_t at);
  void learn_messages(std::size_t at);
  void learn_lists(std::size_t at);

  const std::vector<Heard> unanswered_;
  std::map<std::string, std::set<std::string>, std::less<>> seen_by_;  // an id's keys
  std::map<std::string, std::string, std::less<>> slugs_;              // of agents' ids
};

}  // namespace nairi::contracts::evidence

#endif  // NAIRI_CONTRACTS_HARNESS_DRIFT_SCENE_H_
