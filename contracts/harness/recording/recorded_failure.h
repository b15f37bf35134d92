// What went wrong with a recorded call, as the `do` of a world's fault.
#ifndef NAIRI_CONTRACTS_HARNESS_RECORDING_RECORDED_FAILURE_H_
#define NAIRI_CONTRACTS_HARNESS_RECORDING_RECORDED_FAILURE_H_

#include <nlohmann/json.hpp>
#include <optional>

#include "harness/recording/recorded_call.h"
#include "harness/recording/recording.h"

namespace nairi::contracts {

struct RecordedFailure {
  nlohmann::ordered_json effect;  // docs/worlds.md, "faults"
  bool executed = false;          // whether the call takes effect when it is replayed so
  bool has_reply = false;         // whether all of the call's own reply was seen: it was only slow
};

// nullopt for a call that went well.
std::optional<RecordedFailure> failure_of(const RecordedExchange& exchange,
                                          const RecordedCall& call);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_RECORDING_RECORDED_FAILURE_H_
