// What the inspector's page is given when it is a file: runs, each with what was exchanged and what
// is said about it.
//
//   InspectorReport report{.by = "me 1.0", .title = "nightly", .at = "2026-11-26T19:00:00.000Z"};
//   report.runs.push_back({.name = "ask", .result = "failed", .findings = {"got no answer"}});
//   std::ofstream("nightly.html") << inspector_file(std::move(report)).html;
//
// Thread-safety: a pure function of values.
#ifndef NAIRI_MOCK_INSPECTOR_REPORT_H_
#define NAIRI_MOCK_INSPECTOR_REPORT_H_

#include <cstddef>
#include <string>
#include <vector>

namespace nairi::mock {

// A file may be so large: what can be kept with a run, sent around and opened at once.
inline constexpr std::size_t kMostPageBytes = std::size_t{16} << 20;  // 16 MiB

struct InspectedRun {
  std::string name;                        // of the case, of the key, of the recording
  std::string result = {};                 // "passed", "failed", "warned", "not checked"; "": no
                                           // judge
  std::vector<std::string> findings = {};  // sentences about it, besides verdicts
  // What follows are JSON texts: each must be valid.
  std::vector<std::string> exchanges = {};  // in their order, as the journal or the recording has
                                            // them
  bool is_recording = false;                // lines of traffic.jsonl, not entries of a journal
  std::string state = {};                   // as GET /__mock/state answers; "" is none
  std::string verdicts = {};                // GET /__mock/verdicts, likewise
  std::string unmatched = {};               // GET /__mock/unmatched, likewise
};

struct InspectorReport {
  std::string by = {};     // the program and its version
  std::string title = {};  // what ran: "nairi-mock run -- pytest"
  std::string at = {};     // when it ended, UTC: "2026-11-26T19:00:00.000Z"
  std::string root = {};   // what the targets of exchanges stand behind: "http://127.0.0.1:4747"
  std::vector<InspectedRun> runs = {};
  std::vector<std::string> remarks = {};  // sentences about all of it
};

struct InspectorFile {
  std::string html;
  std::vector<std::string> left_out = {};  // sentences, which the page has among its remarks
};

// The page with the report inside: failed runs first, then as they came. If it would be larger
// than `most_bytes`, states are left out first, then the oldest exchanges of the last runs, and at
// last these runs.
InspectorFile inspector_file(InspectorReport report, std::size_t most_bytes = kMostPageBytes);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_INSPECTOR_REPORT_H_
