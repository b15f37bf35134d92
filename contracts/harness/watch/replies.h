// One reply against openapi.json: what contradicts it, and what it has beyond it.
#ifndef NAIRI_CONTRACTS_HARNESS_WATCH_REPLIES_H_
#define NAIRI_CONTRACTS_HARNESS_WATCH_REPLIES_H_

#include <span>
#include <string_view>

#include "harness/watch/findings.h"
#include "harness/watch/traffic.h"

namespace nairi::contracts {

// What openapi.json is quoted for: a part of a reply, and the nearest words of REFERENCE.
struct WordsOfReply {
  std::string_view part;  // how its name in a report begins: "Message.id"
  std::string_view why;
};
// The first whose part fits counts.
std::span<const WordsOfReply> words_of_replies();

// Of any exchange, also of one that is passed over: a code that nobody told of is told of it too.
void check_reply(const Exchange& exchange, Findings& findings);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_WATCH_REPLIES_H_
