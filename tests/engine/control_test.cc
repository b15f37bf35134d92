// The control API and the journal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "engine/worlds.h"

namespace nairi::mock::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

FakeOptions with_token() {
  return {.clock = ClockMode::virtual_time, .control_token = "secret"};
}

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

Json journal(Api& api, const std::string& query = "") {
  return api.control("GET", "/journal" + query).json();
}

TEST(Journal, TellsWhatTheServerSaw) {
  Play play(plain_world());
  play.api.start("bot", "hello");
  const Json entries = journal(play.api).at("entries");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].at("operation"), "start");
  EXPECT_EQ(entries[0].at("method"), "POST");
  EXPECT_EQ(entries[0].at("target"), "/api/public/v1/conversations/start");
  EXPECT_EQ(entries[0].at("status"), 200);
  EXPECT_THAT(entries[0].at("body").get<std::string>(), HasSubstr("hello"));
}

TEST(Journal, ShowsEachKeyItsOwnEntries) {
  Fake fake(plain_world(), with_token());
  Api(fake, "nr_mine").get("/agents");
  Api(fake, "nr_theirs").get("/agents");
  Api(fake, "").get("/agents");
  Api mine(fake, "nr_mine");
  EXPECT_EQ(journal(mine).at("entries").size(), 1U);
  Api admin(fake, "secret");
  EXPECT_EQ(journal(admin, "?all=true").at("entries").size(), 3U);
  Api nobody(fake, "nr_nobody");
  EXPECT_TRUE(journal(nobody).at("entries").empty());
}

TEST(Journal, HoldsRefusedCallsOfAKnownKey) {
  Play play(plain_world());
  play.api.get("/agents");
  play.fake.revoke("nr_test");
  play.api.get("/agents");
  const Json entries = journal(play.api).at("entries");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[1].at("status"), 401);
}

TEST(Journal, IsDataForThoseWhoHoldTheFake) {
  Fake fake(plain_world());
  Api(fake, "nr_theirs").get("/agents");
  Api mine(fake, "nr_mine");
  fake.add_faults("nr_mine", parse_faults(R"([{"at": "start#1", "do": {"status": 503}}])").value());
  mine.send({.method = "POST",
             .target = "/api/public/v1/conversations/start?key=nr_mine",
             .headers = {{"Authorization", "Bearer nr_mine"}, {"X-Two", "2"}},
             .body = R"({"agent_id": "bot", "prompt": "Hello"})"});
  const std::vector<SeenExchange> seen = fake.journal("nr_mine");
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].number, 2U);
  EXPECT_EQ(seen[0].at, "2026-04-12T18:45:12.001Z");
  EXPECT_EQ(seen[0].operation, "start");
  EXPECT_EQ(seen[0].method, "POST");
  EXPECT_EQ(seen[0].target, "/api/public/v1/conversations/start?key=[redacted]");
  ASSERT_EQ(seen[0].headers.size(), 2U);
  EXPECT_EQ(seen[0].headers[0].value, "[redacted]");
  EXPECT_EQ(header_value(seen[0].headers, "x-two"), "2");
  EXPECT_EQ(seen[0].body, R"({"agent_id": "bot", "prompt": "Hello"})");
  EXPECT_EQ(seen[0].body_bytes, 38U);
  EXPECT_EQ(seen[0].status, 503);
  EXPECT_EQ(seen[0].fault, "start#1 status 503");
}

TEST(Journal, AsDataHoldsHintsRefusalsAndWhatWasNotLetIn) {
  Fake fake(plain_world(), {.listed_keys_only = true});
  Api stranger(fake, "nr_stranger");
  stranger.get("/agents/");
  stranger.get("/agents");
  fake.note_refused({.request = {.method = "GET",
                                 .target = "/x",
                                 .headers = {{"Authorization", "Bearer nr_stranger"}}},
                     .reply = {.status = 431, .body = {}},
                     .why = "expected less"});
  const std::vector<SeenExchange> seen = fake.journal("nr_stranger");
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_THAT(seen[0].hint, HasSubstr("the path ends in a slash"));
  EXPECT_EQ(seen[0].at, "");
  EXPECT_EQ(seen[1].status, 401);
  EXPECT_EQ(seen[1].refused, "");
  EXPECT_EQ(seen[2].refused, "expected less");
}

TEST(Journal, AsDataIsEmptyForKeysThatNeverCalledAndAfterAReset) {
  Play play(plain_world());
  play.api.get("/agents");
  EXPECT_EQ(play.fake.journal("nr_test").size(), 1U);
  EXPECT_TRUE(play.fake.journal("nr_nobody").empty());
  EXPECT_TRUE(play.fake.journal("").empty());
  play.fake.reset("nr_test");
  EXPECT_TRUE(play.fake.journal("nr_test").empty());
}

