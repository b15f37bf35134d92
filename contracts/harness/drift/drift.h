// What a service did in recorded traffic, against what is known of the API: openapi.json, the
// statements of REFERENCE about several exchanges, and the contract cases.
//
//   const Drift drift = find_drift({{"recording", recording}}, Expectations(cases));
//   for (const Observation* finding : drift.findings.of(Gravity::contradicts)) …
//
// Thread-safety: none needed; nothing is kept between calls.
#ifndef NAIRI_CONTRACTS_HARNESS_DRIFT_DRIFT_H_
#define NAIRI_CONTRACTS_HARNESS_DRIFT_DRIFT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "harness/recording/recording.h"
#include "harness/watch/expectations.h"
#include "harness/watch/findings.h"

namespace nairi::contracts {

struct NamedRecording {
  std::string name;  // as it was given: "recording"
  Recording recording;
};

struct Drift {
  std::size_t exchanges = 0;
  std::size_t judged = 0;  // those that say something of the API, and are of a known operation
  Findings findings;
};

// Each recording is looked at by itself: its times say nothing of another's. What the guesses of
// contracts/assumptions.json come to is among the findings.
Drift find_drift(const std::vector<NamedRecording>& recordings, const Expectations& expectations);
// The same of one alone, without a copy of it.
Drift find_drift_in(const NamedRecording& recording, const Expectations& expectations);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_DRIFT_DRIFT_H_
