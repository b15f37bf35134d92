// A command that has the terminal while we work for it, as `env` or `nohup` would give it: its
// signals are its own, and we end as it does.
//
//   const Foreground foreground;                      // before any thread
//   int code = foreground.run({"pytest"}, {"NAIRI_BASE_URL=…"});
//
// Thread-safety: none; one for each program.
#ifndef NAIRI_CONTRACTS_CLI_FOREGROUND_H_
#define NAIRI_CONTRACTS_CLI_FOREGROUND_H_

#include <csignal>
#include <string>
#include <vector>

namespace nairi::contracts {

class Foreground {
 public:
  // From now on signals wait to be taken, in threads that start later, too.
  Foreground();

  // Until somebody ends us: SIGINT, SIGTERM, SIGHUP or SIGQUIT.
  void wait_for_the_end() const;
  // Runs a command with our environment and these variables. Its exit code; 128 + n when a signal
  // ended it, 126 or 127 with a message when it can't be started.
  int run(const std::vector<std::string>& command, const std::vector<std::string>& variables) const;

 private:
  int wait_for(pid_t child) const;

  sigset_t awaited_{};
  sigset_t before_{};
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_CLI_FOREGROUND_H_
