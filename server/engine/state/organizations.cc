#include "engine/state/organizations.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "engine/state/provider_states.h"
#include "protocol/operation.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

std::vector<std::shared_ptr<const AgentSpec>> profiles_of(const World& world) {
  std::vector<std::shared_ptr<const AgentSpec>> profiles;
  for (AgentSpec profile : world.agents) {
    if (profile.name.empty()) profile.name = profile.agent_id;
    profiles.push_back(std::make_shared<const AgentSpec>(std::move(profile)));
  }
  return profiles;
}

std::shared_ptr<const Universe> make_universe(World world, const FakeOptions& options) {
  check_places(world.faults);
  std::vector<TurnScript> turns = std::exchange(world.turns, {});
  auto profiles = profiles_of(world);
  const std::uint64_t ids_of_jobs = count_ids(world.jobs);
  return std::shared_ptr<const Universe>(
      new Universe{std::move(world), Playbook(std::move(turns)), std::move(profiles), ids_of_jobs,
                   options.clock, options.clock == ClockMode::wall ? options.speed : 1,
                   options.seed, options.max_kept_bytes, options.fidelity.knobs});
}

void check_clock(const FakeOptions& options) {
  if (options.clock != ClockMode::wall) return;
  if (!options.wall_ms) throw std::invalid_argument("the wall clock needs FakeOptions::wall_ms");
  if (!(options.speed > 0) || !std::isfinite(options.speed)) {
    throw std::invalid_argument("FakeOptions::speed must be above 0");
  }
}

}  // namespace

void check_places(const std::vector<FaultSpec>& faults) {
  const auto check = [](const std::string& place) {
    if (contains(fault_places(), place)) return;
    throw std::invalid_argument("no operation that a fault can strike: " + in_quotes(place) +
                                hint(place, fault_places()));
  };
  for (const FaultSpec& fault : faults) {
    check(fault.at);
    if (!fault.after.empty()) check(fault.after);
  }
}

Organizations::Organizations(World world, const FakeOptions& options, EvictionListener on_evicted)
    : options_(options), on_evicted_(std::move(on_evicted)) {
  check_clock(options);
  (void)put_common_world(std::move(world));  // there is nothing to be dropped yet
}

std::string Organizations::states() const {
  const std::shared_lock lock(mutex_);
  return states_text(common_->world, common_->playbook);
}

bool Organizations::any_other(const Slot& own,
                              const std::function<bool(Organization&)>& is_so) const {
  const std::shared_lock lock(mutex_);
  return std::any_of(slots_.begin(), slots_.end(), [&](const auto& entry) {
    if (entry.second.get() == &own) return false;
    const std::lock_guard other_lock(entry.second->mutex);
    return is_so(entry.second->organization);
  });
}

std::int64_t Organizations::first_ms() const {
  return options_.clock == ClockMode::wall ? options_.wall_ms() : kFirstMs + advanced_ms_;
}

bool Organizations::is_let_in(std::string_view key) const {
  if (revoked_.contains(key)) return false;
  return !options_.listed_keys_only || listed_.contains(key);
}

Checked<std::shared_ptr<Slot>> Organizations::open(std::string_view key, std::int64_t at_us,
                                                   std::size_t bytes) {
  auto slot = find(key, at_us);
  while (slot && *slot == nullptr) {
    slot = make(key, at_us);
    const bool is_full = !slot && slot.error().status == 503;
    if (is_full && make_room(at_us, key)) slot = nullptr;
  }
  // A call that leaves nothing needs no room.
  while (slot && bytes > 0 && kept_bytes_ + bytes > options_.max_kept_bytes) {
    if (!make_room(at_us, key)) break;
  }
  return slot;
}

Checked<std::shared_ptr<Slot>> Organizations::find(std::string_view key, std::int64_t at_us) const {
  const std::shared_lock lock(mutex_);
  if (!is_let_in(key)) return fail(401, "invalid API key");
  const auto found = slots_.find(key);
  if (found == slots_.end()) return nullptr;
  if (at_us != 0) found->second->used_us.store(at_us, std::memory_order_relaxed);
  return found->second;
}

Checked<std::shared_ptr<Slot>> Organizations::make(std::string_view key, std::int64_t at_us) {
  const std::unique_lock lock(mutex_);
  if (!is_let_in(key)) return fail(401, "invalid API key");  // revoked meanwhile
  const auto made_meanwhile = slots_.find(key);
  if (made_meanwhile != slots_.end()) return made_meanwhile->second;
  if (slots_.size() >= options_.max_organizations) {
    return fail(503, "nairi-mock holds " + std::to_string(slots_.size()) +
                         " organizations, as many as it may, and none was idle for long enough to "
                         "make room: use fewer keys, reset those that are done with POST "
                         "/__mock/reset, or serve with a shorter --keep-idle");
  }
  const auto stranger = strangers_.find(key);
  const bool is_new = stranger == strangers_.end();
  const std::uint64_t number = is_new ? next_number_++ : stranger->second;
  if (!is_new) strangers_.erase(stranger);
  auto slot = std::make_shared<Slot>(universe_of(key), key, first_ms(), number, kept_bytes_);
  slot->used_us = slot->filed_us = at_us;
  const auto place = slots_.emplace(key, slot).first;
  if (at_us != 0) by_use_.emplace(std::pair(at_us, number), place->first);
  return slot;
}

