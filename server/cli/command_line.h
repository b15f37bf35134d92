// What the command lines of nairi-mock have in common: exit codes, and values with units.
#ifndef NAIRI_MOCK_CLI_COMMAND_LINE_H_
#define NAIRI_MOCK_CLI_COMMAND_LINE_H_

#include <chrono>
#include <optional>
#include <string_view>

namespace nairi::mock {

inline constexpr int kExitGood = 0;
inline constexpr int kExitBroken = 1;  // a client broke a rule
inline constexpr int kExitUsage = 2;   // a wrong command line or a bad file
inline constexpr int kExitCouldNotCheck = 3;

// "500ms", "10s", "2m"; nullopt for anything else.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_CLI_COMMAND_LINE_H_
