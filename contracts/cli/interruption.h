// Signals that ask a run to end: it ends in order, and its reports are written.
//
//   const Interruption& interruption = Interruption::begin();   // before any thread
//   … interruption.stop() …
//   if (interruption.signal() != 0) return 128 + interruption.signal();
//
// Thread-safety: all members may be called from any thread.
#ifndef NAIRI_CONTRACTS_CLI_INTERRUPTION_H_
#define NAIRI_CONTRACTS_CLI_INTERRUPTION_H_

#include <atomic>
#include <csignal>
#include <stop_token>

namespace nairi::contracts {

class Interruption {
 public:
  // From now on the first SIGINT, SIGTERM or SIGHUP requests a stop; the second ends the program.
  // Before any other thread begins, since those take over which signals are blocked. It lasts as
  // long as the program: its thread waits for a signal that may never come.
  static const Interruption& begin();

  std::stop_token stop() const { return source_.get_token(); }
  int signal() const { return signal_; }  // 0: none came

 private:
  Interruption();
  void wait();

  sigset_t awaited_{};
  std::stop_source source_;
  std::atomic<int> signal_ = 0;
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_CLI_INTERRUPTION_H_