bool Organizations::make_room(std::int64_t at_us, std::string_view but) {
  const auto evicted = evict(at_us, but);
  if (evicted) on_evicted_(*evicted);
  return evicted.has_value();
}

std::optional<Organizations::Evicted> Organizations::evict(std::int64_t at_us,
                                                           std::string_view but) {
  if (at_us == 0) return std::nullopt;
  const std::unique_lock lock(mutex_);
  while (!by_use_.empty()) {
    const auto oldest = by_use_.begin();
    const std::string key(oldest->second);
    Slot& slot = *slots_.find(key)->second;
    const std::int64_t used_us = slot.used_us.load(std::memory_order_relaxed);
    if (used_us > slot.filed_us) {
      auto use = by_use_.extract(oldest);
      use.key().first = slot.filed_us = used_us;
      by_use_.insert(std::move(use));
      continue;
    }
    const std::chrono::microseconds idle(at_us - slot.filed_us);
    if (key == but || idle < options_.keep_idle) return std::nullopt;
    forget_world(key);
    return Evicted{take_out(key), at_us};
  }
  return std::nullopt;
}

std::shared_ptr<Slot> Organizations::take_out(std::string_view key) {
  const auto found = slots_.find(key);
  if (found == slots_.end()) return nullptr;
  std::shared_ptr<Slot> slot = std::move(found->second);
  by_use_.erase({slot->filed_us, slot->number});
  slots_.erase(found);
  return slot;
}

std::uint64_t Organizations::number_of(std::string_view key) {
  if (key.empty()) return 0;
  if (const auto number = find_number(key)) return *number;
  const std::unique_lock lock(mutex_);
  if (const auto number = known_number(key)) return *number;  // made meanwhile
  if (strangers_.size() >= options_.max_organizations) return 0;
  return strangers_.emplace(key, next_number_++).first->second;
}

std::optional<std::uint64_t> Organizations::find_number(std::string_view key) const {
  const std::shared_lock lock(mutex_);
  return known_number(key);
}

std::optional<std::uint64_t> Organizations::known_number(std::string_view key) const {
  if (const auto found = slots_.find(key); found != slots_.end()) return found->second->number;
  if (const auto found = strangers_.find(key); found != strangers_.end()) return found->second;
  return std::nullopt;
}

std::optional<std::string> Organizations::find_key(std::uint64_t number) const {
  const std::shared_lock lock(mutex_);
  for (const auto& [key, slot] : slots_) {
    if (slot->number == number) return key;
  }
  for (const auto& [key, stranger] : strangers_) {
    if (stranger == number) return key;
  }
  return std::nullopt;
}

std::map<std::uint64_t, std::shared_ptr<Slot>> Organizations::list() const {
  const std::shared_lock lock(mutex_);
  std::map<std::uint64_t, std::shared_ptr<Slot>> all;
  for (const auto& [key, slot] : slots_) all.emplace(slot->number, slot);
  for (const auto& [key, number] : strangers_) all.emplace(number, nullptr);
  return all;
}

void Organizations::show(std::string_view key,
                         const std::function<void(Organization&)>& look) const {
  constexpr std::int64_t kNoUse = 0;
  const auto found = find(key, kNoUse);
  if (!found) return;
  if (*found != nullptr) {
    const std::lock_guard lock((*found)->mutex);
    return look((*found)->organization);
  }
  std::shared_lock lock(mutex_);
  const auto universe = universe_of(key);
  const std::int64_t now_ms = first_ms();
  lock.unlock();
  std::atomic<std::size_t> kept_bytes = 0;
  Organization would_be(*universe, key, now_ms, kept_bytes);
  look(would_be);
}

std::size_t Organizations::count() const {
  const std::shared_lock lock(mutex_);
  return slots_.size();
}

Checked<void> Organizations::revoke(std::string_view key) {
  std::unique_lock lock(mutex_);
  if (revoked_.size() >= options_.max_organizations && !revoked_.contains(key)) {
    return fail(503, "nairi-mock remembers " + std::to_string(revoked_.size()) +
                         " revoked keys, as many as it may: reset those that are done with");
  }
  revoked_.emplace(key);
  const auto found = slots_.find(key);
  if (found == slots_.end()) return {};
  // REFERENCE: Basics: requests in flight included.
  const std::shared_ptr<Cancellation> in_flight = found->second->cancellation;
  lock.unlock();
  in_flight->revoke();
  return {};
}

Organizations::Dropped Organizations::reset(std::string_view key) {
  const std::unique_lock lock(mutex_);
  return forget(key);
}

