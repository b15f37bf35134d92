#include "nairi/transport.h"

#include <strings.h>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace nairi {
namespace {

class RealClock : public Clock {
 public:
  std::chrono::milliseconds now() override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
  }
  std::chrono::system_clock::time_point wall_time() override {
    return std::chrono::system_clock::now();
  }
  void sleep_for(std::chrono::milliseconds duration) override {
    std::this_thread::sleep_for(duration);
  }
  void sleep_unless_stopped(std::chrono::milliseconds duration,
                            const std::stop_token& stop) override {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any().wait_for(lock, stop, duration, [] { return false; });
  }
};

}  // namespace

Clock& real_clock() {
  static RealClock clock;
  return clock;
}

const std::string* find_header(const HttpReply& reply, std::string_view name) {
  for (const HttpHeader& header : reply.headers) {
    if (header.name.size() == name.size() &&
        strncasecmp(header.name.data(), name.data(), name.size()) == 0) {
      return &header.value;
    }
  }
  return nullptr;
}

}  // namespace nairi
