// What is wrong with a client's result, or with what it sent, and which rule that breaks: found out
// by holding it against what passed between the two. A case says only what it wanted instead.
//
//   for (const Finding& finding : check_prompts(job, seen)) …
//
// Thread-safety: free functions without state.
#ifndef NAIRI_CONTRACTS_HARNESS_CLIENT_DIAGNOSIS_H_
#define NAIRI_CONTRACTS_HARNESS_CLIENT_DIAGNOSIS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cases/values.h"
#include "harness/client/seen.h"

namespace nairi::contracts {

struct Finding {
  std::string rule;  // "": no rule names it
  std::string wanted;
  std::string got;
};

// Why a text is not the one that was wanted, such as "the text of a system message".
struct Cause {
  std::string rule;
  std::string words;
};

// Of a text that a client gave for the answer of a turn, or in a timeline (turn 0); nullopt when
// nothing that it read explains it, or when it is the turn's answer: then the wrong turn was asked
// for.
std::optional<Cause> cause_of_text(const std::string& text, std::size_t turn, const Seen& seen);

// The texts of which a pattern of `replies` wants one at one place.
std::vector<std::string> wanted_replies(const Json& pattern, std::size_t place);

// The prompts that the job did not ask for, and those that went to the wrong place.
std::vector<Finding> check_prompts(const Json& job, const Seen& seen);

struct WantedFile {
  std::string name;
  std::string bytes;
};

// The files that did not come with the job's first prompt as they are, and others that did.
std::vector<Finding> check_files(const std::vector<WantedFile>& wanted, const Seen& seen);

// The timeline that a client gave back, against what it read: its texts, its order, no progress.
std::vector<Finding> check_timeline(const Json& got, const Seen& seen);

// A list that was read page by page, against the whole of it.
std::vector<Finding> check_list(const std::vector<std::string>& whole, const Json& got);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CLIENT_DIAGNOSIS_H_
