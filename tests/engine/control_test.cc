// The control API and the journal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "engine/worlds.h"

namespace nairi::mock::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Health, NeedsNoKey) {
  Fake fake(plain_world(), {.version = "1.2.3", .instance = "4f"});
  const Answer answer = Api(fake, "").control("GET", "/health");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json().at("status"), "ok");
  EXPECT_EQ(answer.json().at("version"), "1.2.3");
  EXPECT_EQ(answer.json().at("instance"), "4f");
  EXPECT_EQ(answer.json().at("clock"), "poll");
}

TEST(OpenApiDocument, IsServedWithoutAKey) {
  Fake fake(plain_world());
  const Answer answer = Api(fake, "").control("GET", "/openapi.json");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json().at("openapi"), "3.1.0");
  EXPECT_TRUE(answer.json().at("paths").contains("/conversations/start"));
}

TEST(ControlApi, ActsOnTheKeyThatItIsCalledWith) {
  Fake fake(plain_world());
  Api mine(fake, "nr_mine");
  Api theirs(fake, "nr_theirs");
  mine.start("bot", "go");
  theirs.start("bot", "go");
  EXPECT_EQ(mine.control("POST", "/reset").status, 200);
  EXPECT_TRUE(mine.conversations("bot").empty());
  EXPECT_EQ(theirs.conversations("bot").size(), 1U);
}

TEST(ControlApi, WithoutAKeySaysWhoseWorldIsMeant) {
  Fake fake(plain_world());
  const Answer answer = Api(fake, "").control("POST", "/reset");
  EXPECT_EQ(answer.status, 401);
  EXPECT_THAT(answer.error(), HasSubstr("whose world"));
}

TEST(ControlApi, AllTakesTheControlToken) {
  Fake fake(plain_world(), with_token());
  Api mine(fake, "nr_mine");
  mine.start("bot", "go");
  EXPECT_EQ(mine.control("POST", "/reset?all=true").status, 403);
  EXPECT_EQ(mine.conversations("bot").size(), 1U);
  Api admin(fake, "secret");
  EXPECT_EQ(admin.control("POST", "/reset?all=true").status, 200);
  EXPECT_TRUE(mine.conversations("bot").empty());
  EXPECT_EQ(admin.control("POST", "/reset").status, 400);
  EXPECT_EQ(admin.control("POST", "/reset?all=maybe").status, 400);
}

TEST(ControlApi, AllIsNeverAllowedWithoutAToken) {
  Fake fake(plain_world());
  EXPECT_EQ(Api(fake, "nr_x").control("POST", "/reset?all=true").status, 403);
}

TEST(ControlApi, RefusesOtherHostsAndOrigins) {
  Fake fake(plain_world(), {.control_hosts = {"mock.test", "Fake:4747"}});
  const auto status = [&](std::vector<Header> headers) {
    return fake.handle({.method = "GET", .target = "/__mock/health", .headers = std::move(headers)})
        .status;
  };
  EXPECT_EQ(status({{"Host", "localhost:4747"}}), 200);
  EXPECT_EQ(status({{"Host", "127.0.0.1:4747"}}), 200);
  EXPECT_EQ(status({{"Host", "[::1]:4747"}}), 200);
  EXPECT_EQ(status({{"Host", "mock.test:4747"}}), 200);
  EXPECT_EQ(status({{"Host", "LocalHost:4747"}}), 200);
  EXPECT_EQ(status({{"Host", "MOCK.test.:80"}}), 200);
  EXPECT_EQ(status({{"Host", "fake"}}), 200);
  EXPECT_EQ(status({{"Host", "localhost.:4747"}}), 200);
  EXPECT_EQ(status({{"Host", "app.localhost"}}), 200);
  EXPECT_EQ(status({{"Host", "fake.example"}}), 403);
  EXPECT_EQ(status({{"Host", ""}}), 403);
  EXPECT_EQ(status({{"Host", "10.0.0.1:4747"}}), 200);  // an address is no name made to point here
  EXPECT_EQ(status({{"Host", "evil.example:4747"}}), 403);
  EXPECT_EQ(status({{"Host", "127.evil.example"}}), 403);
  EXPECT_EQ(status({{"Host", "localhost:4747"}, {"Origin", "http://localhost:4747"}}), 200);
  EXPECT_EQ(status({{"Host", "localhost:4747"}, {"Origin", "https://evil.example"}}), 403);
  EXPECT_EQ(status({{"Host", "localhost:4747"}, {"Origin", "null"}}), 403);
}

