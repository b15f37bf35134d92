// The turn scripts of a world, ready to be matched: which one answers a prompt, and which one comes
// nearest when none does.
#ifndef NAIRI_MOCK_ENGINE_STATE_PLAYBOOK_H_
#define NAIRI_MOCK_ENGINE_STATE_PLAYBOOK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "nairi/mock/world.h"

namespace nairi::mock {

// What a script is chosen by.
struct Prompt {
  std::string_view agent_id = {};
  std::string_view text = {};
  std::int64_t turn = 1;
  bool ask_mode = false;
  bool has_attachments = false;
};

// How many prompts of an organization each script has answered, of those that say how many they do.
using Plays = std::unordered_map<const TurnScript*, std::int64_t>;

struct Choice {
  const TurnScript* script;
  std::vector<std::string> match;  // groups of the regex, [0] the whole match; empty without one
};

struct Criterion {
  std::string text;  // "prompt contains \"Refund\""; one that is not met also says what came
  bool met = false;
};

struct NearMiss {
  std::size_t script = 0;  // its place in the world's turns, from 0
  std::vector<Criterion> criteria;
};

// A prompt that only the default turn would answer.
struct Unscripted {
  std::optional<NearMiss> nearest;
};

// Holds the world's scripts; lives as long as any turn that plays one. Safe to share: immutable.
class Playbook {
 public:
  explicit Playbook(std::vector<TurnScript> scripts);
  ~Playbook();
  Playbook(const Playbook&) = delete;
  Playbook& operator=(const Playbook&) = delete;

  // The first script that matches and is not used up, else the default turn: pending for one poll,
  // then an echo.
  Choice choose(const Prompt& prompt, const Plays& plays = {}) const;

  bool is_default(const Choice& choice) const { return choice.script == &default_turn_; }

  // The script with the fewest criteria that are not met, the first of equals; nullopt when the
  // world has none.
  std::optional<NearMiss> nearest(const Prompt& prompt, const Plays& plays = {}) const;

  // nullopt when a script answers the prompt.
  std::optional<Unscripted> unscripted(const Prompt& prompt, const Plays& plays) const;

  // What the scripts ask for, in file order.
  std::vector<TurnMatch> matches() const;

 private:
  struct Entry;
  std::vector<Entry> entries_;
  TurnScript default_turn_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_STATE_PLAYBOOK_H_
