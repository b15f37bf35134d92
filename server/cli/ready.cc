#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/own_file.h"
#include "cli/ready_file.h"

namespace nairi::mock {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A line whose server answers, and how it stands in the file.
struct Found {
  std::string text;
  ReadyLine line;
};

// How long one question may take: what is left of the wait, within reason.
milliseconds patience_until(steady_clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
  return std::clamp(left, milliseconds(1000), milliseconds(5000));
}

tl::expected<Found, std::string> look(const std::string& path, const std::string& text,
                                      steady_clock::time_point deadline) {
  const auto line = parse_ready_line(text);
  if (!line) return tl::unexpected(path + " is not a ready file of this version of nairi-mock");
  const auto found = find_server(*line, patience_until(deadline));
  if (found) return Found{text, *line};
  return tl::unexpected("the server of " + path + " (pid " + std::to_string(line->pid) +
                        ") is gone or out of reach: " + found.error());
}

int print(const Found& found, const std::string& field) {
  if (field.empty()) {
    std::fputs(found.text.c_str(), stdout);
    return kExitGood;
  }
  const std::string text = ready_field(found.line, field);
  if (text.empty()) return complain("this server has no " + field + ": it runs without --tls");
  std::printf("%s\n", text.c_str());
  return kExitGood;
}

}  // namespace

int ready(const std::string& ready_file, milliseconds wait, const std::string& field) {
  constexpr milliseconds kNap{10};
  const auto deadline = steady_clock::now() + wait;
  while (true) {
    const auto text = read_if_there(ready_file);
    if (!text) return complain(text.error());
    const auto found = *text ? look(ready_file, **text, deadline)
                             : tl::unexpected("there is no ready file " + ready_file);
    if (found) return print(*found, field);
    if (steady_clock::now() >= deadline) {
      complain("not ready after " + std::to_string(wait.count()) + " ms: " + found.error());
      return kExitCouldNotCheck;
    }
    std::this_thread::sleep_for(kNap);
  }
}

}  // namespace nairi::mock
