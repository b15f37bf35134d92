// REFERENCE: GET /messages/{message_id}, POST /conversations/{job_id}/continue, Job status,
// Messages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/worlds.h"

namespace nairi::mock::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kQueuedThenPending = R"(
    {"timeline": [{"status": "queued", "polls": 2}, {"status": "pending", "polls": 3},
                  {"status": "completed", "reply": "done: {{prompt}}"}]})";
constexpr const char* kFailing = R"(
    {"when": {"prompt": {"contains": "bad"}},
     "timeline": [{"status": "pending"}, {"status": "failed", "error": "card declined"}]},
    {"timeline": [{"status": "pending"}, {"status": "completed", "reply": "ok"}]})";

std::string seeded(const std::string& origin, const std::string& status = "active") {
  return R"({"id": ")" + std::string(kSlackJob) + R"(", "agent_id": "bot", "origin": ")" + origin +
         R"(", "status": ")" + status + R"(", "messages": [{"role": "user", "content": "hi"}]})";
}

TEST(Polling, GoesFromQueuedToPendingToCompleted) {
  Play play(world_with(kQueuedThenPending));
  const Started turn = play.api.start("bot", "go");
  std::vector<std::string> seen;
  for (int poll = 0; poll < 6; ++poll) seen.push_back(play.api.status(turn.message));
  EXPECT_THAT(seen, ElementsAre("queued", "queued", "pending", "pending", "pending", "completed"));
}

TEST(Polling, CompletedAndFailedNeverChangeAgain) {
  Play play(world_with(kFailing));
  const Started good = play.api.start("bot", "good");
  const Started bad = play.api.start("bot", "bad");
  ASSERT_EQ(play.api.finish(good.message), "completed");
  ASSERT_EQ(play.api.finish(bad.message), "failed");
  const Json good_then = play.api.message(good.message);
  const Json bad_then = play.api.message(bad.message);
  play.api.continue_job(good.job, "more");
  play.api.continue_job(bad.job, "more");
  for (int poll = 0; poll < 5; ++poll) {
    EXPECT_EQ(play.api.message(good.message), good_then);
    EXPECT_EQ(play.api.message(bad.message), bad_then);
  }
}

TEST(Polling, TheTimelineCountsAsAReadToo) {
  Play play(world_with(kQueuedThenPending));
  const Started turn = play.api.start("bot", "go");
  for (int read = 0; read < 5; ++read) play.api.messages(turn.job);
  EXPECT_EQ(play.api.status(turn.message), "completed");
}

TEST(Polling, AClientThatOnlyReadsTheTimelineSeesTheAnswer) {
  Play play(world_with(kQueuedThenPending));
  const Started turn = play.api.start("bot", "go");
  std::vector<Json> answers;
  for (int read = 0; read < 20 && answers.empty(); ++read) {
    answers = play.api.messages(turn.job, "assistant");
  }
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].at("content"), "done: go");
}

TEST(Timeline, IsOldestFirst) {
  Play play(world_with(kFailing));
  const Started first = play.api.start("bot", "one");
  play.api.finish(first.message);
  play.api.finish(play.api.continue_job(first.job, "two").message);
  std::vector<std::string> contents;
  std::string before;
  for (const Json& message : play.api.messages(first.job)) {
    contents.push_back(message.at("content"));
    const std::string created_at = message.at("created_at");
    EXPECT_LE(before, created_at);
    before = created_at;
  }
  EXPECT_THAT(contents, ElementsAre("one", "ok", "two", "ok"));
}

TEST(Timeline, EveryMessageHasTheRequiredFields) {
  Play play(world_with(kFailing));
  const Started turn = play.api.start("bot", "bad");
  play.api.finish(turn.message);
  const Json messages = play.api.messages(turn.job);
  ASSERT_EQ(messages.size(), 2U);
  for (const Json& message : messages) {
    for (const char* field :
         {"id", "job_id", "content", "role", "status", "created_at", "updated_at"}) {
      EXPECT_TRUE(message.at(field).is_string()) << field;
    }
    EXPECT_EQ(message.at("job_id"), turn.job);
  }
}

