#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/running_fake.h"
#include "cli/signals.h"
#include "protocol/host.h"
#include "text/wording.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX asks for it

namespace nairi::mock {
namespace {

using Strings = std::vector<std::string>;

std::vector<char*> pointers_to(const Strings& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  // What takes them does not write to them.
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

std::string variable(const char* name) {
  const char* value = ::getenv(name);
  return value == nullptr ? std::string() : value;
}

// A list of hosts that need no proxy, with ours added where it lacks them.
std::string with_hosts(std::string list, const Strings& hosts) {
  if (list == "*") return list;
  for (const std::string& host : hosts) {
    const std::string padded = "," + list + ",";
    if (padded.find("," + host + ",") != std::string::npos) continue;
    list += (list.empty() ? "" : ",") + host;
  }
  return list;
}

// Programs read either name, so that each must say what both said.
void add_no_proxy(Strings& variables, const std::string& host) {
  const Strings hosts{"127.0.0.1", "localhost", "::1", host};
  const std::string upper = variable("NO_PROXY");
  const std::string lower = variable("no_proxy");
  variables.push_back("NO_PROXY=" + with_hosts(upper.empty() ? lower : upper, hosts));
  variables.push_back("no_proxy=" + with_hosts(lower.empty() ? upper : lower, hosts));
}

std::string host_of(const std::string& url) {
  const std::size_t start = url.find("://") + 3;
  std::string host(host_name(url.substr(start, url.find('/', start) - start)));
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return host;
}

// What the command finds besides our own environment.
Strings told(const ReadyLine& line) {
  Strings variables{"NAIRI_BASE_URL=" + line.base_url, "NAIRI_API_KEY=" + line.api_key,
                    "NAIRI_CONTROL_URL=" + line.control_url};
  add_no_proxy(variables, host_of(line.base_url));
  if (line.ca_file.empty()) return variables;
  for (const char* name : {"SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE",
                           "CURL_CA_BUNDLE", "NAIRI_CA_FILE"}) {
    variables.push_back(name + ("=" + line.ca_file));
  }
  return variables;
}

Strings environment_with(Strings variables) {
  const std::size_t count = variables.size();
  for (char** inherited = environ; *inherited != nullptr; ++inherited) {
    const std::string text = *inherited;
    const std::string name = text.substr(0, text.find('=') + 1);
    bool is_replaced = false;
    for (std::size_t i = 0; i < count; ++i) {
      is_replaced = is_replaced || variables[i].starts_with(name);
    }
    if (!is_replaced) variables.push_back(text);
  }
  return variables;
}

std::string why_not_run(const std::string& program, int error) {
  std::error_code ignored;
  if (std::filesystem::is_directory(program, ignored)) return "it is a folder";
  if (error == ENOEXEC) return "it is no program of this machine, nor a script that begins with #!";
  return std::strerror(error) + std::string(error == EACCES ? " (is it executable?)" : "");
}

std::string why_not_found(const std::string& program) {
  const bool has_path = program.find('/') != std::string::npos;
  if (has_path && ::access(program.c_str(), F_OK) == 0) {
    return "the program that its first line names after #! is not there";
  }
  if (program.find(' ') != std::string::npos) {
    return "there is no such program: give its words one by one, or say sh -c '...'";
  }
  return has_path ? "there is no such file" : "there is no such program in the folders of PATH";
}

// Says why a program can't be started, and gives the exit code that a shell would give.
int explain_start(const std::string& program, int error) {
  const bool is_missing = error == ENOENT || error == ENOTDIR;
  complain("can't run " + in_quotes(program) + ": " +
           (is_missing ? why_not_found(program) : why_not_run(program, error)));
  return is_missing ? kExitNoProgram : kExitNotExecutable;
}

// In our own process group, so that the terminal treats both alike, and with the signals that we
// hold let go. The error is that of the system.
int start(const Strings& command, const Strings& environment, const HeldSignals& signals,
          pid_t& child) {
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &signals.before());
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  const int error = ::posix_spawnp(&child, command.front().c_str(), nullptr, &attributes,
                                   pointers_to(command).data(), pointers_to(environment).data());
  posix_spawnattr_destroy(&attributes);
  return error;
}

// A command that stops itself, as editors do at Ctrl-Z, would leave the shell waiting for us.
void stop_with(pid_t child, int signal) {
  if (signal == SIGSTOP) return;  // somebody means the command alone
  ::kill(::getpid(), SIGSTOP);
  ::kill(child, SIGCONT);
}

// How a command ended.
struct Ended {
  int exit_code = kExitGood;
  bool from_outside = false;  // somebody sent it a signal
};

// Of a crash the command is the cause itself.
bool is_sent_by_others(int signal) {
  constexpr int kSignals[] = {SIGHUP, SIGINT, SIGQUIT, SIGKILL, SIGPIPE, SIGALRM, SIGTERM};
  return std::ranges::find(kSignals, signal) != std::end(kSignals);
}

// Whether shells, or timeout(1), exit so for a command that somebody ended.
bool tells_of_signal(int exit_code) {
  constexpr int kTimedOut = 124;
  return exit_code == kTimedOut || is_sent_by_others(exit_code - kExitBySignal);
}

// The end of a child; nullopt while it runs.
std::optional<Ended> look_after(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, WNOHANG | WUNTRACED) != child) return std::nullopt;
  if (WIFEXITED(status)) return Ended{WEXITSTATUS(status), tells_of_signal(WEXITSTATUS(status))};
  if (WIFSIGNALED(status)) {
    return Ended{kExitBySignal + WTERMSIG(status), is_sent_by_others(WTERMSIG(status))};
  }
  stop_with(child, WSTOPSIG(status));
  return std::nullopt;
}

Ended wait_for(pid_t child, const HeldSignals& signals) {
  bool told_to_end = false;  // a command may do so in its own way, and say that all is well
  for (;;) {
    const siginfo_t signal = signals.next();
    if (signal.si_signo == SIGCHLD) {
      if (auto ended = look_after(child)) {
        ended->from_outside = ended->from_outside || told_to_end;
        return *ended;
      }
      continue;
    }
    told_to_end = told_to_end || is_sent_by_others(signal.si_signo);
    // What the terminal sends, it sends to both.
    if (signal.si_code != SI_KERNEL) ::kill(child, signal.si_signo);
  }
}

std::string in_one_line(const Strings& command) {
  std::string line;
  for (const std::string& word : command) line += " " + word;
  return line;
}

}  // namespace

int run(const ServeOptions& options, const std::vector<std::string>& command) {
  std::signal(SIGCHLD, SIG_DFL);  // where it is ignored, nobody learns how a child ended
  const HeldSignals signals({SIGCHLD, SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2});
  return with_fake(options, [&](RunningFake& fake) {
    if (const auto early = signals.next(std::chrono::milliseconds(0))) {
      return kExitBySignal + early->si_signo;
    }
    pid_t child = 0;
    const int error = start(command, environment_with(told(fake.line())), signals, child);
    if (error != 0) return explain_start(command.front(), error);
    const Ended ended = wait_for(child, signals);
    const int judged = fake.conclude(ended.from_outside ? "a signal ended the command" : "",
                                     "nairi-mock run --" + in_one_line(command));
    return ended.exit_code == kExitGood ? judged : ended.exit_code;
  });
}

}  // namespace nairi::mock
