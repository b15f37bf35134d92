#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>
#include <utility>

#include "cli/client_command.h"
#include "cli/running.h"
#include "harness/client/client_runner.h"
#include "harness/client/command_client.h"
#include "harness/client/rule_table.h"
#include "text/json_writer.h"

namespace nairi::contracts {
namespace {

using RunOne = std::function<ClientResult(const Case&)>;

RunOne run_one(const CheckClientOptions& options, const Interruption& interruption) {
  const ClientCaseOptions how{.strict = options.run.strict,
                              .tls = options.tls,
                              .keeps_journal = !options.run.html_file.empty()};
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
  for (const std::string& path : options.run.contracts) {
    line += " --contracts " + word_in_shell(path);
  }
  if (options.run.strict) line += " --strict";
  if (options.stdio) line += " --stdio";
  if (options.tls) line += " --tls";
  if (options.deadline_s != CheckClientOptions().deadline_s) {
    line += " --deadline " + std::to_string(options.deadline_s);
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
  const auto cases = choose_cases(options.run, Side::client);
  if (!cases) return kExitUsage;
  if (options.run.list) return list_with_rules(*cases);
  if (!can_start(options.command)) return kExitUsage;
  const auto known_failing = prepare_run(options.run, {options.markdown_file});
  if (!known_failing) return kExitUsage;
  const Interruption& interruption = Interruption::begin();
  std::vector<ClientResult> results = results_of(options, *cases, interruption);
  const RuleTable table = make_rule_table(results);
  RunReport report{.title = title_of(options.command),
                   .again = command_line(options),
                   .again_after = in_shell(options.command),
                   .results = {},
                   .extra = rule_json(table)};
  for (ClientResult& result : results) report.results.push_back(std::move(result.result));
  if (!options.markdown_file.empty() &&
      !write_file(options.markdown_file, rule_markdown(table, report.title))) {
    return kExitUsage;
  }
  std::fputs(mock::harmless(rule_text(table)).c_str(), stdout);
  return finish_run(options.run, *known_failing, std::move(report), interruption);
}

}  // namespace nairi::contracts