TEST(Journal, ShowsHeadersInTheOrderSentWhateverTheyHold) {
  Fake fake(plain_world());
  Api api(fake, "nr_test");
  api.send({.method = "GET",
            .target = "/api/public/v1/agents",
            .headers = {{"Authorization", "Bearer nr_test"},
                        {"X-Empty", ""},
                        {"X-Quoted", "a \"b\" \\"},
                        {"X-Binary", std::string("\0\x01\xFF", 3)},
                        {"X-Long", std::string(1000, 'x')}}});
  const Json headers = journal(api).at("entries").at(0).at("headers");
  EXPECT_EQ(headers, Json::array({{{"name", "Authorization"}, {"value", "[redacted]"}},
                                  {{"name", "X-Empty"}, {"value", ""}},
                                  {{"name", "X-Quoted"}, {"value", "a \"b\" \\"}},
                                  {{"name", "X-Binary"}, {"value", std::string("\0\x01\uFFFD", 5)}},
                                  {{"name", "X-Long"}, {"value", std::string(1000, 'x')}}}));
}

TEST(Journal, KeepsNoCredentials) {
  Fake fake(plain_world(), with_token());
  Api api(fake, "nr_s3cret");
  api.send({.method = "POST",
            .target = "/api/public/v1/conversations/start?api_key=nr_s3cret&other=nr_another",
            .headers = {{"Authorization", "Bearer nr_s3cret"},
                        {"X-Api-Key", "hush-key"},
                        {"Cookie", "hush-cookie"},
                        {"Proxy-Authorization", "hush-proxy"},
                        {"X-Debug", "key is nr_s3cret"}},
            .body = R"({"agent_id": "bot", "prompt": "my key is nr_s3cret"})"});
  const std::string text = journal(api).dump();
  EXPECT_THAT(text, HasSubstr("[redacted]"));
  EXPECT_THAT(text, HasSubstr("my key is [redacted]"));
  EXPECT_THAT(text, Not(HasSubstr("s3cret")));
  EXPECT_THAT(text, Not(HasSubstr("nr_another")));
  EXPECT_THAT(text, Not(HasSubstr("hush")));
}

TEST(Journal, KeepsNoKeyInWhateverPlace) {
  Fake fake(plain_world());
  Api api(fake, "plainkey");
  api.get("/agents?key=plainkey");
  api.get("/agents?key=%70lainkey");
  api.call("POST", "/nowhere?key=plainkey", "plainkey");
  api.call("PUT", "/agents?key=plainkey", "plainkey");
  api.call("POST", "/conversations/start", std::string(4090, 'x') + "plainkey");
  api.send({.method = "GET",
            .target = "/api/public/v1/agents",
            .headers = {{"Authorization", "Bearer plainkey"}, {"X-Debug", "it is plainkey"}}});
  const Json entries = journal(api).at("entries");
  ASSERT_EQ(entries.size(), 6U);
  EXPECT_THAT(entries.dump(), Not(HasSubstr("lainkey")));
  EXPECT_THAT(entries[4].at("body").get<std::string>(), Not(HasSubstr("plain")));
}

TEST(Journal, ShowsAKeyItsOwnCallsOfPathsThatDoNotExist) {
  Play play(plain_world());
  play.api.get("/agents");
  play.api.get("/nowhere");
  play.api.call("PUT", "/agents");
  const Json entries = journal(play.api).at("entries");
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[1].at("status"), 404);
  EXPECT_EQ(entries[2].at("status"), 405);
}

TEST(Journal, HoldsWhatAKeyDidThatTheWorldDoesNotKnow) {
  Fake fake(plain_world(), {.listed_keys_only = true});
  Api stranger(fake, "nr_stranger");
  stranger.get("/agents");
  stranger.get("/nowhere");
  const Json entries = journal(stranger).at("entries");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].at("status"), 401);
  EXPECT_EQ(entries[0].at("operation"), "agents");
  EXPECT_FALSE(entries[0].contains("at"));  // it lives in no world's time
  EXPECT_EQ(entries[1].at("status"), 404);
  Api other(fake, "nr_other");
  EXPECT_TRUE(journal(other).at("entries").empty());
}

TEST(Journal, OfAKeyGoesOnWhenItIsLetIn) {
  Play play(plain_world());
  play.api.get("/nowhere");
  play.api.get("/agents");
  const Json entries = journal(play.api).at("entries");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].at("organization"), entries[1].at("organization"));
}

TEST(Journal, ForgetsAStrangerThatIsReset) {
  Play play(plain_world());
  play.api.get("/nowhere");
  play.fake.reset("nr_test");
  EXPECT_TRUE(journal(play.api).at("entries").empty());
  play.api.get("/nowhere");
  EXPECT_EQ(journal(play.api).at("entries").size(), 1U);
}

