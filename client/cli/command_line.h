// What the command line of `nairi` says.
#ifndef NAIRI_CLI_COMMAND_LINE_H_
#define NAIRI_CLI_COMMAND_LINE_H_

#include <ostream>
#include <string>
#include <vector>

#include "nairi/options.h"

namespace nairi::cli {

enum ExitCode : int {
  kGood = 0,
  kRefused = 1,
  kUsage = 2,
  kUnreachable = 3,
  kInterrupted = 130  // as a shell says it of SIGINT
};

struct CommonArguments {
  std::string base_url;
  std::string api_key;
  std::string ca_file;
  double timeout_s = 1800;
  double poll_interval_s = 2;
  bool json = false;
};

struct AskArguments {
  std::string agent;  // of a new conversation; empty with `job`
  std::string job;    // the conversation to be continued; empty with `agent`
  std::string prompt;
  std::vector<std::string> follow_ups;
  std::vector<std::string> files;
  bool ask_mode = false;
  bool progress = false;
};

struct MessagesArguments {
  std::string job;
  bool all = false;
};

struct ConversationsArguments {
  std::string agent;
  ConversationQuery query;
  bool all = false;
};

struct AttachmentArguments {
  std::string id;
  std::string output;
};

struct CommandLine {
  std::string command;    // ask, agents, messages, conversations or attachment; empty: leave
  int exit_code = kGood;  // when there is no command: help was printed, or a mistake was told
  CommonArguments common;
  AskArguments ask;
  MessagesArguments messages;
  ConversationsArguments conversations;
  AttachmentArguments attachment;
};

// Prints help to `out`, and what is wrong, with the nearest name for a typo, to `err`.
CommandLine parse_command_line(int argc, const char* const* argv, std::ostream& out,
                               std::ostream& err);

}  // namespace nairi::cli

#endif  // NAIRI_CLI_COMMAND_LINE_H_
