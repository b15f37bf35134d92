// What is kept of a body: no secrets, no contents of files unless they are asked for, and nothing
// that can't be looked into, as anything may hide there.
//
//   exchange.request_body = kept_request_body(redaction, bytes, {.target = target, …});
//
// Thread-safety: that of the Redaction.
#ifndef NAIRI_CONTRACTS_HARNESS_RECORDER_KEPT_BODY_H_
#define NAIRI_CONTRACTS_HARNESS_RECORDER_KEPT_BODY_H_

#include <string>
#include <string_view>

#include "harness/recorder/redaction.h"
#include "harness/recording/recording.h"

namespace nairi::contracts {

struct BodyContext {
  std::string_view target;             // path and query below the API's prefix
  std::string_view content_type = {};  // of a request
  int status = 0;                      // of a reply
  bool is_whole = true;                // else it may end within a character
  bool with_files = false;             // contents of files are kept
};

// The fields that a body of this target has besides others.
BodyFields fields_of(const BodyContext& context);

RecordedBody kept_request_body(Redaction& redaction, std::string_view body,
                               const BodyContext& context);
RecordedBody kept_reply_body(Redaction& redaction, std::string_view body,
                             const BodyContext& context);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_RECORDER_KEPT_BODY_H_
