// A server that somebody else wrote from REFERENCE alone: traffic with it contradicts nothing, and
// shows each of its other choices as an addition or as a guess that is wrong.
#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>

#include "files.h"
#include "harness/cases/case_reader.h"
#include "harness/cases/files.h"
#include "harness/client/process.h"
#include "harness/drift/drift.h"
#include "harness/drift/drift_report.h"
#include "harness/server/runner.h"
#include "nairi/http_transport.h"
#include "recorded.h"

namespace nairi::contracts {
namespace {

TEST(DriftOfAForeignServer, IsToldWhereItDiffersAndNowhereElse) {
  const tests::TemporaryFolder folder;
  const std::string states = folder / "states.json";
  Process server({NAIRI_PYTHON, tests::source_path("tests/foreign/server.py"), "--port", "0",
                  "--states-file", states},
                 {"PYTHONDONTWRITEBYTECODE=1"});
  const auto line = server.read_line(std::chrono::steady_clock::now() + std::chrono::minutes(1));
  ASSERT_TRUE(line) << "it does not say where it listens";
  CallKeeper recorder;
  const auto subjects = transport_subjects(
      std::make_shared<RecordedTransport>(
          *HttpTransport::open(Json::parse(*line).at("base_url").get<std::string>()), recorder),
      *parse_states(tests::read_file(states), states), std::chrono::milliseconds(20));
  const std::vector<Case> cases = *built_in_cases();
  for (const Case& it : cases) {
    const bool large = it.name.starts_with("attachments/fifty");
    if (!it.steps.empty() && !large) run_case(it, subjects);
  }
  const std::vector<NamedRecording> recordings{{"foreign", recorder.recording}};
  const Drift drift = find_drift(recordings, Expectations(cases));
  const DriftReport report{.drift = drift, .recordings = recordings};
  EXPECT_FALSE(fails(report)) << text_report(report);
  std::set<std::string> refuted;
  for (const Observation* seen : drift.findings.of(Gravity::settles)) {
    if (seen->refuted()) refuted.insert(seen->id);
  }
  for (const char* difference : {"start-status", "continue-status", "upload-status"}) {
    EXPECT_TRUE(refuted.contains(difference)) << difference << "\n" << text_report(report);
  }
  std::set<std::string> added;
  for (const Observation* seen : drift.findings.of(Gravity::adds)) added.insert(seen->id);
  EXPECT_THAT(added, testing::IsSupersetOf({"field Message.object", "field Message.x_trace",
                                            "field Conversation.origin", "field Turn.x_trace",
                                            "field Attachment.size", "field Agent.object"}));
}

}  // namespace
}  // namespace nairi::contracts
