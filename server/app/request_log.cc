#include "app/request_log.h"

#include <chrono>
#include <cstdio>
#include <string>

#include "engine/credentials.h"
#include "engine/json_text.h"
#include "engine/timestamp.h"

namespace nairi::mock {
namespace {

constexpr std::size_t kLongestTarget = 200;

// What the log may show of a target: no key, no control characters, not too long.
std::string shown_target(const Request& request) {
  const auto key = bearer_token(request.headers);
  std::string target = redacted(request.target, key.value_or(""));
  if (target.size() > kLongestTarget) target = target.substr(0, kLongestTarget) + "...";
  for (char& character : target) {
    if (static_cast<unsigned char>(character) < 0x20 || character == 0x7F) character = '?';
  }
  return valid_utf8(target);
}

std::string present_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::string text;
  append_timestamp(text, std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  return text;
}

}  // namespace

void log_exchange(LogFormat format, const Request& request, const Reply& reply) {
  if (format == LogFormat::none) return;
  std::string line;
  if (format == LogFormat::json) {
    ObjectWriter(line)
        .field("at", present_time())
        .field("method", valid_utf8(request.method))
        .field("target", shown_target(request))
        .field("status", std::int64_t{reply.status})
        .field("connection", static_cast<std::int64_t>(request.connection))
        .close();
  } else {
    line = present_time().substr(11, 12) + " " + std::to_string(reply.status) + " " +
           request.method + " " + shown_target(request);
  }
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace nairi::mock
