// Files: those that the harness carries with it, and those of its users.
#ifndef NAIRI_CONTRACTS_HARNESS_CASES_FILES_H_
#define NAIRI_CONTRACTS_HARNESS_CASES_FILES_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "harness/cases/values.h"
#include "nairi/mock/diagnostic.h"

namespace nairi::contracts {

// The bytes of a file by its path in the sources; they live as long as the program.
std::optional<std::string_view> embedded_text(std::string_view path);

// The case files, and the worlds that ship, by their paths.
std::map<std::string, std::string> embedded_cases();
std::map<std::string, std::string> embedded_worlds();

// Without a byte order mark. An error is a sentence.
tl::expected<std::string, std::string> read_text_file(const std::string& path);

// The JSON value of a text that came from that file, read strictly.
tl::expected<Json, mock::Diagnostics> parse_document(std::string_view text,
                                                     const std::string& file);

// Whether it names a file in any folder, and nothing outside: no "/", no U+0000, not "..".
bool is_plain_name(std::string_view name);

// The states that a tester's --states file names: an object of names and texts. An error is a
// sentence.
tl::expected<Values, std::string> parse_states(std::string_view text, const std::string& file);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CASES_FILES_H_
