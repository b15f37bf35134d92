// What a case knows by name while it runs: the states it was given, what it captured, and the
// content that the harness makes; and the texts that name them. "{job}" stands for a value,
// percent-encoded in a path; "{+slug}" in a path is put in raw.
//
//   Values values{{"job", "job_01KRK1V46BXS73CSNK2VR35NPJ"}};
//   fill_path("/conversations/{job}/messages", values);
#ifndef NAIRI_CONTRACTS_HARNESS_CASES_VALUES_H_
#define NAIRI_CONTRACTS_HARNESS_CASES_VALUES_H_

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace nairi::contracts {

using Json = nlohmann::json;
using Values = std::map<std::string, Json, std::less<>>;

// The names that a text uses, in order. What is no name ("{", "{ }", "{\"a\"}") stays as it is.
std::vector<std::string> names_in(std::string_view text);

// The text with its names replaced; a name that is not known stays.
std::string fill(std::string_view text, const Values& values);
std::string fill_path(std::string_view text, const Values& values);

// Every text within the value filled.
Json fill_all(const Json& value, const Values& values);

std::string percent_encode(std::string_view text);

// The JSON that a server or a client sent; discarded when it is none, or nests so deeply that to
// copy or write it could exhaust the stack.
Json read_json(std::string_view text);

// The text in a member of an object; "" when there is none.
std::string text_in(const Json& object, std::string_view name);

std::string joined(const std::vector<std::string>& words);  // "queued, pending"

std::string counted(std::uint64_t count, std::string_view what);  // "1 case", "3 cases"

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CASES_VALUES_H_
