#include "engine/fake_state.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "engine/states.h"

namespace nairi::mock {
namespace {

Universe make_universe(World world, const FakeOptions& options) {
  std::vector<TurnScript> turns = std::exchange(world.turns, {});
  return {std::move(world), Playbook(std::move(turns)),
          options.clock,    options.clock == ClockMode::wall ? options.speed : 1,
          options.seed,     options.max_kept_bytes};
}

FakeOptions checked(FakeOptions options) {
  if (options.clock != ClockMode::wall) return options;
  if (!options.wall_ms) throw std::invalid_argument("the wall clock needs FakeOptions::wall_ms");
  if (!(options.speed > 0) || !std::isfinite(options.speed)) {
    throw std::invalid_argument("FakeOptions::speed must be above 0");
  }
  return options;
}

}  // namespace

FakeState::FakeState(World world, FakeOptions options)
    : options_(checked(std::move(options))),
      universe_(make_universe(std::move(world), options_)),
      states_(states_text(universe_.world, universe_.playbook)),
      journal_(options_.journal_max_entries, options_.journal_max_bytes) {
  for (const KeySpec& key : universe_.world.keys) {
    listed_.insert(key.key);
    if (key.revoked) revoked_.insert(key.key);
  }
}

std::int64_t FakeState::first_ms() const {
  return options_.clock == ClockMode::wall ? options_.wall_ms() : kFirstMs + advanced_ms_;
}

bool FakeState::is_let_in(std::string_view key) const {
  if (revoked_.contains(key)) return false;
  return !options_.listed_keys_only || listed_.contains(key);
}

Checked<std::shared_ptr<FakeState::Slot>> FakeState::open(std::string_view key) {
  {
    const std::shared_lock lock(mutex_);
    if (!is_let_in(key)) return fail(401, "invalid API key");
    const auto found = slots_.find(key);
    if (found != slots_.end()) return found->second;
  }
  const std::unique_lock lock(mutex_);
  if (!is_let_in(key)) return fail(401, "invalid API key");  // revoked meanwhile
  const auto found = slots_.find(key);
  if (found != slots_.end()) return found->second;
  if (slots_.size() >= options_.max_organizations) {
    return fail(503, "nairi-mock holds " + std::to_string(slots_.size()) +
                         " organizations, as many as it may: use fewer keys, or reset those that "
                         "are done with POST /__mock/reset");
  }
  auto slot = std::make_shared<Slot>(*this, key, first_ms(), next_number_++);
  slots_.emplace(key, slot);
  return slot;
}

std::shared_ptr<FakeState::Slot> FakeState::find(std::string_view key) const {
  const std::shared_lock lock(mutex_);
  const auto found = slots_.find(key);
  return found == slots_.end() ? nullptr : found->second;
}

Checked<void> FakeState::revoke(std::string_view key) {
  const std::unique_lock lock(mutex_);
  if (revoked_.size() >= options_.max_organizations && !revoked_.contains(key)) {
    return fail(503, "nairi-mock remembers " + std::to_string(revoked_.size()) +
                         " revoked keys, as many as it may: reset those that are done with");
  }
  revoked_.emplace(key);
  return {};
}

void FakeState::reset(std::string_view key) {
  const std::unique_lock lock(mutex_);
  const auto found = slots_.find(key);
  if (found != slots_.end()) {
    journal_.forget(found->second->number);
    slots_.erase(found);
  }
  const auto revoked = revoked_.find(key);
  if (revoked != revoked_.end()) revoked_.erase(revoked);
  for (const KeySpec& spec : universe_.world.keys) {
    if (spec.revoked && spec.key == key) revoked_.insert(spec.key);
  }
}

void FakeState::reset_all() {
  decltype(slots_) gone;  // destroyed after the lock is given back
  const std::unique_lock lock(mutex_);
  gone.swap(slots_);
  journal_.forget(std::nullopt);
  revoked_.clear();
  for (const KeySpec& spec : universe_.world.keys) {
    if (spec.revoked) revoked_.insert(spec.key);
  }
  advanced_ms_ = 0;
}

void FakeState::advance(std::int64_t ms) {
  if (options_.clock != ClockMode::virtual_time) return;
  const std::unique_lock lock(mutex_);
  advanced_ms_ += std::clamp<std::int64_t>(ms, 0, kLastMs - kFirstMs - advanced_ms_);
  for (const auto& [key, slot] : slots_) {
    const std::lock_guard organization_lock(slot->mutex);
    slot->organization.move_time(ms);
  }
}

std::size_t FakeState::count() const {
  const std::shared_lock lock(mutex_);
  return slots_.size();
}

void FakeState::tick(Organization& organization) const {
  if (options_.clock == ClockMode::poll) organization.move_time(1);
  if (options_.clock == ClockMode::wall) organization.follow_wall(options_.wall_ms());
}

}  // namespace nairi::mock
