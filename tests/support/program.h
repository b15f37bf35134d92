// Runs programs as a shell would, and keeps what they print.
//
//   Finished help = run({"/usr/bin/env", "--help"});
//   Program server({"build/bin/nairi-mock", "serve"});   // killed by the destructor, if need be
#ifndef NAIRI_MOCK_TESTS_SUPPORT_PROGRAM_H_
#define NAIRI_MOCK_TESTS_SUPPORT_PROGRAM_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "files.h"

namespace nairi::tests {

using Words = std::vector<std::string>;

struct Finished {
  int exit_code = -1;  // 128 + the signal's number when one ended the program
  std::string out;
  std::string err;
};

class Program {
 public:
  // Starts words[0]. Its environment is this process's, without NAIRI_* and NO_COLOR, and with
  // `environment` ("NAME=value").
  explicit Program(const Words& words, const Words& environment = {});
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  std::string out() const;  // what it printed so far
  std::string err() const;

  Finished wait();

 private:
  // Files, not pipes: nobody has to read while the program writes.
  TemporaryFolder folder_;
  pid_t pid_ = -1;
  bool is_running_ = false;
};

Finished run(const Words& words, const Words& environment = {});

}  // namespace nairi::tests

#endif  // NAIRI_MOCK_TESTS_SUPPORT_PROGRAM_H_
