// The words in which broken clients are described: our own client, with something between it and
// the server, or with its job or its result changed.
//
//   reading("conversations", [](Json& body) { body["next_cursor"] = nullptr; })
#ifndef NAIRI_CONTRACTS_HARNESS_SELFTEST_MEDDLING_H_
#define NAIRI_CONTRACTS_HARNESS_SELFTEST_MEDDLING_H_

#include <functional>
#include <memory>
#include <string>

#include "harness/client/client_runner.h"
#include "harness/selftest/tampering.h"

namespace nairi::contracts {

using Send = std::function<Result<HttpReply>(const HttpRequest&)>;
// What stands between the client and the server: it may change, repeat or swallow what it is given.
using Meddle = std::function<Result<HttpReply>(HttpRequest, const Send&)>;
// Whether an exchange was such as somebody looks for.
using Notices = std::function<bool(const HttpRequest&, const Result<HttpReply>&)>;

// Our client behind a meddler.
InProcessClient behind(Meddle meddle);
// Which reads the answers of an operation changed.
InProcessClient reading(const std::string& operation, const Edit& edit);
// Whose requests are changed on the way out.
InProcessClient sending(std::function<void(HttpRequest&)> edit);
// Which sends again, `times` times, after an exchange such as `again` says.
InProcessClient repeating(int times, Notices again);
// Whose result is changed, when an exchange was such as `notices` says.
InProcessClient noting(const Notices& notices, const Edit& edit);
// Whose result is changed.
InProcessClient then(std::function<void(const Json& job, Json& result)> edit);
// With another job.
InProcessClient given(std::function<void(Json& job)> edit);

Notices is_lost(const std::string& operation);
Notices is_unreadable(const std::string& operation);
Notices has_status(const std::string& operation, int status);

// What our client takes for an answer that it can't use, and never asks for again.
Result<HttpReply> no_answer(const std::string& message, int status = 0);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_SELFTEST_MEDDLING_H_
