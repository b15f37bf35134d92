// What one run of a client is like when nobody wrote it down: prompts, what the agent does with
// each, and what goes wrong on the way. A schedule is made from two numbers, and a case from a
// schedule: the runner and the judgement are those of all cases.
//
//   const Schedule schedule = make_schedule(1, 37);
//   const auto contract_case = parse_case(case_of(schedule, "explore/seed-1-run-37").dump(), "");
//
// A schedule is JSON, so that whatever can be left out of it can be found by looking at it:
//
//   {"turns": [{"prompt": "Ask 1", "timeline": [{"status": "completed", "reply": "Answer 1"}]}],
//    "faults": [{"at": "poll#2", "do": {"status": 503}}], "mutate": "additive",
//    "job": "legacy_job", "agent": "acme/ops", "ask_mode": true, "attachments": [ … ]}
//
// timeline and faults are those of world files. A turn without a timeline repeats an earlier
// prompt.
//
// Thread-safety: functions without state.
#ifndef NAIRI_CONTRACTS_HARNESS_EXPLORE_SCHEDULE_H_
#define NAIRI_CONTRACTS_HARNESS_EXPLORE_SCHEDULE_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/cases/values.h"

namespace nairi::contracts {

using Schedule = Json;

// The same on every machine.
Schedule make_schedule(std::uint64_t seed, std::uint64_t run);

// The case file of a schedule, keys in the order of people. What it expects follows from the
// schedule, and allows all that a right client may come to: where something breaks, also an error
// or a timeout, with the replies until then. A schedule that makes no sense gives no case, or one
// that the reader of cases refuses.
nlohmann::ordered_json case_of(const Schedule& schedule, const std::string& name);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_EXPLORE_SCHEDULE_H_
