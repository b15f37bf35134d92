#include "nairi/mock/fake.h"

#include <stdexcept>
#include <utility>

#include "engine/api/fidelity.h"
#include "engine/api/operations.h"
#include "engine/control/control.h"
#include "engine/play/mutation.h"
#include "engine/state/organizations.h"
#include "nairi/mock/delivery.h"
#include "protocol/credentials.h"
#include "protocol/operation.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

std::string path_of(const Target& target) {
  return in_quotes(target.path);
}

Reply wrong_method(const Request& request, const Target& target, const WrongMethod& wrong) {
  Reply reply = error_reply(
      405, request.method + " is not allowed on " + path_of(target) + ": use " + wrong.allow);
  reply.headers.push_back({"Allow", wrong.allow});
  return reply;
}

Reply no_route(const Request& request, const Target& target, const NoRoute& none) {
  return error_reply(404, "no route " + request.method + " " + path_of(target) +
                              "; the nearest is " + std::string(none.nearest->method) + " " +
                              std::string(none.nearest->path));
}

Reply unauthorized(std::string_view text) {
  Reply reply = error_reply(401, text);
  reply.headers.push_back({"WWW-Authenticate", "Bearer"});  // RFC 9110, 11.6.1
  return reply;
}

Reply play(Operation operation, Organization& organization, const Call& call) {
  switch (operation) {
    case Operation::start_conversation:
      return start_conversation(organization, call);
    case Operation::get_message:
      return get_message(organization, call);
    case Operation::list_messages:
      return list_messages(organization, call);
    case Operation::continue_conversation:
      return continue_conversation(organization, call);
    case Operation::list_conversations:
      return list_conversations(organization, call);
    case Operation::list_agents:
      return list_agents(organization, call);
    case Operation::create_agent:
      return create_agent(organization, call);
    case Operation::get_agent:
      return get_agent(organization, call);
    case Operation::update_agent:
      return update_agent(organization, call);
    case Operation::delete_agent:
      return delete_agent(organization, call);
    case Operation::deploy_agent:
      return deploy_agent(organization, call);
    case Operation::upload_attachment:
      return upload_attachment(organization, call);
    case Operation::get_attachment:
      return get_attachment(organization, call);
    default:
      return error_reply(500, "no operation of the API");  // the route table has no other
  }
}

}  // namespace

struct Fake::Impl {
  Impl(World world, FakeOptions options) : state(std::move(world), std::move(options)) {}

  // Plays a call of the faked API and tells the journal whose it was.
  Reply call(const Matched& matched, const Request& request, const Target& target,
             Journal::Context& context) {
    if (context.key.empty()) {
      return unauthorized("missing API key: send Authorization: Bearer <key>");
    }
    const auto slot = state.open(context.key);
    if (!slot) {
      return slot.error().status == 401 ? unauthorized(slot.error().text)
                                        : error_reply(slot.error());
    }
    context.organization = (*slot)->number;
    auto parameter = percent_decode(matched.parameter);
    if (!parameter) {
      return error_reply(
          400, "the path has a % without two hexadecimal digits: " + in_quotes(target.path));
    }
    const std::lock_guard lock((*slot)->mutex);
    Organization& organization = (*slot)->organization;
    state.tick(organization);
    context.at_ms = organization.now();
    const Call called{.request = request,
                      .query = target.query,
                      .parameter = std::move(*parameter),
                      .counts_as_read = request.method != "HEAD"};
    if (called.counts_as_read) {
      if (const auto strike = organization.faults().count(*matched.route)) {
        context.fault = strike->address + " " + to_string(strike->effect);
        Reply reply;
        if (is_executed(strike->effect)) reply = answer(*matched.route, organization, called);
        spoil(reply, strike->effect, request.target);
        reply.cancellation = (*slot)->cancellation;
        return reply;
      }
    }
    return answer(*matched.route, organization, called);
  }

