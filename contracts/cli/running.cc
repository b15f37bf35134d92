#include "cli/running.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <utility>

#include "harness/cases/case_reader.h"
#include "harness/cases/files.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

bool is_chosen(const Case& contract_case, const RunOptions& options) {
  const auto by_name = [&](const std::string& pattern) {
    return name_fits(pattern, contract_case.name);
  };
  const auto by_source = [&](const std::string& word) {
    return source_from(word) == contract_case.source;
  };
  return (options.cases.empty() ||
          std::any_of(options.cases.begin(), options.cases.end(), by_name)) &&
         (options.sources.empty() ||
          std::any_of(options.sources.begin(), options.sources.end(), by_source));
}

// A pattern of names that fits nothing is a typing mistake.
bool check_patterns(const RunOptions& options, const std::vector<Case>& cases) {
  for (const std::string& pattern : options.cases) {
    const auto fitting = [&](const Case& it) { return name_fits(pattern, it.name); };
    if (std::any_of(cases.begin(), cases.end(), fitting)) continue;
    mock::Words names;
    for (const Case& contract_case : cases) names.emplace_back(contract_case.name);
    complain("no case is called " + mock::in_quotes(pattern) + mock::hint(pattern, names) +
             "\nnairi-contract server --list names them all.");
    return false;
  }
  return true;
}

}  // namespace

void complain(const std::string& message) {
  std::fprintf(stderr, "nairi-contract: %s\n", message.c_str());
}

std::optional<std::vector<Case>> choose_cases(const RunOptions& options) {
  auto cases = options.contracts.empty() ? built_in_cases() : read_cases(options.contracts);
  if (!cases) {
    for (const mock::Diagnostic& mistake : cases.error()) complain(mock::to_string(mistake));
    return std::nullopt;
  }
  if (!check_patterns(options, *cases)) return std::nullopt;
  std::erase_if(*cases, [&](const Case& it) { return !is_chosen(it, options); });
  return std::move(*cases);
}

bool write_file(const std::string& path, const std::string& text) {
  if (std::ofstream(path, std::ios::binary) << text) return true;
  complain("can't write " + path + ": " + std::strerror(errno));
  return false;
}

int finish_run(const RunOptions& options, RunReport report) {
  std::vector<std::string> wrong;
  if (!options.known_failing_file.empty()) {
    const auto text = read_text_file(options.known_failing_file);
    if (!text) {
      complain(text.error());
      return kExitUsage;
    }
    wrong = apply_known_failing(read_known_failing(*text), report);
  }
  std::fputs(text_report(report, {.trace = options.trace}).c_str(), stdout);
  for (const std::string& sentence : wrong) {
    complain(options.known_failing_file + ": " + sentence);
  }
  const bool written =
      (options.junit_file.empty() || write_file(options.junit_file, junit_report(report))) &&
      (options.json_file.empty() || write_file(options.json_file, json_report(report)));
  if (!written) return kExitUsage;
  const Count counted = count(report);
  if (counted.failed > 0 || !wrong.empty() || (options.strict && counted.differ > 0)) {
    return kExitBroken;
  }
  if (counted.checked() > 0) return kExitGood;
  complain("nothing was checked");
  return kExitCouldNotCheck;
}

}  // namespace nairi::contracts
