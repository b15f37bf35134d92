#include "cli/request_log.h"

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

#include "protocol/credentials.h"
#include "text/json_writer.h"
#include "text/timestamp.h"

namespace nairi::mock {
namespace {

constexpr std::size_t kLongestTarget = 200;

std::string target_of(const Request& request) {
  return shown_target(request.target, bearer_token(request.headers).value_or(""), kLongestTarget);
}

std::string shown_method(const Request& request) {
  constexpr std::size_t kLongestMethod = 20;
  return valid_utf8(request.method.substr(0, kLongestMethod));
}

std::string present_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::string text;
  append_timestamp(text, std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  return text;
}

// Whether a line can be written without waiting. A harness that pipes stderr and never reads it
// must not stop the server.
bool is_stderr_ready() {
  pollfd file{STDERR_FILENO, POLLOUT, 0};
  return ::poll(&file, 1, 0) == 1 && (file.revents & POLLOUT) != 0;
}

}  // namespace

void log_exchange(LogFormat format, const Request& request, const Reply& reply) {
  // Nobody wants to read that somebody looks every second whether the server is there.
  if (format == LogFormat::none || request.target == "/__mock/health") return;
  std::string line;
  if (format == LogFormat::json) {
    ObjectWriter(line)
        .field("at", present_time())
        .field("method", shown_method(request))
        .field("target", target_of(request))
        .field("status", std::int64_t{reply.status})
        .field("connection", static_cast<std::int64_t>(request.connection))
        .close();
  } else {
    line = present_time().substr(11, 12) + " " + std::to_string(reply.status) + " " +
           shown_method(request) + " " + target_of(request);
  }
  line += '\n';
  static std::atomic<std::uint64_t> dropped = 0;  // lines that nobody would take
  if (!is_stderr_ready()) {
    ++dropped;
    return;
  }
  if (const std::uint64_t lost = dropped.exchange(0); lost > 0) {
    std::fprintf(stderr, "nairi-mock: %llu lines of the log were dropped: nobody read them\n",
                 static_cast<unsigned long long>(lost));
  }
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace nairi::mock
