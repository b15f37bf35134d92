// The executables as their users meet them.
#ifndef NAIRI_MOCK_TESTS_INTEGRATION_SERVING_H_
#define NAIRI_MOCK_TESTS_INTEGRATION_SERVING_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "files.h"
#include "program.h"

namespace nairi::tests {

// Runs `nairi-mock` or `nairi` to its end.
Finished run_mock(const Words& arguments, const Words& environment = {});
Finished run_nairi(const Words& arguments, const Words& environment = {});

// `nairi-mock serve` on a free port, there when the constructor returns.
class Serving {
 public:
  explicit Serving(const Words& flags = {});

  // Ends it with SIGTERM, unless told otherwise.
  Finished stop();
  Finished stop(int signal);

  // The two steps of stop().
  void signal(int signal) const { program_.signal(signal); }
  Finished wait() { return program_.wait(); }

  const std::string& ready_file() const { return ready_file_; }
  const nlohmann::json& line() const { return line_; }  // what the ready file says
  std::string text(const char* name) const { return line_.at(name); }
  std::uint16_t port() const;
  std::string state(const char* name) const { return line_.at("states").at(name); }
  std::string printed() const { return program_.out(); }

  // `nairi` with this server in its environment.
  Finished ask(const Words& arguments, const std::string& key = "nr_test") const;

 private:
  TemporaryFolder folder_;
  std::string ready_file_;
  Program program_;
  nlohmann::json line_;
};

}  // namespace nairi::tests

#endif  // NAIRI_MOCK_TESTS_INTEGRATION_SERVING_H_
