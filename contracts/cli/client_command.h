// The command of a client under test: whether it can be started, and how it is shown.
#ifndef NAIRI_CONTRACTS_CLI_CLIENT_COMMAND_H_
#define NAIRI_CONTRACTS_CLI_CLIENT_COMMAND_H_

#include <string>
#include <vector>

namespace nairi::contracts {

using ClientCommand = std::vector<std::string>;  // empty: our own client, in process

// False, with a message, when there is no such program, by its path or in PATH.
bool can_start(const ClientCommand& command);

// As a shell takes it, after the options: " -- python3 client.py"; "" for our own client.
std::string in_shell(const ClientCommand& command);

// One word of that, in quotes where it needs them.
std::string word_in_shell(const std::string& word);

// "python3 client.py"
std::string title_of(const ClientCommand& command);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_CLI_CLIENT_COMMAND_H_