TEST(ControlApi, HasHostsThatHeadersCanName) {
  for (const char* host : {"", "http://fake", "a b", "fake/x"}) {
    EXPECT_THROW(Fake(plain_world(), {.control_hosts = {host}}), std::invalid_argument) << host;
  }
  EXPECT_NO_THROW(Fake(plain_world(), {.control_hosts = {"fake", "fake:80", "::1", "0.0.0.0"}}));
}

TEST(ControlApi, SaysHowAnotherNameIsLetIn) {
  Fake fake(plain_world());
  const Reply refused = fake.handle(
      {.method = "GET", .target = "/__mock/health", .headers = {{"Host", "fake:4747"}}});
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.body, HasSubstr("--control-host fake\""));
}

TEST(ControlApi, UnknownRouteNamesTheNearest) {
  Fake fake(plain_world());
  const Answer answer = Api(fake).control("GET", "/jurnal");
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(answer.error(), HasSubstr("GET /__mock/journal"));
}

TEST(MovingTheClock, MovesTheWorldOfOneKey) {
  Fake fake(plain_world(), with_token());
  Api mine(fake, "nr_mine");
  Api theirs(fake, "nr_theirs");
  const Started my_turn = mine.start("bot", "go");
  const Started their_turn = theirs.start("bot", "go");
  const Answer answer = mine.control("POST", "/clock", R"({"advance_ms": 2000})");
  EXPECT_EQ(answer.json().at("now"), "2026-04-12T18:45:14.000Z");
  EXPECT_EQ(mine.status(my_turn.message), "completed");
  EXPECT_EQ(theirs.status(their_turn.message), "pending");
}

TEST(MovingTheClock, MovesAllWorldsAndThoseToComeWithTheToken) {
  Fake fake(plain_world(), with_token());
  Api mine(fake, "nr_mine");
  const Started turn = mine.start("bot", "go");
  EXPECT_EQ(
      Api(fake, "secret").control("POST", "/clock?all=true", R"({"advance_ms": 2000})").status,
      200);
  EXPECT_EQ(mine.status(turn.message), "completed");
  Api late(fake, "nr_late");
  EXPECT_EQ(late.message(late.start("bot", "go").message).at("created_at"),
            "2026-04-12T18:45:14.000Z");
}

TEST(MovingTheClock, BadBodiesAre400) {
  Play play(plain_world(), with_token());
  for (const char* body : {"", "{}", R"({"advance_ms": -1})", R"({"advance_ms": "2s"})",
                           R"({"advance_ms": 1.5})", R"({"advance_ms": 9223372036854775807})"}) {
    EXPECT_EQ(play.api.control("POST", "/clock", body).status, 400) << body;
  }
}

