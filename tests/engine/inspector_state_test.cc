// What the inspector's page asks the control API for, besides the journal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/worlds.h"

namespace nairi::mock::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Watched {
  Fake fake{world_with("", R"({"id": ")" + std::string(kSlackJob) +
                               R"(", "agent_id": "bot", "origin": "slack"})"),
            with_token()};
  Api mine{fake, "nr_mine"};
  Api theirs{fake, "nr_theirs"};
  Api admin{fake, "secret"};

  Json state(const std::string& query = "") { return mine.control("GET", "/state" + query).json(); }
};

TEST(State, TellsOfTheKeysConversations) {
  Watched it;
  const Started started = it.mine.start("bot", "hello");
  const Json state = it.state();
  EXPECT_EQ(state.at("organization"), 1);
  EXPECT_EQ(state.at("clock"), "virtual");
  EXPECT_EQ(state.at("now"), "2026-04-12T18:45:12.000Z");
  ASSERT_EQ(state.at("jobs").size(), 2U);
  EXPECT_EQ(state.at("jobs").at(0).at("job_id"), kSlackJob);
  EXPECT_EQ(state.at("jobs").at(0).at("origin"), "slack");
  const Json& job = state.at("jobs").at(1);
  EXPECT_EQ(job.at("job_id"), started.job);
  EXPECT_EQ(job.at("agent_id"), "bot");
  EXPECT_EQ(job.at("status"), "active");
  EXPECT_EQ(job.at("origin"), "api");
  EXPECT_EQ(job.at("message_count"), 1);
  EXPECT_FALSE(job.contains("messages"));
}

TEST(State, HasTheMessagesForWhoeverWantsThem) {
  Watched it;
  const Started started = it.mine.start("bot", std::string(5000, 'x'));
  const Json messages = it.state("?messages=true").at("jobs").at(1).at("messages");
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].at("id"), started.message);
  EXPECT_EQ(messages[0].at("status"), "pending");
  EXPECT_EQ(messages[0].at("content"), std::string(4096, 'x'));
  EXPECT_THAT(it.mine.control("GET", "/state?messages=yes").error(),
              HasSubstr("messages must be true or false"));
}

TEST(State, IsWhatCallsHaveBroughtAbout) {
  Watched it;
  const Started started = it.mine.start("bot", "hello");
  it.fake.advance(3'600'000);
  const auto status = [&] {
    return it.state("?messages=true").at("jobs").at(1).at("messages").at(0).at("status");
  };
  EXPECT_EQ(status(), "pending");
  EXPECT_EQ(it.mine.status(started.message), "completed");
  EXPECT_EQ(status(), "completed");
}

// Ids are given in the order in which clients look, whoever watches.
TEST(State, GivesNoIds) {
  std::string told[2];
  for (const bool looks : {false, true}) {
    Fake fake(world_with(""), {.clock = ClockMode::virtual_time});
    Api api(fake);
    const Started first = api.start("bot", "hello");
    const Started second = api.start("bot", "hello");
    fake.advance(3'600'000);
    if (looks) api.control("GET", "/state?messages=true");
    for (const std::string& job : {second.job, first.job}) {
      told[looks] += api.get("/conversations/" + job + "/messages").text;
    }
  }
  EXPECT_EQ(told[0], told[1]);
}

// A turn that begins when a client looks at it.
constexpr const char* kSeededJob = R"({"id": "job_01KRK1V46BXS73CSNK2VR35NPJ", "agent_id": "bot",
    "messages": [{"role": "user", "content": "go", "status": "pending"}],
    "timeline": [{"status": "pending", "polls": 2, "ms": 250}, {"status": "completed"}]})";

// Looking changes nothing: the same calls are answered the same.
TEST(State, IsLookedAtWithoutATrace) {
  for (const ClockMode clock : {ClockMode::poll, ClockMode::virtual_time}) {
    std::string told[2];
    for (const bool looks : {false, true}) {
      Fake fake(world_with("", kSeededJob), {.clock = clock});
      Api api(fake);
      const auto look = [&] {
        if (looks) api.control("GET", "/state?messages=true");
      };
      look();
      const Started started = api.start("bot", "hello");
      for (int i = 0; i < 5; ++i) {
        look();
        fake.advance(100);
        told[looks] += api.get("/messages/" + started.message).text;
      }
      for (const std::string& job : {started.job, std::string(kSlackJob)}) {
        look();
        told[looks] += api.get("/conversations/" + job + "/messages").text;
      }
    }
    EXPECT_EQ(told[0], told[1]);
  }
}

