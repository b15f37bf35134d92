// Replies that a fault holds: what is kept, who is let go by a name, and what nobody is blamed for
// (docs/worlds.md, "Held replies"). What a socket shows of it is in tests/http.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/worlds.h"
#include "nairi/mock/cancellation.h"
#include "nairi/mock/delivery.h"

namespace nairi::mock::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* kHeldTurn = R"({"timeline": [{"status": "pending", "polls": 2},
                                                   {"status": "completed", "reply": "done"}]})";

// A key whose calls are held as the faults say.
struct HeldPlay : Play {
  explicit HeldPlay(const std::string& faults, FakeOptions options = {.judge = true})
      : Play(world_with(kHeldTurn), std::move(options)) {
    const Answer answer = api.control("POST", "/faults", faults);
    EXPECT_EQ(answer.status, 200) << answer.text;
  }

  Reply raw(const std::string& method, const std::string& path, const std::string& body = "",
            std::int64_t received_us = 0) {
    return fake.handle({.method = method,
                        .target = "/api/public/v1" + path,
                        .headers = {{"Authorization", "Bearer nr_test"}, {"User-Agent", "t/1"}},
                        .body = body,
                        .received_us = received_us});
  }
  Reply start(std::int64_t received_us = 0) {
    return raw("POST", "/conversations/start", R"({"agent_id": "bot", "prompt": "hi"})",
               received_us);
  }
  Answer release(const std::string& name) {
    return api.control("POST", "/release", Json{{"name", name}}.dump());
  }
  Json held() { return api.control("GET", "/held").json().at("held"); }
  RuleOutcome outcome(std::string_view rule) {
    return fake.verdicts("nr_test").find(rule)->outcome;
  }
};

bool is_held(const Reply& reply) {
  return reply.hold && !reply.hold->is_released();
}

constexpr const char* kHoldsAgents = R"({"at": "agents#1", "do": {"hold": "first"}})";

TEST(Held, ReplyIsKeptUntilItIsLetGoByItsName) {
  HeldPlay play(kHoldsAgents);
  const Reply reply = play.raw("GET", "/agents");
  EXPECT_TRUE(is_held(reply));
  EXPECT_EQ(play.release("first").json(), (Json{{"released", 1}}));
  EXPECT_FALSE(is_held(reply));
  EXPECT_EQ(reply.status, 200);
}

TEST(Held, CallTakesEffectBeforeItsReplyIsHeld) {
  HeldPlay play(R"({"at": "start", "do": {"hold": "s"}})");
  const Reply reply = play.start();
  EXPECT_EQ(play.api.conversations("bot").size(), 1U);
  EXPECT_EQ(Json::parse(reply.body).at("job_id"), play.api.conversations("bot")[0].at("id"));
}

TEST(Held, ReplyIsTheOneThatWasMadeWhateverHappensMeanwhile) {
  HeldPlay play(R"({"at": "poll#1", "do": {"hold": "p"}})");
  const Started turn = play.api.start("bot", "hi");
  const Reply reply = play.raw("GET", "/messages/" + turn.message);
  EXPECT_EQ(play.api.finish(turn.message), "completed");
  play.release("p");
  EXPECT_EQ(Json::parse(reply.body).at("status"), "pending");
}

TEST(Held, ReplyIsWhatElseTheFaultMakesOfIt) {
  HeldPlay play(R"({"at": "start", "do": {"hold": "s", "status": 503, "delay_ms": 40}})");
  const Reply reply = play.start();
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.delay_ms, 40);  // which begins when it is let go
  EXPECT_EQ(delivery_text(reply), "held as \"s\", after 40 ms");
  EXPECT_EQ(play.api.conversations("bot").size(), 0U);
}

TEST(Held, TimesHoldsSoManyAndOneReleaseLetsAllOfThemGo) {
  HeldPlay play(R"({"at": "agents", "times": 2, "do": {"hold": "both"}})");
  const std::vector<Reply> replies = {play.raw("GET", "/agents"), play.raw("GET", "/agents")};
  EXPECT_FALSE(play.raw("GET", "/agents").hold);
  EXPECT_EQ(play.release("both").json(), (Json{{"released", 2}}));
  for (const Reply& reply : replies) EXPECT_FALSE(is_held(reply));
}

TEST(Held, ReleaseOfOneNameLeavesTheOthers) {
  HeldPlay play(R"([{"at": "agents", "do": {"hold": "a"}}, {"at": "agent", "do": {"hold": "b"}}])");
  const Reply first = play.raw("GET", "/agents");
  const Reply second = play.raw("GET", "/agents/bot");
  EXPECT_EQ(play.release("b").json(), (Json{{"released", 1}}));
  EXPECT_TRUE(is_held(first));
  EXPECT_FALSE(is_held(second));
}

