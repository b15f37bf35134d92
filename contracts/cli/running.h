// What the commands that run cases have in common.
#ifndef NAIRI_CONTRACTS_CLI_RUNNING_H_
#define NAIRI_CONTRACTS_CLI_RUNNING_H_

#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "harness/cases/case.h"
#include "harness/pages/report.h"

namespace nairi::contracts {

// Says it on stderr.
void complain(const std::string& message);

// The cases that the options choose; a mistake in a file, or a pattern that fits none, is reported
// and nullopt comes back.
std::optional<std::vector<Case>> choose_cases(const RunOptions& options);

// Prints and writes the reports. The exit code of the run.
int finish_run(const RunOptions& options, RunReport report);

// False, with a message, when it can't be written.
bool write_file(const std::string& path, const std::string& text);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_CLI_RUNNING_H_
