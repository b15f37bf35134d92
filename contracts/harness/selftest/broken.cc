// The two tables, put together from their parts.
#include <initializer_list>
#include <iterator>

#include "harness/selftest/broken_clients.h"
#include "harness/selftest/broken_servers.h"

namespace nairi::contracts {
namespace {

template <typename Table>
Table together(std::initializer_list<Table (*)()> parts) {
  Table all;
  for (Table (*const part)() : parts) {
    Table some = part();
    all.insert(all.end(), std::make_move_iterator(some.begin()),
               std::make_move_iterator(some.end()));
  }
  return all;
}

}  // namespace

const BrokenServers& broken_servers() {
  static const auto all = together<BrokenServers>(
      {servers_broken_in_lifecycle, servers_broken_in_messages, servers_broken_in_conversations,
       servers_broken_in_progress, servers_broken_in_lists, servers_broken_in_agents,
       servers_broken_in_attachments, servers_broken_in_keys, servers_broken_in_ids,
       servers_broken_in_errors, servers_broken_in_requests, servers_broken_in_content});
  return all;
}

const BrokenClients& broken_clients() {
  static const auto all = together<BrokenClients>(
      {clients_broken_in_polling, clients_broken_in_requests, clients_broken_in_answers});
  return all;
}

}  // namespace nairi::contracts
