// Points in time as the API writes them: RFC 3339, UTC, milliseconds (REFERENCE: Basics).
#ifndef NAIRI_MOCK_TEXT_TIMESTAMP_H_
#define NAIRI_MOCK_TEXT_TIMESTAMP_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nairi::mock {

// Appends 2026-04-12T18:45:12.000Z for a Unix time in milliseconds.
void append_timestamp(std::string& out, std::int64_t unix_ms);

// Any RFC 3339 time, with any offset and any number of fraction digits (cut to milliseconds);
// nullopt for anything else, days that don't exist included. A leap second counts as the next one.
std::optional<std::int64_t> parse_timestamp(std::string_view text);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TEXT_TIMESTAMP_H_
