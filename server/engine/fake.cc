#include "nairi/mock/fake.h"

#include <stdexcept>
#include <utility>

#include "engine/api/arguments.h"
#include "engine/api/fidelity.h"
#include "engine/api/guesses.h"
#include "engine/play/mutation.h"
#include "engine/play/playback.h"
#include "engine/routes.h"
#include "engine/state/fake_parts.h"
#include "fidelity/reliances.h"
#include "nairi/mock/delivery.h"
#include "protocol/body.h"
#include "protocol/cors.h"
#include "protocol/credentials.h"
#include "protocol/host.h"
#include "text/json_writer.h"
#include "text/timestamp.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

Reply misrouted(const Request& request, const Target& target, const WrongMethod& wrong) {
  Reply reply = error_reply(
      {405,
       request.method + " is not allowed on " + in_quotes(target.path) + ": use " + wrong.allow,
       "the path takes " + wrong.allow});
  reply.headers.push_back({"Allow", wrong.allow});
  return reply;
}

Reply misrouted(const Request& request, const Target& target, const NoRoute& none) {
  return error_reply({404,
                      "no route " + request.method + " " + in_quotes(target.path) +
                          "; the nearest is " + std::string(none.nearest->method) + " " +
                          none.nearest->full_path(),
                      none.hint()});
}

// Throws std::invalid_argument for what can't stand in the headers that it is compared with.
void check_names(const FakeOptions& options) {
  for (const std::string& origin : options.cors_origins) {
    if (is_origin(origin)) continue;
    throw std::invalid_argument(in_quotes(origin) +
                                " is no origin: expected scheme, host and port only, such as "
                                "http://localhost:5173");
  }
  for (const std::string& host : options.control_hosts) {
    const std::string_view name = host_name(host);
    const bool is_url = host.find('/') != std::string::npos;
    if (!is_url && (is_dns_name(name) || is_address(name))) continue;
    throw std::invalid_argument(in_quotes(host) + " is no host's name: expected one such as fake");
  }
}

Reply packed(const Failure& failure) {
  Reply reply = error_reply(failure);
  reply.headers.push_back({"Accept-Encoding", "identity"});  // RFC 9110, 15.5.16
  return reply;
}

Reply unauthorized(std::string text, std::string hint) {
  Reply reply = error_reply({401, std::move(text), std::move(hint)});
  reply.headers.push_back({"WWW-Authenticate", "Bearer"});  // RFC 9110, 11.6.1
  return reply;
}

// "continue", "HEAD agents", "PUT": what a guess is told to be about.
std::string called(const Request& request, std::string_view operation) {
  constexpr std::size_t kLongestMethod = 20;
  if (!operation.empty() && request.method != "HEAD") return std::string(operation);
  const std::string method = harmless_line(request.method.substr(0, kLongestMethod));
  return operation.empty() ? method : method + " " + std::string(operation);
}

constexpr std::int64_t kAnyTime = 0;  // in process nobody knows when

// A call that was played, or refused before it was.
struct Played {
  Reply reply;
  std::uint64_t organization = 0;   // 0: none was reached
  std::int64_t at_ms = 0;           // its time then
  std::string_view no_end = {};     // Exchange::no_end
  std::string_view guess = {};      // guess_of_job()
  std::string fault = {};           // "poll#3 status 503"; "" when none struck
  std::string address = {};         // "poll#3"; likewise
  std::shared_ptr<Slot> slot = {};  // of a reply that is held
};

using Question = std::optional<Unscripted> (*)(Organization& organization, const Call& call);

// Of the operations that bring a prompt; else null.
Question question_of(Operation operation) {
  if (operation == Operation::start_conversation) return unscripted_start;
  return operation == Operation::continue_conversation ? unscripted_continue : nullptr;
}

UnscriptedPrompt told(const Unscripted& missing, bool follows_up) {
  UnscriptedPrompt prompt{.follows_up = follows_up, .nearest = {}, .missed = {}};
  if (!missing.nearest) return prompt;
  prompt.nearest = missing.nearest->script;
  for (const Criterion& criterion : missing.nearest->criteria) {
    if (!criterion.met) prompt.missed.push_back(valid_utf8(criterion.text));
  }
  return prompt;
}

}  // namespace

struct Fake::Impl {
  Impl(World world, FakeOptions options)
      : parts(std::move(world), std::move(options)), reliances(parts.options.on_guess) {
    check_names(parts.options);
  }

