// The ways in which broken servers are broken, as far as they take more than a line.
// Thread-safety: free functions without state; a Tamper with a memory belongs to one run.
#ifndef NAIRI_CONTRACTS_HARNESS_SELFTEST_SERVER_FLAWS_H_
#define NAIRI_CONTRACTS_HARNESS_SELFTEST_SERVER_FLAWS_H_

#include <string>

#include "harness/server/tampering.h"

namespace nairi::contracts {

// Bodies of answers.
inline constexpr const char* kSomeTurn =
    R"({"job_id": "job_01ARZ3NDEKTSV4RRFFQ69G5FAV", "message_id": "cmsg_01ARZ3NDEKTSV4RRFFQ69G5FAV"})";
inline constexpr const char* kSomeFile = R"({"attachment_id": "att_01ARZ3NDEKTSV4RRFFQ69G5FAV"})";
inline constexpr const char* kNoConversations = R"({"conversations": [], "next_cursor": null})";
inline constexpr const char* kNotFound = R"({"error": "not found"})";
inline constexpr const char* kInvalid = R"({"error": "invalid"})";
inline constexpr const char* kSomeMessage =
    R"({"id": "cmsg_01ARZ3NDEKTSV4RRFFQ69G5FAV", "job_id": "job_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "content": "Hello", "role": "user", "status": "completed",
        "created_at": "2026-04-12T18:45:12.000Z", "updated_at": "2026-04-12T18:45:12.000Z"})";

// Edits of one field.
Edit set(const std::string& key, const Json& value);
Edit erase(const std::string& key);
Edit replace(const std::string& key, const Json& from, const Json& to);

// Whole servers. Each says in server_flaws.cc what it does; most need a memory.
Tamper flips_back();
Tamper answers_late();
Tamper renames_messages();
Tamper repeats_at_edges();
Tamper includes_the_moment();
Tamper forbids_instead();
Tamper errors_are_text();
Tamper errors_say_html();
Tamper malformed_is_unknown();
Tamper knows_any_agent();
Tamper lists_foreign_conversations();
Tamper wants_bearer_capital();
Tamper has_no_head();
Tamper allows_nothing();
Tamper refuses_charsets();
Tamper refuses_large_files();
MakeTamper lets_in(const std::string& authorization);
MakeTamper by_default(const std::string& parameter, const Edit& edit);

// Edits of a message, a list of them, a page or an attachment.
void erase_role(Json& messages, const std::string& role);
void open_envelopes(Json& message);
void newest_first(Json& list);
void failure_is_an_answer(Json& messages);
void without_prefix(Json& message);
void without_reason(Json& message);
void other_tool_id_at_end(Json& message);
void tools_in_place_of_thoughts(Json& message);
void add_null(Json& message);
void reverse_when_unsorted(Json& body);
void skip_first(Json& body);
void first_is_active(Json& body);
void only_active(Json& page);
void at_most_twenty(Json& page);
void one_more(Json& body);
void first_status_only(Json& body);
void ascii_names(Json& attachment);
void escape_quotes(Json& attachment);
void seconds_only(Json& message);
void local_time(Json& message);
void lower(Json& object, const char* key);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_SELFTEST_SERVER_FLAWS_H_