TEST(Held, ReleaseIsOfTheRepliesToItsOwnKey) {
  HeldPlay play(R"({"at": "agents", "do": {"hold": "mine"}})");
  const Reply reply = play.raw("GET", "/agents");
  Api other(play.fake, "nr_somebody");
  EXPECT_EQ(other.control("POST", "/release", R"({"name": "mine"})").status, 404);
  EXPECT_TRUE(is_held(reply));
  EXPECT_EQ(play.fake.release("nr_somebody", "mine"), 0U);
  EXPECT_TRUE(is_held(reply));
  EXPECT_EQ(play.fake.release("nr_test", "mine"), 1U);
  EXPECT_FALSE(is_held(reply));
}

TEST(Held, ReleaseBeforeAnythingIsHeldIsNotRemembered) {
  HeldPlay play(kHoldsAgents);
  const Answer early = play.release("first");
  EXPECT_EQ(early.status, 404);
  EXPECT_EQ(early.error(),
            "no reply is held as \"first\", nor as anything else: it is let go only once it is "
            "held");
  EXPECT_TRUE(is_held(play.raw("GET", "/agents")));
}

TEST(Held, ReleaseOfAWrongNameTellsWhatIsHeld) {
  HeldPlay play(kHoldsAgents);
  const Reply reply = play.raw("GET", "/agents");
  const Answer wrong = play.release("fist");
  EXPECT_EQ(wrong.status, 404);
  EXPECT_EQ(wrong.error(), "no reply is held as \"fist\"; held are \"first\" (agents#1)");
}

TEST(Held, ReleaseNeedsAName) {
  HeldPlay play(kHoldsAgents);
  EXPECT_EQ(play.api.control("POST", "/release", "{}").status, 400);
  EXPECT_EQ(play.api.control("POST", "/release", R"({"name": 7})").status, 400);
  EXPECT_EQ(play.api.control("POST", "/release", "first").status, 400);
}

TEST(Held, IsListedWithItsNameAndItsCall) {
  HeldPlay play(kHoldsAgents);
  EXPECT_EQ(play.held(), Json::array());
  const Reply reply = play.raw("GET", "/agents");
  const Json held = play.held();
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held[0].at("name"), "first");
  EXPECT_EQ(held[0].at("at"), "agents#1");
  EXPECT_EQ(held[0].at("since"), play.fake.journal("nr_test").back().at);
  EXPECT_EQ(held[0].at("number"), play.fake.journal("nr_test").back().number);
  play.release("first");
  EXPECT_EQ(play.held(), Json::array());
}

TEST(Held, IsListedInTheState) {
  HeldPlay play(kHoldsAgents);
  const Reply reply = play.raw("GET", "/agents");
  EXPECT_EQ(play.api.control("GET", "/state").json().at("held"), play.held());
  ASSERT_EQ(play.held().size(), 1U);
  play.release("first");
  EXPECT_EQ(play.api.control("GET", "/state").json().at("held"), Json::array());
}

TEST(Held, StaysWhenTheFaultsAreTakenAway) {
  HeldPlay play(kHoldsAgents);
  const Reply reply = play.raw("GET", "/agents");
  play.api.control("DELETE", "/faults");
  EXPECT_EQ(play.release("first").status, 200);
  EXPECT_FALSE(is_held(reply));
}

TEST(Held, BelongsToItsKeyAlone) {
  HeldPlay play(kHoldsAgents);
  const Reply reply = play.raw("GET", "/agents");
  Api other(play.fake, "nr_other");
  EXPECT_EQ(other.control("GET", "/held").json().at("held"), Json::array());
  EXPECT_EQ(other.control("POST", "/release", R"({"name": "first"})").status, 404);
  EXPECT_TRUE(is_held(reply));
}

TEST(Held, OfAllKeysIsLetGoWithTheControlToken) {
  HeldPlay play(kHoldsAgents, with_token());
  const Reply reply = play.raw("GET", "/agents");
  Api control(play.fake, "secret");
  EXPECT_EQ(control.control("GET", "/held?all=true").json().at("held").size(), 1U);
  EXPECT_EQ(control.control("POST", "/release?all=true", R"({"name": "first"})").json(),
            (Json{{"released", 1}}));
  EXPECT_FALSE(is_held(reply));
}

TEST(Held, OfOneKeyIsLetGoByItsNumberWithTheControlToken) {
  HeldPlay play(kHoldsAgents, with_token());
  const Reply reply = play.raw("GET", "/agents");
  Api control(play.fake, "secret");
  const std::string number = std::to_string(play.fake.held("nr_test").at(0).organization);
  EXPECT_EQ(control.control("GET", "/held?organization=" + number).json().at("held").size(), 1U);
  EXPECT_EQ(
      control.control("POST", "/release?organization=" + number, R"({"name": "first"})").json(),
      (Json{{"released", 1}}));
  EXPECT_FALSE(is_held(reply));
}

