// One script, three clocks; and that everything is a function of seed, key and calls.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <stdexcept>

#include "engine/worlds.h"

namespace nairi::mock::testing {
namespace {

constexpr const char* kScript = R"({"timeline": [{"status": "queued", "polls": 1, "ms": 300},
    {"status": "pending", "polls": 2, "ms": 2000}, {"status": "completed", "reply": "ok"}]})";

TEST(PollClock, AReadAnswersTheStateAsItIsAndThenCounts) {
  Play play(world_with(kScript));
  const Started turn = play.api.start("bot", "go");
  EXPECT_EQ(play.api.status(turn.message), "queued");
  EXPECT_EQ(play.api.status(turn.message), "pending");
  EXPECT_EQ(play.api.status(turn.message), "pending");
  EXPECT_EQ(play.api.status(turn.message), "completed");
}

TEST(PollClock, ReadsOfOneJobDoNotMoveAnother) {
  Play play(world_with(kScript));
  const Started one = play.api.start("bot", "one");
  const Started two = play.api.start("bot", "two");
  play.api.finish(one.message);
  EXPECT_EQ(play.api.status(two.message), "queued");
}

TEST(PollClock, TimesMoveByTheScriptedMilliseconds) {
  Play play(world_with(kScript));
  const Started turn = play.api.start("bot", "go");
  play.api.finish(turn.message);
  const Json message = play.api.message(turn.message);
  // Three counted reads: 300 ms and twice 1000 ms; and a millisecond for each request.
  EXPECT_EQ(message.at("created_at"), "2026-04-12T18:45:12.001Z");
  EXPECT_EQ(message.at("updated_at"), "2026-04-12T18:45:14.304Z");
}

TEST(PollClock, TheMillisecondsOfAStageAreSpentWhole) {
  Play play(world_with(R"({"timeline": [{"status": "pending", "polls": 3, "ms": 2000},
                                        {"status": "completed"}]})"));
  const Started turn = play.api.start("bot", "go");
  play.api.finish(turn.message);
  EXPECT_EQ(play.api.message(turn.message).at("updated_at"), "2026-04-12T18:45:14.004Z");
}

TEST(PollClock, AStageWithoutPollsIsPassedAtOnce) {
  Play play(world_with(R"({"timeline": [{"status": "queued", "polls": 0},
      {"status": "pending", "polls": 0}, {"status": "completed", "reply": "ok"}]})"));
  EXPECT_EQ(play.api.status(play.api.start("bot", "go").message), "completed");
}

TEST(VirtualClock, MovesOnlyWhenTold) {
  Play play(world_with(kScript), {.clock = ClockMode::virtual_time});
  const Started turn = play.api.start("bot", "go");
  for (int poll = 0; poll < 10; ++poll) EXPECT_EQ(play.api.status(turn.message), "queued");
  play.fake.advance(299);
  EXPECT_EQ(play.api.status(turn.message), "queued");
  play.fake.advance(1);
  EXPECT_EQ(play.api.status(turn.message), "pending");
  play.fake.advance(2000);
  EXPECT_EQ(play.api.status(turn.message), "completed");
}

TEST(VirtualClock, StampsEachChangeWithTheTimeAtWhichItHappened) {
  Play play(world_with(kScript), {.clock = ClockMode::virtual_time});
  const Started one = play.api.start("bot", "one");
  const Started two = play.api.continue_job(one.job, "two");
  play.fake.advance(3'600'000);
  EXPECT_EQ(play.api.message(one.message).at("updated_at"), "2026-04-12T18:45:14.300Z");
  EXPECT_EQ(play.api.message(two.message).at("updated_at"), "2026-04-12T18:45:16.600Z");
  EXPECT_EQ(play.api.conversations("bot").at(0).at("updated_at"), "2026-04-12T18:45:16.600Z");
}

