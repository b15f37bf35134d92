// What a key costs, and who makes room when there is none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "worlds.h"

namespace nairi::mock::testing {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

// Calls with a key at a time of the caller's.
class Timed {
 public:
  explicit Timed(Fake& fake) : fake_(fake) {}

  int get_agents(const std::string& key, std::chrono::seconds at) {
    return call(key, at, "GET", "/api/public/v1/agents").status;
  }
  Reply call(const std::string& key, std::chrono::seconds at, const std::string& method,
             const std::string& target, std::string body = {}) {
    return fake_.handle({.method = method,
                         .target = target,
                         .headers = {{"Authorization", "Bearer " + key}},
                         .body = std::move(body),
                         .received_us = std::chrono::microseconds(at).count()});
  }
  bool is_known(const std::string& key) { return !fake_.journal(key).empty(); }

 private:
  Fake& fake_;
};

TEST(IdleKeys, TheOneThatWasIdleLongestMakesRoom) {
  Fake fake(plain_world(), {.max_organizations = 2, .keep_idle = 60s});
  Timed timed(fake);
  timed.get_agents("nr_1", 100s);
  timed.get_agents("nr_2", 110s);
  timed.get_agents("nr_1", 120s);
  EXPECT_EQ(timed.get_agents("nr_3", 180s), 200);
  EXPECT_TRUE(timed.is_known("nr_1"));
  EXPECT_FALSE(timed.is_known("nr_2"));
  EXPECT_EQ(timed.get_agents("nr_2", 180s), 200);  // anew, in the place of the other one
  EXPECT_FALSE(timed.is_known("nr_1"));
}

TEST(IdleKeys, StayWhenNoneIsIdleForSoLong) {
  Fake fake(plain_world(), {.max_organizations = 2, .keep_idle = 60s});
  Timed timed(fake);
  timed.get_agents("nr_1", 100s);
  timed.get_agents("nr_2", 110s);
  const Reply refused = timed.call("nr_3", 159s, "GET", "/api/public/v1/agents");
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, HasSubstr("holds 2 organizations"));
  EXPECT_EQ(timed.get_agents("nr_3", 160s), 200);
}

TEST(IdleKeys, StayWhereThereIsRoom) {
  Fake fake(plain_world(), {.max_organizations = 2, .keep_idle = 0s});
  Timed timed(fake);
  timed.get_agents("nr_1", 1s);
  timed.get_agents("nr_2", 1'000'000s);
  EXPECT_TRUE(timed.is_known("nr_1"));
}

TEST(IdleKeys, OfWhichNobodyKnowsTheTimeStay) {
  Fake fake(plain_world(), {.max_organizations = 1, .keep_idle = 0s});
  Api(fake, "nr_1").get("/agents");  // in process, without a time
  EXPECT_EQ(Timed(fake).get_agents("nr_2", 100s), 503);
  EXPECT_EQ(Api(fake, "nr_2").get("/agents").status, 503);
}

TEST(IdleKeys, AreKeptByCallsOfTheControlApi) {
  Fake fake(plain_world(), {.max_organizations = 2, .keep_idle = 60s});
  Timed timed(fake);
  timed.get_agents("nr_1", 100s);
  timed.get_agents("nr_2", 101s);
  timed.call("nr_1", 150s, "POST", "/__mock/faults", R"({"at": "poll", "do": {"status": 503}})");
  timed.get_agents("nr_3", 170s);
  EXPECT_TRUE(timed.is_known("nr_1"));
  EXPECT_FALSE(timed.is_known("nr_2"));
}

