// Servers that are wrong in one way each: our fake, with its answers changed on the way. The cases
// must catch every one.
//
//   for (const BrokenServer& broken : broken_servers())
//     run_case(contract_case, scripted_subjects(Way::in_process, broken.make_tamper));
//
// Thread-safety: immutable table; a tamper belongs to one run of one case.
#ifndef NAIRI_CONTRACTS_HARNESS_SELFTEST_BROKEN_SERVERS_H_
#define NAIRI_CONTRACTS_HARNESS_SELFTEST_BROKEN_SERVERS_H_

#include <functional>
#include <string>
#include <vector>

#include "harness/server/subject.h"

namespace nairi::contracts {

struct BrokenServer {
  std::string name;       // what is wrong with it
  std::string caught_by;  // the case that must catch it
  std::function<Tamper()> make_tamper;
};

using BrokenServers = std::vector<BrokenServer>;

const BrokenServers& broken_servers();

// Its parts: an area of the API each, in the file of that name below servers/.
BrokenServers servers_broken_in_lifecycle();
BrokenServers servers_broken_in_messages();
BrokenServers servers_broken_in_conversations();
BrokenServers servers_broken_in_progress();
BrokenServers servers_broken_in_lists();
BrokenServers servers_broken_in_agents();
BrokenServers servers_broken_in_attachments();
BrokenServers servers_broken_in_keys();
BrokenServers servers_broken_in_ids();
BrokenServers servers_broken_in_errors();
BrokenServers servers_broken_in_requests();
BrokenServers servers_broken_in_content();

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_SELFTEST_BROKEN_SERVERS_H_
