// The state behind a Fake: the organizations, found by key, and the journal.
#ifndef NAIRI_MOCK_ENGINE_FAKE_STATE_H_
#define NAIRI_MOCK_ENGINE_FAKE_STATE_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "engine/failure.h"
#include "engine/journal.h"
#include "engine/organization.h"
#include "nairi/mock/fake.h"

namespace nairi::mock {

class FakeState {
 public:
  FakeState(World world, FakeOptions options);

  // One organization with its lock. Held by shared pointer: a reset lets running calls finish.
  struct Slot {
    Slot(FakeState& state, std::string_view key, std::int64_t now_ms, std::uint64_t index)
        : number(index), organization(state.universe_, key, now_ms, state.kept_bytes_) {}

    const std::uint64_t number;  // from 1
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
  // Moves the virtual clock of all organizations; nothing happens under the other clocks.
  void advance(std::int64_t ms);
  std::size_t count() const;

  // Moves the organization's time to the time of a request that it gets now.
  void tick(Organization& organization) const;

  const FakeOptions& options() const { return options_; }
  const Universe& universe() const { return universe_; }
  Journal& journal() { return journal_; }
  // A tester's --states file for this world.
  const std::string& states() const { return states_; }

 private:
  bool is_let_in(std::string_view key) const;
  std::int64_t first_ms() const;

  const FakeOptions options_;
  const Universe universe_;
  const std::string states_;
  Journal journal_;
  std::atomic<std::size_t> kept_bytes_ = 0;  // by all organizations; outlives their slots
  mutable std::shared_mutex mutex_;
  // Protected by mutex_:
  std::map<std::string, std::shared_ptr<Slot>, std::less<>> slots_;
  std::set<std::string, std::less<>> revoked_;
  std::set<std::string, std::less<>> listed_;
  std::uint64_t next_number_ = 1;
  std::int64_t advanced_ms_ = 0;  // by the virtual clock, for organizations that come later
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_FAKE_STATE_H_
