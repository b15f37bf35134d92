// How a Fake plays, and how much it keeps. Every field has a default that suits tests.
//
//   nairi::mock::Fake fake(world, {.clock = ClockMode::virtual_time, .seed = 7});
//
// Thread-safety: values.
#ifndef NAIRI_MOCK_FAKE_OPTIONS_H_
#define NAIRI_MOCK_FAKE_OPTIONS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nairi/mock/clock_mode.h"
#include "nairi/mock/fidelity.h"
#include "nairi/mock/server_figures.h"
#include "nairi/mock/verdicts.h"

namespace nairi::mock {

// An organization that made room for others.
struct EvictedKey {
  std::uint64_t organization = 0;  // its number in the journal; keys are told to nobody
  std::chrono::milliseconds idle = {};
};

struct FakeOptions {
  ClockMode clock = ClockMode::poll;
  double speed = 1;        // wall clock only: how many scripted ms pass in a real one; > 0
  std::uint64_t seed = 1;  // ids are a function of (seed, key, calls)
  // True: replies of the API gain fields, roles and progress types that nobody knows, and change
  // the order of their keys, all from the seed (docs/worlds.md, "Additive changes").
  bool mutate_additive = false;
  bool listed_keys_only = false;  // true: only World::keys are let in; false: any bearer token
  Fidelity fidelity = {};         // what is known of the guesses; a fake acts as it says
  bool only_confirmed = false;    // true: Fake::reliances() tells which guesses replies rested on
  // Told of each such guess at its first exchange, by the thread of that request.
  std::function<void(const Reliance&)> on_guess = {};
  std::function<std::int64_t()> wall_ms = {};  // Unix time in ms; needed by the wall clock only
  std::size_t max_organizations = 10'000;      // 503 beyond
  std::size_t max_kept_bytes = std::size_t{2} << 30;  // messages and files of all; 503 beyond
  // Before one of these two makes it 503, the key that was idle longest makes room, if it was for
  // at least so long: it is forgotten, with its world if it has one of its own. Idleness is known
  // by Request::received_us; a key whose first request has none is never put out.
  std::chrono::milliseconds keep_idle = std::chrono::hours(1);
  // Told of each key that made room, by the thread of the request that needed it.
  std::function<void(const EvictedKey&)> on_evicted = {};
  std::size_t journal_max_entries = 10'000;               // the oldest go first, and are counted
  std::size_t journal_max_bytes = std::size_t{32} << 20;  // likewise
  bool judge = false;         // true: verdicts() tells how well the clients behave (docs/rules.md)
  JudgeOptions judging = {};  // how, if at all
  std::string control_token = {};  // empty: `all=true` is never allowed
  // By which names, besides addresses and localhost, /__mock may be called: "fake". Case and a port
  // don't matter.
  std::vector<std::string> control_hosts = {};
  // Pages of which origins browsers let call the API, never /__mock: "http://localhost:5173".
  std::vector<std::string> cors_origins = {};
  // Of the server in front, if there is one: told by GET /__mock/metrics, and GET /__mock/health
  // answers 503 while it drains.
  std::shared_ptr<const ServerFigures> server = {};
  std::string version = {};   // what GET /__mock/health says
  std::string instance = {};  // of this run alone, if somebody asks GET /__mock/health for it
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_FAKE_OPTIONS_H_
