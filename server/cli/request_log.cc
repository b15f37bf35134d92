#include "cli/request_log.h"

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "protocol/credentials.h"
#include "protocol/failure.h"
#include "text/json_writer.h"
#include "text/timestamp.h"

namespace nairi::mock {
namespace {

// A line of the log.
struct Seen {
  const Request& request;
  int status;             // 0: nothing was answered
  std::string_view hint;  // what the reply says to people; may be empty
  std::string_view refusal = {};
};

std::string_view key_of(const Request& request) {
  return bearer_token(request.headers).value_or("");
}

std::string target_of(const Request& request) {
  constexpr std::size_t kLongestTarget = 200;
  return shown_target(request.target, key_of(request), kLongestTarget);
}

std::string shown_method(const Request& request) {
  constexpr std::size_t kLongestMethod = 20;
  return harmless_line(request.method.substr(0, kLongestMethod));
}

std::string words_of(const Request& request, std::string_view text) {
  return harmless_line(redacted(text, key_of(request)));
}

constexpr std::size_t kDate = 11;  // of present_time(): "2026-04-12T"

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

std::string json_line(const Seen& seen) {
  std::string line;
  ObjectWriter writer(line);
  writer.field("at", present_time())
      .field("method", shown_method(seen.request))
      .field("target", target_of(seen.request))
      .field("status", std::int64_t{seen.status})
      .field("connection", static_cast<std::int64_t>(seen.request.connection));
  if (!seen.hint.empty()) writer.field("hint", words_of(seen.request, seen.hint));
  if (!seen.refusal.empty()) writer.field("refused", words_of(seen.request, seen.refusal));
  writer.close();
  return line;
}

// "18:45:12.000Z 404 GET /api/public/v1/agents/bott: the key's organization has no agent …"
std::string text_line(const Seen& seen) {
  std::string line = present_time().substr(kDate) + " ";
  line += seen.status == 0 ? "---" : std::to_string(seen.status);
  if (!seen.request.method.empty()) {
    line += " " + shown_method(seen.request) + " " + target_of(seen.request);
  }
  const std::string_view words = seen.refusal.empty() ? seen.hint : seen.refusal;
  return words.empty() ? line : line + ": " + words_of(seen.request, words);
}

std::string json_line(const EvictedKey& evicted) {
  std::string line;
  ObjectWriter(line)
      .field("at", present_time())
      .field("evicted", static_cast<std::int64_t>(evicted.organization))
      .field("idle_ms", std::int64_t{evicted.idle.count()})
      .close();
  return line;
}

// "18:45:12.000Z organization 17 made room for another key: it was idle for 3723 s"
std::string text_line(const EvictedKey& evicted) {
  return present_time().substr(kDate) + " organization " + std::to_string(evicted.organization) +
         " made room for another key: it was idle for " +
         std::to_string(std::chrono::duration_cast<std::chrono::seconds>(evicted.idle).count()) +
         " s";
}

std::string json_line(const Reliance& reliance) {
  std::string line;
  ObjectWriter(line)
      .field("at", present_time())
      .field("guess", reliance.statement)
      .field("exchange", static_cast<std::int64_t>(reliance.exchange))
      .field("call", reliance.call)
      .field("status", std::int64_t{reliance.status})
      .close();
  return line;
}

// "18:45:12.000Z relied on a guess: unknown-conversation (exchange 7, messages, 404)"
std::string text_line(const Reliance& reliance) {
  return present_time().substr(kDate) + " relied on a guess: " + reliance.statement +
         " (exchange " + std::to_string(reliance.exchange) + ", " + reliance.call + ", " +
         std::to_string(reliance.status) + ")";
}

void write_to_stderr(std::string line) {
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

template <typename Told>
void write_line(LogFormat format, const Told& told) {
  if (format != LogFormat::none)
    write_to_stderr(format == LogFormat::json ? json_line(told) : text_line(told));
}

}  // namespace

void log_exchange(LogFormat format, const Request& request, const Reply& reply) {
  // Nobody wants to read that somebody looks every second whether the server is there.
  if (request.target == "/__mock/health" || request.target == "/__mock/metrics") return;
  // Or that a page follows what the log says itself.
  const bool follows = request.target.starts_with("/__mock/journal?") &&
                       request.target.find("after=") != std::string::npos;
  if (follows) return;
  write_line(format, Seen{request, reply.status, header_value(reply.headers, kHintHeader)});
}

void log_refused(LogFormat format, const RefusedRequest& refused) {
  write_line(format, Seen{refused.request, refused.reply.status, "", refused.why});
}

void log_guess(LogFormat format, const Reliance& reliance) {
  write_line(format, reliance);
}

void log_evicted(LogFormat format, const EvictedKey& evicted) {
  write_line(format, evicted);
}

}  // namespace nairi::mock