TEST(Journal, OfStrangersIsBoundedAndMakesNoOrganizations) {
  Fake fake(plain_world(), {.max_organizations = 2, .control_token = "secret"});
  for (int i = 0; i < 100; ++i) Api(fake, "nr_" + std::to_string(i)).get("/nowhere");
  Api admin(fake, "secret");
  EXPECT_EQ(admin.control("GET", "/health").json().at("organizations"), 0);
  EXPECT_EQ(journal(admin, "?all=true").at("entries").size(), 100U);
  Api second(fake, "nr_1");
  EXPECT_EQ(journal(second).at("entries").size(), 1U);
  Api third(fake, "nr_2");  // one too many: it is with those of nobody
  EXPECT_TRUE(journal(third).at("entries").empty());
  EXPECT_EQ(third.get("/agents").status, 200);
}

TEST(Journal, HoldsTheHintForPeopleWithoutKeys) {
  Play play(plain_world());
  play.api.get("/agents/bott");
  play.api.get("/agents/nr_secret");
  const Json entries = journal(play.api).at("entries");
  EXPECT_EQ(entries[0].at("hint"),
            "the key's organization has no agent \"bott\"; did you mean \"bot\"?");
  EXPECT_THAT(entries[1].at("hint").get<std::string>(), HasSubstr("[redacted]"));
  EXPECT_THAT(entries[1].dump(), Not(HasSubstr("nr_secret")));
  play.api.get("/agents");
  EXPECT_FALSE(journal(play.api).at("entries")[2].contains("hint"));
}

TEST(Journal, HoldsWhatWasRefusedBeforeTheFakeCouldPlayIt) {
  Play play(plain_world());
  play.fake.note_refused({.request = {.method = "POST",
                                      .target = "/api/public/v1/attachments",
                                      .headers = {{"Authorization", "Bearer nr_test"}}},
                          .whole_head = true,
                          .reply = {.status = 413, .body = "{}"},
                          .why = "too large, nr_test"});
  const Json entries = journal(play.api).at("entries");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].at("status"), 413);
  EXPECT_EQ(entries[0].at("operation"), "upload");
  EXPECT_EQ(entries[0].at("refused"), "too large, [redacted]");
}

TEST(Journal, HoldsRefusalsWithoutAKeyForTheToken) {
  Fake fake(plain_world(), with_token());
  fake.note_refused({.reply = {.status = 400, .body = {}}, .why = "no HTTP"});
  fake.note_refused({.request = {.method = "GET", .target = "/x"},
                     .reply = {.status = 0, .body = {}},
                     .why = "gone"});
  fake.note_refused({.reply = {.status = 0, .body = {}}, .why = "the TLS handshake failed"});
  Api admin(fake, "secret");
  const Json entries = journal(admin, "?all=true").at("entries");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].at("status"), 400);
  EXPECT_EQ(entries[1].at("refused"), "gone");
  EXPECT_EQ(entries[1].at("status"), 0);
}

TEST(Journal, HoldsHeadersWithLineEnds) {
  Play play(plain_world());
  play.api.send({.method = "GET",
                 .target = "/api/public/v1/agents",
                 .headers = {{"X-Odd", "a\n\nb: c"}, {"", ""}}});
  const Json headers = journal(play.api).at("entries").at(0).at("headers");
  EXPECT_EQ(headers.at(0).at("value"), "a\n\nb: c");
}

TEST(Journal, IsARingThatCountsWhatItDropped) {
  Play play(plain_world(), {.journal_max_entries = 3});
  for (int i = 0; i < 5; ++i) play.api.get("/agents");
  const Json json = journal(play.api);
  EXPECT_EQ(json.at("dropped"), 2);
  ASSERT_EQ(json.at("entries").size(), 3U);
  EXPECT_EQ(json.at("entries")[0].at("number"), 3);
}

TEST(Journal, IsBoundedInBytes) {
  Play play(plain_world(), {.journal_max_bytes = 20'000});
  for (int i = 0; i < 10; ++i) play.api.start("bot", std::string(100'000, 'x'));
  const Json json = journal(play.api);
  EXPECT_GT(json.at("dropped"), 0);
  EXPECT_LT(json.dump().size(), 40'000U);
  EXPECT_EQ(json.at("entries").back().at("body_bytes"), 100'000 + 30);
}

TEST(Journal, ForgetsAKeyThatIsReset) {
  Play play(plain_world());
  play.api.get("/agents");
  play.fake.reset("nr_test");
  play.api.get("/agents");
  EXPECT_EQ(journal(play.api).at("entries").size(), 1U);
}

TEST(Journal, HoldsUnknownPathsForTheToken) {
  Fake fake(plain_world(), with_token());
  Api(fake, "nr_x").get("/nowhere");
  Api admin(fake, "secret");
  const Json entries = journal(admin, "?all=true").at("entries");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].at("status"), 404);
  EXPECT_EQ(entries[0].at("operation"), "");
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