  Reply control(const ControlRoute& route, const Request& request, const Target& target) {
    if (const auto refused = check_caller(parts.options, request)) return error_reply(*refused);
    if (const auto refused = refuse_packed(request)) return packed(*refused);
    if (route.open) return route.play({parts, {}, request, {}});
    const auto query = Query::parse(target.query);
    if (!query) return error_reply(400, "the query has a % without two hexadecimal digits");
    const auto scope = read_scope(parts, request, *query);
    return scope ? route.play({parts, *scope, request, *query}) : error_reply(scope.error());
  }

  // Whose pages may call that target: never the control API.
  const Origins& origins_for(const Target& target) const {
    static const Origins kNobody;
    return is_control_path(target.path) ? kNobody : parts.options.cors_origins;
  }

  Played call(const ApiRoute& route, std::string_view encoded_parameter, const Request& request,
              const Target& target, std::string_view key,
              const std::shared_ptr<const Request>& kept) {
    if (key.empty()) {
      return {unauthorized("missing API key", "send Authorization: Bearer <key>")};
    }
    if (is_key_of_agent(key)) {
      return {unauthorized("invalid API key", "it is the key of an agent, not a public one")};
    }
    const auto slot = parts.open(key, request);
    if (!slot) {
      return {slot.error().status == 401 ? unauthorized(slot.error().text, slot.error().hint)
                                         : error_reply(slot.error())};
    }
    if (const auto refused = refuse_packed(request)) return {packed(*refused), (*slot)->number};
    auto parameter = percent_decode(encoded_parameter);
    if (!parameter) {
      return {error_reply({400, "invalid path",
                           "it has a % without two hexadecimal digits: " + in_quotes(target.path)}),
              (*slot)->number};
    }
    const Call call{.request = request,
                    .query = target.query,
                    .parameter = std::move(*parameter),
                    .counts_as_read = request.method != "HEAD",
                    .kept = kept};
    std::unique_lock lock((*slot)->mutex);
    Organization& organization = (*slot)->organization;
    parts.organizations.tick(organization);
    const std::int64_t now = organization.now();
    const auto strike =
        call.counts_as_read ? organization.faults().count(route.operation) : std::nullopt;
    const bool is_played = !strike || is_executed(strike->effect);
    Reply reply = is_played ? answer(route, organization, call) : Reply();
    const std::string_view no_end =
        parts.judges ? why_no_end(route.operation, organization, call.parameter) : "";
    const std::string_view guess =
        tells_basis(request) ? guess_of_job(route.operation, organization, call.parameter) : "";
    if (!strike) {
      const bool is_missing =
          route.operation != Operation::list_conversations &&  // there it is documented
          may_be_foreign(reply, organization, call.parameter);
      lock.unlock();
      if (is_missing) refuse_foreign(reply, **slot, call.parameter);
      return {std::move(reply), (*slot)->number, now, no_end, guess};
    }
    spoil(reply, strike->effect, request.target, date_ms(organization));
    reply.cancellation = (*slot)->cancellation;
    Played played{
        std::move(reply), (*slot)->number, now,
        no_end,           guess,           strike->address + " " + to_string(strike->effect),
        strike->address};
    if (played.reply.hold) played.slot = *slot;
    return played;
  }

  // Known only from now on, so that nobody lets it go before it is judged to be held.
  void hold(const Played& played, const Exchange& seen, std::string_view key,
            std::uint64_t number) {
    HeldExchange held{.shown = {.name = played.reply.hold->name(),
                                .at = played.address,
                                .number = number,
                                .organization = played.organization},
                      .hold = played.reply.hold,
                      .cancellation = played.reply.cancellation,
                      .operation = seen.operation,
                      .parameter = std::string(seen.parameter),
                      .key = std::string(key),
                      .at_ms = played.at_ms,
                      .received = moment_of(seen.request, played.at_ms),
                      .no_end = played.no_end,
                      .now_ms = [weak = std::weak_ptr(played.slot)]() -> std::int64_t {
                        const auto slot = weak.lock();
                        if (!slot) return 0;  // it was reset meanwhile
                        const std::lock_guard lock(slot->mutex);
                        return slot->organization.now();
                      }};
    append_timestamp(held.shown.since, played.at_ms);
    if (parts.judges) {
      held.request = seen.request;
      held.reply = played.reply;
      held.reply.hold.reset();  // or it would seem to be awaited
    }
    parts.held.add(std::move(held));
  }

