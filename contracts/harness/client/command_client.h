// A client that is a program: it gets its job in NAIRI_JOB, or one on a line of its input, and
// prints its result as one line of JSON (docs/test-your-client.md).
//
//   RemoteClient client = command_client({.command = {"python3", "client.py"}});
//
// Thread-safety: the client may be called from several threads.
#ifndef NAIRI_CONTRACTS_HARNESS_CLIENT_COMMAND_CLIENT_H_
#define NAIRI_CONTRACTS_HARNESS_CLIENT_COMMAND_CLIENT_H_

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "harness/client/client_runner.h"

namespace nairi::contracts {

struct CommandOptions {
  std::vector<std::string> command;            // not empty; the program is found in PATH
  std::chrono::milliseconds deadline{30'000};  // for one job; then all its processes are ended
  bool stdio = false;                          // one process for many jobs
  std::stop_token stop = {};                   // ends the programs: their jobs were not done
};

RemoteClient command_client(CommandOptions options);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CLIENT_COMMAND_CLIENT_H_