TEST(Timeline, TheAnswerIsThereWhenTheUserMessageTurnsCompleted) {
  Play play(world_with(kQueuedThenPending));
  const Started turn = play.api.start("bot", "go");
  for (int read = 0; read < 10; ++read) {
    const Json messages = play.api.messages(turn.job);
    const bool completed = messages[0].at("status") == "completed";
    const bool answered = messages.size() == 2;
    EXPECT_EQ(completed, answered);
    if (answered) {
      EXPECT_EQ(messages[1].at("status"), "completed");
    }
  }
  EXPECT_EQ(play.api.messages(turn.job).size(), 2U);
}

TEST(FailedTurn, HasASystemMessageWithTheDetailsAndTurnsTheJobToError) {
  Play play(world_with(kFailing));
  const Started turn = play.api.start("bot", "bad");
  ASSERT_EQ(play.api.finish(turn.message), "failed");
  const auto system = play.api.messages(turn.job, "system");
  ASSERT_EQ(system.size(), 1U);
  EXPECT_EQ(system[0].at("content"), "nairid encountered error: card declined");
  EXPECT_EQ(play.api.job_status("bot", turn.job), "error");
}

TEST(FailedTurn, MayTellOfItInOtherWords) {
  Play play(world_with(R"({"timeline": [{"status": "failed", "system": ["It went wrong."]}]})"));
  const Started started = play.api.start("bot", "Hello");
  const Json messages = play.api.messages(started.job);
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[1].at("content"), "It went wrong.");
  EXPECT_EQ(messages[0].at("status"), "failed");
}

TEST(TurnScript, AnswersSoManyPromptsThenTheNextOneDoes) {
  Play play(world_with(R"(
    {"when": {"prompt": {"equals": "Roll"}}, "times": 2,
     "timeline": [{"status": "completed", "reply": "one"}]},
    {"when": {"prompt": {"equals": "Roll"}}, "timeline": [{"status": "completed", "reply": "two"}]})"));
  const auto answer = [&](const char* prompt) {
    return play.api.messages(play.api.start("bot", prompt).job)[1].at("content").get<std::string>();
  };
  EXPECT_EQ(answer("Roll"), "one");
  EXPECT_EQ(play.api.start("bot", "Other").job.substr(0, 4), "job_");
  EXPECT_EQ(answer("Roll"), "one");
  EXPECT_EQ(answer("Roll"), "two");
  EXPECT_EQ(answer("Roll"), "two");
}

TEST(FailedTurn, HasNoAssistantMessage) {
  Play play(world_with(kFailing));
  const Started turn = play.api.start("bot", "bad");
  play.api.finish(turn.message);
  EXPECT_TRUE(play.api.messages(turn.job, "assistant").empty());
}

TEST(FailedTurn, HasNoAssistantMessageAfterItsOwnWhenAnEarlierTurnHadOne) {
  Play play(world_with(kFailing));
  const Started good = play.api.start("bot", "good");
  play.api.finish(good.message);
  play.api.finish(play.api.continue_job(good.job, "bad").message);
  std::vector<std::string> roles;
  for (const Json& message : play.api.messages(good.job)) roles.push_back(message.at("role"));
  EXPECT_THAT(roles, ElementsAre("user", "assistant", "user", "system"));
}

TEST(FailedTurn, ThatIsRetriedAndFailsAgainHasItsFailureLast) {
  Play play(world_with(R"({"timeline": [{"status": "failed", "error": "no {{turn}}"}]})"));
  const Started turn = play.api.start("bot", "bad");
  play.api.continue_job(turn.job, "bad");
  EXPECT_EQ(play.api.messages(turn.job).back().at("content"), "nairid encountered error: no 2");
  EXPECT_EQ(play.api.job_status("bot", turn.job), "error");
}

TEST(FailedTurn, TheFailureIsTheNewestSystemMessage) {
  Play play(world_with(R"({"timeline": [
      {"status": "pending", "system": ["New commit added: 3f2c1ab in #42"]},
      {"status": "failed", "error": "card declined"}]})"));
  const Started turn = play.api.start("bot", "bad");
  play.api.finish(turn.message);
  const auto system = play.api.messages(turn.job, "system");
  ASSERT_EQ(system.size(), 2U);
  EXPECT_EQ(system.back().at("content"), "nairid encountered error: card declined");
}

