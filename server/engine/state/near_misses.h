// Why a prompt was answered by the default turn: the script that comes nearest, criterion by
// criterion.
#ifndef NAIRI_MOCK_ENGINE_STATE_NEAR_MISSES_H_
#define NAIRI_MOCK_ENGINE_STATE_NEAR_MISSES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "engine/state/playbook.h"
#include "text/ulid.h"

namespace nairi::mock {

// A prompt that no script of the world matched.
struct Unmatched {
  Ulid message;
  std::string job_id;
  std::string agent_id;
  std::string text;  // its first kMostText bytes
  std::int64_t turn = 1;
  bool ask_mode = false;
  bool has_attachments = false;

  static constexpr std::size_t kMostText = 4096;
};

struct Criterion {
  std::string text;  // "prompt contains \"Refund\""
  bool met = false;
};

struct NearMiss {
  std::size_t script = 0;  // its place in the world's turns, from 0
  std::vector<Criterion> criteria;
};

// The script with the fewest criteria that are not met, the first of equals; nullopt when the world
// has none.
std::optional<NearMiss> nearest_script(const Playbook& playbook, const Unmatched& prompt);

// {"prompts": [{…, "nearest": {"script": "/turns/0", "criteria": ["✓ …", "✗ …"]}}]}
std::string to_json(const Playbook& playbook, const std::deque<Unmatched>& prompts);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_STATE_NEAR_MISSES_H_
