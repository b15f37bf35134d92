// A transport that writes down each exchange as it ends. Of headers it keeps only those that are
// known to hold no secret; keys become "key-1", "key-2", wherever they stand.
//
//   auto transport = recorded(std::move(http), [&](const RecordedExchange& it) { file << … });
//
// Thread-safety: send() is called by one thread.
#ifndef NAIRI_CONTRACTS_HARNESS_SURVEY_RECORDING_TRANSPORT_H_
#define NAIRI_CONTRACTS_HARNESS_SURVEY_RECORDING_TRANSPORT_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "harness/recording/recording.h"
#include "nairi/transport.h"

namespace nairi::contracts {

using ExchangeSink = std::function<void(const RecordedExchange&)>;

std::shared_ptr<Transport> recorded(std::shared_ptr<Transport> transport, ExchangeSink sink);

// As the API writes times: "2026-11-26T16:00:00.000Z".
std::string time_text(std::chrono::system_clock::time_point time);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_SURVEY_RECORDING_TRANSPORT_H_