  // Whether anybody wants to know what the reply rests on.
  bool tells_basis(const Request& request) const {
    return parts.options.only_confirmed || find_header(request.headers, kFidelityHeader) != nullptr;
  }

  const Knobs& knobs() const { return parts.options.fidelity.knobs; }

  // Whether the id was refused that another organization may have; only where a ledger says that
  // this makes a difference.
  bool may_be_foreign(const Reply& reply, Organization& organization, const std::string& id) const {
    const bool is_refused = reply.status >= 400 && reply.status != knobs().foreign_id_status;
    return is_refused && is_id(id) && knobs().foreign_id_status != Knobs().foreign_id_status &&
           !has_id(organization, id);
  }

  void refuse_foreign(Reply& reply, const Slot& own, const std::string& id) const {
    const bool is_foreign =
        parts.organizations.any_other(own, [&](Organization& other) { return has_id(other, id); });
    if (is_foreign) reply.status = knobs().foreign_id_status;
  }

  // What a clock outside of the fake shows, if one can. The organization's own goes faster with
  // `speed`, and begins no earlier than what the world speaks of.
  std::int64_t date_ms(const Organization& organization) const {
    const FakeOptions& options = parts.options;
    return options.clock == ClockMode::wall ? options.wall_ms() : organization.now();
  }

  Reply answer(const ApiRoute& route, Organization& organization, const Call& call) const {
    if (!parts.options.mutate_additive) return route.play(organization, call);
    return play_mutated(route.operation, organization, call.parameter, parts.options.seed,
                        [&](const std::string& parameter) {
                          Call original = call;
                          original.parameter = parameter;
                          return route.play(organization, original);
                        });
  }

  // Why the turn that this call looks at can't end as things are.
  std::string_view why_no_end(Operation operation, Organization& organization,
                              const std::string& id) const {
    if (operation != Operation::get_message && operation != Operation::list_messages) return {};
    const auto job =
        operation == Operation::list_messages
            ? find_job(organization, id)
            : find_message(organization, id).map([](const auto& it) { return it.job; });
    if (!job) return {};
    const auto why = mock::why_no_end(organization, **job);
    // In a suite a client lets that time pass itself.
    return why == kTimeStandsStill && parts.options.judging.in_suite ? "" : why;
  }

  // Fake::unscripted().
  std::optional<UnscriptedPrompt> unscripted(const Request& request) const {
    const Target target = split_target(request.target);
    const auto found = find_route(request.method, target);
    const auto* matched = std::get_if<Matched>(&found);
    const auto* route =
        matched == nullptr ? nullptr : std::get_if<ApiRoute>(&matched->route->handler);
    const auto look = route == nullptr ? nullptr : question_of(route->operation);
    const auto key = bearer_token(request.headers, knobs().exact_scheme).value_or("");
    if (look == nullptr || key.empty() || is_key_of_agent(key) || refuse_packed(request)) return {};
    auto parameter = percent_decode(matched->parameter);
    if (!parameter) return {};
    const Call call{.request = request, .query = target.query, .parameter = std::move(*parameter)};
    std::optional<Unscripted> missing;
    parts.organizations.show(
        key, [&](Organization& organization) { missing = look(organization, call); });
    if (!missing) return {};
    return told(*missing, route->operation == Operation::continue_conversation);
  }

  // REFERENCE: Basics: a revoked key answers 401, requests in flight included.
  std::shared_ptr<const Reply> when_revoked(const Request& request, std::string_view operation,
                                            const Origins& origins, bool tells_source) const {
    Reply reply = unauthorized("invalid API key", "it was revoked while the reply waited");
    if (tells_source) {
      const Basis basis = basis_of(operation, request, reply, knobs());
      reply.headers.push_back(
          {std::string(kFidelityHeader), fidelity_text(basis, parts.options.fidelity)});
    }
    tell_as_service(reply, knobs());
    let_read(origins, request, reply);
    return std::make_shared<const Reply>(std::move(reply));
  }

