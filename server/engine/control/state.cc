// What the fake's keys have by now: their time, conversations and faults.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/control/operations.h"
#include "engine/state/message_text.h"
#include "text/json_writer.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

constexpr std::size_t kMostJobsShown = 500;
constexpr std::size_t kMostOfAMessage = 4096;

void append_messages(std::string& out, const Job& job) {
  out += '[';
  for (const Message& message : job.messages) {
    if (out.back() != '[') out += ',';
    Message shown = message;
    if (shown.content.size() > kMostOfAMessage) {
      shown.content = valid_utf8(shown.content.substr(0, kMostOfAMessage));
    }
    append_message(out, job, shown);
  }
  out += ']';
}

// As the calls so far brought it about: to play on what is due would give ids in the order of
// looks.
void append_job(std::string& out, Organization& organization, const Job& job, bool with_messages) {
  ObjectWriter writer(out);
  writer.field("job_id", job_id_text(job))
      .field("agent_id", organization.agents()[job.agent].profile->agent_id)
      .field("origin", to_string(job.origin))
      .field("status", to_string(job.status))
      .timestamp("created_at", job.created_at)
      .timestamp("updated_at", job.updated_at)
      .field("message_count", static_cast<std::int64_t>(job.messages.size()));
  if (with_messages) append_messages(writer.value("messages"), job);
  writer.close();
}

void append_newest_jobs(std::string& out, Organization& organization, bool with_messages) {
  const std::size_t count = organization.job_count();
  out += '[';
  for (std::size_t age = count - std::min(count, kMostJobsShown); age < count; ++age) {
    if (out.back() != '[') out += ',';
    Job& job = organization.job_of_age(static_cast<std::uint32_t>(age));
    append_job(out, organization, job, with_messages);
  }
  out += ']';
}

void begin_organization(ObjectWriter& writer, std::uint64_t number, Organization& organization) {
  constexpr std::string_view kClocks[] = {"poll", "virtual", "wall"};
  const ClockMode clock = organization.universe().clock;
  writer.field("organization", static_cast<std::int64_t>(number))
      .field("clock", kClocks[static_cast<std::size_t>(clock)])
      .timestamp("now", organization.now())
      .field("job_count", static_cast<std::int64_t>(organization.job_count()));
}

// The job that is asked for; nullptr when nobody asks.
Checked<Job*> wanted_job(const Query& query, Organization& organization) {
  const std::string* id = query.find("job");
  if (id == nullptr) return nullptr;
  const bool legacy = id->starts_with(kLegacyJobPrefix);
  const auto ulid = parse_id(*id, legacy ? kLegacyJobPrefix : kJobPrefix);
  if (Job* job = ulid ? organization.find_job(*ulid, legacy) : nullptr) return job;
  return fail(404, "the key's organization has no job " + in_quotes(cut(*id, 100)));
}

}  // namespace

Reply show_state(const ControlCall& call) {
  if (call.scope.all) {
    return error_reply(400,
                       "the state is that of one key: say organization=N; GET "
                       "/__mock/organizations lists them");
  }
  const auto with_messages = read_flag(call.query, "messages");
  if (!with_messages) return error_reply(with_messages.error());
  const auto slot = call.fake.open(call.scope.key, call.request);
  if (!slot) return error_reply(slot.error());
  const std::lock_guard lock((*slot)->mutex);
  Organization& organization = (*slot)->organization;
  if (organization.universe().clock == ClockMode::wall) call.fake.organizations.tick(organization);
  const auto job = wanted_job(call.query, organization);
  if (!job) return error_reply(job.error());
  Reply reply;
  ObjectWriter writer(reply.body);
  begin_organization(writer, (*slot)->number, organization);
  organization.faults().append_to(writer.value("faults"));
  append_held(writer.value("held"), call.fake.held.list((*slot)->number));
  std::string& jobs = writer.value("jobs");
  if (*job != nullptr) {
    append_job(jobs += '[', organization, **job, *with_messages);
    jobs += ']';
  } else {
    append_newest_jobs(jobs, organization, *with_messages);
  }
  writer.close();
  return reply;
}

Reply show_organizations(const ControlCall& call) {
  if (!call.scope.all) {
    return error_reply(403,
                       "who asks for all organizations says all=true, with the control token "
                       "of the ready file as the bearer");
  }
  const auto exchanges = call.fake.journal.counts();
  Reply reply;
  std::string& out = reply.body;
  out = "{\"organizations\":[";
  for (const auto& [number, slot] : call.fake.organizations.list()) {
    if (out.back() != '[') out += ',';
    const auto counted = exchanges.find(number);
    const std::size_t count = counted == exchanges.end() ? 0 : counted->second;
    ObjectWriter writer(out);
    if (slot) {
      const std::lock_guard lock(slot->mutex);
      begin_organization(writer, number, slot->organization);
      writer.field("fault_count", static_cast<std::int64_t>(slot->organization.faults().size()));
    } else {
      writer.field("organization", static_cast<std::int64_t>(number));
    }
    writer.field("exchange_count", static_cast<std::int64_t>(count)).close();
  }
  out += "]}";
  return reply;
}

}  // namespace nairi::mock