TEST(FailedTurn, ReplyingInTheJobIsTheRetryAndMakesItActiveAgain) {
  Play play(world_with(kFailing));
  const Started turn = play.api.start("bot", "bad");
  play.api.finish(turn.message);
  const Started retry = play.api.continue_job(turn.job, "good");
  EXPECT_EQ(play.api.job_status("bot", turn.job), "active");
  EXPECT_EQ(play.api.finish(retry.message), "completed");
}

TEST(Continuing, AnswersTheSameJobAndANewUserMessage) {
  Play play(plain_world());
  const Started first = play.api.start("bot", "one");
  const Started second = play.api.continue_job(first.job, "two");
  EXPECT_EQ(second.job, first.job);
  EXPECT_NE(second.message, first.message);
  EXPECT_EQ(play.api.message(second.message).at("content"), "two");
}

TEST(Continuing, TheAgentHasTheContextOfTheEarlierTurns) {
  Play play(world_with(R"({"when": {"turn": 2}, "timeline": [{"status": "completed",
      "reply": "turn {{turn}}, after {{previous.prompt}} / {{previous.reply}}"}]})"));
  const Started first = play.api.start("bot", "one");
  play.api.finish(first.message);
  const Started second = play.api.continue_job(first.job, "two");
  play.api.finish(second.message);
  EXPECT_EQ(play.api.messages(first.job, "assistant").back().at("content"),
            "turn 2, after one / You said: one");
}

class ForeignOrigin : public ::testing::TestWithParam<const char*> {};

