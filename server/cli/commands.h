// The commands of nairi-mock. Each returns the exit code; results go to stdout, all else to stderr.
#ifndef NAIRI_MOCK_CLI_COMMANDS_H_
#define NAIRI_MOCK_CLI_COMMANDS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/request_log.h"
#include "nairi/mock/fake.h"

namespace nairi::mock {

// What `serve` does with verdicts when it ends.
enum class JudgeMode {
  off,
  warn,  // prints them
  fail,  // prints them, and exits with kExitBroken when a MUST is broken, or with
         // kExitCouldNotCheck when nothing put the rules to the test
};

struct ServeOptions {
  std::vector<std::string> worlds;  // empty: the built-in world
  std::string host = "127.0.0.1";
  std::uint16_t port = 4747;
  bool allow_remote = false;
  std::size_t threads = 1;
  std::vector<std::string> control_hosts;
  std::string control_token;  // empty: a new one, made up
  std::vector<std::string> cors;
  ClockMode clock = ClockMode::poll;
  double speed = 1;
  std::uint64_t seed = 1;
  bool listed_keys_only = false;
  bool mutate_additive = false;
  std::string fidelity;  // a ledger; empty: none
  bool only_confirmed = false;
  bool tls = false;
  std::vector<std::string> tls_names;
  std::string tls_cert;
  std::string tls_key;
  Encoding encode = Encoding::plain;
  std::string ca_file;     // where --tls writes its CA; empty: beside the ready file or in $TMPDIR
  std::string ready_file;  // empty: none
  bool with_parent = false;
  std::chrono::milliseconds drain{0};  // for how long at most requests under way may go on
  std::chrono::milliseconds keep_idle = FakeOptions{}.keep_idle;
  LogFormat log = LogFormat::text;
  std::size_t journal_max = FakeOptions{}.journal_max_entries;
  JudgeMode judge = JudgeMode::off;
  std::string report;  // a page that is written when the run ends; empty: none
};

// Serves until it is told to end, by a signal or by its parent's end.
int serve(const ServeOptions& options);

// Runs a command with a fake of its own. The exit code is the command's, unless that is 0 and the
// judge has another.
int run(const ServeOptions& options, const std::vector<std::string>& command);

// Says of each world file whether it is good, and what is unusual in it.
int check(const std::vector<std::string>& paths, bool with_hints);

// Prints a built-in world, or the names of all.
int print_world(const std::string& name);
int list_worlds();

// Says on stderr what is merely unusual in a file.
void print_hints(const Diagnostics& hints);

// The ledger, "" for none; nullopt when it has been said what is wrong with it.
std::optional<Fidelity> load_fidelity(const std::string& path);

// Prints what the fake's behaviour rests on, by that ledger; "" for none.
int print_fidelity(const std::string& ledger, bool as_json);

// Waits until the server of that ready file answers, and prints its line, or one field of it.
int ready(const std::string& ready_file, std::chrono::milliseconds wait, const std::string& field);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_CLI_COMMANDS_H_
