// What the command lines of nairi-mock have in common: exit codes, what is said, values with units.
#ifndef NAIRI_MOCK_CLI_COMMAND_LINE_H_
#define NAIRI_MOCK_CLI_COMMAND_LINE_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace nairi::mock {

inline constexpr int kExitGood = 0;
inline constexpr int kExitBroken = 1;  // a client broke a rule
inline constexpr int kExitUsage = 2;   // a wrong command line or a bad file
inline constexpr int kExitCouldNotCheck = 3;
inline constexpr int kExitNotExecutable = 126;  // `run`: as shells say it
inline constexpr int kExitNoProgram = 127;
inline constexpr int kExitBySignal = 128;  // and the signal's number

// Says a sentence on stderr. Always kExitUsage, for those who have nothing else to do.
int complain(const std::string& sentence);

// "500ms", "10s", "2m"; nullopt for anything else.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// Opens files in place of standard ones that are closed: whatever is opened next would get their
// numbers, and what is printed.
void hold_standard_files();

// What went wrong with stdout since the program began; "" when all that was printed has arrived.
std::string lost_output();

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_CLI_COMMAND_LINE_H_
