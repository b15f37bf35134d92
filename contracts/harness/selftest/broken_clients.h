// Clients that are wrong in one way each: our own, with something between it and the server. Each
// breaks one rule of docs/rules.md, which must catch it.
//
// Thread-safety: immutable table.
#ifndef NAIRI_CONTRACTS_HARNESS_SELFTEST_BROKEN_CLIENTS_H_
#define NAIRI_CONTRACTS_HARNESS_SELFTEST_BROKEN_CLIENTS_H_

#include <string>
#include <vector>

#include "harness/client/client_runner.h"

namespace nairi::contracts {

struct BrokenClient {
  std::string name;       // what is wrong with it
  std::string rule;       // which it breaks; "result" where only the case itself can tell
  std::string caught_by;  // the case that must catch it; "": any
  InProcessClient client;
};

using BrokenClients = std::vector<BrokenClient>;

const BrokenClients& broken_clients();

// Its parts, in the files of these names below clients/.
BrokenClients clients_broken_in_polling();
BrokenClients clients_broken_in_requests();
BrokenClients clients_broken_in_answers();

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_SELFTEST_BROKEN_CLIENTS_H_