TEST_P(ForeignOrigin, IsRefusedWithExactlyTheText) {
  Play play(world_with("", seeded(GetParam())));
  const Answer answer =
      play.api.post("/conversations/" + std::string(kSlackJob) + "/continue", {{"prompt", "x"}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.text, R"({"error":"job is not an API job"})");
}

TEST_P(ForeignOrigin, IsRefusedBeforeTheBodyIsLookedAt) {
  Play play(world_with("", seeded(GetParam(), "completed")));
  const Answer answer = play.api.call(
      "POST", "/conversations/" + std::string(kSlackJob) + "/continue", "not even JSON");
  EXPECT_EQ(answer.text, R"({"error":"job is not an API job"})");
}

TEST_P(ForeignOrigin, IsRefusedWithThatTextInEveryStatus) {
  for (const char* status : {"active", "completed", "error", "abandoned"}) {
    Play play(world_with("", seeded(GetParam(), status)));
    EXPECT_EQ(
        play.api.post("/conversations/" + std::string(kSlackJob) + "/continue", {{"prompt", "x"}})
            .error(),
        "job is not an API job");
  }
}

TEST_P(ForeignOrigin, HasATimelineThatCanBeRead) {
  Play play(world_with("", seeded(GetParam())));
  EXPECT_EQ(play.api.messages(kSlackJob).size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(ContinuingAJob, ForeignOrigin,
                         ::testing::Values("slack", "discord", "web"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST(Continuing, AJobOfTheApiThatWasSeededIsContinued) {
  Play play(world_with("", seeded("api")));
  EXPECT_EQ(play.api.continue_job(kSlackJob, "x").job, kSlackJob);
}

TEST(Continuing, ACompletedOrAbandonedJobIsNotActive) {
  for (const char* status : {"completed", "abandoned"}) {
    Play play(world_with("", seeded("api", status)));
    const Answer answer =
        play.api.post("/conversations/" + std::string(kSlackJob) + "/continue", {{"prompt", "x"}});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.error(), "job is not active");
    EXPECT_EQ(play.api.messages(kSlackJob).size(), 1U);
  }
}

TEST(Continuing, BadBodiesAre400) {
  Play play(plain_world());
  const Started turn = play.api.start("bot", "one");
  const std::string path = "/conversations/" + turn.job + "/continue";
  for (const char* body :
       {"", "[]", "{}", R"({"prompt": ""})", R"({"prompt": 3})", R"({"prompt": null})",
        R"({"prompt": "x", "attachment_ids": 1})", R"({"prompt": "x", "attachment_ids": ["a"]})"}) {
    EXPECT_EQ(play.api.call("POST", path, body).status, 400) << body;
  }
  EXPECT_EQ(play.api.messages(turn.job).size(), 1U);
}

TEST(Continuing, AnUnknownJobIs404) {
  Play play(plain_world());
  EXPECT_EQ(
      play.api.post("/conversations/" + std::string(kSlackJob) + "/continue", {{"prompt", "x"}})
          .status,
      404);
}

TEST(Continuing, BadAttachmentsAre400BeforeAnyMessageIsMade) {
  Fake fake(plain_world());
  Api mine(fake, "nr_mine");
  const std::string foreign =
      Api(fake, "nr_theirs").upload("a.txt", "a").json().at("attachment_id");
  const std::string own = mine.upload("a.txt", "a").json().at("attachment_id");
  const Started turn = mine.start("bot", "one");
  const std::string path = "/conversations/" + turn.job + "/continue";
  EXPECT_EQ(mine.post(path, {{"prompt", "x"}, {"attachment_ids", {foreign}}}).status, 400);
  EXPECT_EQ(
      mine.post(path, {{"prompt", "x"}, {"attachment_ids", std::vector<std::string>(11, own)}})
          .status,
      400);
  EXPECT_EQ(mine.messages(turn.job).size(), 1U);
}

TEST(Continuing, EchoesAttachmentsOfThePrompt) {
  Play play(plain_world());
  const Started turn = play.api.start("bot", "one");
  const std::string file = play.api.upload("a.txt", "a").json().at("attachment_id");
  const Json next = play.api
                        .post("/conversations/" + turn.job + "/continue",
                              {{"prompt", "two"}, {"attachment_ids", {file}}})
                        .json();
  EXPECT_EQ(play.api.message(next.at("message_id")).at("attachment_ids"), Json::array({file}));
}

TEST(WaitingPrompts, AreHandledInOrderAfterTheRunningTurn) {
  Play play(world_with(R"({"timeline": [{"status": "pending", "polls": 2},
                                        {"status": "completed", "reply": "re {{prompt}}"}]})"));
  const Started one = play.api.start("bot", "one");
  const Started two = play.api.continue_job(one.job, "two");
  const Started three = play.api.continue_job(one.job, "three");
  EXPECT_EQ(play.api.status(two.message), "queued");
  EXPECT_EQ(play.api.finish(three.message), "completed");
  EXPECT_EQ(play.api.status(one.message), "completed");
  EXPECT_EQ(play.api.status(two.message), "completed");
  std::vector<std::string> replies;
  for (const Json& reply : play.api.messages(one.job, "assistant")) {
    replies.push_back(reply.at("content"));
  }
  EXPECT_THAT(replies, ElementsAre("re one", "re two", "re three"));
}

TEST(WaitingPrompts, ATurnThatNobodyPollsGoesOnAndDoesNotBlockTheNext) {
  Play play(world_with(kQueuedThenPending));
  const Started aborted = play.api.start("bot", "one");
  const Started next = play.api.continue_job(aborted.job, "two");
  EXPECT_EQ(play.api.finish(next.message), "completed");  // polls this one alone
}

// Timelines are oldest first, so the answer to the first prompt stands behind the second one. Where
// the second fails, a client that reads nothing but the timeline takes it for the answer: known,
// and in docs/assumptions.md.
TEST(WaitingPrompts, StandBeforeTheAnswerOfTheTurnThatTheyWaitedFor) {
  Play play(world_with(kFailing));
  const Started good = play.api.start("bot", "good");
  const Started bad = play.api.continue_job(good.job, "bad");
  play.api.finish(bad.message);
  std::vector<std::string> contents;
  for (const Json& message : play.api.messages(good.job)) contents.push_back(message.at("content"));
  EXPECT_THAT(contents,
              ElementsAre("good", "bad", "ok", "nairid encountered error: card declined"));
}

TEST(WaitingPrompts, GoOnAfterATurnThatFailed) {
  Play play(world_with(kFailing));
  const Started bad = play.api.start("bot", "bad");
  const Started good = play.api.continue_job(bad.job, "good");
  EXPECT_EQ(play.api.finish(good.message), "completed");
  EXPECT_EQ(play.api.status(bad.message), "failed");
  EXPECT_EQ(play.api.job_status("bot", bad.job), "active");
}

TEST(WaitingPrompts, TwentyThousandInstantOnesAreSettledWithoutDeepRecursion) {
  Play play(world_with(R"({"when": {"turn": 1}, "timeline": [{"status": "pending"},
                                                             {"status": "completed"}]},
                          {"timeline": [{"status": "completed"}]})"));
  const Started first = play.api.start("bot", "one");
  Started last;
  for (int i = 0; i < 20'000; ++i) last = play.api.continue_job(first.job, "x");
  EXPECT_EQ(play.api.status(last.message), "queued");
  EXPECT_EQ(play.api.status(last.message), "completed");
}

TEST(EmptyTurn, CompletesWithoutAnAssistantMessage) {
  Play play(world_with(R"({"timeline": [{"status": "pending"}, {"status": "completed"}]})"));
  const Started turn = play.api.start("bot", "go");
  EXPECT_EQ(play.api.finish(turn.message), "completed");
  EXPECT_EQ(play.api.messages(turn.job).size(), 1U);
}

TEST(EmptyTurn, MayHaveAnEmptyAssistantMessage) {
  Play play(world_with(R"({"timeline": [{"status": "completed", "reply": ""}]})"));
  const Started turn = play.api.start("bot", "go");
  EXPECT_EQ(play.api.messages(turn.job, "assistant").at(0).at("content"), "");
}

TEST(JobStatus, CompletedComesWithTheReasonAsASystemMessage) {
  Play play(world_with(R"({"timeline": [{"status": "completed", "reply": "ok",
      "job_status": "completed", "reason": "all {{prompt}}"}]})"));
  const Started turn = play.api.start("bot", "done");
  EXPECT_EQ(play.api.job_status("bot", turn.job), "completed");
  EXPECT_EQ(play.api.messages(turn.job, "system").at(0).at("content"), "Job complete - all done");
}

TEST(JobStatus, MayBecomeAbandoned) {
  Play play(world_with(
      R"({"timeline": [{"status": "completed", "reply": "ok", "job_status": "abandoned"}]})"));
  const Started turn = play.api.start("bot", "done");
  EXPECT_EQ(play.api.job_status("bot", turn.job), "abandoned");
  EXPECT_TRUE(play.api.messages(turn.job, "system").empty());
}

TEST(SystemMessages, TellOfPullRequestsAndCommits) {
  Play play(world_with(R"({"timeline": [{"status": "completed", "reply": "ok", "system": [
      "Agent opened a pull request: https://github.com/acme/app/pull/42",
      "New commit added: 3f2c1ab in #42"]}]})"));
  const Started turn = play.api.start("bot", "go");
  const auto system = play.api.messages(turn.job, "system");
  ASSERT_EQ(system.size(), 2U);
  EXPECT_EQ(system[0].at("content"),
            "Agent opened a pull request: https://github.com/acme/app/pull/42");
  EXPECT_EQ(system[1].at("content"), "New commit added: 3f2c1ab in #42");
}

