// Points in time: as the API writes them (RFC 3339, UTC, milliseconds; REFERENCE: Basics) and as
// the header fields of HTTP do.
#ifndef NAIRI_MOCK_TEXT_TIMESTAMP_H_
#define NAIRI_MOCK_TEXT_TIMESTAMP_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nairi::mock {

// Appends 2026-04-12T18:45:12.000Z for a Unix time in milliseconds.
void append_timestamp(std::string& out, std::int64_t unix_ms);
// Writes those kTimestampLength characters, and returns where they end.
inline constexpr std::size_t kTimestampLength = 24;
char* write_timestamp(char* to, std::int64_t unix_ms);

// Any RFC 3339 time, with any offset and any number of fraction digits (cut to milliseconds);
// nullopt for anything else, days that don't exist included. A leap second counts as the next one.
std::optional<std::int64_t> parse_timestamp(std::string_view text);

// Appends Sun, 12 Apr 2026 18:45:12 GMT (RFC 9110, 5.6.7) for a Unix time in milliseconds, which
// are cut off.
void append_http_date(std::string& out, std::int64_t unix_ms);

// The Unix time in milliseconds of exactly such a text; nullopt for anything else: the two obsolete
// forms, and a day of the week that is another one.
std::optional<std::int64_t> parse_http_date(std::string_view text);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TEXT_TIMESTAMP_H_
