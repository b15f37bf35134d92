#include <cstdio>
#include <thread>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/ready_file.h"

namespace nairi::mock {

int ready(const std::string& ready_file, std::chrono::milliseconds wait) {
  constexpr std::chrono::milliseconds kStep{5};
  const auto deadline = std::chrono::steady_clock::now() + wait;
  while (true) {
    const auto line = read_ready_file(ready_file);
    if (line) {
      std::fputs(line->c_str(), stdout);
      return kExitGood;
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      std::fprintf(stderr, "nairi-mock: not ready after %lld ms: %s\n",
                   static_cast<long long>(wait.count()), line.error().c_str());
      return kExitCouldNotCheck;
    }
    std::this_thread::sleep_for(kStep);
  }
}

}  // namespace nairi::mock
