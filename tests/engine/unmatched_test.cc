// GET /__mock/unmatched: which prompts missed every script, and by what (docs/control.md).
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

}  // namespace
}  // namespace nairi::mock::testing
