#include "harness/client/process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <stdexcept>
#include <utility>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX asks for it

namespace nairi::contracts {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kGrace{1000};
constexpr int kNapMs = 5;  // between two looks at whether it has ended

struct Pipe {
  int reads;
  int writes;
};

// Not a socket pair: a program may open /dev/stdout and the like, and no socket can be opened so.
Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error(std::string("no pipe: ") + std::strerror(errno));
  }
  return {ends[0], ends[1]};
}

// Keeps a SIGPIPE of this thread away: a client that reads no more is no reason for us to end.
class NoSigpipe {
 public:
  NoSigpipe() {
    sigemptyset(&sigpipe_);
    sigaddset(&sigpipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
  }
  ~NoSigpipe() {
    const timespec at_once{};
    // One that was held already is not ours to take.
    if (sigismember(&before_, SIGPIPE) == 0) ::sigtimedwait(&sigpipe_, nullptr, &at_once);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoSigpipe(const NoSigpipe&) = delete;
  NoSigpipe& operator=(const NoSigpipe&) = delete;

 private:
  sigset_t sigpipe_{};
  sigset_t before_{};
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

// Ours, but for the names that are added.
std::vector<std::string> environment_with(const std::vector<std::string>& added) {
  std::vector<std::string> all = added;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    const std::string name = text.substr(0, text.find('=') + 1);
    bool replaced = false;
    for (const std::string& other : added) replaced = replaced || other.starts_with(name);
    if (!replaced) all.push_back(text);
  }
  return all;
}

// Appends what is there; false at the end.
bool read_into(int& file, std::string& text) {
  std::array<char, 65536> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const ssize_t size = ::read(file, buffer.data(), buffer.size());
  if (size > 0) text.append(buffer.data(), static_cast<std::size_t>(size));
  if (size > 0 || (size < 0 && (errno == EINTR || errno == EAGAIN))) return true;
  ::close(file);
  file = -1;
  return false;
}

void close_if_open(int& file) {
  if (file >= 0) ::close(file);
  file = -1;
}

}  // namespace

Process::Process(const std::vector<std::string>& command,
                 const std::vector<std::string>& environment, std::stop_token stop)
    : stop_(std::move(stop)) {
  const Pipe input = make_pipe();
  const Pipe output = make_pipe();
  const Pipe error = make_pipe();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.reads, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output.writes, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, error.writes, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  const std::vector<std::string> variables = environment_with(environment);
  const int failed = ::posix_spawnp(&pid_, command.front().c_str(), &actions, &attributes,
                                    pointers(command).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  for (const int file : {input.reads, output.writes, error.writes}) ::close(file);
  input_ = input.writes;
  output_ = output.reads;
  error_ = error.reads;
  // Whoever does not read its input must not hold us up beyond the deadline.
  ::fcntl(input_, F_SETFL, O_NONBLOCK);
  if (failed == 0) return;
  for (int* file : {&input_, &output_, &error_}) close_if_open(*file);
  throw std::runtime_error("can't start " + command.front() + ": " + std::strerror(failed));
}

Process::~Process() {
  if (!status_) stop();
  for (int* file : {&input_, &output_, &error_}) close_if_open(*file);
}

bool Process::write_line(const std::string& line, steady_clock::time_point deadline) {
  const NoSigpipe guard;
  const std::string text = line + "\n";
  std::size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t size = ::write(input_, text.data() + sent, text.size() - sent);
    if (size > 0) sent += static_cast<std::size_t>(size);
    if (size > 0 || (size < 0 && errno == EINTR)) continue;
    if (size == 0 || errno != EAGAIN || is_over(deadline)) return false;
    read_some(kNapMs);  // it may wait for us to read
  }
  return true;
}

// Whether there is no more time for it.
bool Process::is_over(steady_clock::time_point deadline) const {
  return seen_.flooded || stop_.stop_requested() || steady_clock::now() >= deadline;
}

void Process::close_input() {
  close_if_open(input_);
}

bool Process::read_some(int wait_ms) {
  std::array<pollfd, 2> files{{{output_, POLLIN, 0}, {error_, POLLIN, 0}}};
  const bool came = ::poll(files.data(), files.size(), wait_ms) > 0;
  if (came) {
    if (files[0].revents != 0) read_into(output_, seen_.out);
    if (files[1].revents != 0) read_into(error_, seen_.err);
  }
  seen_.flooded = seen_.out.size() > kMostOutput || seen_.err.size() > kMostOutput;
  return came;
}

bool Process::has_ended() {
  int status = 0;
  if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_.has_value();
}

std::optional<std::string> Process::read_line(steady_clock::time_point deadline) {
  for (;;) {
    const std::size_t end = seen_.out.find('\n');
    if (end != std::string::npos) {
      std::string line = seen_.out.substr(0, end);
      seen_.out.erase(0, end + 1);
      return line;
    }
    if (output_ < 0 || is_over(deadline)) return std::nullopt;
    read_some(kNapMs);
  }
}

ProcessEnd Process::finish(steady_clock::time_point deadline) {
  close_input();
  while (!has_ended() && !is_over(deadline)) read_some(kNapMs);
  seen_.stopped = !status_ && stop_.stop_requested();
  seen_.hung = !status_ && !seen_.flooded && !seen_.stopped;
  stop();
  // What it wrote last is there to be read. The end of its outputs may never come: a child that
  // left its process group can keep them open.
  while (!seen_.flooded && read_some(0)) {
  }
  if (WIFSIGNALED(*status_)) {
    seen_.signal = WTERMSIG(*status_);
  } else {
    seen_.exit_code = WEXITSTATUS(*status_);
  }
  return std::move(seen_);
}

void Process::stop() {
  if (!has_ended()) {
    ::kill(-pid_, SIGTERM);
    const auto end = steady_clock::now() + kGrace;
    while (!has_ended() && steady_clock::now() < end) read_some(kNapMs);
  }
  // Those that it started, and itself if it does not listen.
  ::kill(-pid_, SIGKILL);
  if (status_) return;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  status_ = status;
}

ProcessEnd run_process(const std::vector<std::string>& command,
                       const std::vector<std::string>& environment, milliseconds deadline,
                       std::stop_token stop) {
  Process process(command, environment, std::move(stop));
  return process.finish(steady_clock::now() + deadline);
}

}  // namespace nairi::contracts