TEST(State, OfOneJobIsTheAnswerToItsId) {
  Watched it;
  it.mine.start("bot", "hello");
  const Json state = it.state("?job=" + std::string(kSlackJob));
  ASSERT_EQ(state.at("jobs").size(), 1U);
  EXPECT_EQ(state.at("jobs").at(0).at("job_id"), kSlackJob);
  EXPECT_EQ(it.mine.control("GET", "/state?job=job_x").status, 404);
}

TEST(State, ShowsTheNewestFiveHundredConversations) {
  Watched it;
  std::string last;
  for (int i = 0; i < 500; ++i) last = it.mine.start("bot", "hello").job;
  const Json state = it.state();
  EXPECT_EQ(state.at("job_count"), 501);
  ASSERT_EQ(state.at("jobs").size(), 500U);
  EXPECT_EQ(state.at("jobs").at(499).at("job_id"), last);
}

TEST(State, ListsTheFaultsAndWhichAreSpent) {
  Watched it;
  it.mine.control("POST", "/faults",
                  R"([{"at": "poll#2", "do": {"status": 503, "retry_after_s": 1}},
                      {"at": "agents", "times": 1, "rate": 0.999999, "do": {"delay_ms": 5}},
                      {"at": "any", "after": "continue#2", "do": {"malformed_json": true}}])");
  it.mine.get("/agents");
  const Json faults = it.state().at("faults");
  ASSERT_EQ(faults.size(), 3U);
  EXPECT_EQ(faults[0], Json({{"at", "poll#2"},
                             {"does", "status 503, retry_after_s 1"},
                             {"struck", 0},
                             {"spent", false}}));
  EXPECT_EQ(faults[1], Json({{"at", "agents"},
                             {"times", 1},
                             {"rate", 0.999999},
                             {"does", "delay_ms 5"},
                             {"struck", 1},
                             {"spent", true}}));
  EXPECT_EQ(faults[2].at("after"), "continue#2");
}

TEST(State, IsThatOfOneKey) {
  Watched it;
  const auto answer = it.admin.control("GET", "/state?all=true");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.error(), HasSubstr("/__mock/organizations"));
}

TEST(Faults, AreClearedAndCallsCountedOn) {
  Watched it;
  it.mine.control("POST", "/faults", R"({"at": "agents", "do": {"status": 503}})");
  EXPECT_EQ(it.mine.get("/agents").status, 503);
  EXPECT_EQ(it.mine.control("DELETE", "/faults").status, 200);
  EXPECT_EQ(it.mine.get("/agents").status, 200);
  it.mine.control("POST", "/faults", R"({"at": "agents#3", "do": {"status": 503}})");
  EXPECT_EQ(it.mine.get("/agents").status, 503);
  EXPECT_EQ(it.admin.control("DELETE", "/faults?all=true").status, 400);
}

TEST(Organizations, AreListedForWhoeverHasTheToken) {
  Watched it;
  it.mine.start("bot", "hello");
  it.theirs.control("POST", "/faults", R"({"at": "agents", "do": {"status": 503}})");
  const Json list = it.admin.control("GET", "/organizations?all=true").json().at("organizations");
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0], Json({{"organization", 1},
                           {"clock", "virtual"},
                           {"now", "2026-04-12T18:45:12.000Z"},
                           {"job_count", 2},
                           {"fault_count", 0},
                           {"exchange_count", 1}}));
  EXPECT_EQ(list[1].at("organization"), 2);
  EXPECT_EQ(list[1].at("fault_count"), 1);
  EXPECT_EQ(it.mine.control("GET", "/organizations").status, 403);
  EXPECT_EQ(it.mine.control("GET", "/organizations?all=true").status, 403);
}

TEST(Organizations, IncludeKeysThatAreNotLetIn) {
  Fake fake(plain_world(), {.listed_keys_only = true, .control_token = "secret"});
  Api(fake, "nr_stranger").get("/agents");
  Api admin(fake, "secret");
  EXPECT_EQ(admin.control("GET", "/organizations?all=true").json().at("organizations"),
            Json::array({{{"organization", 1}, {"exchange_count", 1}}}));
  EXPECT_EQ(admin.control("GET", "/journal?organization=1").json().at("entries").at(0).at("status"),
            401);
  EXPECT_EQ(admin.control("GET", "/state?organization=1").status, 401);
}

