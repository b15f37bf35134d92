// What passed between a client and the fake, as far as its result can be held against it: read from
// the trace of a run.
//
//   const Seen seen = seen_in(trace);
//   for (const SentPrompt& prompt : seen.prompts) …
#ifndef NAIRI_CONTRACTS_HARNESS_CLIENT_SEEN_H_
#define NAIRI_CONTRACTS_HARNESS_CLIENT_SEEN_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cases/case_result.h"
#include "harness/openapi/request_reader.h"

namespace nairi::contracts {

// A message of a timeline that the client read.
struct SeenMessage {
  std::string id;
  std::string role;
  std::string content;
  std::size_t turn = 0;  // how many prompts stood before it in its conversation, its own included
};

// A POST with a prompt, whatever became of it.
struct SentPrompt {
  std::string exchange;  // "#3"
  bool starts = false;   // a conversation; otherwise it continues one
  std::string text;
  std::vector<std::string> attachments;  // ids
  bool accepted = false;
};

struct SentFile {
  std::string exchange;
  std::string name;  // "" when there is none
  std::string bytes;
  std::string id;  // that the fake gave it; "" when it did not take it
};

struct Seen {
  std::vector<SeenMessage> messages;
  std::vector<SentPrompt> prompts;
  std::vector<SentFile> files;
  QueryParameters list_query;  // of the first request for a list of conversations
  bool saw_an_end = false;     // a message that was completed or failed
};

// nullptr when the list was not asked for with such a parameter.
const std::string* find_parameter(const Seen& seen, std::string_view name);

Seen seen_in(const std::vector<TraceEntry>& trace);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CLIENT_SEEN_H_
