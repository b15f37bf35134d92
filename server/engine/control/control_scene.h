// The control calls that set the scene for a key (faults, its world, a job of any origin), and the
// one that says where a prompt missed it.
#ifndef NAIRI_MOCK_ENGINE_CONTROL_CONTROL_SCENE_H_
#define NAIRI_MOCK_ENGINE_CONTROL_CONTROL_SCENE_H_

#include <string>

#include "engine/state/organizations.h"
#include "nairi/mock/exchange.h"

namespace nairi::mock {

// Whom a control call acts on.
struct Scope {
  bool all = false;
  std::string key;  // unused with all
};

// {"status": "ok"}
Reply done();

Reply make_job(FakeState& state, const Scope& scope, const Request& request);
Reply add_faults(FakeState& state, const Scope& scope, const Request& request);
Reply put_world(FakeState& state, const Scope& scope, const Request& request);
Reply delete_world(FakeState& state, const Scope& scope);
Reply show_unmatched(FakeState& state, const Scope& scope);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_CONTROL_CONTROL_SCENE_H_
