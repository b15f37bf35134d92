// What the control API does to a key: its run begins anew, its time goes on, and the scene is set
// for it (its world, faults, a job of any origin).
#include <utility>
#include <vector>

#include "engine/control/operations.h"
#include "nairi/mock/world_file.h"
#include "protocol/body.h"
#include "text/json_writer.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

constexpr std::int64_t kLongestAdvanceMs = std::int64_t{10} * 365 * 24 * 3600 * 1000;

Reply done() {
  Reply reply;
  ObjectWriter(reply.body).field("status", "ok").close();
  return reply;
}

Reply done_or(const Checked<void>& outcome) {
  return outcome ? done() : error_reply(outcome.error());
}

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

Reply reset_scope(const ControlCall& call) {
  if (call.scope.all) {
    call.fake.reset_all(call.request.received_us);
  } else {
    call.fake.reset(call.scope.key, call.request.received_us);
  }
  return done();
}

Reply revoke_key(const ControlCall& call) {
  if (call.scope.all) return error_reply(400, "one key is revoked at a time: call with that key");
  return done_or(call.fake.organizations.revoke(call.scope.key));
}

Reply move_clock(const ControlCall& call) {
  if (call.fake.options.clock != ClockMode::virtual_time) {
    return error_reply(400, "this clock can't be moved: start with --clock virtual");
  }
  const auto body = Body::parse(call.request.body);
  if (!body) return error_reply(body.error());
  if (!body->has("advance_ms")) return error_reply(400, "advance_ms is required");
  const auto ms = body->integer("advance_ms", 0, 0);
  if (!ms) return error_reply(ms.error());
  if (*ms > kLongestAdvanceMs) {
    return error_reply(400, "advance_ms must be at most " + std::to_string(kLongestAdvanceMs));
  }
  if (call.scope.all) {
    call.fake.organizations.advance(*ms);
    return done();
  }
  const auto slot = call.fake.open(call.scope.key, call.request);
  if (!slot) return error_reply(slot.error());
  const std::lock_guard lock((*slot)->mutex);
  (*slot)->organization.move_time(*ms);
  Reply reply;
  ObjectWriter(reply.body).timestamp("now", (*slot)->organization.now()).close();
  return reply;
}

Reply make_job(const ControlCall& call) {
  if (call.scope.all) return error_reply(400, "a job is made for one key: call with that key");
  const auto slot = call.fake.open(call.scope.key, call.request);
  if (!slot) return error_reply(slot.error());
  const std::lock_guard lock((*slot)->mutex);
  Organization& organization = (*slot)->organization;
  std::vector<std::string> agents;
  for (const Agent& agent : organization.agents()) {
    if (!agent.deleted) agents.push_back(agent.profile->agent_id);
  }
  const auto spec = parse_job(call.request.body, agents);
  if (!spec) return error_reply(400, to_string(spec.error(), "; "));
  if (const std::string* id = taken_id(organization, *spec)) {
    return error_reply(400, "the id is taken: " + in_quotes(*id));
  }
  if (!organization.has_room_for(call.request.body.size())) {
    return error_reply(503, "nairi-mock is full: reset the keys that are done with");
  }
  call.fake.organizations.tick(organization);
  Reply reply;
  reply.status = 201;
  ObjectWriter(reply.body).field("job_id", job_id_text(organization.add_job(*spec))).close();
  return reply;
}

Reply add_faults(const ControlCall& call) {
  if (call.scope.all) return error_reply(400, "faults strike one key: call with that key");
  const auto faults = parse_faults(call.request.body);
  if (!faults) return error_reply(400, to_string(faults.error(), "; "));
  return done_or(
      call.fake.organizations.add_faults(call.scope.key, *faults, call.request.received_us));
}

Reply delete_faults(const ControlCall& call) {
  if (call.scope.all) return error_reply(400, "faults are those of one key: call with that key");
  const auto slot = call.fake.open(call.scope.key, call.request);
  if (!slot) return error_reply(slot.error());
  const std::lock_guard lock((*slot)->mutex);
  (*slot)->organization.faults().clear();
  return done();
}

Reply put_world(const ControlCall& call) {
  auto world = parse_world(call.request.body, {.file = "world", .has_files = false});
  if (!world) return error_reply(400, to_string(world.error(), "; "));
  if (call.scope.all) {
    call.fake.put_common_world(std::move(*world), call.request.received_us);
    return done();
  }
  return done_or(call.fake.put_world(call.scope.key, std::move(*world), call.request.body.size(),
                                     call.request.received_us));
}

Reply delete_world(const ControlCall& call) {
  if (call.scope.all) {
    return error_reply(400, "one key's world is deleted at a time: call with that key");
  }
  call.fake.drop_world(call.scope.key, call.request.received_us);
  return done();
}

}  // namespace nairi::mock