TEST(Usage, IsAnsweredWithAllSixFieldsOnTheAssistantMessage) {
  Play play(world_with(R"({"timeline": [{"status": "completed", "reply": "ok", "usage": {
      "cost_usd": 0.0123, "input_tokens": 900, "output_tokens": 41, "cache_read_tokens": 5,
      "cache_write_tokens": 6, "model": "claude-opus-4-7"}}]})"));
  const Started turn = play.api.start("bot", "go");
  const Answer timeline = play.api.get("/conversations/" + turn.job + "/messages");
  EXPECT_THAT(timeline.text, HasSubstr("\"cost_usd\":0.0123000000,"));
  const Json answer = timeline.json().at("messages").at(1);
  EXPECT_EQ(answer.at("input_tokens"), 900);
  EXPECT_EQ(answer.at("output_tokens"), 41);
  EXPECT_EQ(answer.at("cache_read_tokens"), 5);
  EXPECT_EQ(answer.at("cache_write_tokens"), 6);
  EXPECT_EQ(answer.at("model"), "claude-opus-4-7");
}

TEST(Usage, IsLeftOutAltogetherWhenTheAgentReportsNone) {
  Play play(plain_world());
  const Started turn = play.api.start("bot", "go");
  play.api.finish(turn.message);
  const Json answer = play.api.messages(turn.job, "assistant").at(0);
  for (const char* field : {"cost_usd", "input_tokens", "output_tokens", "cache_read_tokens",
                            "cache_write_tokens", "model"}) {
    EXPECT_FALSE(answer.contains(field)) << field;
  }
}