TEST(IdleKeys, MakeRoomForBytesToo) {
  Fake fake(plain_world(), {.max_kept_bytes = 50'000, .keep_idle = 60s});
  Timed timed(fake);
  const std::string prompt =
      R"({"agent_id": "bot", "prompt": ")" + std::string(20'000, 'x') + R"("})";
  const auto start = [&](const std::string& key, std::chrono::seconds at) {
    return timed.call(key, at, "POST", "/api/public/v1/conversations/start", prompt).status;
  };
  EXPECT_EQ(start("nr_1", 100s), 200);
  EXPECT_EQ(start("nr_2", 110s), 200);
  EXPECT_EQ(start("nr_3", 120s), 503);  // who was refused has been idle since, too
  EXPECT_EQ(start("nr_4", 165s), 200);
  EXPECT_FALSE(timed.is_known("nr_1"));
  EXPECT_TRUE(timed.is_known("nr_2"));
}

TEST(IdleKeys, NeverMakeRoomForThemselves) {
  Fake fake(plain_world(), {.max_kept_bytes = 10'000, .keep_idle = 0s});
  Timed timed(fake);
  timed.get_agents("nr_1", 100s);
  const std::string prompt =
      R"({"agent_id": "bot", "prompt": ")" + std::string(20'000, 'x') + R"("})";
  EXPECT_EQ(timed.call("nr_1", 200s, "POST", "/api/public/v1/conversations/start", prompt).status,
            503);
  EXPECT_EQ(fake.journal("nr_1").size(), 2U);
}

TEST(IdleKeys, TakeTheirWorldsAlong) {
  const std::string own = R"({"agents": [{"agent_id": "own"}]})";
  Fake fake(plain_world(), {.max_organizations = 1, .keep_idle = 60s});
  Timed timed(fake);
  timed.call("nr_1", 100s, "PUT", "/__mock/world", own);
  timed.get_agents("nr_1", 101s);
  EXPECT_EQ(timed.call("nr_2", 102s, "PUT", "/__mock/world", own).status, 503);
  EXPECT_EQ(timed.call("nr_2", 200s, "PUT", "/__mock/world", own).status, 200);
  EXPECT_THAT(timed.call("nr_1", 300s, "GET", "/api/public/v1/agents").body, HasSubstr("acme/ops"));
}

TEST(IdleKeys, AreToldOfByNumberAndCounted) {
  std::vector<EvictedKey> evicted;
  Fake fake(plain_world(), {.max_organizations = 1,
                            .keep_idle = 60s,
                            .on_evicted = [&](const EvictedKey& key) { evicted.push_back(key); }});
  Timed timed(fake);
  timed.get_agents("nr_1", 100s);
  timed.get_agents("nr_2", 190s);
  ASSERT_EQ(evicted.size(), 1U);
  EXPECT_EQ(evicted[0].organization, 1U);
  EXPECT_EQ(evicted[0].idle, 90s);
  EXPECT_THAT(timed.call("", 190s, "GET", "/__mock/metrics").body,
              HasSubstr("\nnairi_mock_keys_evicted_total 1\n"));
}

TEST(IdleKeys, LeaveTheirVerdictsToAll) {
  Fake fake(plain_world(), {.max_organizations = 1, .keep_idle = 0s, .judge = true});
  Timed timed(fake);
  timed.get_agents("nr_1", 100s);
  timed.get_agents("nr_2", 101s);
  EXPECT_EQ(fake.verdicts("nr_1").traffic.requests, 0);
  EXPECT_EQ(fake.verdicts_of_all().traffic.requests, 2);
}

TEST(IdleKeys, ThatAreRevokedStayRevoked) {
  Fake fake(plain_world(), {.max_organizations = 1, .keep_idle = 0s});
  Timed timed(fake);
  timed.get_agents("nr_1", 100s);
  fake.revoke("nr_1");
  timed.get_agents("nr_2", 101s);
  EXPECT_EQ(timed.get_agents("nr_1", 102s), 401);
}

// The jobs of a world are made when somebody asks for one. Nobody can tell.
constexpr const char* kSeededJobs = R"(
    {"agent_id": "bot", "messages": [{"role": "user", "content": "first"},
                                     {"role": "assistant", "content": "yes"}]},
    {"agent_id": "bot", "created_at": "2020-01-01T00:00:00.000Z", "messages": [
        {"role": "user", "content": "second"}]},
    {"agent_id": "acme/ops", "messages": [{"role": "user", "content": "third"}]})";

std::vector<std::string> ids_of(const Json& conversations) {
  std::vector<std::string> ids;
  for (const Json& conversation : conversations) ids.push_back(conversation.at("id"));
  return ids;
}

TEST(JobsOfTheWorld, HaveTheSameIdsWheneverTheyAreAskedFor) {
  Play early(world_with("", kSeededJobs));
  Play late(world_with("", kSeededJobs));
  const Json before = early.api.conversations("acme/ops");
  const Started started = early.api.start("bot", "hello");
  const Started same = late.api.start("bot", "hello");
  EXPECT_EQ(started.job, same.job);
  EXPECT_EQ(started.message, same.message);
  EXPECT_EQ(ids_of(late.api.conversations("acme/ops")), ids_of(before));
  EXPECT_EQ(ids_of(late.api.conversations("bot")), ids_of(early.api.conversations("bot")));
}

TEST(JobsOfTheWorld, StandBeforeThoseOfCallsOfTheSameAge) {
  Play play(world_with("", kSeededJobs), {.clock = ClockMode::virtual_time});
  const Started started = play.api.start("bot", "hello");
  const auto ids = ids_of(play.api.conversations("bot", "?sort=created_at_asc"));
  ASSERT_EQ(ids.size(), 3U);
  EXPECT_EQ(ids[2], started.job);
}

TEST(JobsOfTheWorld, AreAsOldAsTheOrganization) {
  Play play(world_with("", kSeededJobs), {.clock = ClockMode::virtual_time});
  play.api.get("/agents");
  play.fake.advance(60'000);
  EXPECT_EQ(play.api.conversations("acme/ops").at(0).at("created_at"), "2026-04-12T18:45:12.000Z");
}

TEST(JobsOfTheWorld, AreFoundByTheIdsThatTheWorldGives) {
  const std::string job = R"({"id": "job_01KRK1V46BXS73CSNK2VR35NPJ", "agent_id": "bot",
      "messages": [{"id": "cmsg_01KP35X8VK993AY382SYHGRA6Y", "role": "user", "content": "hi"}]})";
  const World world = world_with("", job);
  EXPECT_EQ(Play(world).api.get("/messages/cmsg_01KP35X8VK993AY382SYHGRA6Y").status, 200);
  EXPECT_EQ(Play(world).api.messages("job_01KRK1V46BXS73CSNK2VR35NPJ").size(), 1U);
  EXPECT_EQ(
      Play(world)
          .api.post("/conversations/job_01KRK1V46BXS73CSNK2VR35NPJ/continue", {{"prompt", "go"}})
          .status,
      200);
  EXPECT_EQ(Play(world).api.control("POST", "/jobs", job).status, 400);  // the id is taken
}

TEST(JobsOfTheWorld, BeginTheirTurnsWhenTheAgentIsDeployed) {
  const std::string job = R"({"agent_id": "sleepy", "messages": [
      {"id": "cmsg_01KP35X8VK993AY382SYHGRA6Y", "role": "user", "status": "queued",
       "content": "hi"}], "timeline": [{"status": "completed", "reply": "done"}]})";
  Play play(world_with("", job));
  EXPECT_EQ(play.api.post("/agents/sleepy/deploy", Json::object()).status, 202);
  EXPECT_EQ(play.api.status("cmsg_01KP35X8VK993AY382SYHGRA6Y"), "completed");
}

}  // namespace
}  // namespace nairi::mock::testing
