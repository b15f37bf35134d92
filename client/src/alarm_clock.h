// Calls something at a moment, unless it is called off before: how an exchange keeps its time limit
// whatever the HTTP library waits for.
//
//   AlarmClock clock;
//   const auto alarm = clock.at(now + 5s, [&] { connection.abort(); });   // off when it goes
//
// Thread-safety: at() may be called from any thread. The calls come from a thread of the clock's
// own, one after the other, and begin with the first alarm.
#ifndef NAIRI_CLIENT_ALARM_CLOCK_H_
#define NAIRI_CLIENT_ALARM_CLOCK_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

namespace nairi {

class AlarmClock {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  // When it goes, its call is over or will never come.
  using Alarm = std::shared_ptr<void>;
  [[nodiscard]] Alarm at(Moment moment, std::function<void()> call);

 private:
  using Key = std::pair<Moment, std::uint64_t>;

  void call_off(const Key& key);
  void run(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  // Protected by mutex_:
  std::map<Key, std::function<void()>> calls_;
  std::uint64_t count_ = 0;
  std::jthread thread_;  // ends before what it uses
};

}  // namespace nairi

#endif  // NAIRI_CLIENT_ALARM_CLOCK_H_
