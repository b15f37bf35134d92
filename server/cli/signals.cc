#include "cli/signals.h"

#include <ctime>

namespace nairi::mock {

HeldSignals::HeldSignals(std::initializer_list<int> signals) : awaited_(), before_() {
  sigemptyset(&awaited_);
  for (const int signal : signals) sigaddset(&awaited_, signal);
  sigset_t held = awaited_;
  sigaddset(&held, SIGPIPE);
  sigaddset(&held, SIGXFSZ);  // a file that may not grow is a mistake to be told, not the end
  pthread_sigmask(SIG_BLOCK, &held, &before_);
}

siginfo_t HeldSignals::next() const {
  siginfo_t signal{};
  while (::sigwaitinfo(&awaited_, &signal) < 0) {
  }
  return signal;
}

std::optional<siginfo_t> HeldSignals::next(std::chrono::milliseconds patience) const {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience);
  const std::chrono::nanoseconds rest = patience - seconds;
  const timespec most{static_cast<std::time_t>(seconds.count()), static_cast<long>(rest.count())};
  siginfo_t signal{};
  if (::sigtimedwait(&awaited_, &signal, &most) < 0) return std::nullopt;
  return signal;
}

bool is_ignored(int signal) {
  struct sigaction now {};
  return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

}  // namespace nairi::mock
