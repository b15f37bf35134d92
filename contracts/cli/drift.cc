#include <cstdio>
#include <optional>
#include <utility>

#include "cli/commands.h"
#include "cli/running.h"
#include "harness/cases/case_reader.h"
#include "harness/drift/comparison.h"
#include "harness/drift/drift.h"
#include "harness/drift/drift_report.h"
#include "harness/recording/recording.h"
#include "text/json_writer.h"

namespace nairi::contracts {
namespace {

std::optional<std::vector<NamedRecording>> read_all(const std::vector<std::string>& paths) {
  std::vector<NamedRecording> recordings;
  for (const std::string& path : paths) {
    auto recording = read_recording(path);
    if (!recording) {
      for (const mock::Diagnostic& mistake : recording.error()) complain(mock::to_string(mistake));
      return std::nullopt;
    }
    recordings.push_back({path, std::move(*recording)});
  }
  return recordings;
}

bool write_reports(const DriftOptions& options, const DriftReport& report) {
  const auto write = [](const std::string& path, const std::string& text) {
    return path.empty() || write_file(path, text);
  };
  return write(options.junit_file, junit_report(report)) &&
         write(options.json_file, json_report(report)) &&
         write(options.markdown_file, markdown_report(report));
}

}  // namespace

int drift(const DriftOptions& options) {
  const auto cases = choose_cases({});
  if (!cases) return kExitUsage;
  const auto recordings = read_all(options.recordings);
  if (!recordings) return kExitUsage;
  std::optional<std::vector<NamedRecording>> older = std::vector<NamedRecording>{};
  if (!options.against.empty()) older = read_all({options.against});
  if (!older) return kExitUsage;
  const RunOptions files{.junit_file = options.junit_file, .json_file = options.json_file};
  if (!prepare_run(files, {options.markdown_file})) return kExitUsage;
  const Expectations expectations(*cases);
  const Drift now = find_drift(*recordings, expectations);
  const Drift then = find_drift(*older, expectations);
  DriftReport report{.drift = now, .recordings = *recordings, .strict = options.strict};
  if (!options.against.empty()) {
    report.moves = compare(then.findings, now.findings);
    report.against = options.against;
  }
  std::fputs(mock::harmless(text_report(report)).c_str(), stdout);
  if (!write_reports(options, report)) return kExitUsage;
  if (fails(report)) return kExitBroken;
  if (now.judged > 0) return kExitGood;
  complain("nothing was checked");
  return kExitCouldNotCheck;
}

}  // namespace nairi::contracts
