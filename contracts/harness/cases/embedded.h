// The files that the harness carries with it.
#ifndef NAIRI_CONTRACTS_HARNESS_CASES_EMBEDDED_H_
#define NAIRI_CONTRACTS_HARNESS_CASES_EMBEDDED_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace nairi::contracts {

// The bytes of a file by its path in the sources; they live as long as the program.
std::optional<std::string_view> embedded_text(std::string_view path);

// The case files by their paths.
std::map<std::string, std::string> embedded_cases();

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CASES_EMBEDDED_H_
