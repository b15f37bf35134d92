// The words in which broken servers are described: each makes a tamper that changes some answers.
//
//   in_each_message([](Json& message) { message.erase("updated_at"); })
#ifndef NAIRI_CONTRACTS_HARNESS_SELFTEST_TAMPERING_H_
#define NAIRI_CONTRACTS_HARNESS_SELFTEST_TAMPERING_H_

#include <functional>
#include <string>

#include "harness/server/subject.h"

namespace nairi::contracts {

using MakeTamper = std::function<Tamper()>;
using Edit = std::function<void(Json&)>;

// Bodies of answers.
inline constexpr const char* kSomeTurn =
    R"({"job_id": "job_01ARZ3NDEKTSV4RRFFQ69G5FAV", "message_id": "cmsg_01ARZ3NDEKTSV4RRFFQ69G5FAV"})";
inline constexpr const char* kSomeFile = R"({"attachment_id": "att_01ARZ3NDEKTSV4RRFFQ69G5FAV"})";
inline constexpr const char* kNoConversations = R"({"conversations": [], "next_cursor": null})";
inline constexpr const char* kNotFound = R"({"error": "not found"})";
inline constexpr const char* kInvalid = R"({"error": "invalid"})";

// The id of the operation that a request calls; "" for none.
std::string operation_id(const HttpRequest& request);

// Edits of an object.
Edit set(const std::string& key, const Json& value);
Edit add(const std::string& key, const Json& value);     // where it lacks the key
Edit change(const std::string& key, const Json& value);  // where it has it
Edit replace(const std::string& key, const Json& from, const Json& to);
Edit erase(const std::string& key);

// Edits of an array.
Edit each(const Edit& edit);
Edit without_role(const std::string& role);
void erase_where(Json& array, const std::function<bool(const Json&)>& goes);

// Changes the JSON of answers with 200 of one operation, with the request in sight. For tampers
// that have a memory: what `edit` captures belongs to one run.
Tamper in_answers_to(const std::string& operation,
                     std::function<void(const HttpRequest& request, Json& body)> edit);

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

#endif  // NAIRI_CONTRACTS_HARNESS_SELFTEST_TAMPERING_H_