Organizations::Dropped Organizations::reset_all() {
  const std::unique_lock lock(mutex_);
  return forget_all();
}

Checked<void> Organizations::add_faults(std::string_view key, const std::vector<FaultSpec>& faults,
                                        std::int64_t at_us) {
  const auto slot = open(key, at_us, 0);
  if (!slot) return tl::unexpected(slot.error());
  const std::lock_guard lock((*slot)->mutex);
  return (*slot)->organization.faults().add(faults);
}

Checked<Organizations::Dropped> Organizations::put_world(std::string_view key, World world,
                                                         std::size_t bytes, std::int64_t at_us) {
  const auto universe = make_universe(std::move(world), options_);
  auto put = put_universe(key, universe, bytes);
  while (!put && make_room(at_us, key)) put = put_universe(key, universe, bytes);
  return put;
}

Checked<Organizations::Dropped> Organizations::put_universe(
    std::string_view key, std::shared_ptr<const Universe> universe, std::size_t bytes) {
  const std::unique_lock lock(mutex_);
  if (own_worlds_.size() >= options_.max_organizations && !own_worlds_.contains(key)) {
    return fail(503, "nairi-mock holds " + std::to_string(own_worlds_.size()) +
                         " worlds of single keys, as many as it may: DELETE /__mock/world with "
                         "the keys that are done with");
  }
  // What the key has will make room.
  if (kept_bytes_ - bytes_of(key) + bytes > options_.max_kept_bytes) {
    return fail(503,
                "nairi-mock is full: reset the keys that are done with, and DELETE "
                "/__mock/world with those that have worlds of their own");
  }
  forget_world(key);
  Dropped dropped = forget(key);
  kept_bytes_ += bytes;
  own_worlds_.emplace(key, OwnWorld{std::move(universe), bytes});
  return dropped;
}

Organizations::Dropped Organizations::drop_world(std::string_view key) {
  const std::unique_lock lock(mutex_);
  forget_world(key);
  return forget(key);
}

Organizations::Dropped Organizations::put_common_world(World world) {
  auto universe = make_universe(std::move(world), options_);
  const std::unique_lock lock(mutex_);
  while (!own_worlds_.empty()) forget_world(own_worlds_.begin()->first);
  common_ = std::move(universe);
  listed_.clear();
  for (const KeySpec& key : common_->world.keys) listed_.insert(key.key);
  return forget_all();
}

std::shared_ptr<const Universe> Organizations::universe_of(std::string_view key) const {
  const auto own = own_worlds_.find(key);
  return own == own_worlds_.end() ? common_ : own->second.universe;
}

std::size_t Organizations::bytes_of(std::string_view key) const {
  std::size_t bytes = 0;
  if (const auto own = own_worlds_.find(key); own != own_worlds_.end()) bytes += own->second.bytes;
  if (const auto found = slots_.find(key); found != slots_.end()) {
    const std::lock_guard lock(found->second->mutex);
    bytes += found->second->organization.kept_bytes();
  }
  return bytes;
}

Organizations::Dropped Organizations::forget(std::string_view key) {
  Dropped dropped;
  if (auto slot = take_out(key)) dropped.slots.push_back(std::move(slot));
  if (const auto found = strangers_.find(key); found != strangers_.end()) {
    dropped.strangers.push_back(found->second);
    strangers_.erase(found);
  }
  const auto revoked = revoked_.find(key);
  if (revoked != revoked_.end()) revoked_.erase(revoked);
  for (const KeySpec& spec : common_->world.keys) {
    if (spec.revoked && spec.key == key) revoked_.insert(spec.key);
  }
  return dropped;
}

Organizations::Dropped Organizations::forget_all() {
  Dropped dropped;
  for (auto& [key, slot] : slots_) dropped.slots.push_back(std::move(slot));
  slots_.clear();
  by_use_.clear();
  strangers_.clear();  // whoever drops everything needs no list of them
  revoked_.clear();
  for (const KeySpec& spec : common_->world.keys) {
    if (spec.revoked) revoked_.insert(spec.key);
  }
  advanced_ms_ = 0;
  return dropped;
}

void Organizations::forget_world(std::string_view key) {
  const auto own = own_worlds_.find(key);
  if (own == own_worlds_.end()) return;
  kept_bytes_ -= own->second.bytes;
  own_worlds_.erase(own);
}

void Organizations::advance(std::int64_t ms) {
  if (options_.clock != ClockMode::virtual_time) return;
  const std::unique_lock lock(mutex_);
  advanced_ms_ += std::clamp<std::int64_t>(ms, 0, kLastMs - kFirstMs - advanced_ms_);
  for (const auto& [key, slot] : slots_) {
    const std::lock_guard organization_lock(slot->mutex);
    slot->organization.move_time(ms);
  }
}

void Organizations::tick(Organization& organization) const {
  if (options_.clock == ClockMode::poll) organization.move_time(1);
  if (options_.clock == ClockMode::wall) organization.follow_wall(options_.wall_ms());
}

}  // namespace nairi::mock
