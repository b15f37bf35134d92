#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
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

RunOne run_one(const CheckClientOptions& options, const Interruption& interruption) {
  const ClientCaseOptions how{.strict = options.run.strict, .tls = options.tls};
  if (options.command.empty()) {
    return [how](const Case& it) { return run_client_case(it, own_client, how); };
  }
  RemoteClient client = command_client({.command = options.command,
                                        .deadline = std::chrono::seconds(options.deadline_s),
                                        .stdio = options.stdio,
                                        .stop = interruption.stop()});
  return [how, client = std::move(client)](const Case& it) {
    return run_client_case(it, client, how);
  };
}

std::vector<ClientResult> run_all(const std::vector<Case>& cases, const RunOne& run, int jobs,
                                  const std::stop_token& stop) {
  std::vector<ClientResult> results(cases.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < cases.size(); i = next++) {
      const Case& it = cases[i];
      results[i] = stop.stop_requested() ? ClientResult{not_run(it.name, it.why, it.source), {}, {}}
                                         : run(it);
    }
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

// The cases, and of each rule those that put it to the test.
int list_with_rules(const std::vector<Case>& cases) {
  for (const Case& contract_case : cases) std::printf("%s\n", contract_case.name.c_str());
  for (const mock::Rule& rule : mock::rules()) {
    if (rule.level == mock::RuleLevel::info) continue;
    std::printf("\n%s %s: it %s\n", std::string(mock::to_string(rule.level)).c_str(),
                std::string(rule.id).c_str(), std::string(rule.sentence).c_str());
    if (rule.judged_by == mock::JudgedBy::traffic) std::puts("  any case whose requests test it");
    for (const Case& contract_case : cases) {
      const auto& rules = contract_case.client->rules;
      if (std::ranges::find(rules, rule.id) == rules.end()) continue;
      std::printf("  %s\n", contract_case.name.c_str());
    }
  }
  return kExitGood;
}

bool is_program(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

// Whether there is such a program, by its path or in PATH.
bool can_start(const std::string& program) {
  if (program.find('/') != std::string::npos) return is_program(program);
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (is_program(folder + "/" + program)) return true;
  }
  return false;
}

std::string no_program(const std::string& name) {
  std::error_code error;
  const bool is_there = name.find('/') != std::string::npos && std::filesystem::exists(name, error);
  return (is_there ? "no program, or not to be run: " : "there is no program ") +
         mock::in_quotes(name);
}

// All results, in the order of the cases.
std::vector<ClientResult> results_of(const CheckClientOptions& options,
                                     const std::vector<Case>& cases,
                                     const Interruption& interruption) {
  const RunOne run = run_one(options, interruption);
  const bool is_command = !options.command.empty();
  auto results = run_all(cases, run, is_command ? options.jobs : 1, interruption.stop());
  for (std::size_t i = 0; i < results.size() && is_command; ++i) {
    if (!may_be_late(results[i].result) || interruption.stop().stop_requested()) continue;
    ClientResult again = run(cases[i]);
    if (again.result.reason != kNotRun) results[i] = std::move(again);
  }
  return results;
}

}  // namespace

int check_client(const CheckClientOptions& options) {
  auto cases = choose_cases(options.run);
  if (!cases) return kExitUsage;
  std::erase_if(*cases, [](const Case& it) { return !it.client; });
  if (options.run.list) return list_with_rules(*cases);
  if (!options.command.empty() && !can_start(options.command.front())) {
    complain(no_program(options.command.front()));
    return kExitUsage;
  }
  const auto known_failing = prepare_run(options.run, {options.markdown_file});
  if (!known_failing) return kExitUsage;
  const Interruption& interruption = Interruption::begin();
  std::vector<ClientResult> results = results_of(options, *cases, interruption);
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
  return finish_run(options.run, *known_failing, std::move(report), interruption);
}

}  // namespace nairi::contracts