  // Keeps what there is to know of the exchange, and shows it to whoever judges.
  std::uint64_t record(const Exchange& seen, const ExchangeRecord& kept) {
    parts.metrics.count_request(seen.operation, seen.reply.status);
    if (seen.struck && seen.operation) parts.metrics.count_fault(*seen.operation);
    const std::uint64_t number = parts.journal.record(seen.request, seen.reply, kept);
    // Who went away knows no rule to keep.
    if (!parts.judges || seen.reply.status == 0) return number;
    Exchange exchange = seen;
    exchange.key = kept.key;
    exchange.number = number;
    exchange.at_ms = kept.at_ms;
    exchange.received = moment_of(seen.request, kept.at_ms);
    parts.judges->observe(kept.organization, exchange);
    return number;
  }

  // Time under the poll clock is not the client's.
  Moment moment_of(const Request& request, std::int64_t at_ms) const {
    if (request.received_us != 0) return Moment::real(request.received_us);
    const bool is_virtual = parts.options.clock == ClockMode::virtual_time && at_ms != 0;
    return is_virtual ? Moment::of_world(at_ms) : Moment();
  }

  // Says of what is still a guess that somebody relied on it. What only the agents' daemon is known
  // to do is none: no reply has it for its source.
  void note_guess(const Basis& basis, std::uint64_t number, std::string_view call, int status) {
    if (basis.source != "assumed") return;
    const auto& statements = parts.options.fidelity.statements;
    const auto settled = statements.find(basis.statement);
    const bool is_settled = settled != statements.end();
    if (is_settled && !confirmed_on(settled->second).empty()) return;
    const std::string what = std::string(call) + " " + std::to_string(status);
    reliances.note({.statement = basis.statement.empty() ? what : std::string(basis.statement),
                    .exchange = number,
                    .call = std::string(call),
                    .status = status,
                    .refuted_on = is_settled ? settled->second.refuted_on : ""});
  }

  FakeParts parts;
  Reliances reliances;
};

Fake::Fake(World world, FakeOptions options)
    : impl_(std::make_unique<Impl>(std::move(world), std::move(options))) {}

Fake::~Fake() = default;

Reply Fake::handle(const Request& request) {
  return play(request, nullptr);
}

Reply Fake::handle(Request&& request) {
  // Of a smaller one it is not worth the while.
  constexpr std::size_t kLarge = std::size_t{64} << 10U;
  if (request.body.size() < kLarge) return play(request, nullptr);
  const auto kept = std::make_shared<const Request>(std::move(request));
  return play(*kept, kept);
}

std::optional<UnscriptedPrompt> Fake::unscripted(const Request& request) const {
  return impl_->unscripted(request);
}

Reply Fake::play(const Request& request, const std::shared_ptr<const Request>& kept) {
  const Target target = split_target(request.target);
  const Origins& origins = impl_->origins_for(target);
  // Not in the journal, which holds what clients did.
  if (is_preflight(request)) return answer_preflight(origins, request);
  const auto found = find_route(request.method, target);
  const auto* matched = std::get_if<Matched>(&found);
  const auto* operation =
      matched == nullptr ? nullptr : std::get_if<ApiRoute>(&matched->route->handler);
  if (matched != nullptr && operation == nullptr) {
    return impl_->control(std::get<ControlRoute>(matched->route->handler), request, target);
  }
  const FakeOptions& options = impl_->parts.options;
  const Knobs& knobs = options.fidelity.knobs;
  const std::string_view key = bearer_token(request.headers, knobs.exact_scheme).value_or("");
  const std::string_view name = operation == nullptr ? "" : to_string(operation->operation);
  // Assumed: a path that does not exist is refused before a key that is not let in.
  const auto play = [&]() -> Played {
    if (operation != nullptr) {
      return impl_->call(*operation, matched->parameter, request, target, key, kept);
    }
    if (const auto* wrong = std::get_if<WrongMethod>(&found)) {
      return {misrouted(request, target, *wrong)};
    }
    return {misrouted(request, target, std::get<NoRoute>(found))};
  };
  Played played = play();
  Reply& reply = played.reply;
  const bool tells_source = find_header(request.headers, kFidelityHeader) != nullptr;
  const bool is_own = played.fault.empty();
  std::optional<Basis> basis;
  if (is_own && impl_->tells_basis(request)) {
    basis = basis_of(name, request, reply, knobs, played.guess);
  }
  if (tells_source) {
    reply.headers.push_back(
        {std::string(kFidelityHeader), basis ? fidelity_text(*basis, options.fidelity) : "fault"});
  }
  if (is_own) tell_as_service(reply, knobs);
  if (reply.hold || reply.delay_ms > 0) {
    reply.when_revoked = impl_->when_revoked(request, name, origins, tells_source);
  }
  if (is_control_path(target.path)) return std::move(reply);  // a slip of whoever drives the fake
  Organizations& organizations = impl_->parts.organizations;
  Exchange exchange{.request = request,
                    .reply = reply,
                    .delivered = arrives_whole(reply),
                    .struck = !played.fault.empty(),
                    .held = reply.hold != nullptr,
                    .no_end = played.no_end};
  if (operation != nullptr) {
    exchange.operation = operation->operation;
    exchange.parameter = matched->parameter;
  }
  const auto number = impl_->record(
      exchange, {.organization =
                     played.organization != 0 ? played.organization : organizations.number_of(key),
                 .at_ms = played.at_ms,
                 .key = key,
                 .operation = name,
                 .fault = played.fault});
  if (reply.hold) impl_->hold(played, exchange, key, number);
  if (basis && options.only_confirmed) {
    impl_->note_guess(*basis, number, called(request, name), reply.status);
  }
  let_read(origins, request, reply);
  return std::move(reply);
}

