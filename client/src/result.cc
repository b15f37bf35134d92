#include "nairi/result.h"

namespace nairi {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::api:
      return "api";
    case ErrorCode::redirected:
      return "redirected";
    case ErrorCode::connection_failed:
      return "connection_failed";
    case ErrorCode::connection_lost:
      return "connection_lost";
    case ErrorCode::timed_out:
      return "timed_out";
    case ErrorCode::tls:
      return "tls";
    case ErrorCode::malformed_reply:
      return "malformed_reply";
    case ErrorCode::deadline_reached:
      return "deadline_reached";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::invalid_argument:
      return "invalid_argument";
  }
  return "unknown";
}

}  // namespace nairi
