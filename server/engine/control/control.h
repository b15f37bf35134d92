// The control API under /__mock: never mixed with the faked one.
#ifndef NAIRI_MOCK_ENGINE_CONTROL_CONTROL_H_
#define NAIRI_MOCK_ENGINE_CONTROL_CONTROL_H_

#include <string_view>

#include "engine/state/organizations.h"
#include "nairi/mock/exchange.h"
#include "protocol/operation.h"

namespace nairi::mock {

// Plays a control call. It acts on the organization of the bearer key that it comes with; with
// `all=true` on everything, which takes the control token as the bearer. No CORS, and a browser's
// page of another origin, or one that found a name for 127.0.0.1, is refused.
Reply control(FakeState& state, Operation operation, const Request& request, const Target& target);

// Whether a host name or address is one that only this machine reaches.
bool is_loopback(std::string_view host);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_CONTROL_CONTROL_H_
