// What the control API tells.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

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

// Those who wait for the journal of a key that never called have a number to be told by.
Reply show_journal(const ControlCall& call) {
  constexpr std::uint64_t kNobody = UINT64_MAX;
  constexpr std::uint64_t kLongestWaitMs = 60'000;
  const auto after = read_count(call.query, "after", INT64_MAX);
  if (!after) return error_reply(after.error());
  const auto wait = read_count(call.query, "wait_ms", kLongestWaitMs);
  if (!wait) return error_reply(wait.error());
  Journal& journal = call.fake.journal;
  Organizations& organizations = call.fake.organizations;
  std::optional<std::uint64_t> organization;
  if (!*after) {
    if (*wait) return error_reply(400, "wait_ms needs after=N: for what is to be waited?");
    if (!call.scope.all) organization = organizations.find_number(call.scope.key).value_or(kNobody);
    Reply reply;
    reply.body = journal.to_json(organization);
    return reply;
  }
  if (!call.scope.all) {
    const std::uint64_t number = organizations.number_of(call.scope.key);
    organization = number == 0 ? kNobody : number;  // 0 is whoever has no key
  }
  JournalQuery query{.organization = organization, .after = **after};
  if (const std::string* instance = call.query.find("instance")) query.instance = *instance;
  // In process nobody carries a reply that comes later.
  const bool may_wait = call.request.connection != 0 && organization != kNobody;
  const auto most = may_wait ? wait->value_or(0) : 0;
  return journal.follow(query, std::chrono::milliseconds(most));
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
  std::string prompts;
  const auto add = [&](std::uint64_t number, const std::shared_ptr<Slot>& slot) {
    if (!slot) return;
    const std::lock_guard lock(slot->mutex);
    const Organization& organization = slot->organization;
    append_unmatched(prompts, number, slot->universe->playbook, organization.plays(),
                     organization.unmatched());
  };
  if (call.scope.all) {
    for (const auto& [number, slot] : call.fake.organizations.list()) add(number, slot);
  } else {
    const auto slot = call.fake.open(call.scope.key, call.request);
    if (!slot) return error_reply(slot.error());
    add((*slot)->number, *slot);
  }
  Reply reply;
  reply.body = "{\"prompts\":[" + prompts + "]}";
  return reply;
}

}  // namespace nairi::mock
