#include <cstdio>
#include <optional>
#include <set>
#include <utility>

#include "cli/commands.h"
#include "cli/running.h"
#include "harness/cases/case_reader.h"
#include "harness/drift/comparison.h"
#include "harness/drift/drift.h"
#include "harness/drift/drift_report.h"
#include "harness/drift/ledger.h"
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

bool write_reports(const DriftOptions& options, const DriftReport& report,
                   const Expectations& expectations) {
  const auto write = [](const std::string& path, const std::string& text) {
    return path.empty() || write_file(path, text);
  };
  return write(options.junit_file, junit_report(report)) &&
         write(options.json_file, json_report(report)) &&
         write(options.markdown_file, markdown_report(report)) &&
         (options.html_file.empty() ||
          write_page(options.html_file, page_report(report, expectations)));
}

// Adds what the recordings settle to the ledger of a file, and says how much that is.
bool write_ledger(const DriftOptions& options, const std::vector<NamedRecording>& recordings) {
  const std::string& file = options.ledger_file;
  auto ledger = Ledger::read(file);
  if (!ledger) {
    for (const mock::Diagnostic& mistake : ledger.error()) complain(mock::to_string(mistake));
    return false;
  }
  std::set<std::string> ids;
  for (const NamedRecording& named : recordings) {
    const auto settled = ledger->settle(named.recording, named.name, options.any_service);
    if (!settled) {
      complain(file + ": " + settled.error() + "; --any-service adds it all the same");
      return false;
    }
    for (const Settled& one : *settled) ids.insert(one.id);
  }
  const auto written = ledger->write(file);
  if (!written) {
    complain(written.error());
    return false;
  }
  std::printf("%s: %s\n", mock::harmless_line(file).c_str(), settled_sentence(ids.size()).c_str());
  return true;
}

}  // namespace

int drift(const DriftOptions& options) {
  const auto cases = choose_cases({});
  if (!cases) return kExitUsage;
  if (options.list) {
    std::fputs(watched_page(*cases).c_str(), stdout);
    return kExitGood;
  }
  const auto recordings = read_all(options.recordings);
  if (!recordings) return kExitUsage;
  std::optional<std::vector<NamedRecording>> older = std::vector<NamedRecording>{};
  if (!options.against.empty()) older = read_all({options.against});
  if (!older) return kExitUsage;
  const RunOptions files{.junit_file = options.junit_file,
                         .json_file = options.json_file,
                         .html_file = options.html_file};
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
  const bool written = write_reports(options, report, expectations) &&
                       (options.ledger_file.empty() || write_ledger(options, *recordings));
  if (!written) return kExitUsage;
  if (fails(report)) return kExitBroken;
  if (now.judged > 0) return kExitGood;
  complain("nothing was checked");
  return kExitCouldNotCheck;
}

}  // namespace nairi::contracts
