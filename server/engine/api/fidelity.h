// Where the behaviour that a reply shows comes from: what contracts/openapi.json says of it, and of
// a few errors that one status can't tell apart.
#ifndef NAIRI_MOCK_ENGINE_API_FIDELITY_H_
#define NAIRI_MOCK_ENGINE_API_FIDELITY_H_

#include <string_view>

#include "nairi/mock/exchange.h"

namespace nairi::mock {

// With which value in a request a reply tells its source, and where.
inline constexpr std::string_view kFidelityHeader = "X-Mock-Fidelity";

// "seed", "documented", "client", "producer" or "assumed". `operation` is a route's name; "" for
// what the API does not have, which is assumed, as is any status that nobody lists.
std::string_view source_of(std::string_view operation, const Request& request, const Reply& reply);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_API_FIDELITY_H_
