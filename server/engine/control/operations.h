// The operations of the control API under /__mock, which is never mixed with the faked one. The
// caller was checked already, and whom the call acts on was read.
#ifndef NAIRI_MOCK_ENGINE_CONTROL_OPERATIONS_H_
#define NAIRI_MOCK_ENGINE_CONTROL_OPERATIONS_H_

#include "engine/control/caller.h"
#include "engine/state/fake_parts.h"
#include "nairi/mock/exchange.h"

namespace nairi::mock {

struct ControlCall {
  FakeParts& fake;
  const Scope& scope;
  const Request& request;
  const Query& query;
};

Reply show_health(const ControlCall& call);
Reply show_metrics(const ControlCall& call);
Reply show_openapi(const ControlCall& call);
Reply show_journal(const ControlCall& call);
Reply show_verdicts(const ControlCall& call);
Reply show_unmatched(const ControlCall& call);
Reply show_state(const ControlCall& call);
// Takes all=true.
Reply show_organizations(const ControlCall& call);

// The inspector's page, which holds no data.
Reply show_page(const ControlCall& call);
Reply lead_to_page(const ControlCall& call);

Reply reset_scope(const ControlCall& call);
Reply revoke_key(const ControlCall& call);
Reply move_clock(const ControlCall& call);

Reply show_held(const ControlCall& call);
Reply release_held(const ControlCall& call);

Reply make_job(const ControlCall& call);
Reply add_faults(const ControlCall& call);
Reply delete_faults(const ControlCall& call);
Reply put_world(const ControlCall& call);
Reply delete_world(const ControlCall& call);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_CONTROL_OPERATIONS_H_
