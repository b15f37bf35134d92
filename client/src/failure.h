// Makes errors in one line each.
#ifndef NAIRI_CLIENT_FAILURE_H_
#define NAIRI_CLIENT_FAILURE_H_

#include <string>
#include <utility>

#include "nairi/result.h"

namespace nairi {

inline Error failure(ErrorCode code, std::string message) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  return error;
}

inline tl::unexpected<Error> invalid_argument(std::string message) {
  return tl::unexpected(failure(ErrorCode::invalid_argument, std::move(message)));
}

// The caller's stop_token has ended the call.
inline Error cancelled() {
  return failure(ErrorCode::cancelled, "cancelled before the whole answer came");
}

inline tl::unexpected<Error> malformed(std::string pointer, const std::string& message) {
  Error error =
      failure(ErrorCode::malformed_reply, "malformed reply at \"" + pointer + "\": " + message);
  error.pointer = std::move(pointer);
  return tl::unexpected(std::move(error));
}

}  // namespace nairi

#endif  // NAIRI_CLIENT_FAILURE_H_
