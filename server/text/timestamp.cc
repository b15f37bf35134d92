#include "text/timestamp.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "text/characters.h"

namespace nairi::mock {
namespace {

using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::sys_days;

constexpr std::string_view kWeekdays = "SunMonTueWedThuFriSat";
constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::size_t kNameSize = 3;

constexpr std::array<char, 200> make_pairs_of_digits() {
  std::array<char, 200> pairs{};
  for (std::size_t value = 0; value < 100; ++value) {
    pairs[2 * value] = static_cast<char>('0' + value / 10);
    pairs[2 * value + 1] = static_cast<char>('0' + value % 10);
  }
  return pairs;
}
constexpr std::array<char, 200> kPairsOfDigits = make_pairs_of_digits();

void write_two_digits(char* at, std::uint32_t value) {
  std::memcpy(at, &kPairsOfDigits[std::size_t{2} * value], 2);
}

// Reads the grammar of RFC 3339, section 5.6, from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<int> digits(std::size_t count) {
    if (text_.size() < count) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(text_[i])) return std::nullopt;
      value = value * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(count);
    return value;
  }

  // Takes one character if it is one of `any`; '\0' when it is not.
  char take(std::string_view any) {
    if (text_.empty() || any.find(text_[0]) == std::string_view::npos) return '\0';
    const char taken = text_[0];
    text_.remove_prefix(1);
    return taken;
  }

  // The fraction after the point, in milliseconds.
  std::optional<int> fraction_ms() {
    int value = 0;
    int scale = 100;
    if (text_.empty() || !is_digit(text_[0])) return std::nullopt;
    while (!text_.empty() && is_digit(text_[0])) {
      value += scale * (text_[0] - '0');
      scale /= 10;
      text_.remove_prefix(1);
    }
    return value;
  }

  bool at_end() const { return text_.empty(); }

 private:
  std::string_view text_;
};

std::optional<std::int64_t> read_date(Reader& reader) {
  const auto year = reader.digits(4);
  if (!year || !reader.take("-")) return std::nullopt;
  const auto month = reader.digits(2);
  if (!month || !reader.take("-")) return std::nullopt;
  const auto day = reader.digits(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return milliseconds(sys_days(date).time_since_epoch()).count();
}

std::optional<std::int64_t> read_clock(Reader& reader) {
  const auto hour = reader.digits(2);
  if (!hour || *hour > 23 || !reader.take(":")) return std::nullopt;
  const auto minute = reader.digits(2);
  if (!minute || *minute > 59 || !reader.take(":")) return std::nullopt;
  const auto second = reader.digits(2);
  if (!second || *second > 60) return std::nullopt;
  std::optional<int> fraction = 0;
  if (reader.take(".")) fraction = reader.fraction_ms();
  if (!fraction) return std::nullopt;
  return ((*hour * 60 + *minute) * 60 + *second) * std::int64_t{1000} + *fraction;
}

std::optional<std::int64_t> read_offset(Reader& reader) {
  const char sign = reader.take("Zz+-");
  if (sign == '\0') return std::nullopt;
  if (sign == 'Z' || sign == 'z') return 0;
  const auto hours = reader.digits(2);
  if (!hours || *hours > 23 || !reader.take(":")) return std::nullopt;
  const auto minutes = reader.digits(2);
  if (!minutes || *minutes > 59) return std::nullopt;
  const std::int64_t offset = (*hours * 60 + *minutes) * std::int64_t{60'000};
  return sign == '-' ? -offset : offset;
}

}  // namespace

char* write_timestamp(char* to, std::int64_t unix_ms) {
  const auto since_epoch = milliseconds(unix_ms);
  const auto day = std::chrono::floor<days>(since_epoch);
  const std::chrono::year_month_day date{sys_days(day)};
  const auto of_day = static_cast<std::uint32_t>((since_epoch - day).count());
  const auto year = static_cast<std::uint32_t>(std::clamp(static_cast<int>(date.year()), 0, 9999));
  const std::uint32_t second = of_day / 1000;
  const std::uint32_t ms = of_day % 1000;
  std::memcpy(to, "0000-00-00T00:00:00.000Z", kTimestampLength);
  write_two_digits(to, year / 100);
  write_two_digits(to + 2, year % 100);
  write_two_digits(to + 5, static_cast<unsigned>(date.month()));
  write_two_digits(to + 8, static_cast<unsigned>(date.day()));
  write_two_digits(to + 11, second / 3600);
  write_two_digits(to + 14, second / 60 % 60);
  write_two_digits(to + 17, second % 60);
  write_two_digits(to + 20, ms / 10);
  to[22] = static_cast<char>('0' + ms % 10);
  return to + kTimestampLength;
}

void append_timestamp(std::string& out, std::int64_t unix_ms) {
  std::array<char, kTimestampLength> text{};
  write_timestamp(text.data(), unix_ms);
  out.append(text.data(), text.size());
}

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  Reader reader(text);
  const auto date_ms = read_date(reader);
  if (!date_ms || !reader.take("Tt")) return std::nullopt;
  const auto clock_ms = read_clock(reader);
  if (!clock_ms) return std::nullopt;
  const auto offset_ms = read_offset(reader);
  if (!offset_ms || !reader.at_end()) return std::nullopt;
  return *date_ms + *clock_ms - *offset_ms;
}

void append_http_date(std::string& out, std::int64_t unix_ms) {
  std::string time;
  append_timestamp(time, unix_ms);
  const sys_days day =
      std::chrono::floor<days>(std::chrono::sys_time<milliseconds>(milliseconds(unix_ms)));
  const auto month = static_cast<unsigned>(std::chrono::year_month_day(day).month());
  out.append(kWeekdays.substr(kNameSize * std::chrono::weekday(day).c_encoding(), kNameSize));
  out.append(", ").append(time, 8, 2).append(" ");
  out.append(kMonths.substr(kNameSize * (month - 1), kNameSize)).append(" ");
  out.append(time, 0, 4).append(" ").append(time, 11, 8).append(" GMT");
}

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  constexpr std::string_view kForm = "Sun, 12 Apr 2026 18:45:12 GMT";
  if (text.size() != kForm.size()) return std::nullopt;
  const std::size_t month = kMonths.find(text.substr(8, kNameSize)) / kNameSize + 1;
  std::string time(text.substr(12, 4));
  time.append(month < 10 ? "-0" : "-").append(std::to_string(month)).append("-");
  time.append(text.substr(5, 2)).append("T").append(text.substr(17, 8)).append("Z");
  const auto unix_ms = parse_timestamp(time);
  if (!unix_ms) return std::nullopt;
  std::string written;  // shows all that was not looked at
  append_http_date(written, *unix_ms);
  return written == text ? unix_ms : std::nullopt;
}

}  // namespace nairi::mock