// Each call that acts on a key acts on that of a number, with the token.
TEST(Organizations, AreActedOnByTheirNumbers) {
  Watched it;
  it.mine.start("bot", "hello");
  it.theirs.start("bot", "hello");
  it.theirs.get("/agents");
  const std::string theirs = "?organization=2";
  EXPECT_EQ(it.admin.control("GET", "/journal" + theirs).json().at("entries").size(), 2U);
  EXPECT_EQ(it.admin.control("GET", "/state" + theirs).json().at("organization"), 2);
  const Json unmatched = it.admin.control("GET", "/unmatched" + theirs).json().at("prompts");
  ASSERT_EQ(unmatched.size(), 1U);
  EXPECT_EQ(unmatched[0].at("organization"), 2);
  it.admin.control("POST", "/faults" + theirs, R"({"at": "agents", "do": {"status": 503}})");
  EXPECT_EQ(it.theirs.get("/agents").status, 503);
  EXPECT_EQ(it.mine.get("/agents").status, 200);
  EXPECT_THAT(it.admin.control("POST", "/clock" + theirs, R"({"advance_ms": 1000})").text,
              HasSubstr("18:45:13.000Z"));
  EXPECT_EQ(it.state().at("now"), "2026-04-12T18:45:12.000Z");
  EXPECT_EQ(it.admin.control("POST", "/reset" + theirs).status, 200);
  EXPECT_TRUE(it.theirs.control("GET", "/journal").json().at("entries").empty());
  EXPECT_EQ(it.mine.control("GET", "/journal").json().at("entries").size(), 2U);
}

TEST(Organizations, ThatAreGoneAreNotFound) {
  Watched it;
  it.mine.get("/agents");
  it.mine.control("POST", "/reset");
  for (const std::string number : {"1", "0", "7"}) {
    const auto answer = it.admin.control("GET", "/journal?organization=" + number);
    EXPECT_EQ(answer.status, 404);
    EXPECT_THAT(answer.error(), StartsWith("there is no organization " + number));
  }
  EXPECT_THAT(it.admin.control("GET", "/journal?organization=x").error(),
              HasSubstr("organization must be a whole number, got \"x\""));
  EXPECT_EQ(it.admin.control("GET", "/journal?organization=1&all=true").status, 400);
}

TEST(Organizations, AreNotTakenByTheirNumbersWithAKey) {
  Watched it;
  it.mine.get("/agents");
  for (const std::string path : {"/journal", "/state", "/unmatched", "/organizations"}) {
    const auto answer = it.theirs.control("GET", path + "?organization=1");
    EXPECT_EQ(answer.status, 403) << path;
    EXPECT_THAT(answer.error(), HasSubstr("control token"));
  }
}

TEST(Unmatched, OfAllKeysSayWhoseTheyAre) {
  Watched it;
  it.mine.start("bot", "hello");
  it.theirs.start("bot", "good day");
  const Json prompts = it.admin.control("GET", "/unmatched?all=true").json().at("prompts");
  ASSERT_EQ(prompts.size(), 2U);
  EXPECT_EQ(prompts[0].at("organization"), 1);
  EXPECT_EQ(prompts[1].at("organization"), 2);
  EXPECT_EQ(prompts[1].at("prompt"), "good day");
}

TEST(InspectorPage, HoldsNoDataAndNeedsNoKey) {
  Watched it;
  it.mine.start("bot", "a prompt that is nobody's business");
  const auto answer = Api(it.fake, "").control("GET", "/");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.text, HasSubstr("\"mode\":\"live\""));
  EXPECT_EQ(answer.text.find("nobody's business"), std::string::npos);
  EXPECT_EQ(answer.text.find("nr_mine"), std::string::npos);
  EXPECT_EQ(answer.text.find("secret"), std::string::npos);
}

TEST(InspectorPage, IsGuardedByItsHeaders) {
  Watched it;
  const auto answer = Api(it.fake, "").control("GET", "/");
  EXPECT_THAT(std::string(header_value(answer.headers, "Content-Security-Policy")),
              HasSubstr("default-src 'none'"));
  EXPECT_THAT(std::string(header_value(answer.headers, "Content-Security-Policy")),
              HasSubstr("frame-ancestors 'none'"));
  EXPECT_EQ(header_value(answer.headers, "Cache-Control"), "no-store");
  EXPECT_EQ(header_value(answer.headers, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header_value(answer.headers, "Referrer-Policy"), "no-referrer");
}

TEST(InspectorPage, IsForNoForeignHostOrOrigin) {
  Watched it;
  for (const Header& foreign : {Header{"Host", "evil.example"}, Header{"Origin", "http://evil"}}) {
    const Reply reply =
        it.fake.handle({.method = "GET", .target = "/__mock/", .headers = {foreign}});
    EXPECT_EQ(reply.status, 403) << foreign.name;
  }
}

TEST(InspectorPage, IsFoundWithoutItsSlash) {
  Watched it;
  const auto answer = Api(it.fake, "").control("GET", "");
  EXPECT_EQ(answer.status, 308);
  EXPECT_EQ(header_value(answer.headers, "Location"), "/__mock/");
}

}  // namespace
}  // namespace nairi::mock::testing
