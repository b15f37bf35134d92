// nairi-contract explore: a client meets schedules that nobody wrote down.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "cli/client_command.h"
#include "cli/running.h"
#include "harness/cases/values.h"
#include "harness/client/command_client.h"
#include "harness/client/rule_table.h"
#include "harness/explore/explorer.h"
#include "text/json_writer.h"

namespace nairi::contracts {
namespace {

using std::chrono::milliseconds;

// Nothing is asked too often at this pace: what is left for the client is to wait as little as can
// be.
constexpr std::int64_t kPollMs = 2;

ExploreRun explored_client(const ExploreCommandOptions& options, const std::stop_token& stop) {
  const ClientCaseOptions how{
      .strict = options.strict, .poll_ms = kPollMs, .keeps_journal = !options.html_file.empty()};
  if (options.command.empty()) return runs_of(own_client, how);
  const std::chrono::seconds most(options.deadline_s);
  // The client ends by its deadline, or is ended a little later.
  return runs_of(command_client({.command = options.command,
                                 .deadline = most + std::chrono::seconds(2),
                                 .stdio = options.stdio,
                                 .stop = stop}),
                 how, most);
}

// One line on a terminal, written anew a few times a second; nothing elsewhere.
class ProgressLine {
 public:
  void show(std::uint64_t runs, std::size_t kinds) {
    const auto now = std::chrono::steady_clock::now();
    if (!is_terminal_ || now < next_) return;
    next_ = now + milliseconds(200);
    std::fprintf(stderr, "\r%llu runs, %zu kinds of failure", static_cast<unsigned long long>(runs),
                 kinds);
    shown_ = true;
  }
  void clear() {
    if (shown_) std::fputs("\r\033[K", stderr);
  }

 private:
  const bool is_terminal_ = ::isatty(STDERR_FILENO) == 1;
  bool shown_ = false;
  std::chrono::steady_clock::time_point next_;
};

// Before the runs, so that none is in vain. False, with a message, when there can't be one.
bool make_folder(const std::string& folder) {
  if (folder.empty()) return true;
  const std::filesystem::path path = std::filesystem::path(folder) / "explore";
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) complain("can't make the folder " + path.string() + ": " + error.message());
  return !error;
}

// Where the case of a discovery is: in the folder, or on stdout and then where its reader puts it.
// nullopt, with a message, when it can't be written.
std::optional<std::string> put_case(const Discovery& discovery, const std::string& folder) {
  if (folder.empty()) {
    std::fputs(discovery.file.c_str(), stdout);
    return "FILE";
  }
  const std::string path = (std::filesystem::path(folder) / (discovery.name + ".json")).string();
  if (!write_file(path, discovery.file)) return std::nullopt;
  return path;
}

bool print_discovery(const Discovery& discovery, const ExploreCommandOptions& options) {
  std::fputs(mock::harmless(case_text(discovery.result)).c_str(), stdout);
  const auto file = put_case(discovery, options.out_folder);
  if (!file) return false;
  std::printf("  %s: seen in %s, this is the shortest\n", discovery.kind.c_str(),
              counted(discovery.seen, "run").c_str());
  std::printf("  again: nairi-contract client --contracts %s%s%s --trace%s\n",
              word_in_shell(*file).c_str(), options.strict ? " --strict" : "",
              options.stdio ? " --stdio" : "", in_shell(options.command).c_str());
  return true;
}

void print_summary(const Exploration& found, const ExploreCommandOptions& options) {
  for (const std::uint64_t run : found.unstable) {
    std::printf("run %llu failed, but not when it was tried again\n",
                static_cast<unsigned long long>(run));
  }
  const double seconds = std::max(0.001, std::chrono::duration<double>(found.taken).count());
  if (!found.discoveries.empty()) std::printf("%s\n", kWhereRulesAre);
  std::printf("%s: seed %llu, %s, %s of failure", title_of(options.command).c_str(),
              static_cast<unsigned long long>(options.seed), counted(found.runs, "run").c_str(),
              counted(found.discoveries.size(), "kind").c_str());
  if (found.unchecked > 0) {
    std::printf(", %llu not checked", static_cast<unsigned long long>(found.unchecked));
  }
  std::printf(", %.0f runs/s\n", static_cast<double>(found.runs) / seconds);
}

// The shortest schedules that failed, and how their runs went.
bool write_discoveries(const Exploration& found, const ExploreCommandOptions& options) {
  RunReport report{.title = {},
                   .again = "nairi-contract explore --seed " + std::to_string(options.seed),
                   .again_after = in_shell(options.command),
                   .results = {}};
  for (const Discovery& discovery : found.discoveries) report.results.push_back(discovery.result);
  mock::InspectorReport page = page_report(report, without({}));
  page.remarks.push_back(counted(found.runs, "run") + ", " +
                         counted(found.discoveries.size(), "kind") + " of failure");
  for (std::size_t i = 0; i < page.runs.size(); ++i) {
    const Discovery& discovery = found.discoveries[i];
    page.runs[i].findings.push_back(discovery.kind + ": seen in " + counted(discovery.seen, "run") +
                                    ", this is the shortest");
  }
  return write_page(options.html_file, std::move(page));
}

int exit_code_of(const Exploration& found) {
  if (!found.discoveries.empty()) return kExitBroken;
  if (found.runs > found.unchecked) return kExitGood;
  complain("nothing was checked");
  return kExitCouldNotCheck;
}

}  // namespace

int explore_client(const ExploreCommandOptions& options) {
  if (!can_start(options.command) || !make_folder(options.out_folder)) return kExitUsage;
  if (!prepare_run({.html_file = options.html_file})) return kExitUsage;
  const Interruption& interruption = Interruption::begin();
  ProgressLine line;
  const Exploration found =
      explore(explored_client(options, interruption.stop()),
              {.seed = options.seed,
               .runs = options.runs,
               .time = options.time,
               .jobs = options.jobs,
               .stop = interruption.stop(),
               .progress = [&](std::uint64_t runs, std::size_t kinds) { line.show(runs, kinds); }});
  line.clear();
  for (const Discovery& discovery : found.discoveries) {
    if (!print_discovery(discovery, options)) return kExitUsage;
  }
  print_summary(found, options);
  if (!options.html_file.empty() && !write_discoveries(found, options)) return kExitUsage;
  if (interruption.signal() == 0) return exit_code_of(found);
  complain("ended by a signal");
  return 128 + interruption.signal();
}

}  // namespace nairi::contracts
