// What the commands that run cases have in common.
#ifndef NAIRI_CONTRACTS_CLI_RUNNING_H_
#define NAIRI_CONTRACTS_CLI_RUNNING_H_

#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/interruption.h"
#include "harness/cases/case.h"
#include "harness/pages/html_report.h"
#include "harness/pages/report.h"

namespace nairi::contracts {

// Says it on stderr.
void complain(const std::string& message);

// A message of the client library, which names a variable where there is an option here, and thinks
// of our fake.
std::string for_command_line(std::string message);

// Whom a command plays cases to.
enum class Side { server, client, any };

// The cases with a part for that side that the options choose. A mistake in a file, or a pattern
// that fits none of them, is reported and nullopt comes back.
std::optional<std::vector<Case>> choose_cases(const RunOptions& options, Side side = Side::any);

// Before a run: tries the files that it is to write, `others` as well, and reads what is known to
// fail. A mistake is reported and nullopt comes back.
std::optional<std::vector<std::string>> prepare_run(const RunOptions& options,
                                                    const std::vector<std::string>& others = {});

// Whose texts no page may hold: they are taken out, whatever they are wrapped in.
using Secrets = std::vector<std::string>;

// False, with a message, when it can't be written. What is left out of it is said.
bool write_page(const std::string& path, mock::InspectorReport page);
// What takes secrets out, and everything that looks like a key.
TakeOut without(const Secrets& secrets);

// Prints and writes the reports. The exit code of the run.
int finish_run(const RunOptions& options, const std::vector<std::string>& known_failing,
               RunReport report, const Interruption& interruption, const Secrets& secrets = {});

// False, with a message, when it can't be written.
bool write_file(const std::string& path, const std::string& text);

// Opens files in place of standard ones that are closed: whatever is opened next would get their
// numbers, and what is printed.
void hold_standard_files();

// What went wrong with stdout since the program began; "" when all that was printed has arrived.
std::string lost_output();

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_CLI_RUNNING_H_
