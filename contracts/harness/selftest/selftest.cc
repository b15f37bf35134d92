#include "harness/selftest/selftest.h"

#include <algorithm>
#include <set>

#include "harness/cases/values.h"
#include "harness/client/client_runner.h"
#include "harness/pages/lint.h"
#include "harness/selftest/broken_clients.h"
#include "harness/selftest/broken_servers.h"
#include "harness/server/runner.h"

namespace nairi::contracts {
namespace {

bool catches(const Case& contract_case, const BrokenServer& broken) {
  if (contract_case.steps.empty()) return false;
  return !run_case(contract_case, scripted_subjects(Way::in_process, broken.make_tamper))
              .mismatches.empty();
}

// "" when the named case catches it; else a sentence.
std::string try_server(const BrokenServer& broken, const std::vector<Case>& cases) {
  const auto named = std::find_if(cases.begin(), cases.end(),
                                  [&](const Case& it) { return it.name == broken.caught_by; });
  if (named != cases.end() && catches(*named, broken)) return "";
  std::vector<std::string> others;
  for (const Case& contract_case : cases) {
    if (catches(contract_case, broken)) others.push_back(contract_case.name);
  }
  return "server: " + broken.name + ": not caught by " + broken.caught_by + ", " +
         (others.empty() ? "nor by any other case" : "but by " + joined(others));
}

// Adds the only case whose rule catches it, if there is just one.
std::string try_client(const BrokenClient& broken, const std::vector<Case>& cases,
                       std::set<std::string>& only_catcher) {
  std::vector<std::string> catchers;
  std::set<std::string> rules;   // of level MUST that it broke
  std::set<std::string> warned;  // of lower levels
  std::vector<std::string> elsewhere;
  for (const Case& contract_case : cases) {
    if (!contract_case.client) continue;
    const ClientResult run = run_client_case(contract_case, broken.client, ClientCaseOptions{});
    for (const Mismatch& mismatch : run.result.mismatches) {
      if (mismatch.part != broken.rule) continue;  // "result"
      catchers.push_back(contract_case.name);
      warned.insert(broken.rule);
      break;
    }
    for (const RuleResult& rule : run.rules) {
      if (rule.outcome != mock::RuleOutcome::broken) continue;
      (rule.level == mock::RuleLevel::must ? rules : warned).insert(rule.rule);
      if (rule.rule == broken.rule) catchers.push_back(contract_case.name);
      if (rule.rule != broken.rule) elsewhere.push_back(contract_case.name + ":" + rule.rule);
    }
  }
  if (catchers.size() == 1) only_catcher.insert(catchers.front());
  only_catcher.insert(broken.caught_by);
  const bool by_whom = broken.caught_by.empty() || std::find(catchers.begin(), catchers.end(),
                                                             broken.caught_by) != catchers.end();
  const bool caught = (rules.erase(broken.rule) > 0 || warned.contains(broken.rule)) && by_whom;
  if (caught && rules.empty()) return "";
  return "client: " + broken.name + ": " + (caught ? "" : "not ") + "caught by " + broken.rule +
         (broken.caught_by.empty() ? "" : " in " + broken.caught_by) +
         (rules.empty() ? "" : ", and wrongly by " + joined(elsewhere));
}

// Cases without which neither the coverage nor the self-test would be less.
std::vector<std::string> find_redundant(const std::vector<Case>& cases,
                                        std::set<std::string> needed) {
  for (const BrokenServer& broken : broken_servers()) needed.insert(broken.caught_by);
  const Remarks remarks = built_in_remarks();
  const std::size_t gaps = cover(cases, remarks).gaps.size();
  std::vector<std::string> redundant;
  for (const Case& contract_case : cases) {
    if (needed.contains(contract_case.name)) continue;
    std::vector<Case> others;
    for (const Case& other : cases) {
      if (other.name != contract_case.name) others.push_back(other);
    }
    if (cover(others, remarks).gaps.size() <= gaps) redundant.push_back(contract_case.name);
  }
  return redundant;
}

}  // namespace

SelftestReport run_selftest(const std::vector<Case>& cases) {
  SelftestReport report;
  std::set<std::string> only_catcher;
  const auto note = [&](const std::string& survivor) {
    if (survivor.empty()) {
      ++report.caught;
    } else {
      report.survivors.push_back(survivor);
    }
  };
  for (const BrokenServer& broken : broken_servers()) {
    ++report.servers;
    note(try_server(broken, cases));
  }
  for (const BrokenClient& broken : broken_clients()) {
    ++report.clients;
    note(try_client(broken, cases, only_catcher));
  }
  report.redundant = find_redundant(cases, only_catcher);
  return report;
}

}  // namespace nairi::contracts
