// REFERENCE: Conversations, Messages.
#include "engine/api/arguments.h"
#include "engine/api/operations.h"
#include "engine/play/playback.h"
#include "engine/state/message_text.h"
#include "nairi/mock/api.h"
#include "text/json_writer.h"

namespace nairi::mock {
namespace {

// Only that it succeeds is documented: the status is assumed.
Reply turn_reply(int status, const Job& job, Ulid user_message) {
  Reply reply;
  reply.status = status;
  ShortText<128> text;
  text.add(R"({"job_id":")").add(job_prefix(job)).add(write_ulid, job.id);
  text.add(R"(","message_id":")").add(kMessagePrefix).add(write_ulid, user_message).add(R"("})");
  reply.body = text.view();
  return reply;
}

Job& new_job(Organization& organization, const Agent& agent, bool ask_mode) {
  Job job;
  job.id = organization.next_id();
  job.agent = organization.index_of(agent);
  job.ask_mode = ask_mode;
  job.created_at = job.updated_at = organization.now();
  return organization.add_job(std::move(job));
}

// What a start says, before it is known whether its agent and files are there.
struct StartBody {
  Body body;
  std::string agent_id;
  std::string prompt;
  bool ask_mode;
};

Checked<StartBody> read_start_body(const Organization& organization, const Call& call) {
  auto body = read_body(organization, call.request.body, fields_of_body("start"));
  if (!body) return tl::unexpected(body.error());
  auto agent_id = body->required_text("agent_id");
  if (!agent_id) return tl::unexpected(agent_id.error());
  auto prompt = body->required_text("prompt");
  if (!prompt) return tl::unexpected(prompt.error());
  const auto ask_mode = body->flag("ask_mode", false);
  if (!ask_mode) return tl::unexpected(ask_mode.error());
  return StartBody{std::move(*body), std::move(*agent_id), std::move(*prompt), *ask_mode};
}

// What a call reads and refuses before anything is made.
struct Start {
  Agent* agent;
  std::string prompt;
  bool ask_mode;
  std::vector<Ulid> attachments;
};

Checked<Start> read_start(Organization& organization, const Call& call) {
  auto said = read_start_body(organization, call);
  if (!said) return tl::unexpected(said.error());
  // Assumed: an unknown agent is told before a bad attachment.
  const auto agent = find_agent(organization, said->agent_id);
  if (!agent) return tl::unexpected(agent.error());
  auto attachments = find_attachments(organization, said->body);
  if (!attachments) return tl::unexpected(attachments.error());
  if (auto full = check_room(organization, call)) return tl::unexpected(*full);
  return Start{*agent, std::move(said->prompt), said->ask_mode, std::move(*attachments)};
}

// Whether the id is well formed, as far as it is one; the agent need not be there.
bool may_name_agent(std::string_view slug_or_id) {
  return !slug_or_id.starts_with(kAgentPrefix) || parse_id(slug_or_id, kAgentPrefix).has_value();
}

Agent* agent_if_there(Organization& organization, std::string_view slug_or_id) {
  const auto agent = find_agent(organization, slug_or_id);
  return agent ? *agent : nullptr;
}

// REFERENCE: POST …/continue.
Failure of_other_origin() {
  return {400, "job is not an API job"};
}

struct Continuation {
  Job* job;
  std::string prompt;
  std::vector<Ulid> attachments;
};

Checked<Continuation> read_continuation(Organization& organization, const Call& call) {
  const auto job = find_job(organization, call.parameter);
  if (!job) return tl::unexpected(job.error());
  catch_up(organization, **job);
  // Exactly this text, whatever the body holds (the text: REFERENCE: continue; that it comes first
  // is assumed).
  if ((*job)->origin != Origin::api) return tl::unexpected(of_other_origin());
  const auto body = read_body(organization, call.request.body, fields_of_body("continue"));
  if (!body) return tl::unexpected(body.error());
  auto prompt = body->required_text("prompt");
  if (!prompt) return tl::unexpected(prompt.error());
  const Knobs& knobs = organization.knobs();
  if (has_ended(**job) && knobs.continue_ended_status >= 400) {
    return fail(knobs.continue_ended_status, knobs.continue_ended_error);  // assumed: both
  }
  auto attachments = find_attachments(organization, *body);
  if (!attachments) return tl::unexpected(attachments.error());
  if (auto full = check_room(organization, call)) return tl::unexpected(*full);
  return Continuation{*job, std::move(*prompt), std::move(*attachments)};
}

}  // namespace

Reply start_conversation(Organization& organization, const Call& call) {
  auto start = read_start(organization, call);
  if (!start) return error_reply(start.error());
  Job& job = new_job(organization, *start->agent, start->ask_mode);
  return turn_reply(organization.knobs().start_status, job,
                    add_prompt(organization, job, std::move(start->prompt), start->attachments));
}

std::optional<Unscripted> unscripted_start(Organization& organization, const Call& call) {
  const auto said = read_start_body(organization, call);
  if (!said || !may_name_agent(said->agent_id)) return std::nullopt;
  const auto attachments = find_attachments(organization, said->body);
  if (!attachments) return std::nullopt;
  const Agent* agent = agent_if_there(organization, said->agent_id);
  return organization.universe().playbook.unscripted(
      {.agent_id = agent == nullptr ? said->agent_id : agent->profile->agent_id,
       .text = said->prompt,
       .ask_mode = said->ask_mode,
       .has_attachments = !attachments->empty()},
      organization.plays());
}

std::optional<Unscripted> unscripted_continue(Organization& organization, const Call& call) {
  const auto next = read_continuation(organization, call);
  if (!next || has_ended(*next->job)) return std::nullopt;
  const Job& job = *next->job;
  return organization.universe().playbook.unscripted(
      {.agent_id = organization.agents()[job.agent].profile->agent_id,
       .text = next->prompt,
       .turn = job.turns_taken + 1,
       .ask_mode = job.ask_mode,
       .has_attachments = !next->attachments.empty()},
      organization.plays());
}

Reply continue_conversation(Organization& organization, const Call& call) {
  auto next = read_continuation(organization, call);
  if (!next) return error_reply(next.error());
  Job& job = *next->job;
  const Knobs& knobs = organization.knobs();
  if (has_ended(job)) {
    return turn_reply(
        knobs.continue_ended_status, job,
        add_idle_prompt(organization, job, std::move(next->prompt), next->attachments));
  }
  wake(organization, job);
  return turn_reply(knobs.continue_status, job,
                    add_prompt(organization, job, std::move(next->prompt), next->attachments));
}

Reply get_message(Organization& organization, const Call& call) {
  const auto found = find_message(organization, call.parameter);
  if (!found) return error_reply(found.error());
  const Ulid id = found->message->id;
  catch_up(organization, *found->job);
  // Looked up again: what was played meanwhile may have moved the messages.
  const auto now = organization.find_message(id);
  Reply reply;
  append_message(reply.body, *now->job, *now->message);
  if (call.counts_as_read) count_read(organization, *now->job);
  return reply;
}

Reply list_messages(Organization& organization, const Call& call) {
  const auto job = find_job(organization, call.parameter);
  if (!job) return error_reply(job.error());
  if ((*job)->origin != Origin::api && !organization.knobs().other_origins_readable) {
    return error_reply(of_other_origin());
  }
  catch_up(organization, **job);
  Reply reply;
  append_timeline(reply.body, **job);
  if (call.counts_as_read) count_read(organization, **job);
  return reply;
}

}  // namespace nairi::mock
