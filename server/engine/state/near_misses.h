// Prompts that no script matched, and why: the script that comes nearest, criterion by criterion.
#ifndef NAIRI_MOCK_ENGINE_STATE_NEAR_MISSES_H_
#define NAIRI_MOCK_ENGINE_STATE_NEAR_MISSES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/state/playbook.h"
#include "text/ulid.h"

namespace nairi::mock {

// A prompt that only the default turn answered.
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

// Further members of a JSON list: {…, "nearest": {"script": "/turns/0", "criteria": ["✓ …", "✗
// …"]}}
void append_unmatched(std::string& out, std::uint64_t organization, const Playbook& playbook,
                      const Plays& plays, const std::vector<Unmatched>& prompts);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_STATE_NEAR_MISSES_H_