  // Shows the exchange to whoever judges.
  void judge(const Matched& matched, const Request& request, const Reply& reply,
             const Journal::Context& context, std::uint64_t number) {
    if (state.judges() == nullptr) return;
    Moment received;  // time under the poll clock is not the client's
    if (request.received_us != 0) {
      received = Moment::real(request.received_us);
    } else if (state.options().clock == ClockMode::virtual_time && context.at_ms != 0) {
      received = Moment::of_world(context.at_ms);
    }
    state.judges()->observe(context.organization, {.request = request,
                                                   .reply = reply,
                                                   .operation = matched.route->operation,
                                                   .parameter = matched.parameter,
                                                   .key = context.key,
                                                   .number = number,
                                                   .at_ms = context.at_ms,
                                                   .received = received,
                                                   .delivered = arrives_whole(reply)});
  }

  Reply answer(const Route& route, Organization& organization, const Call& call) {
    const std::uint64_t seed = state.options().seed;
    if (!state.options().mutate_additive) return play(route.operation, organization, call);
    const bool reads_one = route.operation == Operation::get_message;
    const auto stranger =
        reads_one ? find_stranger(organization, call.parameter, seed) : std::nullopt;
    Reply reply;
    if (stranger) {
      Call original = call;
      original.parameter = stranger->original_id;
      reply = play(route.operation, organization, original);
      become_stranger(reply, *stranger, seed);
    } else {
      reply = play(route.operation, organization, call);
    }
    if (route.operation == Operation::list_messages) add_strangers(reply, seed);
    add_fields(reply, seed);
    return reply;
  }

  FakeState state;
};

Fake::Fake(World world, FakeOptions options)
    : impl_(std::make_unique<Impl>(std::move(world), std::move(options))) {}

Fake::~Fake() = default;

Reply Fake::handle(const Request& request) {
  const Target target = split_target(request.target);
  const auto found = find_route(request.method, target);
  const auto* matched = std::get_if<Matched>(&found);
  if (matched != nullptr && matched->route->path.starts_with(kControlPrefix)) {
    return control(impl_->state, matched->route->operation, request, target);
  }
  Journal::Context context;
  context.key = bearer_token(request.headers).value_or("");
  Reply reply;
  // Assumed: a path that does not exist is told before a key that is not let in.
  if (matched != nullptr) {
    context.operation = matched->route->name;
    reply = impl_->call(*matched, request, target, context);
  } else if (const auto* wrong = std::get_if<WrongMethod>(&found)) {
    reply = wrong_method(request, target, *wrong);
  } else {
    reply = no_route(request, target, std::get<NoRoute>(found));
  }
  if (find_header(request.headers, kFidelityHeader) != nullptr) {
    reply.headers.push_back(
        {std::string(kFidelityHeader),
         std::string(context.fault.empty() ? source_of(context.operation, request, reply)
                                           : "fault")});
  }
  if (context.organization == 0) {  // refused: shown to its key all the same, if that is known
    if (const auto known = impl_->state.find(context.key)) context.organization = known->number;
  }
  const std::uint64_t number = impl_->state.journal().record(request, reply, context);
  if (matched != nullptr) impl_->judge(*matched, request, reply, context, number);
  return reply;
}

void Fake::advance(std::int64_t ms) {
  impl_->state.advance(ms);
}
void Fake::revoke(std::string_view key) {
  (void)impl_->state.revoke(key);
}
void Fake::add_faults(std::string_view key, const std::vector<FaultSpec>& faults) {
  check_places(faults);
  const auto added = impl_->state.add_faults(key, faults);
  if (!added) throw std::invalid_argument(added.error().text);
}
void Fake::put_world(std::string_view key, World world) {
  constexpr std::size_t kUncounted = 0;
  const auto put = impl_->state.put_world(key, std::move(world), kUncounted);
  if (!put) throw std::invalid_argument(put.error().text);
}
void Fake::reset(std::string_view key) {
  impl_->state.reset(key);
}
void Fake::reset_all() {
  impl_->state.reset_all();
}
Verdicts Fake::verdicts(std::string_view key) const {
  return impl_->state.verdicts(key);
}
Verdicts Fake::verdicts_of_all() const {
  return impl_->state.verdicts(std::nullopt);
}
ClockMode Fake::clock() const {
  return impl_->state.options().clock;
}
std::string Fake::states() const {
  return impl_->state.states();
}

}  // namespace nairi::mock
