// A recording: what a client and a service said to each other, exchange by exchange, as
// `nairi-contract record` writes it. A folder with traffic.jsonl: a head, then one exchange a line,
// in the order in which they ended. docs/recording.md describes each field.
//
//   auto recording = read_recording("recording");
//   for (const RecordedExchange& exchange : recording->exchanges) …
//
// Never holds a credential: who makes one leaves them out.
// Thread-safety: values.
#ifndef NAIRI_CONTRACTS_HARNESS_RECORDING_RECORDING_H_
#define NAIRI_CONTRACTS_HARNESS_RECORDING_RECORDING_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "nairi/mock/diagnostic.h"
#include "nairi/mock/exchange.h"

namespace nairi::contracts {

inline constexpr std::string_view kTrafficFile = "traffic.jsonl";

// The file of an upload whose content was not kept.
struct RecordedForm {
  std::string filename;
  std::string content_type;
  std::size_t bytes = 0;
};

struct RecordedBody {
  std::string kept;       // what was kept of it: all, unless left_out
  std::size_t bytes = 0;  // as it came
  bool left_out = false;  // contents of files are missing
  std::optional<RecordedForm> form = {};
};

enum class Ending {
  whole,
  cut,        // the service closed before its end
  reset,      // the service reset the connection
  none,       // no reply came; the status is 0
  abandoned,  // the client went away first
};

struct RecordedExchange {
  std::uint64_t number = 0;      // 1 for the first that began
  std::string key;               // "key-1", the same for the same key; "" when none came
  std::uint64_t connection = 0;  // of the client
  std::string at;                // UTC, as the API writes times: when the request came
  std::int64_t began_us = 0;     // since the recording began, monotonic
  std::int64_t ended_us = 0;     // likewise: when the reply's last byte had come
  std::string method;
  std::string target;                              // path and query below the API's prefix, as sent
  std::vector<mock::Header> request_headers = {};  // names in lower case
  RecordedBody request_body = {};
  int status = 0;
  std::vector<mock::Header> reply_headers = {};
  RecordedBody reply_body = {};  // without transfer coding and unpacked
  Ending ending = Ending::whole;
};

struct RecordingHead {
  std::string target;  // the service: "https://api.nairi.ai/api/public/v1"
  std::string at;      // when the recording began
  std::string by;      // the program and its version
};

struct Recording {
  RecordingHead head;
  std::vector<RecordedExchange> exchanges;
  std::string remark = {};  // "the last line is cut off: …"; "" when there is nothing to say
};

// One line each, with its end. Bytes that are no UTF-8 are written in base64.
std::string head_line(const RecordingHead& head);
std::string exchange_line(const RecordedExchange& exchange);

// The text of a traffic.jsonl. Its last line may be cut off, as of a recorder that was killed.
tl::expected<Recording, mock::Diagnostics> parse_recording(std::string_view text,
                                                           const std::string& file);
// A folder, or the file itself.
tl::expected<Recording, mock::Diagnostics> read_recording(const std::string& path);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_RECORDING_RECORDING_H_
