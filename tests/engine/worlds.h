// The small worlds that the engine's tests play.
#ifndef NAIRI_MOCK_TESTS_ENGINE_WORLDS_H_
#define NAIRI_MOCK_TESTS_ENGINE_WORLDS_H_

#include <string>

#include "support/api.h"

namespace nairi::mock::testing {

// Agents "bot", "acme/ops" and the undeployed "sleepy"; no jobs, and these turns.
inline World world_with(const std::string& turns, const std::string& jobs = "") {
  return world_of(R"({"agents": [{"agent_id": "bot"}, {"agent_id": "acme/ops"},
                                 {"agent_id": "sleepy", "deployed": false}],
                      "jobs": [)" +
                  jobs + R"(], "turns": [)" + turns + "]}");
}

inline World plain_world() {
  return world_with("");
}

inline constexpr const char* kSlackJob = "job_01KRK1V46BXS73CSNK2VR35NPJ";

// A fake of a world, and a caller of it.
struct Play {
  explicit Play(World world, FakeOptions options = {})
      : fake(std::move(world), std::move(options)), api(fake) {}
  Fake fake;
  Api api;
};

// "secret" may act on all keys.
inline FakeOptions with_token() {
  return {.clock = ClockMode::virtual_time, .control_token = "secret"};
}

}  // namespace nairi::mock::testing

#endif  // NAIRI_MOCK_TESTS_ENGINE_WORLDS_H_