TEST(VirtualClock, AQueuedPromptOfAnUndeployedAgentBeginsAtTheDeploy) {
  Play play(world_with(kScript), {.clock = ClockMode::virtual_time});
  const Started turn = play.api.start("sleepy", "go");
  play.fake.advance(60'000);
  EXPECT_EQ(play.api.status(turn.message), "queued");
  play.api.call("POST", "/agents/sleepy/deploy");
  play.fake.advance(2300);
  EXPECT_EQ(play.api.message(turn.message).at("updated_at"), "2026-04-12T18:46:14.300Z");
}

TEST(VirtualClock, EndsWithTheYear9999AndNeverGoesBack) {
  Play play(plain_world(), {.clock = ClockMode::virtual_time});
  play.fake.advance(INT64_MAX);
  play.fake.advance(INT64_MAX);
  play.fake.advance(-1000);
  const Json message = play.api.message(play.api.start("bot", "go").message);
  EXPECT_EQ(message.at("created_at"), "9999-12-31T23:59:59.999Z");
  Api late(play.fake, "nr_late");
  EXPECT_EQ(late.message(late.start("bot", "go").message).at("created_at"),
            "9999-12-31T23:59:59.999Z");
}

TEST(VirtualClock, KnowsNoSpeed) {
  Play play(world_with(kScript), {.clock = ClockMode::virtual_time, .speed = 1000});
  const Started turn = play.api.start("bot", "go");
  play.fake.advance(299);
  EXPECT_EQ(play.api.status(turn.message), "queued");
}

TEST(VirtualClock, TheAnswerIsThereWhenTheUserMessageTurnsCompleted) {
  Play play(world_with(kScript), {.clock = ClockMode::virtual_time});
  const Started turn = play.api.start("bot", "go");
  for (int ms = 0; ms < 3000; ms += 100) {
    const Json messages = play.api.messages(turn.job);
    EXPECT_EQ(messages[0].at("status") == "completed", messages.size() == 2);
    play.fake.advance(100);
  }
  EXPECT_EQ(play.api.messages(turn.job).size(), 2U);
}

TEST(VirtualClock, TurnsThatNobodyPolledHappenedBeforeTheirAgentWasDeleted) {
  Play play(world_with(kScript), {.clock = ClockMode::virtual_time});
  const Started one = play.api.start("bot", "one");
  const Started two = play.api.continue_job(one.job, "two");
  play.fake.advance(10'000);
  ASSERT_EQ(play.api.call("DELETE", "/agents/bot").status, 204);
  EXPECT_EQ(play.api.message(two.message).at("updated_at"), "2026-04-12T18:45:16.600Z");
}

TEST(VirtualClock, ATurnThatNeverEndsStaysInItsLastStage) {
  Play play(world_with(R"({"timeline": [{"status": "pending"}]})"),
            {.clock = ClockMode::virtual_time});
  const Started turn = play.api.start("bot", "go");
  play.fake.advance(std::int64_t{365} * 24 * 3600 * 1000);
  EXPECT_EQ(play.api.status(turn.message), "pending");
}

TEST(WallClock, TakesItsTimeFromOutside) {
  std::int64_t now = 1'800'000'000'000;
  Play play(world_with(kScript), {.clock = ClockMode::wall, .wall_ms = [&] { return now; }});
  const Started turn = play.api.start("bot", "go");
  EXPECT_EQ(play.api.message(turn.message).at("created_at"), "2027-01-15T08:00:00.000Z");
  now += 300;
  EXPECT_EQ(play.api.status(turn.message), "pending");
  now += 2000;
  EXPECT_EQ(play.api.status(turn.message), "completed");
}

TEST(WallClock, RunsFasterWithSpeed) {
  std::int64_t now = 1'800'000'000'000;
  Play play(world_with(kScript),
            {.clock = ClockMode::wall, .speed = 10, .wall_ms = [&] { return now; }});
  const Started turn = play.api.start("bot", "go");
  now += 229;
  EXPECT_EQ(play.api.status(turn.message), "pending");
  now += 1;
  EXPECT_EQ(play.api.status(turn.message), "completed");
}

TEST(WallClock, GoesOnFromWhereItWasWhenTheOutsideIsSetBack) {
  std::int64_t now = 1'800'000'000'000;
  Play play(world_with(kScript), {.clock = ClockMode::wall, .wall_ms = [&] { return now; }});
  const Started turn = play.api.start("bot", "go");
  now -= 1'000'000;
  const Started next = play.api.continue_job(turn.job, "more");
  EXPECT_EQ(play.api.message(next.message).at("created_at"), "2027-01-15T08:00:00.000Z");
  now += 2300;
  EXPECT_EQ(play.api.status(turn.message), "completed");
}

TEST(WallClock, GoesOnInAWorldWhoseTimesAreAhead) {
  std::int64_t now = 1'800'000'000'000;
  Play play(world_with(kScript, R"({"agent_id": "bot", "created_at": "2099-01-01T00:00:00.000Z"})"),
            {.clock = ClockMode::wall, .wall_ms = [&] { return now; }});
  const Started turn = play.api.start("bot", "go");
  now += 2300;
  EXPECT_EQ(play.api.status(turn.message), "completed");
}

TEST(WallClock, WithoutATimeOrWithASpeedOfNothingIsRefused) {
  const auto wall = [] { return std::int64_t{0}; };
  EXPECT_THROW(Fake(plain_world(), {.clock = ClockMode::wall}), std::invalid_argument);
  for (const double speed : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
    EXPECT_THROW(Fake(plain_world(), {.clock = ClockMode::wall, .speed = speed, .wall_ms = wall}),
                 std::invalid_argument);
  }
}

// Everything that one caller of the default world sees, as one text.
class Transcript {
 public:
  explicit Transcript(Fake& fake, const std::string& key) : api_(fake, key) {}

  void step(int number) {
    switch (number) {
      case 0:
        turn_ = api_.start("billing-agent", "Refund cus_123");
        break;
      case 1:
        text_ += api_.upload("note.txt", "hello").text;
        break;
      case 2:
        for (int poll = 0; poll < 5; ++poll) text_ += api_.get("/messages/" + turn_.message).text;
        break;
      case 3:
        text_ += api_.continue_job(turn_.job, "And now?").message;
        break;
      case 4:
        text_ += api_.get("/agents/billing-agent/conversations").text;
        break;
      default:
        text_ += api_.get("/conversations/" + turn_.job + "/messages").text;
    }
  }
  const std::string& text() const { return text_; }

 private:
  Api api_;
  Started turn_;
  std::string text_;
};

// Plays two keys against one fake; the order says whose next step it is.
std::pair<std::string, std::string> interleaved(const std::string& order, std::uint64_t seed) {
  Fake fake(default_world(), {.seed = seed});
  Transcript first(fake, "nr_first");
  Transcript second(fake, "nr_second");
  int first_step = 0;
  int second_step = 0;
  for (const char whose : order) {
    if (whose == '1') {
      first.step(first_step++);
    } else {
      second.step(second_step++);
    }
  }
  return {first.text(), second.text()};
}

TEST(Determinism, SameSeedAndCallsGiveTheSameBytesHoweverKeysInterleave) {
  const auto one_after_the_other = interleaved("111111222222", 7);
  EXPECT_FALSE(one_after_the_other.first.empty());
  EXPECT_EQ(interleaved("222222111111", 7), one_after_the_other);
  EXPECT_EQ(interleaved("121212121212", 7), one_after_the_other);
  EXPECT_EQ(interleaved("221121121212", 7), one_after_the_other);
}

TEST(Determinism, KeysGetDifferentIds) {
  const auto texts = interleaved("111111222222", 7);
  EXPECT_NE(texts.first, texts.second);
}

TEST(Determinism, AnotherSeedGivesOtherIds) {
  EXPECT_NE(interleaved("111111222222", 7).first, interleaved("111111222222", 8).first);
}

TEST(Determinism, AfterAResetTheSameIdsComeAgain) {
  Play play(plain_world());
  const Started before = play.api.start("bot", "go");
  play.fake.reset("nr_test");
  EXPECT_EQ(play.api.get("/messages/" + before.message).status, 404);
  play.fake.reset("nr_test");
  EXPECT_EQ(play.api.start("bot", "go").message, before.message);
}

TEST(Determinism, AfterAResetTheSameIdsComeAgainAlsoWhenTimeMoved) {
  Play play(plain_world(), {.clock = ClockMode::virtual_time});
  const Started before = play.api.start("bot", "go");
  play.fake.advance(5000);
  play.fake.reset("nr_test");
  EXPECT_EQ(play.api.start("bot", "go").message, before.message);
}

}  // namespace
}  // namespace nairi::mock::testing
