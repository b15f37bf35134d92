// The line that says where a fake listens: printed by `serve`, kept in the ready file, waited for
// by `ready`.
#ifndef NAIRI_MOCK_CLI_READY_FILE_H_
#define NAIRI_MOCK_CLI_READY_FILE_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace nairi::mock {

struct ReadyLine {
  std::string base_url = {};  // with the API's prefix
  std::string control_url = {};
  std::string control_token = {};
  std::string api_key = {};   // one that is let in
  std::string ca_file = {};   // empty without --tls
  std::string instance = {};  // of this run alone; GET /__mock/health says it too
  std::int64_t pid = 0;
  std::string states = {};  // a JSON object
};

// One line of JSON, without its line end.
std::string to_json(const ReadyLine& line);

// The line that a text is; nullopt when it is none.
std::optional<ReadyLine> parse_ready_line(const std::string& text);

// The names of the fields, and one of them as text; "" when the line has none of that name.
std::vector<std::string_view> ready_fields();
std::string ready_field(const ReadyLine& line, std::string_view name);

// Whether the server that wrote the line is there: asks it. The error is a sentence.
tl::expected<void, std::string> find_server(const ReadyLine& line,
                                            std::chrono::milliseconds patience);

// Makes sure that a server may write its ready file there: what a server that is gone left is
// removed. Refused, with a sentence, are a file of a server that runs, and files of another kind.
tl::expected<void, std::string> claim_ready_file(const std::string& path);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_CLI_READY_FILE_H_
