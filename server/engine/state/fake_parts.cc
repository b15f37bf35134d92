#include "engine/state/fake_parts.h"

#include <cstdint>
#include <utility>

namespace nairi::mock {
namespace {

RunEnd reset_at(std::int64_t at_us) {
  return {.by = "the key was reset", .at_us = at_us};
}

}  // namespace

FakeParts::FakeParts(World world, FakeOptions settings)
    : options(std::move(settings)),
      organizations(std::move(world), options,
                    [this](const Organizations::Evicted& evicted) { on_evicted(evicted); }),
      journal(options.journal_max_entries, options.journal_max_bytes, options.instance) {
  if (options.judge) judges.emplace(options.judging);
}

void FakeParts::reset(std::string_view key, std::int64_t at_us) {
  end(organizations.reset(key), at_us);
}

void FakeParts::reset_all(std::int64_t at_us) {
  end_all(organizations.reset_all(), at_us);
}

Checked<void> FakeParts::put_world(std::string_view key, World world, std::size_t bytes,
                                   std::int64_t at_us) {
  const auto dropped = organizations.put_world(key, std::move(world), bytes, at_us);
  if (!dropped) return tl::unexpected(dropped.error());
  end(*dropped, at_us);
  return {};
}

void FakeParts::drop_world(std::string_view key, std::int64_t at_us) {
  end(organizations.drop_world(key), at_us);
}

void FakeParts::put_common_world(World world, std::int64_t at_us) {
  end_all(organizations.put_common_world(std::move(world)), at_us);
}

Checked<std::shared_ptr<Slot>> FakeParts::open(std::string_view key, const Request& call) {
  return organizations.open(key, call.received_us, call.body.size());
}

std::size_t FakeParts::release(std::optional<std::uint64_t> organization, std::string_view name,
                               std::int64_t at_us) {
  return held.release(organization, name, [&](const HeldExchange& one) {
    if (!judges) return;
    Exchange exchange = one.exchange();
    if (options.clock == ClockMode::virtual_time && one.request.received_us == 0) {
      exchange.let_go = Moment::of_world(one.now_ms());
    } else {
      exchange.let_go = at_us == 0 ? Moment() : Moment::real(at_us);
    }
    judges->observe(one.shown.organization, exchange);
  });
}

void FakeParts::on_evicted(const Organizations::Evicted& evicted) {
  const Slot& slot = *evicted.slot;
  forget(slot.number, {.by = "the key was idle and made room", .at_us = evicted.at_us});
  slot.cancellation->cancel();
  held.tidy();
  ++metrics.evicted_keys;
  if (!options.on_evicted) return;
  const std::chrono::microseconds idle(evicted.at_us - slot.used_us);
  options.on_evicted({slot.number, std::chrono::duration_cast<std::chrono::milliseconds>(idle)});
}

Verdicts FakeParts::verdicts(std::string_view key) const {
  constexpr std::uint64_t kNobody = UINT64_MAX;
  if (!judges) return Judge(options.judging).verdicts();
  return judges->verdicts(organizations.find_number(key).value_or(kNobody));
}

Verdicts FakeParts::verdicts_of_all(const RunEnd& end) const {
  return judges ? judges->verdicts_of_all(end) : Judge(options.judging).verdicts();
}

void FakeParts::end(const Organizations::Dropped& dropped, std::int64_t at_us) {
  for (const auto& slot : dropped.slots) {
    forget(slot->number, reset_at(at_us));
    slot->cancellation->cancel();
  }
  for (const std::uint64_t number : dropped.strangers) forget(number, reset_at(at_us));
  held.tidy();
}

void FakeParts::forget(std::uint64_t number, const RunEnd& end) {
  journal.forget(number);
  if (judges) judges->end(number, end);
}

// Requests that belong to nobody are forgotten too.
void FakeParts::end_all(const Organizations::Dropped& dropped, std::int64_t at_us) {
  journal.forget(std::nullopt);
  if (judges) judges->end_all(reset_at(at_us));
  for (const auto& slot : dropped.slots) slot->cancellation->cancel();
  held.tidy();
}

}  // namespace nairi::mock
