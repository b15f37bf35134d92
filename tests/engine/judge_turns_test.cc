// Rules about polling: polls-until-terminal, stops-after-terminal, polls-no-faster-than-asked and
// the figures.
#include <gtest/gtest.h>

#include "engine/judged.h"

namespace nairi::mock::testing {
namespace {

constexpr const char* kUntil = "polls-until-terminal";
constexpr const char* kStops = "stops-after-terminal";
constexpr const char* kOnce = "sends-a-prompt-once";
constexpr const char* kPace = "polls-no-faster-than-asked";

TEST(PollsUntilTerminal, IsKeptByAClientThatSeesTheEnd) {
  for (const char* end : {"completed", "failed"}) {
    EXPECT_EQ(Judged().start().poll("queued").poll("pending").poll(end).outcome(kUntil),
              RuleOutcome::kept);
  }
}

TEST(PollsUntilTerminal, IsBrokenByAClientThatGoesAwayBefore) {
  const Judged judged = std::move(Judged().start().poll("queued").poll("pending"));
  const Verdict verdict = judged.verdict(kUntil);
  EXPECT_EQ(verdict.outcome, RuleOutcome::broken);
  ASSERT_EQ(verdict.evidence.size(), 1U);
  EXPECT_EQ(verdict.evidence[0].number, 3U);
  EXPECT_EQ(verdict.evidence[0].text, "GET /messages/cmsg_1 → 200 pending");
}

TEST(PollsUntilTerminal, IsNotSeenWhereNobodyPolls) {
  EXPECT_EQ(Judged().start().outcome(kUntil), RuleOutcome::not_seen);
  EXPECT_EQ(Judged().poll("pending").outcome(kUntil), RuleOutcome::not_seen);  // not its own turn
}

TEST(PollsUntilTerminal, ALookAtTheTimelineIsNoPollButTwoAre) {
  EXPECT_EQ(Judged().start().timeline("pending").outcome(kUntil), RuleOutcome::not_seen);
  EXPECT_EQ(Judged().start().timeline("pending").timeline("pending").outcome(kUntil),
            RuleOutcome::broken);
}

TEST(PollsUntilTerminal, TheEndMayBeSeenInTheTimeline) {
  EXPECT_EQ(Judged().start().poll("pending").timeline("completed").outcome(kUntil),
            RuleOutcome::kept);
}

TEST(PollsUntilTerminal, ATurnThatTheNextPromptCutsShortIsNotAbandoned) {
  Judged judged;
  judged.start().poll("pending").go_on();
  EXPECT_EQ(judged.outcome(kUntil), RuleOutcome::not_seen);
  judged.poll("completed", {}, "cmsg_2");
  EXPECT_EQ(judged.outcome(kUntil), RuleOutcome::kept);
}

TEST(PollsUntilTerminal, AnErrorAnUnknownStatusAndALostReplyAreOtherRulesBusiness) {
  EXPECT_EQ(Judged().start().poll("pending").poll("pending", {.status = 500}).outcome(kUntil),
            RuleOutcome::not_seen);
  EXPECT_EQ(Judged().start().poll("pending").poll("paused").outcome(kUntil), RuleOutcome::not_seen);
  EXPECT_EQ(Judged().start().poll("pending").poll("").outcome(kUntil), RuleOutcome::not_seen);
  EXPECT_EQ(
      Judged().start().poll("pending").poll("completed", {.delivered = false}).outcome(kUntil),
      RuleOutcome::not_seen);
}

TEST(PollsUntilTerminal, ATimelineThatCameBrokenIsALostReplyToo) {
  for (const Seen& broken : {Seen{.status = 503}, Seen{.status = 404}, Seen{.delivered = false},
                             Seen{.reply = R"({"messages": [{"id": "cm)"}}) {
    Judged judged;
    judged.start().poll("pending").timeline("pending", broken);
    EXPECT_EQ(judged.outcome(kUntil), RuleOutcome::not_seen);
    judged.timeline("pending");
    EXPECT_EQ(judged.outcome(kUntil), RuleOutcome::broken);
  }
}

TEST(PollsUntilTerminal, LongPollingIsADeadlineAndNotJudged) {
  Judged often;
  often.start();
  for (int i = 0; i < 20; ++i) often.poll("pending");
  EXPECT_EQ(often.outcome(kUntil), RuleOutcome::not_judged);
  Judged patient;
  patient.start().poll("pending", {.at_ms = 0}).poll("pending", {.at_ms = 30'000});
  EXPECT_EQ(patient.outcome(kUntil), RuleOutcome::not_judged);
}

TEST(PollsUntilTerminal, MoreTurnsThanAreWatchedAreNotPassed) {
  Judged judged({.max_tracked = 1});
  judged.start().poll("completed").go_on();
  EXPECT_EQ(judged.outcome(kUntil), RuleOutcome::not_judged);
  EXPECT_EQ(judged.outcome(kStops), RuleOutcome::not_judged);
}

TEST(StopsAfterTerminal, IsKeptByOneLookBackAndBrokenByTheSecond) {
  Judged judged;
  judged.start().poll("pending");
  EXPECT_EQ(judged.outcome(kStops), RuleOutcome::not_seen);
  judged.poll("completed");
  EXPECT_EQ(judged.outcome(kStops), RuleOutcome::kept);
  judged.poll("completed");
  EXPECT_EQ(judged.outcome(kStops), RuleOutcome::kept);
  judged.poll("completed");
  EXPECT_EQ(judged.outcome(kStops), RuleOutcome::broken);
}

TEST(StopsAfterTerminal, TimelinesAndHeadsAreNoPolls) {
  Judged judged;
  judged.start().poll("failed");
  for (int i = 0; i < 4; ++i) judged.timeline("failed").poll("failed", {.method = "HEAD"});
  EXPECT_EQ(judged.outcome(kStops), RuleOutcome::kept);
}

TEST(StopsAfterTerminal, IsKeptByAClientThatSeesTheEndInTheTimeline) {
  EXPECT_EQ(Judged().start().timeline("pending").outcome(kStops), RuleOutcome::not_seen);
  EXPECT_EQ(Judged().start().timeline("completed").outcome(kStops), RuleOutcome::kept);
}

TEST(StopsAfterTerminal, AStatusThatDidNotArriveDoesNotCount) {
  Judged judged;
  judged.start();
  for (int i = 0; i < 4; ++i) judged.poll("completed", {.delivered = false});
  EXPECT_EQ(judged.outcome(kStops), RuleOutcome::not_seen);
  judged.poll("completed", {.at_ms = 0, .delay_ms = 5000});
  for (int i = 1; i < 4; ++i) judged.poll("completed", {.at_ms = 1000 * i});
  EXPECT_EQ(judged.outcome(kStops), RuleOutcome::kept);
}

TEST(StopsAfterTerminal, CapsTheEvidenceAndCountsAll) {
  Judged judged;
  judged.start();
  for (int i = 0; i < 12; ++i) judged.poll("completed");
  const Verdict verdict = judged.verdict(kStops);
  EXPECT_EQ(verdict.evidence.size(), Verdict::kMostEvidence);
  EXPECT_EQ(verdict.evidence_count, 10U);
  EXPECT_EQ(verdict.evidence[0].number, 4U);
}

TEST(Pace, IsCountedFromWhenTheReplyWasSent) {
  Judged judged({.min_poll_ms = 1000});
  judged.start().poll("queued", {.at_ms = 0}).poll("queued", {.at_ms = 1000, .delay_ms = 600});
  EXPECT_EQ(judged.outcome(kPace), RuleOutcome::kept);
  judged.poll("pending", {.at_ms = 2100});
  EXPECT_EQ(judged.outcome(kPace), RuleOutcome::broken);
}

// A prompt, and the turn that it began.
Seen prompt(const std::string& text, const std::string& job, const std::string& message,
            const std::string& path = "/conversations/start") {
  return {.method = "POST",
          .path = path,
          .body = R"({"agent_id": "bot", "prompt": ")" + text + "\"}",
          .reply = R"({"job_id": ")" + job + R"(", "message_id": ")" + message + "\"}"};
}

constexpr const char* kContinue = "/conversations/job_1/continue";

TEST(SendsAPromptOnce, IsBrokenWhereAFailedReadIsFollowedByTheSamePrompt) {
  Judged judged;
  judged.see(prompt("go", "job_1", "cmsg_1")).poll("pending", {.status = 503});
  judged.see(prompt("go", "job_2", "cmsg_2"));
  const Verdict verdict = judged.verdict(kOnce);
  EXPECT_EQ(verdict.outcome, RuleOutcome::broken);
  ASSERT_EQ(verdict.evidence.size(), 1U);
  EXPECT_EQ(verdict.evidence[0].text, "POST /conversations/start → 200 the prompt of #1");
}

TEST(SendsAPromptOnce, IsBrokenInTheSameJobToo) {
  Judged judged;
  judged.see(prompt("go", "job_1", "cmsg_1")).timeline("pending", {.delivered = false});
  judged.see(prompt("go", "job_1", "cmsg_2", kContinue));
  EXPECT_EQ(judged.outcome(kOnce), RuleOutcome::broken);
}

TEST(SendsAPromptOnce, IsKeptByAnotherPromptAnotherJobAndAnEnd) {
  Judged other_prompt;
  other_prompt.see(prompt("go", "job_1", "cmsg_1")).poll("pending", {.status = 503});
  EXPECT_EQ(other_prompt.see(prompt("on", "job_1", "cmsg_2")).outcome(kOnce), RuleOutcome::kept);
  Judged other_job;
  other_job.see(prompt("go", "job_2", "cmsg_1")).poll("pending", {.status = 503});
  other_job.see(prompt("go", "job_1", "cmsg_2", kContinue));
  EXPECT_EQ(other_job.outcome(kOnce), RuleOutcome::kept);
  for (const char* end : {"completed", "failed"}) {
    Judged ended({.in_suite = true});
    ended.see(prompt("go", "job_1", "cmsg_1")).poll("pending", {.status = 503}).poll(end);
    EXPECT_EQ(ended.see(prompt("go", "job_1", "cmsg_2")).outcome(kOnce), RuleOutcome::kept);
  }
}

TEST(SendsAPromptOnce, OfAPromptThatIsStillWaitedForOnlyASuiteKnowsThatItIsTheSame) {
  for (const bool in_suite : {false, true}) {
    Judged judged({.in_suite = in_suite});
    judged.see(prompt("go", "job_1", "cmsg_1")).poll("pending");
    judged.see(prompt("go", "job_2", "cmsg_2"));
    EXPECT_EQ(judged.outcome(kOnce), in_suite ? RuleOutcome::broken : RuleOutcome::kept);
  }
}

TEST(SendsAPromptOnce, APromptWhoseReplyWasLostIsAnotherRulesBusiness) {
  Judged judged({.in_suite = true});
  Seen lost = prompt("go", "job_1", "cmsg_1");
  lost.delivered = false;
  judged.see(lost).see(prompt("go", "job_2", "cmsg_2"));
  EXPECT_EQ(judged.outcome(kOnce), RuleOutcome::kept);
  EXPECT_EQ(judged.outcome("no-blind-retry-of-post"), RuleOutcome::broken);
}

TEST(SendsAPromptOnce, SoIsOneWhoseReplyIsStillOnItsWay) {
  Judged judged({.in_suite = true});
  Seen slow = prompt("go", "job_1", "cmsg_1");
  slow.at_ms = 0;
  slow.delay_ms = 5000;
  Seen again = prompt("go", "job_2", "cmsg_2");
  again.at_ms = 4000;
  judged.see(slow).see(again);
  EXPECT_EQ(judged.outcome(kOnce), RuleOutcome::kept);
  EXPECT_EQ(judged.outcome("no-blind-retry-of-post"), RuleOutcome::broken);
}

TEST(Pace, AllowsForTheErrorOfClocks) {
  Judged judged({.min_poll_ms = 1000});
  judged.start().poll("queued", {.at_ms = 0}).poll("queued", {.at_ms = 950});
  EXPECT_EQ(judged.outcome(kPace), RuleOutcome::kept);
  judged.poll("queued", {.at_ms = 950 + 949});
  EXPECT_EQ(judged.outcome(kPace), RuleOutcome::broken);
}

TEST(Pace, OfRetriesAndOfSinglePollsIsNotSeen) {
  Judged judged;
  judged.start().poll("queued", {.status = 503, .at_ms = 0}).poll("completed", {.at_ms = 1});
  EXPECT_EQ(judged.outcome(kPace), RuleOutcome::not_seen);
}

TEST(Pace, IsNotJudgedWhereNobodyKeepsTheTime) {
  EXPECT_EQ(Judged().start().poll("queued").poll("queued").outcome(kPace), RuleOutcome::not_judged);
}

TEST(Figures, AreMeasuredPerAnswer) {
  Judged judged;
  EXPECT_EQ(judged.outcome("polls-per-answer"), RuleOutcome::not_seen);
  judged.start({.at_ms = 0}).poll("pending", {.at_ms = 1000}).poll("completed", {.at_ms = 3500});
  const Verdicts verdicts = judged.verdicts();
  EXPECT_EQ(verdicts.traffic.polls, 2U);
  EXPECT_EQ(verdicts.traffic.answers, 1U);
  EXPECT_EQ(verdicts.traffic.answer_ms, 3500);
  EXPECT_EQ(judged.verdict("polls-per-answer").outcome, RuleOutcome::measured);
  EXPECT_EQ(judged.verdict("time-to-answer").sentence, "3500.0 ms on average, at most 3500 ms");
  EXPECT_EQ(judged.verdict("bytes").sentence,
            std::to_string(verdicts.traffic.request_bytes) + " sent and " +
                std::to_string(verdicts.traffic.reply_bytes) + " received in 3 requests");
}

}  // namespace
}  // namespace nairi::mock::testing
