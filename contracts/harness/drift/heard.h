// A recorded exchange as the API means it: which operation, about what, and what both sides said.
// What is not the API's own word (no whole reply, a proxy's page, a 5xx) says nothing of the API.
//
//   for (const Heard& heard : hear(recording).answered) if (heard.is("start") && heard.is_good()) …
//
// Thread-safety: values; the recording must outlive them.
#ifndef NAIRI_CONTRACTS_HARNESS_DRIFT_HEARD_H_
#define NAIRI_CONTRACTS_HARNESS_DRIFT_HEARD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cases/values.h"
#include "harness/openapi/openapi.h"
#include "harness/openapi/request_reader.h"
#include "harness/recording/recording.h"

namespace nairi::contracts::evidence {

struct Heard {
  const RecordedExchange* raw = nullptr;
  const ApiOperation* operation = nullptr;  // nullptr: none that openapi.json knows
  std::string path = {};                    // as sent
  QueryParameters query = {};
  std::string named = {};  // the id or slug in the path; "" when the operation has none
  Json sent = {};          // the request's body; null when it is no JSON
  Json body = {};          // the reply's; likewise

  bool is(std::string_view id) const { return operation != nullptr && operation->id == id; }
  bool is_good() const { return raw->status >= 200 && raw->status < 300; }
  // nullptr: it has no such parameter.
  const std::string* parameter(std::string_view name) const;
};

// Each in the order of the recording.
struct Hearing {
  std::vector<Heard> answered = {};
  // To these the API's own word is missing: whether they were carried out nothing tells. `body` is
  // null.
  std::vector<Heard> unanswered = {};
};
Hearing hear(const Recording& recording);

// The first header of that name, which is in lower case; "" when there is none.
std::string header_of(const std::vector<mock::Header>& headers, std::string_view name);

// What an upload sent. nullopt: the recording does not tell.
struct UploadedFile {
  bool has_file = false;
  std::string filename = {};
  std::size_t bytes = 0;
};
std::optional<UploadedFile> uploaded_file(const RecordedExchange& upload);

// A time of the API in milliseconds since 1970.
std::optional<std::int64_t> time_of(const Json& object, std::string_view key);

// What an id looks like where one of `kind` ("job", "cmsg", "att", "cci") belongs: "well_formed",
// "other_kind", "over_128_bits" or "malformed". A slug is well formed, too.
std::string_view form_of_id(std::string_view id, std::string_view kind);

// Whether nobody can ever have made an id with that time.
bool is_made_up(std::string_view id);

}  // namespace nairi::contracts::evidence

#endif  // NAIRI_CONTRACTS_HARNESS_DRIFT_HEARD_H_
