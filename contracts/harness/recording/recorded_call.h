// What a recorded exchange asked for, and what it said in JSON.
#ifndef NAIRI_CONTRACTS_HARNESS_RECORDING_RECORDED_CALL_H_
#define NAIRI_CONTRACTS_HARNESS_RECORDING_RECORDED_CALL_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "harness/recording/recording.h"

namespace nairi::contracts {

struct RecordedCall {
  std::string operation;  // the word of a world's faults: "start", "poll", "messages", …
  std::string parameter;  // the id or slug of the path, decoded; "" where there is none
};

// nullopt for what is no call of the API, and for HEAD, which no fault counts.
std::optional<RecordedCall> call_of(const RecordedExchange& exchange);

// The value of a body; discarded when it is no JSON.
nlohmann::ordered_json json_of(const RecordedBody& body);

// The member as text; "" when it is none.
std::string text_in(const nlohmann::ordered_json& object, std::string_view key);

// The value of a reply's header; "" without.
std::string reply_header(const RecordedExchange& exchange, std::string_view name);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_RECORDING_RECORDED_CALL_H_
