// Which prompts missed every script, and by what: GET /__mock/unmatched (docs/control.md), and
// Fake::unscripted(), which asks before the prompt is sent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/worlds.h"

namespace nairi::mock::testing {
namespace {

using ::testing::ElementsAre;

constexpr const char* kTurns = R"(
    {"when": {"agent_id": "acme/ops", "prompt": {"regex": "disk [0-9]"}, "turn": 2},
     "timeline": [{"status": "completed"}]},
    {"when": {"agent_id": "bot", "prompt": {"contains": "Refund"}, "turn": 1, "ask_mode": false},
     "timeline": [{"status": "completed"}]})";

Json unmatched(Play& play) {
  return play.api.control("GET", "/unmatched").json().at("prompts");
}

TEST(Unmatched, NamesTheNearestScriptCriterionByCriterion) {
  Play play(world_with(kTurns));
  const Started started = play.api.start("bot", "refund me");
  const Json prompts = unmatched(play);
  ASSERT_EQ(prompts.size(), 1U);
  EXPECT_EQ(prompts[0].at("message_id"), started.message);
  EXPECT_EQ(prompts[0].at("job_id"), started.job);
  EXPECT_EQ(prompts[0].at("prompt"), "refund me");
  EXPECT_EQ(prompts[0].at("nearest").at("script"), "/turns/1");
  EXPECT_THAT(
      prompts[0].at("nearest").at("criteria").get<std::vector<std::string>>(),
      ElementsAre(R"(✓ agent_id is "bot")", R"(✗ prompt contains "Refund", got "refund me")",
                  "✓ turn is 1", "✓ ask_mode is false"));
}

TEST(Unmatched, SaysOfAScriptThatItIsUsedUp) {
  Play play(
      world_with(R"({"when": {"turn": 1}, "times": 1, "timeline": [{"status": "completed"}]})"));
  play.api.start("bot", "Once");
  play.api.start("bot", "Twice");
  EXPECT_THAT(unmatched(play)[0].at("nearest").at("criteria").get<std::vector<std::string>>(),
              ElementsAre("✓ turn is 1", "✗ times is 1, got as many prompts before"));
}

TEST(Unmatched, SaysWhatTurnItWas) {
  Play play(world_with(kTurns));
  play.api.start("acme/ops", "disk 7");
  EXPECT_THAT(unmatched(play)[0].at("nearest").at("criteria").get<std::vector<std::string>>(),
              ElementsAre(R"(✓ agent_id is "acme/ops")",
                          R"(✓ prompt matches the regex "disk [0-9]")", "✗ turn is 2, got 1"));
}

TEST(Unmatched, AreNotThoseThatAScriptAnswers) {
  Play play(world_with(kTurns));
  play.api.start("bot", "Refund me");
  EXPECT_TRUE(unmatched(play).empty());
}

TEST(Unmatched, HaveNoNearestInAWorldWithoutScripts) {
  Play play(plain_world());
  play.api.start("bot", "hi");
  EXPECT_FALSE(unmatched(play)[0].contains("nearest"));
}

TEST(Unmatched, AreTheNewestHundredUntilAReset) {
  Play play(plain_world());
  for (int i = 0; i < 101; ++i) play.api.start("bot", "prompt " + std::to_string(i));
  EXPECT_EQ(unmatched(play).size(), 100U);
  EXPECT_EQ(unmatched(play)[0].at("prompt"), "prompt 1");
  play.api.control("POST", "/reset");
  EXPECT_TRUE(unmatched(play).empty());
}

constexpr const char* kRefundOnce =
    R"({"when": {"prompt": {"equals": "Hi"}, "turn": 1}, "times": 1,
        "timeline": [{"status": "completed"}]},
       {"when": {"prompt": {"equals": "More"}, "turn": 2}, "timeline": [{"status": "completed"}]})";

