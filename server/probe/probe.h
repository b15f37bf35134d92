// Asks a server one question over HTTP or HTTPS, and waits for the answer no longer than it may.
#ifndef NAIRI_MOCK_PROBE_PROBE_H_
#define NAIRI_MOCK_PROBE_PROBE_H_

#include <chrono>
#include <string>
#include <tl/expected.hpp>

namespace nairi::mock {

struct Question {
  std::string url;      // "http://127.0.0.1:4747/__mock/health"
  std::string ca_file;  // HTTPS: the PEM file that must have signed; empty: whoever signed
  std::chrono::milliseconds patience{1000};
};

// The body of the answer to a GET, whose status must be 200. The error is a sentence.
tl::expected<std::string, std::string> ask(const Question& question);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_PROBE_PROBE_H_
