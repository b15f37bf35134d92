#include "cli/client_command.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string_view>
#include <system_error>

#include "cli/running.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

bool is_program(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

bool is_found(const std::string& program) {
  if (program.find('/') != std::string::npos) return is_program(program);
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (is_program(folder + "/" + program)) return true;
  }
  return false;
}

}  // namespace

bool can_start(const ClientCommand& command) {
  if (command.empty() || is_found(command.front())) return true;
  const std::string& name = command.front();
  std::error_code error;
  const bool is_there = name.find('/') != std::string::npos && std::filesystem::exists(name, error);
  complain((is_there ? "no program, or not to be run: " : "there is no program ") +
           mock::in_quotes(name));
  return false;
}

std::string word_in_shell(const std::string& word) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./=:,+@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string in_shell(const ClientCommand& command) {
  std::string line;
  for (const std::string& word : command) {
    line += (line.empty() ? " -- " : " ") + word_in_shell(word);
  }
  return line;
}

std::string title_of(const ClientCommand& command) {
  return command.empty() ? "our client, in process" : in_shell(command).substr(4);
}

}  // namespace nairi::contracts
