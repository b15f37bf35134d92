// How a world knows a recorded prompt again where another run has something else in it: ids, which
// the fake makes anew, and secrets, of which a recording has placeholders ("key-1", "[redacted]").
#ifndef NAIRI_CONTRACTS_HARNESS_RECORDING_PROMPT_MATCH_H_
#define NAIRI_CONTRACTS_HARNESS_RECORDING_PROMPT_MATCH_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "harness/recording/seen_things.h"

namespace nairi::contracts {

// The regex for a prompt of which nothing but placeholders is left.
inline constexpr std::string_view kAnyPrompt = "^(?s:.*)$";

struct PromptMatch {
  nlohmann::ordered_json prompt;  // as `when` of a turn script has it
  // Where a secret was taken out, so that anything may stand in its place: how many bytes of the
  // prompt are left. The fewer, the more other prompts match too.
  std::optional<std::size_t> left = {};
};

PromptMatch match_of(const std::string& prompt, const KnownIds& ids);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_RECORDING_PROMPT_MATCH_H_
