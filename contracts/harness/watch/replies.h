// One reply against openapi.json: what contradicts it, and what it has beyond it.
#ifndef NAIRI_CONTRACTS_HARNESS_WATCH_REPLIES_H_
#define NAIRI_CONTRACTS_HARNESS_WATCH_REPLIES_H_

#include "harness/watch/findings.h"
#include "harness/watch/traffic.h"

namespace nairi::contracts {

// Of any exchange, also of one that is passed over: a code that nobody told of is told of it too.
void check_reply(const Exchange& exchange, Findings& findings);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_WATCH_REPLIES_H_
