// The commands of nairi-contract. Each returns the exit code; results go to stdout, all else to
// stderr.
#ifndef NAIRI_CONTRACTS_CLI_COMMANDS_H_
#define NAIRI_CONTRACTS_CLI_COMMANDS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nairi::contracts {

inline constexpr int kExitGood = 0;
inline constexpr int kExitBroken = 1;         // a contract is broken
inline constexpr int kExitUsage = 2;          // a wrong command line or a bad file
inline constexpr int kExitCouldNotCheck = 3;  // nothing was checked

// Which cases, and where the reports go.
struct RunOptions {
  std::vector<std::string> contracts = {};  // files and folders; empty: the built-in cases
  std::vector<std::string> cases = {};      // patterns of names; empty: all
  std::vector<std::string> sources = {};    // empty: all
  std::string junit_file = {};              // empty: none
  std::string json_file = {};
  std::string html_file = {};
  std::string known_failing_file = {};
  bool strict = false;
  bool trace = false;
  bool list = false;
};

struct CheckServerOptions {
  RunOptions run;
  std::string way = "in-process";  // or http, https; without a target
  std::string target;              // empty: our own fake
  std::string api_key;
  std::string states_file;
  std::string ca_file;
  int poll_ms = 200;
  std::optional<double> requests_per_second;  // to a target; none: as fast as it goes
  bool frugal = false;                        // only what costs little (harness/server/cost.h)
  int max_conversations = 0;                  // that frugal cases may begin
};

struct SurveyCommandOptions {
  std::string target;
  std::string agent;
  int conversations = 0;
  std::string api_key;        // empty: from NAIRI_API_KEY
  std::string other_api_key;  // of another organization; empty: none
  std::string ca_file;
  std::string out_folder = "survey";
  std::string ledger_file;  // empty: in the folder
  double requests_per_second = 10;
  int turn_deadline_s = 600;
  bool yes = false;
  bool list = false;
};

struct CheckClientOptions {
  RunOptions run;
  std::vector<std::string> command;  // empty: our own client, in process
  int jobs = 2;
  bool stdio = false;
  bool tls = false;
  int deadline_s = 30;
  std::string markdown_file;
};

struct ExploreCommandOptions {
  std::vector<std::string> command;  // empty: our own client, in process
  std::uint64_t seed = 1;
  std::uint64_t runs = 0;
  std::optional<std::chrono::milliseconds> time;
  int jobs = 2;
  bool stdio = false;
  bool strict = false;
  int deadline_s = 20;
  std::string out_folder;  // empty: cases go to stdout
  std::string html_file;   // empty: none
};

struct DriftOptions {
  std::vector<std::string> recordings;  // folders, or their traffic.jsonl
  std::string against;                  // an older one; empty: none
  std::string ledger_file;              // empty: none
  bool any_service = false;             // the ledger may be another service's
  bool list = false;                    // what is looked for, and nothing else
  std::string junit_file;
  std::string json_file;
  std::string markdown_file;
  std::string html_file;
  bool strict = false;
};

struct RecordOptions {
  std::string target;
  std::string out_folder = "recording";
  std::string ca_file;               // trusted for the target; empty: the system's
  std::vector<std::string> command;  // empty: until a signal comes
  std::vector<std::string> redact;   // patterns
  bool with_files = false;
  bool on_miss = false;               // worlds answer, and the service only what they don't know
  std::vector<std::string> worlds;    // with on_miss, before the recording's own
  std::size_t max_conversations = 0;  // with on_miss
  std::uint16_t port = 0;
  bool tls = false;
  std::vector<std::string> tls_names;
  std::string tls_cert;
  std::string tls_key;
  std::string version;
};

struct ImportOptions {
  std::string file;        // a HAR file, or a recording whose world is to be made anew
  std::string out_folder;  // empty: "recording", or the recording's own
  std::string target;      // empty: whatever ends in /api/public/v1
  bool with_files = false;
};

int check_server(const CheckServerOptions& options);
int survey(const SurveyCommandOptions& options);
int check_client(const CheckClientOptions& options);
int explore_client(const ExploreCommandOptions& options);
int drift(const DriftOptions& options);
int record(const RecordOptions& options);
int import_recording(const ImportOptions& options);
int lint(const std::vector<std::string>& files);
// Prints docs/fidelity.md, with what the ledger knows; "" is none.
int fidelity(const std::string& ledger_file);
int selftest();

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_CLI_COMMANDS_H_
