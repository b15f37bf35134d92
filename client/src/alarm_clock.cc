#include "alarm_clock.h"

namespace nairi {

AlarmClock::Alarm AlarmClock::at(Moment moment, std::function<void()> call) {
  const std::lock_guard lock(mutex_);
  const Key key{moment, count_++};
  const auto place = calls_.emplace(key, std::move(call)).first;
  if (!thread_.joinable()) {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  if (place == calls_.begin()) changed_.notify_one();
  return {nullptr, [this, key](std::nullptr_t) { call_off(key); }};
}

// Waits for a call that has begun.
void AlarmClock::call_off(const Key& key) {
  const std::lock_guard lock(mutex_);
  calls_.erase(key);
}

void AlarmClock::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (calls_.empty()) {
      changed_.wait(lock, stop, [this] { return !calls_.empty(); });
      continue;
    }
    const Key next = calls_.begin()->first;
    if (std::chrono::steady_clock::now() < next.first) {
      changed_.wait_until(lock, stop, next.first,
                          [&] { return calls_.empty() || calls_.begin()->first < next; });
      continue;
    }
    calls_.begin()->second();
    calls_.erase(calls_.begin());
  }
}

}  // namespace nairi
