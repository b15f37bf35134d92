#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string_view>
#include <thread>
#include <utility>

#include "cli/running.h"
#include "harness/client/client_runner.h"
#include "harness/client/command_client.h"
#include "harness/client/rule_table.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

using RunOne = std::function<ClientResult(const Case&)>;

RunOne run_one(const CheckClientOptions& options) {
  const ClientCaseOptions how{.strict = options.run.strict, .tls = options.tls};
  if (options.command.empty()) {
    return [how](const Case& it) { return run_client_case(it, own_client, how); };
  }
  RemoteClient client = command_client({.command = options.command,
                                        .deadline = std::chrono::seconds(options.deadline_s),
                                        .stdio = options.stdio});
  return [how, client = std::move(client)](const Case& it) {
    return run_client_case(it, client, how);
  };
}

std::vector<ClientResult> run_all(const std::vector<Case>& cases, const RunOne& run, int jobs) {
  std::vector<ClientResult> results(cases.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < cases.size(); i = next++) results[i] = run(cases[i]);
  };
  std::vector<std::jthread> workers;
  for (int i = 1; i < jobs; ++i) workers.emplace_back(work);
  work();
  workers.clear();  // waits for them
  return results;
}

// A run that came to no result in time may have been slowed down by those beside it.
bool may_be_late(const CaseResult& result) {
  return std::any_of(
      result.mismatches.begin(), result.mismatches.end(), [](const Mismatch& mismatch) {
        return mismatch.got.starts_with("hung") || mismatch.part == "rule deadline-kept" ||
               mismatch.part == "rule polls-no-faster-than-asked" ||
               mismatch.got == "the text \"timeout\"";
      });
}

std::string command_line(const CheckClientOptions& options) {
  std::string line = "nairi-contract client";
  for (const std::string& path : options.run.contracts) line += " --contracts " + path;
  if (options.stdio) line += " --stdio";
  if (options.tls) line += " --tls";
  return line;
}

// A word as a shell takes it.
std::string in_shell(const std::string& word) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./=:,+@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

// The command comes last, after --case.
std::string after_case(const CheckClientOptions& options) {
  std::string line;
  for (const std::string& word : options.command) {
    line += (line.empty() ? " -- " : " ") + in_shell(word);
  }
  return line;
}

// Which case can show which rule.
int list_with_rules(const std::vector<Case>& cases) {
  for (const Case& contract_case : cases) {
    std::string rules;
    for (const std::string& rule : contract_case.client->rules) rules += " " + rule;
    std::printf("%-40s%s\n", contract_case.name.c_str(), rules.c_str());
  }
  return kExitGood;
}

// Whether there is such a program, by its path or in PATH.
bool can_start(const std::string& program) {
  if (program.find('/') != std::string::npos) return ::access(program.c_str(), X_OK) == 0;
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((folder + "/" + program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

}  // namespace

int check_client(const CheckClientOptions& options) {
  auto cases = choose_cases(options.run);
  if (!cases) return kExitUsage;
  std::erase_if(*cases, [](const Case& it) { return !it.client; });
  if (options.run.list) return list_with_rules(*cases);
  if (!options.command.empty() && !can_start(options.command.front())) {
    complain("there is no program " + mock::in_quotes(options.command.front()));
    return kExitUsage;
  }
  const RunOne run = run_one(options);
  std::vector<ClientResult> results =
      run_all(*cases, run, options.command.empty() ? 1 : options.jobs);
  for (std::size_t i = 0; i < results.size() && !options.command.empty(); ++i) {
    if (may_be_late(results[i].result)) results[i] = run((*cases)[i]);
  }
  const RuleTable table = make_rule_table(results);
  RunReport report{
      .title = options.command.empty() ? "our client, in process" : after_case(options).substr(4),
      .again = command_line(options),
      .again_after = after_case(options),
      .results = {},
      .extra = rule_json(table)};
  for (ClientResult& result : results) report.results.push_back(std::move(result.result));
  if (!options.markdown_file.empty() &&
      !write_file(options.markdown_file, rule_markdown(table, report.title))) {
    return kExitUsage;
  }
  std::fputs(rule_text(table).c_str(), stdout);
  return finish_run(options.run, std::move(report));
}

}  // namespace nairi::contracts
