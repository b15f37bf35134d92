// Signals that are waited for, not handled.
#ifndef NAIRI_MOCK_CLI_SIGNALS_H_
#define NAIRI_MOCK_CLI_SIGNALS_H_

#include <chrono>
#include <csignal>
#include <initializer_list>
#include <optional>

namespace nairi::mock {

class HeldSignals {
 public:
  // From now on these wait in a queue. Threads that start later leave them there too, so that this
  // comes first. SIGPIPE and SIGXFSZ are held as well: neither a reader that goes away nor a file
  // that may not grow is a reason to end.
  explicit HeldSignals(std::initializer_list<int> signals);

  // The next one, in its time; nullopt when none comes within the patience.
  siginfo_t next() const;
  std::optional<siginfo_t> next(std::chrono::milliseconds patience) const;

  // What was held before: for programs that are started.
  const sigset_t& before() const { return before_; }

 private:
  sigset_t awaited_;
  sigset_t before_;
};

// Whether the program was started so that this signal does nothing: by nohup, for example.
bool is_ignored(int signal);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_CLI_SIGNALS_H_
