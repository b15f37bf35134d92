// The Retry-After header of an answer: seconds, or a date (RFC 9110, 10.2.3).
#ifndef NAIRI_CLIENT_RETRY_AFTER_H_
#define NAIRI_CLIENT_RETRY_AFTER_H_

#include <chrono>
#include <optional>

#include "nairi/transport.h"

namespace nairi {

// How long the answer asks to wait; nullopt when it does not say, or says nonsense. A date counts
// from the answer's own Date header if there is one, so that a wrong clock here does no harm, and
// from `clock` otherwise.
std::optional<std::chrono::milliseconds> retry_after(const HttpReply& reply, Clock& clock);

}  // namespace nairi

#endif  // NAIRI_CLIENT_RETRY_AFTER_H_
