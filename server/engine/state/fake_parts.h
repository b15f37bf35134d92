// What a fake is made of: the organizations, what was seen of them (the journal) and what is
// thought of their clients (the judges); and what concerns all three.
//
// Thread-safety: every member may be called from any thread.
#ifndef NAIRI_MOCK_ENGINE_STATE_FAKE_PARTS_H_
#define NAIRI_MOCK_ENGINE_STATE_FAKE_PARTS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "engine/held/held_replies.h"
#include "engine/journal/journal.h"
#include "engine/state/metrics.h"
#include "engine/state/organizations.h"
#include "judge/judges.h"

namespace nairi::mock {

struct FakeParts {
  FakeParts(World world, FakeOptions settings);

  // Each forgets what happened to the key, or to all: in the journal, in the run that is judged,
  // and in replies that are still to be sent. `at_us` is when, as Request::received_us.
  void reset(std::string_view key, std::int64_t at_us);
  void reset_all(std::int64_t at_us);
  // The others also change the world that is met from then on (Organizations).
  Checked<void> put_world(std::string_view key, World world, std::size_t bytes, std::int64_t at_us);
  void drop_world(std::string_view key, std::int64_t at_us);
  void put_common_world(World world, std::int64_t at_us);

  // Organizations::open() for a call.
  Checked<std::shared_ptr<Slot>> open(std::string_view key, const Request& call);

  // Lets go of the replies of that name, of all organizations or of one; how many. `at_us` is when.
  std::size_t release(std::optional<std::uint64_t> organization, std::string_view name,
                      std::int64_t at_us);

  // Nothing is seen when nobody judges.
  Verdicts verdicts(std::string_view key) const;
  Verdicts verdicts_of_all(const RunEnd& end) const;

  const FakeOptions options;
  Organizations organizations;
  Journal journal;
  HeldReplies held;
  Metrics metrics;
  std::optional<Judges> judges;  // nullopt unless FakeOptions::judge

 private:
  void on_evicted(const Organizations::Evicted& evicted);
  void forget(std::uint64_t number, const RunEnd& end);
  void end(const Organizations::Dropped& dropped, std::int64_t at_us);
  void end_all(const Organizations::Dropped& dropped, std::int64_t at_us);
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_STATE_FAKE_PARTS_H_
