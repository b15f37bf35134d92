// The inspector's page of what traffic showed.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "harness/drift/drift_report.h"
#include "harness/recording/recording.h"

namespace nairi::contracts {
namespace {

// What the page calls it, where a rule is kept or broken.
std::string_view page_outcome(const Observation& seen) {
  switch (seen.gravity) {
    case Gravity::contradicts:
      return "contradicted";
    case Gravity::adds:
      return "added";
    case Gravity::settles:
      break;
  }
  return seen.refuted() ? "refuted" : "confirmed";
}

std::string page_sentence(const Observation& seen) {
  if (seen.gravity == Gravity::adds) return "nobody told of it: " + seen.got;
  std::string sentence = seen.says;
  if (seen.broken == 0) return sentence;
  sentence += sentence.empty() ? "wanted " : "; wanted ";
  return sentence + seen.wanted + ", got " + seen.got;
}

Json page_finding(const Observation& seen) {
  return {{"rule", seen.id},
          {"level", to_string(seen.source)},
          {"outcome", page_outcome(seen)},
          {"sentence", page_sentence(seen)},
          {"text", seen.why},
          {"page", "docs/drift.md"},
          {"evidence", Json::array({{{"number", seen.first.exchange},
                                     {"at", seen.first.day},
                                     {"exchange", seen.first.request}}})},
          {"evidence_count", seen.broken > 0 ? seen.broken : seen.held}};
}

// The gravest first.
std::vector<const Observation*> all_that_tells(const Findings& findings) {
  std::vector<const Observation*> all;
  for (const Gravity gravity : {Gravity::contradicts, Gravity::adds, Gravity::settles}) {
    const auto seen = findings.of(gravity);
    all.insert(all.end(), seen.begin(), seen.end());
  }
  return all;
}

std::string drift_result(const std::vector<const Observation*>& seen, const Drift& drift) {
  const auto any = [&](Gravity gravity) {
    return std::any_of(seen.begin(), seen.end(), [gravity](const Observation* one) {
      return one->gravity == gravity && one->broken > 0;
    });
  };
  if (any(Gravity::contradicts)) return "failed";
  if (any(Gravity::adds) || any(Gravity::settles)) return "warned";
  return drift.judged > 0 ? "passed" : "not checked";
}

// `drift` is that of this recording alone.
mock::InspectedRun drift_run(const NamedRecording& named, const Drift& drift) {
  const auto seen = all_that_tells(drift.findings);
  mock::InspectedRun run{.name = named.name, .result = drift_result(seen, drift)};
  run.is_recording = true;
  if (!named.recording.remark.empty()) run.findings.push_back(named.recording.remark);
  for (const auto& [reason, passed] : drift.findings.passed_over()) {
    run.findings.push_back("not judged: " + reason + ", in " + std::to_string(passed.count) +
                           (passed.count == 1 ? " exchange" : " exchanges") + ", first #" +
                           std::to_string(passed.first.exchange) + " " + passed.first.request);
  }
  for (const RecordedExchange& exchange : named.recording.exchanges) {
    run.exchanges.push_back(exchange_line(exchange));
  }
  Json verdicts = Json::array();
  for (const Observation* one : seen) verdicts.push_back(page_finding(*one));
  // What a service answered may be no UTF-8.
  run.verdicts = Json{{"verdicts", verdicts}}.dump(-1, ' ', false, Json::error_handler_t::replace);
  return run;
}

}  // namespace

mock::InspectorReport page_report(const DriftReport& report, const Expectations& expectations) {
  mock::InspectorReport page{.title = "nairi-contract drift"};
  for (const NamedRecording& named : report.recordings) {
    page.title += " " + named.name;
    const bool is_alone = report.recordings.size() == 1;
    page.runs.push_back(
        drift_run(named, is_alone ? report.drift : find_drift_in(named, expectations)));
  }
  if (report.recordings.size() == 1) page.root = report.recordings.front().recording.head.target;
  page.remarks = {summary_of(report)};
  return page;
}

}  // namespace nairi::contracts
