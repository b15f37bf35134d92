#include "harness/survey/survey_plan.h"

#include <algorithm>
#include <cstdint>
#include <span>

#include "harness/cases/values.h"
#include "harness/survey/probe.h"

namespace nairi::contracts {
namespace {

bool is_start(const Probe& probe) {
  return probe.act == Act::start;
}

bool is_prompt_of_a_turn(const Probe& probe) {
  return probe.act == Act::send && probe.call.ends_with("}/continue") && !probe.capture.empty();
}

bool needs_other_key(const Probe& probe) {
  return probe.auth.find("{other_key}") != std::string_view::npos;
}

struct Sum {
  std::uint64_t prompts = 0;  // those that go on with a conversation
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

Sum sum_of(int conversations) {
  Sum sum;
  for (int number = 1; number <= conversations; ++number) {
    for (const Probe& probe : conversation_probes(number)) {
      if (is_prompt_of_a_turn(probe)) ++sum.prompts;
      if (probe.act != Act::upload) continue;
      ++sum.files;
      sum.bytes += probe.body.size();
    }
  }
  return sum;
}

std::size_t count_free(bool has_other_key) {
  const auto probes = free_probes();
  return static_cast<std::size_t>(
      std::count_if(probes.begin(), probes.end(),
                    [&](const Probe& probe) { return has_other_key || !needs_other_key(probe); }));
}

std::string_view cost_of(const Probe& probe) {
  if (is_start(probe)) return probe.unless.empty() ? "conversation" : "(instead)";
  if (is_prompt_of_a_turn(probe)) return "prompt";
  return probe.act == Act::upload ? "file" : "free";
}

std::string line_of(const Probe& probe) {
  constexpr std::size_t kCost = 14;
  std::string line(cost_of(probe));
  line.resize(kCost, ' ');
  line += std::string(probe.call) + "   " + std::string(probe.settles);
  if (needs_other_key(probe)) line += " (with --other-api-key)";
  return line + "\n";
}

std::string lines_of(const std::string& title, std::span<const Probe> probes) {
  std::string lines = title + "\n";
  for (const Probe& probe : probes) lines += line_of(probe);
  return lines;
}

}  // namespace

std::string survey_in_words(int conversations, bool has_other_key) {
  const auto begun = static_cast<std::uint64_t>(conversations);
  std::string said = "sends: " + counted(count_free(has_other_key), "request") +
                     " that cost nothing, as they read or have to be refused, and reads of up to 6 "
                     "conversations\n";
  if (conversations == 0) {
    return said + "costs: no conversation is begun\nleaves behind: nothing\n";
  }
  const Sum sum = sum_of(conversations);
  said += "begins: " + counted(begun, "conversation") + " with up to " +
          counted(begun + sum.prompts, "prompt") + ", and uploads " + counted(sum.files, "file") +
          " of " + counted(sum.bytes, "byte") + " together\n" +
          "costs: what the service takes for that work of the agent; nairi-contract knows no "
          "prices\n" +
          "leaves behind: " + counted(begun, "conversation") + " and " +
          counted(sum.files, "file") + ", as the API deletes neither\n";
  return said;
}

std::string list_of_probes(int conversations) {
  std::string lines = lines_of("first:", free_probes());
  for (int number = 1; number <= conversations; ++number) {
    lines += lines_of("conversation " + std::to_string(number) + ":", conversation_probes(number));
  }
  return lines;
}

}  // namespace nairi::contracts
