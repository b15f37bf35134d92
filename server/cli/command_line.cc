#include "cli/command_line.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "text/json_writer.h"

namespace nairi::mock {

int complain(const std::string& sentence) {
  std::fprintf(stderr, "nairi-mock: %s\n", harmless(sentence).c_str());
  return kExitUsage;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  constexpr std::int64_t kMost = 1'000'000;
  if (error != std::errc{} || number < 0 || number > kMost) return std::nullopt;
  const std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  if (unit == "ms") return std::chrono::milliseconds(number);
  if (unit == "s") return std::chrono::seconds(number);
  if (unit == "m") return std::chrono::minutes(number);
  return std::nullopt;
}

void hold_standard_files() {
  for (const int file : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // For reading only: writing to it fails, as it would to a closed one.
    if (::fcntl(file, F_GETFD) < 0) ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  }
}

std::string lost_output() {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return {};
  // When it was lost some time ago, nobody knows any more why: what is the matter now?
  if (errno == 0 && ::write(STDOUT_FILENO, "", 0) == 0) errno = EIO;
  return std::string("can't write to standard output: ") + std::strerror(errno);
}

}  // namespace nairi::mock