void Fake::note_refused(const RefusedRequest& refused) {
  const Request& request = refused.request;
  const bool is_answered = refused.reply.status != 0;
  if (request.method.empty() && !is_answered) return;
  const Target target = split_target(request.target);
  if (is_control_path(target.path)) return;
  const auto found = find_route(request.method, target);
  const auto* matched = std::get_if<Matched>(&found);
  const std::string_view key = bearer_token(request.headers).value_or("");
  Exchange exchange{.request = request,
                    .reply = refused.reply,
                    .refusal = refused.why,
                    .whole_head = refused.whole_head,
                    .misdirected = refused.misdirected};
  ExchangeRecord record{.organization = impl_->parts.organizations.number_of(key),
                        .key = key,
                        .refusal = refused.why};
  if (matched != nullptr) {
    exchange.operation = std::get<ApiRoute>(matched->route->handler).operation;
    record.operation = to_string(*exchange.operation);
  }
  impl_->record(exchange, record);
}

void Fake::advance(std::int64_t ms) {
  impl_->parts.organizations.advance(ms);
}
void Fake::revoke(std::string_view key) {
  (void)impl_->parts.organizations.revoke(key);
}
void Fake::add_faults(std::string_view key, const std::vector<FaultSpec>& faults) {
  check_places(faults);
  const auto added = impl_->parts.organizations.add_faults(key, faults, kAnyTime);
  if (!added) throw std::invalid_argument(added.error().text);
}
void Fake::put_world(std::string_view key, World world) {
  constexpr std::size_t kUncounted = 0;
  const auto put = impl_->parts.put_world(key, std::move(world), kUncounted, kAnyTime);
  if (!put) throw std::invalid_argument(put.error().text);
}
std::size_t Fake::release(std::string_view key, std::string_view name) {
  const auto number = impl_->parts.organizations.find_number(key);
  return number ? impl_->parts.release(*number, name, kAnyTime) : 0;
}
std::vector<HeldReply> Fake::held(std::string_view key) const {
  const auto number = impl_->parts.organizations.find_number(key);
  return number ? impl_->parts.held.list(*number) : std::vector<HeldReply>();
}
void Fake::reset(std::string_view key) {
  impl_->parts.reset(key, kAnyTime);
}
void Fake::reset_all() {
  impl_->parts.reset_all(kAnyTime);
}
std::vector<SeenExchange> Fake::journal(std::string_view key) const {
  const auto number = impl_->parts.organizations.find_number(key);
  return number ? impl_->parts.journal.seen(*number) : std::vector<SeenExchange>();
}
Verdicts Fake::verdicts(std::string_view key) const {
  return impl_->parts.verdicts(key);
}
Verdicts Fake::verdicts_of_all(const RunEnd& end) const {
  return impl_->parts.verdicts_of_all(end);
}
std::vector<JudgedRun> Fake::judged_runs(const RunEnd& end) const {
  const auto& judges = impl_->parts.judges;
  return judges ? judges->runs(end) : std::vector<JudgedRun>();
}
std::vector<Reliance> Fake::reliances() const {
  return impl_->reliances.all();
}
ClockMode Fake::clock() const {
  return impl_->parts.options.clock;
}
std::string Fake::states() const {
  return impl_->parts.organizations.states();
}

}  // namespace nairi::mock