TEST(UndeployedAgent, KeepsItsMessagesQueuedUntilItIsDeployed) {
  Play play(plain_world());
  const Started turn = play.api.start("sleepy", "wake up");
  for (int poll = 0; poll < 10; ++poll) EXPECT_EQ(play.api.status(turn.message), "queued");
  ASSERT_EQ(play.api.call("POST", "/agents/sleepy/deploy").status, 202);
  EXPECT_EQ(play.api.finish(turn.message), "completed");
}

// A conversation of the world in whose last turn the agent is at work.
constexpr const char* kBusy = R"({"id": "job_01KRK1V46BXS73CSNK2VR35NPJ", "agent_id": "bot",
    "messages": [{"role": "user", "content": "Count", "status": "pending"}],
    "timeline": [{"status": "pending", "polls": 2},
                 {"status": "completed", "reply": "{{prompt}}: one, two"}]})";

TEST(ASeededTurn, GoesOn) {
  Play play(world_with("", kBusy));
  EXPECT_EQ(play.api.messages(kSlackJob).size(), 1U);
  EXPECT_EQ(play.api.messages(kSlackJob).at(0).at("status"), "pending");
  EXPECT_EQ(play.api.messages(kSlackJob, "assistant").at(0).at("content"), "Count: one, two");
}

TEST(ASeededTurn, LetsTheNextPromptWait) {
  Play play(world_with("", kBusy));
  const Started next = play.api.continue_job(kSlackJob, "Sum");
  EXPECT_EQ(play.api.status(next.message), "queued");
  EXPECT_EQ(play.api.finish(next.message), "completed");
  const auto answers = play.api.messages(kSlackJob, "assistant");
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].at("content"), "Count: one, two");
}

TEST(ASeededTurn, FollowsTheClock) {
  Play play(world_with("", kBusy), {.clock = ClockMode::virtual_time});
  EXPECT_EQ(play.api.messages(kSlackJob).size(), 1U);
  play.fake.advance(4000);
  EXPECT_EQ(play.api.messages(kSlackJob).size(), 2U);
}

}  // namespace
}  // namespace nairi::mock::testing
