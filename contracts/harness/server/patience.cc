#include "harness/server/patience.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <iomanip>
#include <locale>
#include <sstream>
#include <string_view>
#include <utility>

namespace nairi::contracts {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::int64_t kMostSeconds = 1'000'000'000;  // no overflow in milliseconds

std::optional<std::int64_t> delay_in(std::string_view text) {
  std::int64_t delay = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), delay);
  if (end != text.data() + text.size() || text.starts_with('-')) return std::nullopt;
  return error == std::errc::result_out_of_range ? kMostSeconds : delay;
}

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7), whatever the locale.
std::optional<std::chrono::sys_seconds> date_in(const std::string& text) {
  std::tm parts{};
  std::istringstream in(text);
  in.imbue(std::locale::classic());
  in >> std::get_time(&parts, "%a, %d %b %Y %H:%M:%S GMT");
  if (in.fail()) return std::nullopt;
  const std::chrono::year_month_day day{std::chrono::year(parts.tm_year + 1900),
                                        std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)),
                                        std::chrono::day(static_cast<unsigned>(parts.tm_mday))};
  return std::chrono::sys_days(day) + std::chrono::hours(parts.tm_hour) +
         std::chrono::minutes(parts.tm_min) + std::chrono::seconds(parts.tm_sec);
}

// By the server's own clock, if it tells the time.
std::chrono::sys_seconds answered_at(const HttpReply& reply, Clock& clock) {
  const std::string* date = find_header(reply, "Date");
  const auto told = date == nullptr ? std::nullopt : date_in(*date);
  return told.value_or(std::chrono::floor<std::chrono::seconds>(clock.wall_time()));
}

// A clock whose sleeper wakes up when a stop is requested.
class StoppableClock : public Clock {
 public:
  StoppableClock(Clock& clock, std::stop_token stop) : clock_(clock), stop_(std::move(stop)) {}

  milliseconds now() override { return clock_.now(); }
  std::chrono::system_clock::time_point wall_time() override { return clock_.wall_time(); }
  void sleep_for(milliseconds duration) override { clock_.sleep_unless_stopped(duration, stop_); }

 private:
  Clock& clock_;
  const std::stop_token stop_;
};

class SparedTransport : public Transport {
 public:
  SparedTransport(std::shared_ptr<Transport> transport, std::shared_ptr<Pace> pace,
                  std::stop_token stop)
      : transport_(std::move(transport)),
        pace_(std::move(pace)),
        stop_(std::move(stop)),
        clock_(transport_->clock(), stop_) {}

  Result<HttpReply> send(const HttpRequest& request) override {
    if (pace_) clock_.sleep_for(pace_->before_next(clock_.now()));
    HttpRequest stoppable = request;
    stoppable.stop = stop_;
    return transport_->send(stoppable);
  }
  Clock& clock() override { return clock_; }

 private:
  const std::shared_ptr<Transport> transport_;
  const std::shared_ptr<Pace> pace_;
  const std::stop_token stop_;
  StoppableClock clock_;
};

}  // namespace

std::optional<milliseconds> asked_pause(const HttpReply& reply, Clock& clock) {
  if (reply.status != 429 && reply.status != 503) return std::nullopt;
  const std::string* text = find_header(reply, "Retry-After");
  std::optional<std::int64_t> pause;
  if (text != nullptr) pause = delay_in(*text);
  if (text != nullptr && !pause) {
    if (const auto date = date_in(*text)) pause = (*date - answered_at(reply, clock)).count();
  }
  if (!pause && reply.status == 503) return std::nullopt;
  return std::chrono::seconds(std::clamp<std::int64_t>(pause.value_or(1), 0, kMostSeconds));
}

milliseconds Pace::before_next(milliseconds now) {
  const std::lock_guard lock(mutex_);
  const double now_s = std::chrono::duration<double>(now).count();
  const double at_s = std::max(next_s_.value_or(now_s), now_s);
  next_s_ = at_s + interval_s_;
  return milliseconds(static_cast<std::int64_t>(std::ceil((at_s - now_s) * 1000 - 1e-6)));
}

std::shared_ptr<Transport> spared(std::shared_ptr<Transport> transport, std::shared_ptr<Pace> pace,
                                  std::stop_token stop) {
  return std::make_shared<SparedTransport>(std::move(transport), std::move(pace), std::move(stop));
}

std::string hint_at_delays(std::vector<microseconds> replies) {
  constexpr std::size_t kEnough = 20;
  constexpr microseconds kLeast{39'000};
  constexpr microseconds kMost{46'000};
  const auto delayed = std::count_if(replies.begin(), replies.end(), [&](microseconds taken) {
    return kLeast <= taken && taken <= kMost;
  });
  if (replies.size() < kEnough || static_cast<std::size_t>(delayed) * 5 < replies.size() * 2)
    return {};
  return std::to_string(delayed) + " of " + std::to_string(replies.size()) +
         " replies took about 40 ms: the server seems to write head and body of a reply apart, "
         "without TCP_NODELAY. Written at once, they would come without delay.";
}

}  // namespace nairi::contracts
