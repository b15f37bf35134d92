// The executable `nairi`.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <iostream>
#include <stop_token>
#include <thread>

#include "command_line.h"
#include "run.h"

namespace {

// A socket must not get the number of an output that was closed: what is written there would go to
// the server.
void take_the_numbers_of_closed_files() {
  for (int file = STDIN_FILENO; file <= STDERR_FILENO; ++file) {
    if (::fcntl(file, F_GETFD) < 0)
      (void)::open("/dev/null", file == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

std::size_t columns_of_stderr() {
  constexpr std::size_t kUsual = 80;
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kUsual;
}

// Turns the first signal that asks the program to end into a request to stop; the second ends it.
class Interruption {
 public:
  // Before any other thread begins, since those take over which signals are blocked. It lasts as
  // long as the program: its thread waits for a signal that may never come.
  static Interruption& begin() {
    static auto* const only = new Interruption;
    return *only;
  }

  std::stop_token stop() const { return source_.get_token(); }
  int signal() const { return signal_; }

 private:
  Interruption() {
    sigemptyset(&awaited_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      struct sigaction before {};
      ::sigaction(signal, nullptr, &before);
      // Who started the program may not want it to end, as nohup does.
      if (before.sa_handler != SIG_IGN) sigaddset(&awaited_, signal);
    }
    ::pthread_sigmask(SIG_BLOCK, &awaited_, nullptr);
    std::thread([this] { wait(); }).detach();
  }

  void wait() {
    int signal = 0;
    if (::sigwait(&awaited_, &signal) != 0) return;
    signal_ = signal;
    source_.request_stop();
    ::pthread_sigmask(SIG_UNBLOCK, &awaited_, nullptr);
    for (;;) ::pause();
  }

  sigset_t awaited_{};
  std::stop_source source_;
  std::atomic<int> signal_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  take_the_numbers_of_closed_files();
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a mistake to be told
  const Interruption& interruption = Interruption::begin();
  const nairi::cli::Surroundings surroundings{
      .out = std::cout,
      .err = std::cerr,
      .variables = nairi::process_variable,
      .connect = [](const std::string& base_url, const nairi::HttpOptions& options)
          -> nairi::Result<std::shared_ptr<nairi::Transport>> {
        return nairi::HttpTransport::open(base_url, options);
      },
      .err_is_terminal = isatty(STDERR_FILENO) == 1,
      .err_columns = columns_of_stderr,
      .stop = interruption.stop()};
  const int code = nairi::cli::run(argc, argv, surroundings);
  return code == nairi::cli::kInterrupted ? 128 + interruption.signal() : code;
}