Request prompt_of(const std::string& path, const Json& body) {
  return {.method = "POST",
          .target = "/api/public/v1/conversations/" + path,
          .headers = {{"Authorization", "Bearer nr_test"}, {"Content-Type", "application/json"}},
          .body = body.dump()};
}

Request start_of(const std::string& agent, const std::string& prompt) {
  return prompt_of("start", {{"agent_id", agent}, {"prompt", prompt}});
}

TEST(AskedBefore, AScriptAnswersUntilItIsUsedUp) {
  Play play(world_with(kRefundOnce));
  EXPECT_FALSE(play.fake.unscripted(start_of("bot", "Hi")));
  play.api.start("bot", "Hi");
  const auto missing = play.fake.unscripted(start_of("bot", "Hi"));
  ASSERT_TRUE(missing);
  EXPECT_FALSE(missing->follows_up);
  EXPECT_EQ(missing->nearest, 0U);
  EXPECT_THAT(missing->missed, ElementsAre("times is 1, got as many prompts before"));
}

TEST(AskedBefore, AScriptThatIsNotThereIsMissed) {
  const Fake fake(plain_world());
  const auto missing = fake.unscripted(start_of("bot", "Hi"));
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->nearest, std::nullopt);
}

TEST(AskedBefore, AnAgentNeedNotBeThere) {
  const Fake fake(world_with(kRefundOnce));
  EXPECT_TRUE(fake.unscripted(start_of("nobody", "Bye")));
  EXPECT_FALSE(fake.unscripted(start_of("nobody", "Hi"))) << "the script asks for no agent";
}

TEST(AskedBefore, APromptThatFollowsIsToldApart) {
  Play play(world_with(kRefundOnce));
  const Started started = play.api.start("bot", "Hi");
  EXPECT_FALSE(play.fake.unscripted(prompt_of(started.job + "/continue", {{"prompt", "More"}})));
  const auto missing =
      play.fake.unscripted(prompt_of(started.job + "/continue", {{"prompt", "Less"}}));
  ASSERT_TRUE(missing);
  EXPECT_TRUE(missing->follows_up);
  EXPECT_THAT(missing->missed, ElementsAre(R"(prompt equals "More", got "Less")"));
}

TEST(AskedBefore, WhatWouldBeRefusedOrIsNoPromptMissesNothing) {
  Play play(plain_world());
  const std::string job = play.api.start("bot", "Hi").job;
  Request without_key = start_of("bot", "Hi");
  without_key.headers.clear();
  const Request all[] = {
      without_key,
      prompt_of("start", {{"agent_id", "bot"}}),
      prompt_of("start", {{"agent_id", "cci_1"}, {"prompt", "Hi"}}),
      prompt_of("start", {{"agent_id", "bot"},
                          {"prompt", "Hi"},
                          {"attachment_ids", {"att_01KRK1V46BXS73CSNK2VR35NPJ"}}}),
      prompt_of("job_01KRK1V46BXS73CSNK2VR35NPJ/continue", {{"prompt", "Hi"}}),
      {.method = "GET",
       .target = "/api/public/v1/conversations/" + job + "/messages",
       .headers = {{"Authorization", "Bearer nr_test"}}}};
  for (const Request& request : all) {
    EXPECT_FALSE(play.fake.unscripted(request)) << request.target << request.body;
  }
}

TEST(AskedBefore, NothingIsChanged) {
  Play asked(world_with(kRefundOnce));
  Play untouched(world_with(kRefundOnce));
  for (int i = 0; i < 3; ++i) (void)asked.fake.unscripted(start_of("bot", "Hi"));
  (void)asked.fake.unscripted(start_of("bot", "Unknown"));
  EXPECT_TRUE(asked.fake.journal("nr_test").empty());
  EXPECT_TRUE(unmatched(asked).empty());
  const Started one = asked.api.start("bot", "Hi");
  const Started other = untouched.api.start("bot", "Hi");
  EXPECT_EQ(one.job, other.job);
  EXPECT_EQ(one.message, other.message);
}

}  // namespace
}  // namespace nairi::mock::testing
