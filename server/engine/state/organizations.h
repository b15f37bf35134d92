// The state behind a Fake: the organizations, found by key, and the journal.
#ifndef NAIRI_MOCK_ENGINE_STATE_ORGANIZATIONS_H_
#define NAIRI_MOCK_ENGINE_STATE_ORGANIZATIONS_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "engine/state/journal.h"
#include "engine/state/organization.h"
#include "judge/judges.h"
#include "nairi/mock/cancellation.h"
#include "nairi/mock/fake.h"
#include "protocol/failure.h"

namespace nairi::mock {

// Throws std::invalid_argument for a fault that is addressed at no operation.
void check_places(const std::vector<FaultSpec>& faults);

class FakeState {
 public:
  FakeState(World world, FakeOptions options);

  // One organization with its lock. Held by shared pointer: a reset lets running calls finish.
  struct Slot {
    Slot(std::shared_ptr<const Universe> played, std::string_view key, std::int64_t now_ms,
         std::uint64_t index, std::atomic<std::size_t>& kept_bytes)
        : number(index),
          universe(std::move(played)),
          organization(*universe, key, now_ms, kept_bytes) {}

    const std::uint64_t number;  // from 1
    const std::shared_ptr<const Universe> universe;
    // Of everything that is still to be sent when the organization is reset.
    const std::shared_ptr<Cancellation> cancellation = std::make_shared<Cancellation>();
    std::mutex mutex;
    Organization organization;  // protected by mutex
  };

  // The organization of a key, made at its first request. 401 for a key that is not let in; 503
  // when there are too many (assumed: the service has no such limit).
  Checked<std::shared_ptr<Slot>> open(std::string_view key);
  // The organization if there is one already.
  std::shared_ptr<Slot> find(std::string_view key) const;

  // 503 when as many keys are revoked as may be known.
  Checked<void> revoke(std::string_view key);
  void reset(std::string_view key);
  void reset_all();

  // Failures: those of open(), and 400 for too many.
  Checked<void> add_faults(std::string_view key, const std::vector<FaultSpec>& faults);

  // Resets the key, whose world this is from now on. `bytes` is what it is taken to occupy. 503
  // when there are too many, or too large ones.
  Checked<void> put_world(std::string_view key, World world, std::size_t bytes);
  // Resets the key, which has the common world again.
  void drop_world(std::string_view key);
  // Resets everything, and makes this the common world.
  void put_common_world(World world);
  // Moves the virtual clock of all organizations; nothing happens under the other clocks.
  void advance(std::int64_t ms);
  std::size_t count() const;

  // Moves the organization's time to the time of a request that it gets now.
  void tick(Organization& organization) const;

  const FakeOptions& options() const { return options_; }
  Journal& journal() { return journal_; }
  // nullptr unless FakeOptions::judge.
  Judges* judges() { return judges_ ? &*judges_ : nullptr; }
  // Of one key, or of all with nullopt; nothing is seen when nobody judges.
  Verdicts verdicts(std::optional<std::string_view> key) const;
  // A tester's --states file for the common world.
  std::string states() const;

 private:
  // The world of one key.
  struct OwnWorld {
    std::shared_ptr<const Universe> universe;
    std::size_t bytes;
  };

  // These need mutex_.
  bool is_let_in(std::string_view key) const;
  std::int64_t first_ms() const;
  std::shared_ptr<const Universe> universe_of(std::string_view key) const;
  void forget(std::string_view key);
  using Slots = std::map<std::string, std::shared_ptr<Slot>, std::less<>>;
  // Gives what is forgotten, to be destroyed when mutex_ is given back.
  [[nodiscard]] Slots forget_all();
  void forget_world(std::string_view key);

  const FakeOptions options_;
  Journal journal_;
  std::optional<Judges> judges_;
  std::atomic<std::size_t> kept_bytes_ = 0;  // by all organizations; outlives their slots
  mutable std::shared_mutex mutex_;
  // Protected by mutex_:
  std::shared_ptr<const Universe> common_;
  std::map<std::string, OwnWorld, std::less<>> own_worlds_;
  Slots slots_;
  std::set<std::string, std::less<>> revoked_;
  std::set<std::string, std::less<>> listed_;
  std::uint64_t next_number_ = 1;
  std::int64_t advanced_ms_ = 0;  // by the virtual clock, for organizations that come later
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_STATE_ORGANIZATIONS_H_
