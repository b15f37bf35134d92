// The organizations of a fake, found by the keys that they belong to, and the worlds that they
// start from.
//
// Thread-safety: every member may be called from any thread.
// Order of locks: the one of all organizations, then that of a slot. Whoever holds a slot's mutex
// calls nothing here but tick() and options(). Cancellations, the journal and the judges have locks
// of their own, which are taken last, and while none of these is held.
#ifndef NAIRI_MOCK_ENGINE_STATE_ORGANIZATIONS_H_
#define NAIRI_MOCK_ENGINE_STATE_ORGANIZATIONS_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/state/organization.h"
#include "nairi/mock/cancellation.h"
#include "nairi/mock/fake_options.h"
#include "protocol/failure.h"

namespace nairi::mock {

// Throws std::invalid_argument for a fault that is addressed at no operation.
void check_places(const std::vector<FaultSpec>& faults);

// One organization with its lock. Held by shared pointer: a reset lets running calls finish.
struct Slot {
  Slot(std::shared_ptr<const Universe> played, std::string_view key, std::int64_t now_ms,
       std::uint64_t index, std::atomic<std::size_t>& kept_bytes)
      : number(index),
        universe(std::move(played)),
        organization(*universe, key, now_ms, kept_bytes) {}

  const std::uint64_t number;             // from 1
  std::atomic<std::int64_t> used_us = 0;  // when it was last called, as Request::received_us
  std::int64_t filed_us = 0;              // under which use it is filed, by Organizations
  const std::shared_ptr<const Universe> universe;
  // Of everything that is still to be sent when the organization is reset.
  const std::shared_ptr<Cancellation> cancellation = std::make_shared<Cancellation>();
  std::mutex mutex;
  Organization organization;  // protected by mutex
};

class Organizations {
 public:
  // Who was idle longest, and made room.
  struct Evicted {
    std::shared_ptr<Slot> slot;
    std::int64_t at_us;  // when
  };
  using EvictionListener = std::function<void(const Evicted&)>;

  // Throws std::invalid_argument for options and worlds that can't be played. The options must
  // outlive it. The listener is called while no lock is held.
  Organizations(World world, const FakeOptions& options, EvictionListener on_evicted);

  // The organization of a key, made at its first request. 401 for a key that is not let in; 503
  // when there are too many (assumed: the service has no such limit). `at_us` is now, as
  // Request::received_us, and 0 where nobody knows; so many bytes may have to be kept of the
  // request.
  Checked<std::shared_ptr<Slot>> open(std::string_view key, std::int64_t at_us, std::size_t bytes);
  // The number of the key's organization. A key that has none, as it was never let in or never
  // called anything that exists, has a number too, which its organization will take over. 0 for no
  // key, and when there are too many such keys.
  std::uint64_t number_of(std::string_view key);
  // The number if the key has one already.
  std::optional<std::uint64_t> find_number(std::string_view key) const;
  // The key whose number that is.
  std::optional<std::string> find_key(std::uint64_t number) const;
  // Those that there are, by number; null for a key that has none yet, as it was never let in.
  std::map<std::uint64_t, std::shared_ptr<Slot>> list() const;
  // Shows the organization of a key, or one as its first call would make it: none is made, and no
  // time passes. Not called for a key that is not let in.
  void show(std::string_view key, const std::function<void(Organization&)>& look) const;
  std::size_t count() const;
  std::size_t kept_bytes() const { return kept_bytes_; }

  // What is no longer found: its owner ends what went on there.
  struct Dropped {
    std::vector<std::shared_ptr<Slot>> slots = {};
    std::vector<std::uint64_t> strangers = {};  // the numbers of keys without an organization
  };

  // The key's next request meets a fresh copy of its world; it is revoked only if the world says
  // so.
  [[nodiscard]] Dropped reset(std::string_view key);
  [[nodiscard]] Dropped reset_all();
  // Resets the key, whose world this is from now on. `bytes` is what it is taken to occupy. 503,
  // and nothing is changed, when there are too many or too large ones.
  Checked<Dropped> put_world(std::string_view key, World world, std::size_t bytes,
                             std::int64_t at_us);
  // Resets the key, which has the common world again.
  [[nodiscard]] Dropped drop_world(std::string_view key);
  // Resets everything, and makes this the common world.
  [[nodiscard]] Dropped put_common_world(World world);

  // 503 when as many keys are revoked as may be known.
  Checked<void> revoke(std::string_view key);
  // Failures: those of open(), and 400 for too many.
  Checked<void> add_faults(std::string_view key, const std::vector<FaultSpec>& faults,
                           std::int64_t at_us);

  // Moves the virtual clock of all organizations; nothing happens under the other clocks.
  void advance(std::int64_t ms);
  // Moves the organization's time to the time of a request that it gets now.
  void tick(Organization& organization) const;

  // Whether another organization than that of the slot, whose lock nobody may hold, is so.
  bool any_other(const Slot& own, const std::function<bool(Organization&)>& is_so) const;

  // A tester's --states file for the common world.
  std::string states() const;

 private:
  // The world of one key.
  struct OwnWorld {
    std::shared_ptr<const Universe> universe;
    std::size_t bytes;
  };

  // These need mutex_.
  std::optional<std::uint64_t> known_number(std::string_view key) const;
  bool is_let_in(std::string_view key) const;
  std::int64_t first_ms() const;
  std::shared_ptr<const Universe> universe_of(std::string_view key) const;
  std::size_t bytes_of(std::string_view key) const;
  Dropped forget(std::string_view key);
  Dropped forget_all();
  void forget_world(std::string_view key);
  std::shared_ptr<Slot> take_out(std::string_view key);
  std::optional<Evicted> evict(std::int64_t at_us, std::string_view but);
  Checked<std::shared_ptr<Slot>> make(std::string_view key, std::int64_t at_us);
  Checked<Dropped> put_universe(std::string_view key, std::shared_ptr<const Universe> universe,
                                std::size_t bytes);

  // These take it.
  // Lets who was idle longest make room; whether there was somebody. Never the key `but`.
  bool make_room(std::int64_t at_us, std::string_view but);
  // Null when it is to be made.
  Checked<std::shared_ptr<Slot>> find(std::string_view key, std::int64_t at_us) const;

  const FakeOptions& options_;
  const EvictionListener on_evicted_;
  std::atomic<std::size_t> kept_bytes_ = 0;  // by all organizations; outlives their slots
  mutable std::shared_mutex mutex_;
  // Protected by mutex_:
  std::shared_ptr<const Universe> common_;
  std::map<std::string, OwnWorld, std::less<>> own_worlds_;
  std::map<std::string, std::shared_ptr<Slot>, std::less<>> slots_;
  // The keys of slots of which a use is known, by when that was and the slot's number. It may have
  // been used since, which is looked at when somebody has to make room: requests pay nothing.
  std::map<std::pair<std::int64_t, std::uint64_t>, std::string_view> by_use_;
  std::map<std::string, std::uint64_t, std::less<>> strangers_;  // keys without a slot
  std::set<std::string, std::less<>> revoked_;
  std::set<std::string, std::less<>> listed_;
  std::uint64_t next_number_ = 1;
  std::int64_t advanced_ms_ = 0;  // by the virtual clock, for organizations that come later
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_STATE_ORGANIZATIONS_H_
