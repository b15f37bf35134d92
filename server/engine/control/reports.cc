// What the control API tells.
#include <algorithm>

#include "engine/control/operations.h"
#include "engine/state/near_misses.h"
#include "text/json_writer.h"
#include "world/embedded.h"

namespace nairi::mock {

Reply show_health(const ControlCall& call) {
  constexpr std::string_view kClocks[] = {"poll", "virtual", "wall"};
  const FakeOptions& options = call.fake.options;
  // A balancer sends nothing more to who answers 503.
  const bool is_draining = options.server && options.server->draining;
  Reply reply;
  if (is_draining) reply.status = 503;
  ObjectWriter(reply.body)
      .field("status", is_draining ? "draining" : "ok")
      .field("name", "nairi-mock")
      .field("version", options.version)
      .field("instance", options.instance)
      .field("clock", kClocks[static_cast<std::size_t>(options.clock)])
      .field("seed", std::to_string(options.seed))
      .field("organizations", static_cast<std::int64_t>(call.fake.organizations.count()))
      .close();
  return reply;
}

Reply show_openapi(const ControlCall& /*call*/) {
  Reply reply;
  reply.body = embedded_contract("openapi.json").value_or("");
  return reply;
}

Reply show_journal(const ControlCall& call) {
  constexpr std::uint64_t kNobody = UINT64_MAX;
  Reply reply;
  if (call.scope.all) {
    reply.body = call.fake.journal.to_json(std::nullopt);
  } else {
    const auto number = call.fake.organizations.find_number(call.scope.key);
    reply.body = call.fake.journal.to_json(number.value_or(kNobody));
  }
  return reply;
}

Reply show_verdicts(const ControlCall& call) {
  if (!call.fake.judges) {
    return error_reply(400, "nobody judges: start with --judge warn, or FakeOptions::judge");
  }
  Reply reply;
  reply.body =
      to_json(call.scope.all ? call.fake.verdicts_of_all({}) : call.fake.verdicts(call.scope.key));
  return reply;
}

Reply show_unmatched(const ControlCall& call) {
  if (call.scope.all) {
    return error_reply(400, "unmatched prompts are those of a key: call with that key");
  }
  const auto slot = call.fake.open(call.scope.key, call.request);
  if (!slot) return error_reply(slot.error());
  const std::lock_guard lock((*slot)->mutex);
  Reply reply;
  const Organization& organization = (*slot)->organization;
  reply.body = to_json((*slot)->universe->playbook, organization.plays(), organization.unmatched());
  return reply;
}

}  // namespace nairi::mock
