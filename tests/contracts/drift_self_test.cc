// Our own fake, whatever it is asked, contradicts nothing and adds nothing; servers that are broken
// in one way each do.
#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "harness/cases/case_reader.h"
#include "harness/drift/drift.h"
#include "harness/drift/drift_report.h"
#include "harness/pages/assumptions.h"
#include "harness/selftest/broken_servers.h"
#include "harness/server/runner.h"
#include "recorded.h"

namespace nairi::contracts {
namespace {

const std::vector<Case>& all_cases() {
  static const std::vector<Case> cases = *built_in_cases();
  return cases;
}

const Expectations& all_expectations() {
  static const Expectations expectations(all_cases());
  return expectations;
}

// What the fake answers to a case, and how it was changed on the way.
NamedRecording played(const Case& it, const std::function<Tamper()>& make_tamper = {}) {
  CallKeeper recorder;
  run_case(it, scripted_subjects(Way::in_process, [&]() -> Tamper {
             return [tamper = make_tamper ? make_tamper() : Tamper(), &recorder](
                        const HttpRequest& request, HttpReply& reply) {
               if (tamper) tamper(request, reply);
               recorder.add(request, reply);
             };
           }));
  return {it.name, std::move(recorder.recording)};
}

TEST(DriftOfOurFake, ContradictsAndAddsNothingInAnyCase) {
  std::vector<NamedRecording> recordings;
  for (const Case& it : all_cases()) {
    if (!it.steps.empty()) recordings.push_back(played(it));
  }
  const Drift drift = find_drift(recordings, all_expectations());
  const DriftReport report{.drift = drift, .recordings = recordings};
  EXPECT_FALSE(fails(report)) << text_report(report);
  EXPECT_EQ(drift.findings.of(Gravity::adds).size(), 0U) << text_report(report);
  for (const Observation* seen : drift.findings.of(Gravity::settles)) {
    // Scripts of cases do what the fake does not by itself: of such guesses there are other tests.
    const bool is_of_ledger = Assumptions::built_in().find(seen->id) != nullptr;
    EXPECT_TRUE(is_of_ledger || !seen->refuted()) << seen->id;
  }
  EXPECT_GT(drift.judged, 1000U);
}

// Most of what breaks a server shows in traffic, without a script or a key that is known to be bad.
TEST(DriftOfBrokenServers, ShowsMostOfThem) {
  int shown = 0;
  for (const BrokenServer& broken : broken_servers()) {
    for (const Case& it : all_cases()) {
      if (it.name != broken.caught_by) continue;
      const Drift drift = find_drift({played(it, broken.make_tamper)}, all_expectations());
      const auto differs = [](const auto& seen) { return seen.second.broken > 0; };
      const auto& all = drift.findings.all();
      if (std::any_of(all.begin(), all.end(), differs)) ++shown;
    }
  }
  constexpr int kLeast = 170;
  EXPECT_GE(shown, kLeast) << "of " << broken_servers().size();
}

}  // namespace
}  // namespace nairi::contracts
