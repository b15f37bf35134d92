// Our own fake, whatever it is asked, contradicts nothing and adds nothing; servers that are broken
// in one way each do.
#include <gmock/gmock.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "harness/cases/case_reader.h"
#include "harness/drift/drift.h"
#include "harness/drift/drift_report.h"
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
  Recorder recorder;
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
  if (std::getenv("SHOW")) std::cout << text_report(report);
  EXPECT_EQ(drift.findings.of(Gravity::adds).size(), 0U) << text_report(report);
  for (const Observation* seen : drift.findings.of(Gravity::settles)) {
    EXPECT_FALSE(seen->refuted()) << seen->id;
  }
  EXPECT_GT(drift.judged, 1000U);
}

TEST(DriftOfBrokenServers, Survey) {
  int shown = 0;
  for (const BrokenServer& broken : broken_servers()) {
    for (const Case& it : all_cases()) {
      if (it.name != broken.caught_by) continue;
      const std::vector<NamedRecording> recordings{played(it, broken.make_tamper)};
      const Drift drift = find_drift(recordings, all_expectations());
      const Findings& f = drift.findings;
      std::string got;
      for (const Observation* o : f.of(Gravity::contradicts)) got += " C:" + o->id;
      for (const Observation* o : f.of(Gravity::adds)) got += " A:" + o->id;
      for (const Observation* o : f.of(Gravity::settles))
        if (o->refuted()) got += " S:" + o->id;
      if (std::getenv("SHOW"))
        std::cout << (got.empty() ? "MISS " : "hit  ") << broken.name << " [" << it.name << " "
                  << to_string(it.source) << "]" << got << "\n";
      ++shown;
    }
  }
  EXPECT_GT(shown, 200);
}

}  // namespace
}  // namespace nairi::contracts
