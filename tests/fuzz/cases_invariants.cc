#include "harness/cases/case_reader.h"
#include "harness/cases/files.h"
#include "harness/client/client_runner.h"
#include "harness/pages/lint.h"
#include "harness/pages/report.h"
#include "invariants.h"

namespace nairi::tests {
namespace {

std::string broken_case(std::string_view text) {
  const auto read = contracts::parse_case(text, "contracts/cases/any/case.json");
  if (!read) {
    for (const mock::Diagnostic& it : read.error()) {
      if (it.message.empty() || it.line < 1) return "a mistake that is nowhere";
    }
    return read.error().empty() ? "refused without a word" : "";
  }
  (void)contracts::lint_cases({*read});
  return "";
}

std::string broken_states(std::string_view text) {
  const auto states = contracts::parse_states(text, "states.json");
  if (!states) return states.error().empty() ? "refused without a word" : "";
  for (const auto& [name, value] : *states) {
    if (!value.is_string()) return "a state that is no text: " + name;
  }
  return "";
}

// What a client printed ends in the reports.
std::string broken_result(std::string_view line) {
  const contracts::ClientAnswer answer = contracts::read_result(std::string(line), "");
  const bool is_broken = answer.kind == contracts::ClientAnswer::Kind::broke;
  if (is_broken == answer.how.empty()) return "a result that is blamed without a word";
  if (answer.kind != contracts::ClientAnswer::Kind::answered) return "";
  contracts::RunReport report;
  contracts::CaseResult result;
  result.notes = answer.result.dump();
  report.results.push_back(std::move(result));
  return nlohmann::json::accept(contracts::json_report(report)) ? "" : "a report that is no JSON";
}

}  // namespace

std::string broken_cases_invariant(std::string_view input) {
  std::string broken = broken_case(input);
  if (broken.empty()) broken = broken_states(input);
  return broken.empty() ? broken_result(input) : broken;
}

}  // namespace nairi::tests
