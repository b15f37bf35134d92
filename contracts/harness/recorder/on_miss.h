// Worlds first: a fake answers a client, and only conversations that no script of its worlds knows
// are passed on to a service, up to a number of them. So a suite can make its recording grow, and
// can't run up a bill (docs/recording.md, "Worlds first").
//
//   OnMiss on_miss(std::move(*read_served_worlds({"own.json"}, "recording")), 3);
//   if (auto reply = on_miss.answer(request)) return std::move(*reply);
//   return relay.pass(OnMiss::readable(request));   // and RelayOptions::on_exchange calls learn()
//
// Thread-safety: every member may be called from any thread.
#ifndef NAIRI_CONTRACTS_HARNESS_RECORDER_ON_MISS_H_
#define NAIRI_CONTRACTS_HARNESS_RECORDER_ON_MISS_H_

#include <cstddef>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "nairi/mock/fake.h"
#include "nairi/mock/relay.h"
#include "nairi/mock/world.h"

namespace nairi::contracts {

// What is served, and which file each script is from.
struct ServedWorlds {
  mock::World world;
  std::vector<std::pair<std::string, std::size_t>> scripts = {};  // files, and how many each has
};

// The worlds of these files, and behind them that of the recording in the folder, if it is none of
// them: without its faults, and without agents and jobs that the files have as well. An error is a
// sentence, or several lines of them.
tl::expected<ServedWorlds, std::string> read_served_worlds(const std::vector<std::string>& files,
                                                           const std::string& recording_folder);

class OnMiss {
 public:
  OnMiss(ServedWorlds worlds, std::size_t max_conversations);

  // The fake's reply, or a refusal of ours; nullopt for what is to be passed on to the service: a
  // start, which then is counted, or a known operation on what the service made.
  std::optional<mock::Reply> answer(const mock::Request& request);
  // As it is to be passed on: ids must be read in its reply, so it is to come unpacked.
  static mock::Request readable(mock::Request request);

  // To be told of each exchange with the service before the client has the end of its reply: what
  // was begun there goes on there.
  void learn(const mock::Relayed& relayed);

  struct Summary {
    std::size_t served = 0;              // conversations that worlds answered
    std::size_t forwarded = 0;           // that the service began, or may have begun
    std::size_t further_prompts = 0;     // in those, that it took or may have taken
    std::size_t refused = 0;             // that no script answers, beyond the maximum
    std::size_t refused_follow_ups = 0;  // in conversations that worlds began
    std::size_t refused_files = 0;       // prompts in those of the service, with files of the fake
  };
  Summary summary() const;

 private:
  std::optional<mock::Reply> prompt(const mock::Request& request, bool is_start);
  mock::Reply refuse_start(const mock::UnscriptedPrompt& missing, bool with_files);
  mock::Reply refuse_follow_up(const mock::UnscriptedPrompt& missing);
  mock::Reply refuse_file(const std::string& file);
  std::string nearest(const mock::UnscriptedPrompt& missing) const;

  const std::size_t max_conversations_;
  const std::vector<std::pair<std::string, std::size_t>> scripts_;
  mock::Fake fake_;
  mutable std::mutex mutex_;
  // Protected by mutex_:
  Summary summary_;
  std::set<std::string, std::less<>> ids_;  // that the service made
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_RECORDER_ON_MISS_H_