TEST(Held, EndsWhenItsClientGoesAway) {
  HeldPlay play(kHoldsAgents);
  { const Reply reply = play.raw("GET", "/agents"); }
  EXPECT_EQ(play.held(), Json::array());
  EXPECT_EQ(play.release("first").status, 404);
}

TEST(Held, IsDroppedWhenTheKeyBeginsAnew) {
  using Act = void (*)(HeldPlay&);
  const std::vector<std::pair<const char*, Act>> acts = {
      {"reset", [](HeldPlay& play) { play.api.control("POST", "/reset"); }},
      {"put world", [](HeldPlay& play) { play.api.control("PUT", "/world", "{}"); }},
      {"delete world", [](HeldPlay& play) { play.api.control("DELETE", "/world"); }},
      {"revoke", [](HeldPlay& play) { play.api.control("POST", "/revoke"); }},
      {"reset all", [](HeldPlay& play) { play.fake.reset_all(); }}};
  for (const auto& [name, act] : acts) {
    HeldPlay play(kHoldsAgents);
    const Reply reply = play.raw("GET", "/agents");
    act(play);
    EXPECT_TRUE(reply.cancellation->is_cancelled()) << name;
    EXPECT_EQ(play.held(), Json::array()) << name;
    EXPECT_EQ(play.release("first").status, 404) << name;
    EXPECT_FALSE(reply.hold->is_released()) << name;
  }
}

TEST(Held, MayOutliveItsFake) {
  Reply reply;
  {
    HeldPlay play(kHoldsAgents);
    reply = play.raw("GET", "/agents");
  }
  EXPECT_TRUE(is_held(reply));
}

TEST(Held, IsToldByTheJournalAndTheMetrics) {
  HeldPlay play(kHoldsAgents);
  const Reply reply = play.raw("GET", "/agents");
  const SeenExchange seen = play.fake.journal("nr_test").back();
  EXPECT_EQ(seen.fault, "agents#1 hold \"first\"");
  EXPECT_EQ(seen.sending_ms, 0);  // how long it is held, nobody knows
  EXPECT_THAT(play.api.control("GET", "/metrics").text, HasSubstr("\nnairi_mock_held_replies 1\n"));
  play.release("first");
  EXPECT_THAT(play.api.control("GET", "/metrics").text, HasSubstr("\nnairi_mock_held_replies 0\n"));
}

TEST(Held, IsLetGoInProcessWithoutTheControlApi) {
  HeldPlay play(kHoldsAgents);
  EXPECT_EQ(play.fake.release("nr_test", "first"), 0U);
  const Reply reply = play.raw("GET", "/agents");
  ASSERT_EQ(play.fake.held("nr_test").size(), 1U);
  EXPECT_EQ(play.fake.held("nr_test")[0].name, "first");
  EXPECT_EQ(play.fake.release("nr_stranger", "first"), 0U);
  EXPECT_EQ(play.fake.release("nr_test", "first"), 1U);
  EXPECT_FALSE(is_held(reply));
}

TEST(Hold, TellsWhoListensOnceItIsReleased) {
  const auto hold = std::make_shared<Hold>("x");
  int told = 0;
  const auto listening = hold->listen([&] { ++told; });
  EXPECT_EQ(told, 0);
  hold->release();
  hold->release();
  EXPECT_EQ(told, 1);
}

constexpr std::int64_t kSecondUs = 1'000'000;

