#include "program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string_view>
#include <system_error>

namespace nairi::tests {
namespace {

std::vector<char*> pointers_to(const Words& words) {
  std::vector<char*> pointers;
  // posix_spawn takes char*, and does not write to it.
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

Words inherited(const Words& more) {
  Words variables = more;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    if (!text.starts_with("NAIRI_") && !text.starts_with("NO_COLOR=")) variables.emplace_back(text);
  }
  return variables;
}

}  // namespace

Program::Program(const Words& words, const Words& environment) {
  const std::string out = folder_ / "out";
  const std::string err = folder_ / "err";
  const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), flags, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), flags, 0600);
  const Words variables = inherited(environment);
  const int error = posix_spawn(&pid_, words.front().c_str(), &actions, nullptr,
                                pointers_to(words).data(), pointers_to(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::system_error(error, std::generic_category(), words.front());
  is_running_ = true;
}

Program::~Program() {
  if (!is_running_) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Program::signal(int number) const {
  ::kill(pid_, number);
}

std::string Program::out() const {
  return read_file(folder_ / "out");
}

std::string Program::err() const {
  return read_file(folder_ / "err");
}

Finished Program::wait() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  is_running_ = false;
  const int exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {exit_code, out(), err()};
}

Finished run(const Words& words, const Words& environment) {
  return Program(words, environment).wait();
}

}  // namespace nairi::tests
