// The words in which broken servers are described: each makes a tamper that changes some answers.
//
//   in_each_message([](Json& message) { message.erase("updated_at"); })
//
// Thread-safety: free functions without state.
#ifndef NAIRI_CONTRACTS_HARNESS_SERVER_TAMPERING_H_
#define NAIRI_CONTRACTS_HARNESS_SERVER_TAMPERING_H_

#include <functional>
#include <string>

#include "harness/server/subject.h"

namespace nairi::contracts {

using MakeTamper = std::function<Tamper()>;
using Edit = std::function<void(Json&)>;

// The id of the operation that a request calls; "" for none.
std::string operation_id(const HttpRequest& request);

// Changes the JSON of the good answers of one operation.
MakeTamper in_body_of(const std::string& operation, const Edit& edit);

// Changes every message, wherever it is answered.
MakeTamper in_each_message(const Edit& edit);
// Those of one role.
MakeTamper in_each(const std::string& role, const Edit& edit);
// The envelope of every progress message.
MakeTamper in_each_envelope(const Edit& edit);
// The list of messages of a timeline.
MakeTamper in_timelines(const Edit& edit);
// Every conversation in a list.
MakeTamper in_each_conversation(const Edit& edit);

// Every error of the API; `edit` gets its whole body.
MakeTamper in_each_error(const Edit& edit);

// Answers `status` and `body` where an operation ("" is any) would have answered `from`.
MakeTamper instead_of(int from, const std::string& operation, int status, const std::string& body);
// The same, only for requests in whose target or body that text stands.
MakeTamper instead_where(int from, const std::string& operation, const std::string& text,
                         int status, const std::string& body);

// Changes good answers of an operation to calls whose query has that text ("" is any).
MakeTamper for_query(const std::string& operation, const std::string& query, const Edit& edit);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_SERVER_TAMPERING_H_
