// Reads case files. Strict, as world files are: an unknown key, a wrong type or a name that nobody
// gives is refused with file, line, column, JSON pointer and the nearest known word.
//
//   auto cases = read_cases({"contracts/cases"});
//   if (!cases) for (const auto& mistake : cases.error()) complain(to_string(mistake));
#ifndef NAIRI_CONTRACTS_HARNESS_CASES_CASE_READER_H_
#define NAIRI_CONTRACTS_HARNESS_CASES_CASE_READER_H_

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "harness/cases/case.h"
#include "nairi/mock/world_file.h"

namespace nairi::contracts {

tl::expected<Case, mock::Diagnostics> parse_case(std::string_view text, const std::string& file);

// The cases of these files, and of all *.json below these folders, in the order of their names. No
// case at all is a mistake, and so are two of one name.
tl::expected<std::vector<Case>, mock::Diagnostics> read_cases(
    const std::vector<std::string>& paths);

// Those that ship with this library.
tl::expected<std::vector<Case>, mock::Diagnostics> built_in_cases();

// Whether a name is meant by a pattern, in which "*" stands for anything: "lifecycle/*", "*slack*".
bool name_fits(std::string_view pattern, std::string_view name);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CASES_CASE_READER_H_
