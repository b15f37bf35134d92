#include "cli/interruption.h"

#include <unistd.h>

#include <thread>

namespace nairi::contracts {

const Interruption& Interruption::begin() {
  static const auto* const only = new Interruption;
  return *only;
}

Interruption::Interruption() {
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

void Interruption::wait() {
  int signal = 0;
  if (::sigwait(&awaited_, &signal) != 0) return;
  signal_ = signal;
  source_.request_stop();
  ::pthread_sigmask(SIG_UNBLOCK, &awaited_, nullptr);
  for (;;) ::pause();
}

}  // namespace nairi::contracts
