// What it costs to put a server that is not ours to cases, computed from what their steps do; and
// the cases that check the most for the fewest conversations.
//
//   const Cost cost = total_cost(cases);
//   std::puts(in_words(cost).c_str());  // "3 conversations, 5 prompts, 2 files of 17 bytes"
//
// Thread-safety: values and pure functions.
#ifndef NAIRI_CONTRACTS_HARNESS_SERVER_COST_H_
#define NAIRI_CONTRACTS_HARNESS_SERVER_COST_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/cases/case.h"

namespace nairi::contracts {

// What a server does for cases that it keeps. What it has to refuse costs nothing, unless that is
// only a guess and it may begin a conversation.
struct Cost {
  std::size_t conversations = 0;
  std::size_t prompts = 0;  // those that begin a conversation, and those that go on with one
  std::size_t agents = 0;   // that are made
  std::size_t files = 0;    // that are sent, be they taken or refused
  std::uint64_t file_bytes = 0;
  bool changes_others = false;  // changes or deletes what the case did not make
};

Cost cost_of(const Case& contract_case);
Cost total_cost(const std::vector<Case>& cases);

// What is made: "3 conversations, 5 prompts, 1 agent, 2 files of 17 bytes", without what is not.
// "nothing" where nothing is.
std::string in_words(const Cost& cost);

// Those that make, change and delete no agent, touch no conversation of others, send files of at
// most 64 KiB in a case, and begin at most so many conversations together. Cases that begin none
// come with it always; the others in the order of how many statements of REFERENCE that are new
// each adds for a conversation. In the order of `cases`.
std::vector<Case> frugal_cases(std::vector<Case> cases, std::size_t most_conversations);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_SERVER_COST_H_
