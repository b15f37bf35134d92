#include "engine/control/control_scene.h"

#include <utility>
#include <vector>

#include "nairi/mock/world_file.h"
#include "text/json_writer.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

// The first id of the job that the organization has already.
const std::string* taken_id(Organization& organization, const JobSpec& spec) {
  if (spec.id) {
    const bool legacy = spec.id->starts_with(kLegacyJobPrefix);
    const auto ulid = parse_id(*spec.id, legacy ? kLegacyJobPrefix : kJobPrefix);
    if (organization.has_job(*ulid)) return &*spec.id;
  }
  for (const MessageSpec& message : spec.messages) {
    if (message.id && organization.find_message(*parse_id(*message.id, kMessagePrefix))) {
      return &*message.id;
    }
  }
  return nullptr;
}

}  // namespace

Reply done() {
  Reply reply;
  ObjectWriter(reply.body).field("status", "ok").close();
  return reply;
}

Reply make_job(FakeState& state, const Scope& scope, const Request& request) {
  if (scope.all) return error_reply(400, "a job is made for one key: call with that key");
  const auto slot = state.open(scope.key);
  if (!slot) return error_reply(slot.error());
  const std::lock_guard lock((*slot)->mutex);
  Organization& organization = (*slot)->organization;
  std::vector<std::string> agents;
  for (const Agent& agent : organization.agents()) {
    if (!agent.deleted) agents.push_back(agent.profile.agent_id);
  }
  const auto spec = parse_job(request.body, agents);
  if (!spec) return error_reply(400, to_string(spec.error(), "; "));
  if (const std::string* id = taken_id(organization, *spec)) {
    return error_reply(400, "the id is taken: " + in_quotes(*id));
  }
  if (!organization.has_room_for(request.body.size())) {
    return error_reply(503, "nairi-mock is full: reset the keys that are done with");
  }
  state.tick(organization);
  Reply reply;
  reply.status = 201;
  ObjectWriter(reply.body).field("job_id", job_id_text(organization.add_job(*spec))).close();
  return reply;
}

Reply add_faults(FakeState& state, const Scope& scope, const Request& request) {
  if (scope.all) return error_reply(400, "faults strike one key: call with that key");
  const auto faults = parse_faults(request.body);
  if (!faults) return error_reply(400, to_string(faults.error(), "; "));
  const auto added = state.add_faults(scope.key, *faults);
  return added ? done() : error_reply(added.error());
}

Reply put_world(FakeState& state, const Scope& scope, const Request& request) {
  auto world = parse_world(request.body, {.file = "world", .has_files = false});
  if (!world) return error_reply(400, to_string(world.error(), "; "));
  if (scope.all) {
    state.put_common_world(std::move(*world));
    return done();
  }
  const auto put = state.put_world(scope.key, std::move(*world), request.body.size());
  return put ? done() : error_reply(put.error());
}

Reply delete_world(FakeState& state, const Scope& scope) {
  if (scope.all)
    return error_reply(400, "one key's world is deleted at a time: call with that key");
  state.drop_world(scope.key);
  return done();
}

Reply show_unmatched(FakeState& state, const Scope& scope) {
  if (scope.all)
    return error_reply(400, "unmatched prompts are those of a key: call with that key");
  const auto slot = state.open(scope.key);
  if (!slot) return error_reply(slot.error());
  const std::lock_guard lock((*slot)->mutex);
  Reply reply;
  reply.body = to_json((*slot)->universe->playbook, (*slot)->organization.unmatched());
  return reply;
}

}  // namespace nairi::mock
