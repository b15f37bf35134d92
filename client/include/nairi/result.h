// What a call of the client answers: a value, or an error that says which side failed and how.
//
//   auto turn = client.start("billing-agent", "Refund the failed charge");
//   if (!turn && turn.error().code == nairi::ErrorCode::api) show(turn.error().server_text);
//   if (!turn) log(turn.error().message);
//
// Thread-safety: values.
// Not promised: the wording of Error::message; decide on Error::code and Error::status.
#ifndef NAIRI_RESULT_H_
#define NAIRI_RESULT_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace nairi {

// Closed: every error of this library is one of these.
enum class ErrorCode {
  api,                // the server answered with a status of 400 or more
  redirected,         // the server answered with a redirect; those are never followed
  connection_failed,  // no connection could be made: nothing was sent
  connection_lost,   // it broke before the whole answer came: the request may have been carried out
  timed_out,         // no answer in time: the request may have been carried out
  tls,               // no trusted TLS connection: nothing was sent
  malformed_reply,   // the answer is not whole JSON, is too large or has the wrong shape
  deadline_reached,  // wait() gave up; the turn itself goes on
  cancelled,         // by a stop_token of the caller: the request may have been carried out
  invalid_argument,  // a mistake of the caller: nothing was sent
};

// The code's name as it is written above: "connection_failed".
std::string_view to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::invalid_argument;
  std::string message;      // one sentence for people: what was expected, what came, and where
  int status = 0;           // the HTTP status; 0 when there was no answer
  std::string server_text;  // the `error` text of the API, verbatim; empty when there was none
  std::string pointer;      // malformed_reply: JSON pointer to the value; "" is the whole document
  std::optional<std::chrono::milliseconds> retry_after;  // what the answer's Retry-After asks for
};

template <typename T>
using Result = tl::expected<T, Error>;

}  // namespace nairi

#endif  // NAIRI_RESULT_H_
