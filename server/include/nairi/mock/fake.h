// The fake of the Conversations API, in process: the same code that `nairi-mock serve` puts on a
// port. Every bearer key is an organization of its own with its own copy of the world.
//
//   nairi::mock::Fake fake(nairi::mock::load_world("refund.json"));
//   nairi::mock::Reply reply = fake.handle({.method = "GET", .target = "/api/public/v1/agents"});
//   fake.advance(2000);                                   // under the virtual clock
//
// Thread-safety: every member may be called from any thread at any time; the state of one
// organization is read and changed under one lock.
// Same seed and same calls of a key give the same bytes, however calls of other keys come between.
// Not promised: that for two versions of this library, or for ids and times under the wall clock.
#ifndef NAIRI_MOCK_FAKE_H_
#define NAIRI_MOCK_FAKE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nairi/mock/cancellation.h"
#include "nairi/mock/exchange.h"
#include "nairi/mock/fake_options.h"
#include "nairi/mock/journal.h"
#include "nairi/mock/verdicts.h"
#include "nairi/mock/world.h"

namespace nairi::mock {

// A prompt that no script of the world answers.
struct UnscriptedPrompt {
  bool follows_up = false;             // in a conversation that the fake has
  std::optional<std::size_t> nearest;  // the place in World::turns of the script that comes nearest
  std::vector<std::string> missed;     // by what: "prompt equals \"Hi\", got \"Hello\""
};

class Fake {
 public:
  // Takes the world; it must be one that load_world() or parse_world() accepts. Throws
  // std::invalid_argument for a wall clock without wall_ms or with a speed that is not above 0, and
  // for an origin or a host's name that is none.
  explicit Fake(World world, FakeOptions options = {});
  ~Fake();
  Fake(const Fake&) = delete;
  Fake& operator=(const Fake&) = delete;

  // Plays one exchange. Never throws for anything that a caller can send.
  Reply handle(const Request& request);
  // The same for a request that the caller has no more use for: an upload is kept, not copied.
  Reply handle(Request&& request);
  // Whether `request` is a prompt that only the default turn, which is an echo, would answer, or
  // that names an agent that is not there and no script is for. nullopt for any other request, one
  // that would be refused included. A question: nothing is played, counted or kept, and faults are
  // not looked at.
  std::optional<UnscriptedPrompt> unscripted(const Request& request) const;
  // Keeps in the journal, and has judged, what was refused before it came here. A request of which
  // not even the first line was read and that nobody answered leaves no trace.
  void note_refused(const RefusedRequest& refused);

  // Moves the virtual clock of every organization, at most to the end of the year 9999; nothing
  // happens under the other clocks, or for a negative `ms`.
  void advance(std::int64_t ms);

  // From now on `key` answers 401, conversations in flight included (REFERENCE: Basics). At most
  // max_organizations keys are revoked at a time; one more is not.
  void revoke(std::string_view key);

  // Has the faults strike calls of `key` until it is reset, after those that it has. Throws
  // std::invalid_argument for an operation that is none, a key that is not let in, or too many.
  void add_faults(std::string_view key, const std::vector<FaultSpec>& faults);

  // Resets `key`, whose world this is from now on, also after further resets. World::keys is not
  // looked at. Throws std::invalid_argument when there are too many worlds.
  void put_world(std::string_view key, World world);

  // Lets go of the replies to `key` that a fault holds by that name (docs/worlds.md#held-replies),
  // and says how many. Nothing is remembered: 0, and nothing happens, when none is held yet.
  std::size_t release(std::string_view key, std::string_view name);
  // Those that are held, in the order in which their calls came.
  std::vector<HeldReply> held(std::string_view key) const;

  // Forgets what happened to `key`: its next request meets a fresh copy of the world, and replies
  // to it that are still held or delayed are dropped. Who was waiting for a turn then is not blamed
  // for it.
  void reset(std::string_view key);
  void reset_all();

  ClockMode clock() const;

  // What the fake saw of `key` since it was last reset, oldest first. Calls of the control API are
  // not among it. Empty for a key that never called.
  std::vector<SeenExchange> journal(std::string_view key) const;

  // How the client of `key` behaved, as if its run ended now; a reset begins a new run. Without
  // FakeOptions::judge nothing is ever seen.
  Verdicts verdicts(std::string_view key) const;
  // The same of all keys together, requests without a key and ended runs included.
  Verdicts verdicts_of_all(const RunEnd& end = {}) const;
  // What that is made of, run by run, as far as anything was seen.
  std::vector<JudgedRun> judged_runs(const RunEnd& end = {}) const;

  // The guesses that replies rested on since the start, in the order of their first exchanges.
  // Without FakeOptions::only_confirmed nothing is ever seen.
  std::vector<Reliance> reliances() const;

  // What a tester's --states file wants, for this world: a flat JSON object as text.
  std::string states() const;

 private:
  struct Impl;
  Reply play(const Request& request, const std::shared_ptr<const Request>& kept);

  std::unique_ptr<Impl> impl_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_FAKE_H_