TEST(HeldVerdicts, TheTimeOfAHoldIsNoPauseOfTheClient) {
  HeldPlay play(R"({"at": "poll#1", "do": {"hold": "p"}})",
                {.clock = ClockMode::virtual_time, .judge = true});
  const Started turn = play.api.start("bot", "hi");
  const Reply reply = play.raw("GET", "/messages/" + turn.message);
  play.fake.advance(60'000);
  play.release("p");
  play.fake.advance(100);  // and not a minute
  EXPECT_EQ(play.raw("GET", "/messages/" + turn.message).status, 200);
  EXPECT_EQ(play.outcome("polls-no-faster-than-asked"), RuleOutcome::broken);
}

TEST(HeldVerdicts, WhoWaitsAfterItWasLetGoIsNotTooFast) {
  HeldPlay play(R"({"at": "poll#1", "do": {"hold": "p"}})",
                {.clock = ClockMode::virtual_time, .judge = true});
  const Started turn = play.api.start("bot", "hi");
  const Reply reply = play.raw("GET", "/messages/" + turn.message);
  play.fake.advance(60'000);
  play.release("p");
  play.fake.advance(2'000);
  EXPECT_EQ(play.raw("GET", "/messages/" + turn.message).status, 200);
  EXPECT_EQ(play.outcome("polls-no-faster-than-asked"), RuleOutcome::kept);
}

TEST(HeldVerdicts, ADateMeansTheSameHoweverLongItsReplyWasHeld) {
  for (const std::int64_t waited_ms : {2'000, 500}) {
    HeldPlay play(R"({"at": "poll#1", "do": {"hold": "p", "status": 429, "retry_after_s": 6,
                                             "retry_after_date": true}})",
                  {.clock = ClockMode::virtual_time, .judge = true});
    const Started turn = play.api.start("bot", "hi");
    const Reply reply = play.raw("GET", "/messages/" + turn.message);
    play.fake.advance(4'000);
    play.release("p");
    play.fake.advance(waited_ms);
    EXPECT_EQ(play.raw("GET", "/messages/" + turn.message).status, 200);
    const bool is_time = waited_ms == 2'000;
    EXPECT_EQ(play.outcome("retry-after"), is_time ? RuleOutcome::kept : RuleOutcome::broken);
  }
}

TEST(HeldVerdicts, ATurnIsNotLeftByWhoseLookIsHeld) {
  HeldPlay play(R"({"at": "poll#2", "do": {"hold": "p"}})");
  const Started turn = play.api.start("bot", "hi");
  EXPECT_EQ(play.api.status(turn.message), "pending");
  EXPECT_EQ(play.outcome("polls-until-terminal"), RuleOutcome::broken);  // as if it ended here
  const Reply reply = play.raw("GET", "/messages/" + turn.message);
  EXPECT_EQ(play.outcome("polls-until-terminal"), RuleOutcome::not_judged);
  play.release("p");
  EXPECT_EQ(play.outcome("polls-until-terminal"), RuleOutcome::broken);
  EXPECT_EQ(play.api.finish(turn.message), "completed");
  EXPECT_EQ(play.outcome("polls-until-terminal"), RuleOutcome::kept);
}

TEST(HeldVerdicts, WhatIsHeldToldNobodyThatTheTurnIsOver) {
  HeldPlay play(R"({"at": "poll#3", "do": {"hold": "p"}})",
                {.judge = true, .judging = {.in_suite = true}});
  const Started turn = play.api.start("bot", "hi");
  EXPECT_EQ(play.api.status(turn.message), "pending");
  EXPECT_EQ(play.api.status(turn.message), "pending");
  const Reply reply = play.raw("GET", "/messages/" + turn.message);
  ASSERT_EQ(Json::parse(reply.body).at("status"), "completed");
  EXPECT_EQ(play.api.status(turn.message), "completed");
  EXPECT_EQ(play.api.status(turn.message), "completed");  // a look back
  EXPECT_EQ(play.outcome("stops-after-terminal"), RuleOutcome::kept);
  play.release("p");
  EXPECT_EQ(play.outcome("stops-after-terminal"), RuleOutcome::kept);
  EXPECT_EQ(play.api.status(turn.message), "completed");
  EXPECT_EQ(play.outcome("stops-after-terminal"), RuleOutcome::broken);
}

TEST(HeldVerdicts, APostThatIsHeldIsNotToBeSentAgainByWhoGaveItUp) {
  HeldPlay play(R"({"at": "start#1", "do": {"hold": "s"}})");
  { const Reply gone = play.start(10 * kSecondUs); }
  EXPECT_EQ(play.outcome("no-blind-retry-of-post"), RuleOutcome::not_seen);
  EXPECT_EQ(play.start(11 * kSecondUs).status, 200);
  EXPECT_EQ(play.outcome("no-blind-retry-of-post"), RuleOutcome::broken);
}

TEST(HeldVerdicts, APostOfAnotherProgramWhileOneIsHeldIsNobodysFault) {
  HeldPlay play(R"({"at": "start#1", "do": {"hold": "s"}})");
  const Reply waiting = play.start(10 * kSecondUs);
  EXPECT_EQ(play.start(11 * kSecondUs).status, 200);
  EXPECT_EQ(play.outcome("no-blind-retry-of-post"), RuleOutcome::not_judged);
}

TEST(HeldVerdicts, APostThatWasLetGoMayComeAgain) {
  HeldPlay play(R"({"at": "start#1", "do": {"hold": "s"}})");
  const Reply reply = play.start(10 * kSecondUs);
  play.release("s");
  EXPECT_EQ(play.start(11 * kSecondUs).status, 200);
  EXPECT_NE(play.outcome("no-blind-retry-of-post"), RuleOutcome::broken);
}

TEST(HeldVerdicts, ExchangesAreCountedOnce) {
  HeldPlay play(kHoldsAgents);
  const Reply reply = play.raw("GET", "/agents");
  EXPECT_EQ(play.fake.verdicts("nr_test").traffic.requests, 1U);
  play.release("first");
  EXPECT_EQ(play.fake.verdicts("nr_test").traffic.requests, 1U);
}

}  // namespace
}  // namespace nairi::mock::testing
