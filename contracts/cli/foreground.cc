#include "cli/foreground.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "cli/running.h"
#include "text/wording.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX asks for it

namespace nairi::contracts {
namespace {

constexpr int kCantRun = 126;
constexpr int kNoProgram = 127;
constexpr int kBySignal = 128;

bool is_set_by(const std::vector<std::string>& variables, const std::string& name) {
  for (const std::string& variable : variables) {
    if (variable.starts_with(name)) return true;
  }
  return false;
}

// Ours, but for the names that are given.
std::vector<std::string> with_our_environment(std::vector<std::string> variables) {
  const std::vector<std::string> given = variables;
  for (char** inherited = environ; *inherited != nullptr; ++inherited) {
    const std::string text = *inherited;
    if (!is_set_by(given, text.substr(0, text.find('=') + 1))) variables.push_back(text);
  }
  return variables;
}

std::vector<char*> pointers_into(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  // What takes them does not write to them.
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// The exit code of a child that has ended; nullopt while it runs.
std::optional<int> end_of(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, WNOHANG | WUNTRACED) != child) return std::nullopt;
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  if (WIFSIGNALED(status)) return kBySignal + WTERMSIG(status);
  // It stops itself, as editors do at Ctrl-Z: the shell waits for us.
  if (WSTOPSIG(status) == SIGSTOP) return std::nullopt;
  ::kill(::getpid(), SIGSTOP);
  ::kill(child, SIGCONT);
  return std::nullopt;
}

}  // namespace

Foreground::Foreground() {
  std::signal(SIGCHLD, SIG_DFL);  // where it is ignored, nobody learns how a child ended
  sigemptyset(&awaited_);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2}) {
    sigaddset(&awaited_, signal);
  }
  sigset_t held = awaited_;
  sigaddset(&held, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &held, &before_);
}

void Foreground::wait_for_the_end() const {
  for (;;) {
    siginfo_t signal{};
    if (::sigwaitinfo(&awaited_, &signal) < 0) continue;
    const bool is_idle =
        signal.si_signo == SIGCHLD || signal.si_signo == SIGUSR1 || signal.si_signo == SIGUSR2;
    if (!is_idle) return;
  }
}

int Foreground::run(const std::vector<std::string>& command,
                    const std::vector<std::string>& variables) const {
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &before_);
  sigset_t by_default;  // which main() ignores for our own files
  sigemptyset(&by_default);
  sigaddset(&by_default, SIGXFSZ);
  posix_spawnattr_setsigdefault(&attributes, &by_default);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const std::vector<std::string> environment = with_our_environment(variables);
  pid_t child = 0;
  const int error =
      ::posix_spawnp(&child, command.front().c_str(), nullptr, &attributes,
                     pointers_into(command).data(), pointers_into(environment).data());
  posix_spawnattr_destroy(&attributes);
  if (error == 0) return wait_for(child);
  complain("can't run " + mock::in_quotes(command.front()) + ": " + std::strerror(error));
  return error == ENOENT ? kNoProgram : kCantRun;
}

int Foreground::wait_for(pid_t child) const {
  for (;;) {
    siginfo_t signal{};
    if (::sigwaitinfo(&awaited_, &signal) < 0) continue;
    if (signal.si_signo == SIGCHLD) {
      if (const auto code = end_of(child)) return *code;
    } else if (signal.si_code != SI_KERNEL) {  // what the terminal sends, it sends to both
      ::kill(child, signal.si_signo);
    }
  }
}

}  // namespace nairi::contracts
