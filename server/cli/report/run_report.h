// What a run came to, as a page: --report FILE.
#ifndef NAIRI_MOCK_CLI_REPORT_RUN_REPORT_H_
#define NAIRI_MOCK_CLI_REPORT_RUN_REPORT_H_

#include <string>
#include <tl/expected.hpp>

#include "nairi/mock/fake.h"
#include "nairi/mock/inspector/report.h"

namespace nairi::mock {

// What the fake itself does not know of a run.
struct RunFacts {
  std::string title;          // "nairi-mock run -- pytest"
  std::string control_token;  // which is told all
  std::string api_key;        // of the command; no report may hold it
  RunEnd end = {};
};

// A run for each key that called, and one for those that resets ended.
InspectorReport run_report(Fake& fake, const RunFacts& facts);

// Writes it, and says on stderr what was left out. The error is a sentence.
tl::expected<void, std::string> write_report(const std::string& path, InspectorReport report);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_CLI_REPORT_RUN_REPORT_H_
