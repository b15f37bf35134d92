#include "retry_after.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace nairi {
namespace {

constexpr std::int64_t kMaxSeconds = 1'000'000'000;  // far beyond any use, and no overflow in ms

// "Sun, 06 Nov 1994 08:49:37 GMT" as Unix time, whatever the locale. The two obsolete forms of
// dates are not read.
std::optional<std::int64_t> parse_http_date(const std::string& text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  unsigned day = 0;
  char month[4] = {};
  int year = 0, hour = 0, minute = 0, second = 0, length = 0;
  std::sscanf(text.c_str(), "%*3s, %2u %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &day, month, &year, &hour,
              &minute, &second, &length);
  const std::size_t place = kMonths.find(month);
  if (length == 0 || text.size() != static_cast<std::size_t>(length) || place % 3 != 0) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(place / 3 + 1)),
                                         std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

std::optional<std::int64_t> parse_seconds(const std::string& text) {
  std::int64_t seconds = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, seconds);
  if (text.empty() || text.front() == '-' || rest != end) return std::nullopt;
  return error == std::errc::result_out_of_range ? kMaxSeconds : seconds;
}

std::int64_t answered_at(const HttpReply& reply, Clock& clock) {
  if (const std::string* date = find_header(reply, "Date")) {
    if (const auto seconds = parse_http_date(*date)) return *seconds;
  }
  return std::chrono::system_clock::to_time_t(clock.wall_time());
}

}  // namespace

std::optional<std::chrono::milliseconds> retry_after(const HttpReply& reply, Clock& clock) {
  const std::string* text = find_header(reply, "Retry-After");
  if (text == nullptr) return std::nullopt;
  auto seconds = parse_seconds(*text);
  if (!seconds) {
    seconds = parse_http_date(*text);
    if (!seconds) return std::nullopt;
    *seconds -= answered_at(reply, clock);
  }
  return std::chrono::seconds(std::clamp<std::int64_t>(*seconds, 0, kMaxSeconds));
}

}  // namespace nairi