TEST(MovingTheClock, IsRefusedUnderAnotherClock) {
  Play play(plain_world());
  const Answer answer = play.api.control("POST", "/clock", R"({"advance_ms": 1})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.error(), HasSubstr("--clock virtual"));
}

TEST(MakingAJob, MakesOneOfAnyOrigin) {
  Play play(plain_world());
  const Answer answer = play.api.control(
      "POST", "/jobs",
      R"({"agent_id": "bot", "origin": "discord", "messages": [{"role": "user", "content": "hi"}]})");
  ASSERT_EQ(answer.status, 201) << answer.text;
  const std::string job = answer.json().at("job_id");
  EXPECT_EQ(play.api.messages(job).size(), 1U);
  EXPECT_EQ(play.api.post("/conversations/" + job + "/continue", {{"prompt", "x"}}).error(),
            "job is not an API job");
}

TEST(MakingAJob, RefusesWhatAWorldFileWouldNotHold) {
  Play play(plain_world());
  const auto refused = [&](const char* body, const char* says) {
    const Answer answer = play.api.control("POST", "/jobs", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_THAT(answer.error(), HasSubstr(says));
  };
  refused(R"({"agent_id": "bto"})", "did you mean \"bot\"?");
  refused(R"({"agent_id": "bot", "orign": "slack"})", "origin");
  refused("nonsense", "");
}

TEST(MakingAJob, RefusesAnIdThatIsTaken) {
  Play play(plain_world());
  const char* body = R"({"agent_id": "bot", "id": "job_01KP3SRTDEBBB61MF4T1X9BMVF"})";
  EXPECT_EQ(play.api.control("POST", "/jobs", body).status, 201);
  EXPECT_EQ(play.api.control("POST", "/jobs", body).status, 400);
  const char* legacy = R"({"agent_id": "bot", "id": "j_01KP3SRTDEBBB61MF4T1X9BMVF"})";
  EXPECT_EQ(play.api.control("POST", "/jobs", legacy).status, 400);
}

TEST(MakingAJob, NeverReadsFilesOfTheServer) {
  Play play(plain_world());
  const Answer answer = play.api.control("POST", "/jobs", R"({"agent_id": "bot", "messages": [
      {"role": "assistant", "content": "x", "attachments": ["CMakeCache.txt"]}]})");
  EXPECT_EQ(answer.status, 400);
}

TEST(Revoking, IsBoundedInNumber) {
  Fake fake(plain_world(), {.max_organizations = 2});
  EXPECT_EQ(Api(fake, "nr_1").control("POST", "/revoke").status, 200);
  EXPECT_EQ(Api(fake, "nr_2").control("POST", "/revoke").status, 200);
  EXPECT_EQ(Api(fake, "nr_3").control("POST", "/revoke").status, 503);
  EXPECT_EQ(Api(fake, "nr_2").control("POST", "/revoke").status, 200);
}

TEST(Revoking, RefusesTheKeyUntilAReset) {
  Play play(plain_world());
  EXPECT_EQ(play.api.control("POST", "/revoke").status, 200);
  EXPECT_EQ(play.api.get("/agents").status, 401);
  EXPECT_EQ(play.api.control("POST", "/reset").status, 200);
  EXPECT_EQ(play.api.get("/agents").status, 200);
}

TEST(States, OfTheBuiltInWorldHaveEveryNameThatContractsNeed) {
  const Fake fake(default_world());
  const Json states = Json::parse(fake.states());
  for (const char* name :
       {"agent", "agent_with_slash", "undeployed_agent", "slack_job", "discord_job", "web_job",
        "other_api_key", "revoked_api_key", "failing_prompt", "completed_job", "error_job",
        "abandoned_job", "legacy_job"}) {
    EXPECT_TRUE(states.contains(name)) << name;
  }
}

TEST(States, TheFailingPromptFails) {
  Fake fake(default_world());
  const Json states = Json::parse(fake.states());
  Api api(fake);
  const Started turn = api.start(states.at("agent"), states.at("failing_prompt"));
  EXPECT_EQ(api.finish(turn.message), "failed");
}

TEST(States, NameOnlyAPromptThatFailsForTheAgentThatTheyName) {
  const Fake fake(world_of(R"({"agents": [{"agent_id": "bot"}, {"agent_id": "other"}], "turns": [
      {"when": {"agent_id": "other", "prompt": {"equals": "fail"}},
       "timeline": [{"status": "failed", "error": "no"}]}]})"));
  EXPECT_FALSE(Json::parse(fake.states()).contains("failing_prompt"));
}

}  // namespace
}  // namespace nairi::mock::testing
