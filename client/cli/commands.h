// What each command of `nairi` does; the answers are exit codes.
#ifndef NAIRI_CLI_COMMANDS_H_
#define NAIRI_CLI_COMMANDS_H_

#include "command_line.h"
#include "nairi/client.h"
#include "output.h"
#include "progress_view.h"

namespace nairi::cli {

int ask(const Client& client, const CommandLine& line, const Output& output, ProgressView& view);
int agents(const Client& client, const Output& output);
int messages(const Client& client, const MessagesArguments& arguments, const Output& output);
int conversations(const Client& client, const ConversationsArguments& arguments,
                  const Output& output);
int attachment(const Client& client, const AttachmentArguments& arguments, const Output& output);

// When the API knows no agent of that name: says on stderr which one was perhaps meant.
void hint_at_agents(const Client& client, const std::string& agent, const Error& error,
                    const Output& output);

}  // namespace nairi::cli

#endif  // NAIRI_CLI_COMMANDS_H_
