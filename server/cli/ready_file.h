// The line that says where a fake listens: printed by `serve`, kept in the ready file, waited for
// by `ready`.
#ifndef NAIRI_MOCK_CLI_READY_FILE_H_
#define NAIRI_MOCK_CLI_READY_FILE_H_

#include <optional>
#include <string>
#include <tl/expected.hpp>

namespace nairi::mock {

struct ReadyLine {
  std::string base_url;  // with the API's prefix
  std::string control_url;
  std::string control_token;
  std::string ca_file;  // empty without --tls
  int pid = 0;
  std::string states;  // a JSON object
};

// One line of JSON, without its line end.
std::string to_json(const ReadyLine& line);

// Writes the text so that a reader sees all of it or nothing; readable by its owner alone, because
// the control token is in it. The error is a sentence.
tl::expected<void, std::string> write_atomically(const std::string& path, const std::string& text);

// What a ready file says, if a server that is still alive wrote it; else a sentence that says what
// is missing.
tl::expected<std::string, std::string> read_ready_file(const std::string& path);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_CLI_READY_FILE_H_
