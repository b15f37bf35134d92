// Turns a step's call into a request.
// Thread-safety: free functions without state.
#ifndef NAIRI_CONTRACTS_HARNESS_SERVER_SENDING_H_
#define NAIRI_CONTRACTS_HARNESS_SERVER_SENDING_H_

#include "harness/cases/case.h"
#include "harness/cases/values.h"
#include "nairi/transport.h"

namespace nairi::contracts {

HttpRequest make_request(const Call& call, const Values& values);

// "2xx" as a pattern of numbers; any other pattern as it is.
Json status_pattern(const Json& status);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_SERVER_SENDING_H_
