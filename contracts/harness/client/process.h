// Another program, run to its end or to a deadline. It leads a process group of its own, which is
// ended as a whole: nothing that it started is left.
//
//   ProcessEnd finished = run_process({"python3", "client.py"}, {"NAIRI_JOB={…}"}, 30s);
//
// Thread-safety: each Process is used by one thread; several may run at the same time.
#ifndef NAIRI_CONTRACTS_HARNESS_CLIENT_PROCESS_H_
#define NAIRI_CONTRACTS_HARNESS_CLIENT_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace nairi::contracts {

struct ProcessEnd {
  bool hung = false;     // it was ended at the deadline
  bool stopped = false;  // it was ended because the run was
  int exit_code = 0;     // when no signal ended it
  int signal = 0;        // that ended it; 0 for none
  bool flooded = false;  // it was ended because it wrote more than kMostOutput
  std::string out;       // what it wrote
  std::string err;
};

class Process {
 public:
  static constexpr std::size_t kMostOutput = std::size_t{16} << 20;

  // Starts `command`, found in PATH, with these "NAME=value" added to the environment. Throws
  // std::runtime_error, with a sentence, when it can't be started. A request to stop is a deadline
  // that has come.
  Process(const std::vector<std::string>& command, const std::vector<std::string>& environment,
          std::stop_token stop = {});
  // Ends it and all that it started.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // False when it reads no more, or not until the deadline.
  bool write_line(const std::string& line, std::chrono::steady_clock::time_point deadline);
  void close_input();

  // The next line that it writes, without its end; nullopt when it ends, or `deadline` comes,
  // first.
  std::optional<std::string> read_line(std::chrono::steady_clock::time_point deadline);

  // Waits for its end; at the deadline it gets SIGTERM and, a second later, SIGKILL.
  ProcessEnd finish(std::chrono::steady_clock::time_point deadline);

 private:
  // Takes what it wrote, waiting for so long at most. False when nothing came.
  bool read_some(int wait_ms);
  bool is_over(std::chrono::steady_clock::time_point deadline) const;
  bool has_ended();
  void stop();

  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  int error_ = -1;
  std::optional<int> status_;  // as waitpid() gives it
  const std::stop_token stop_;
  ProcessEnd seen_;
};

ProcessEnd run_process(const std::vector<std::string>& command,
                       const std::vector<std::string>& environment,
                       std::chrono::milliseconds deadline, std::stop_token stop = {});

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CLIENT_PROCESS_H_
