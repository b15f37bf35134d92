// Rules about polling: polls-until-terminal, stops-after-terminal, polls-no-faster-than-asked and
// the figures.
#include <gtest/gtest.h>

#include <vector>

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
  EXPECT_EQ(verdict.evidence[0].text, "GET /messages/cmsg_1 → 200 pending; prompt \"go\" of #1");
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

TEST(PollsUntilTerminal, OfATurnThatCanNotEndIsNotJudgedAndSaysWhy) {
  Judged judged;
  judged.start().poll("queued", {.no_end = "its agent is not deployed"});
  const Verdict verdict = judged.verdict(kUntil);
  EXPECT_EQ(verdict.outcome, RuleOutcome::not_judged);
  EXPECT_EQ(verdict.sentence,
            "not judged: a turn was left that could not end: its agent is not deployed");
  judged.poll("queued");  // it was deployed meanwhile
  EXPECT_EQ(judged.outcome(kUntil), RuleOutcome::broken);
}

constexpr std::int64_t kMs = 1000;  // in microseconds
RunEnd stopped_at(std::int64_t ms) {
  return {.by = "the server was stopped", .at_us = ms * kMs};
}

TEST(PollsUntilTerminal, IsNotJudgedOfAClientThatWasStillWaitingWhenItsRunWasEnded) {
  Judged judged;
  judged.start({.at_ms = 0}).poll("pending", {.at_ms = 1000});
  const Verdict verdict = judged.verdict(kUntil, stopped_at(10'000));
  EXPECT_EQ(verdict.outcome, RuleOutcome::not_judged);
  EXPECT_EQ(verdict.sentence, "not judged: a turn was waited for when the server was stopped");
  EXPECT_EQ(judged.outcome(kUntil, stopped_at(11'001)), RuleOutcome::broken);
  EXPECT_EQ(judged.outcome(kUntil), RuleOutcome::broken);
}

TEST(PollsUntilTerminal, TakesAClientsOwnPausesForTheTimeInWhichItMayBeWaiting) {
  Judged slow;
  slow.start({.at_ms = 0}).poll("pending", {.at_ms = 0}).poll("pending", {.at_ms = 20'000});
  EXPECT_EQ(slow.outcome(kUntil, stopped_at(60'000)), RuleOutcome::not_judged);
  EXPECT_EQ(slow.outcome(kUntil, stopped_at(60'001)), RuleOutcome::broken);
  Judged fast;
  fast.start({.at_ms = 0}).poll("pending", {.at_ms = 0}).poll("pending", {.at_ms = 2000});
  EXPECT_EQ(fast.outcome(kUntil, stopped_at(6000)), RuleOutcome::not_judged);
  EXPECT_EQ(fast.outcome(kUntil, stopped_at(6001)), RuleOutcome::broken);
}

TEST(PollsUntilTerminal, WhereNobodyKnowsWhenTheRunWasEndedItsLastRequestTells) {
  const RunEnd reset{.by = "the key was reset"};
  Judged judged;
  judged.start({.at_ms = 0}).poll("pending", {.at_ms = 0});
  EXPECT_EQ(judged.outcome(kUntil, reset), RuleOutcome::not_judged);
  judged.see({.at_ms = 10'001});
  EXPECT_EQ(judged.outcome(kUntil, reset), RuleOutcome::broken);
  EXPECT_EQ(Judged().start().poll("pending").outcome(kUntil, reset), RuleOutcome::not_judged);
}

TEST(PollsUntilTerminal, ItsEvidenceNamesMessageAndPromptAndTheOtherAnswerThatHadAppeared) {
  Judged judged;
  judged.prompt("count to 100", "job_1", "cmsg_1").poll("pending");
  judged.prompt("2+2", "job_1", "cmsg_2", {.path = "/conversations/job_1/continue"});
  judged.timeline("", {.reply = R"({"messages": [{"id": "cmsg_1", "status": "completed"},
                                                 {"id": "cmsg_2", "status": "queued"}]})"});
  judged.poll("queued", {}, "cmsg_2");
  const std::string other =
      "; meanwhile the prompt \"count to 100\" of #1 in the same conversation had ended";
  ASSERT_EQ(judged.verdict(kUntil).evidence.size(), 1U);
  EXPECT_EQ(judged.verdict(kUntil).evidence[0].text,
            "GET /messages/cmsg_2 → 200 queued; prompt \"2+2\" of #3" + other);
  judged.timeline("", {.reply = R"({"messages": [{"id": "cmsg_2", "status": "queued"}]})"});
  EXPECT_EQ(judged.verdict(kUntil).evidence[0].text,
            "GET /conversations/job_1/messages → 200 queued; message cmsg_2; prompt \"2+2\" of #3" +
                other);
}

TEST(PollsUntilTerminal, AnAnswerFromBeforeThePromptIsNoReasonToStop) {
  Judged judged;
  judged.prompt("one", "job_1", "cmsg_1").poll("completed");
  judged.prompt("two", "job_1", "cmsg_2", {.path = "/conversations/job_1/continue"});
  judged.poll("pending", {}, "cmsg_2");
  EXPECT_EQ(judged.verdict(kUntil).evidence[0].text,
            "GET /messages/cmsg_2 → 200 pending; prompt \"two\" of #3");
}

TEST(PollsUntilTerminal, ShowsOfAPromptItsBeginningWithoutAKey) {
  Judged judged;
  judged.prompt("nr_secret-key " + std::string(300, 'x'), "job_1", "cmsg_1").poll("pending");
  const std::string text = judged.verdict(kUntil).evidence[0].text;
  EXPECT_NE(text.find("prompt \"[redacted] xxx"), std::string::npos) << text;
  EXPECT_LT(text.size(), 150U) << text;
}

TEST(PollsUntilTerminal, TwentyReadsOfTheTimelineAreADeadlineToo) {
  Judged often;
  often.start();
  for (int i = 0; i < 20; ++i) often.timeline("pending");
  EXPECT_EQ(often.outcome(kUntil), RuleOutcome::not_judged);
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

TEST(StopsAfterTerminal, EachOfSeveralThatWaitHasToBeToldTheEnd) {
  Judged judged;
  judged.start();
  for (const std::uint64_t tab : {1U, 2U, 3U, 4U}) judged.poll("pending", {.connection = tab});
  for (const std::uint64_t tab : {1U, 2U, 3U, 4U}) judged.poll("completed", {.connection = tab});
  EXPECT_EQ(judged.outcome(kStops), RuleOutcome::kept);
  judged.poll("completed", {.connection = 1}).poll("completed", {.connection = 2});
  EXPECT_EQ(judged.outcome(kStops), RuleOutcome::broken);
}

TEST(StopsAfterTerminal, WhoComesBackAfterAWhileDoesNotPoll) {
  Judged judged;
  judged.start({.at_ms = 0}).poll("pending", {.at_ms = 0});
  for (int i = 1; i < 6; ++i) judged.poll("completed", {.at_ms = 2000 + i * 11'000});
  EXPECT_EQ(judged.outcome(kStops), RuleOutcome::broken) << "its own pause";
  Judged reader;
  reader.start({.at_ms = 0}).poll("pending", {.at_ms = 0}).poll("completed", {.at_ms = 1000});
  for (int i = 1; i < 6; ++i) reader.poll("completed", {.at_ms = 1000 + i * (i + 1) * 20'000});
  EXPECT_EQ(reader.outcome(kStops), RuleOutcome::kept);
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

constexpr const char* kContinue = "/conversations/job_1/continue";

TEST(SendsAPromptOnce, IsBrokenWhereAFailedReadIsFollowedByTheSamePrompt) {
  Judged judged;
  judged.prompt("go", "job_1", "cmsg_1").poll("pending", {.status = 503});
  judged.prompt("go", "job_2", "cmsg_2");
  const Verdict verdict = judged.verdict(kOnce);
  EXPECT_EQ(verdict.outcome, RuleOutcome::broken);
  ASSERT_EQ(verdict.evidence.size(), 1U);
  EXPECT_EQ(verdict.evidence[0].text, "POST /conversations/start → 200 the prompt \"go\" of #1");
}

TEST(SendsAPromptOnce, IsBrokenInTheSameJobToo) {
  Judged judged;
  judged.prompt("go", "job_1", "cmsg_1").timeline("pending", {.delivered = false});
  judged.prompt("go", "job_1", "cmsg_2", {.path = kContinue});
  EXPECT_EQ(judged.outcome(kOnce), RuleOutcome::broken);
}

TEST(SendsAPromptOnce, IsKeptByAnotherPromptAnotherJobAndAnEnd) {
  Judged other_prompt;
  other_prompt.prompt("go", "job_1", "cmsg_1").poll("pending", {.status = 503});
  EXPECT_EQ(other_prompt.prompt("on", "job_1", "cmsg_2").outcome(kOnce), RuleOutcome::kept);
  Judged other_job;
  other_job.prompt("go", "job_2", "cmsg_1").poll("pending", {.status = 503});
  other_job.prompt("go", "job_1", "cmsg_2", {.path = kContinue});
  EXPECT_EQ(other_job.outcome(kOnce), RuleOutcome::kept);
  for (const char* end : {"completed", "failed"}) {
    Judged ended({.in_suite = true});
    ended.prompt("go", "job_1", "cmsg_1").poll("pending", {.status = 503}).poll(end);
    EXPECT_EQ(ended.prompt("go", "job_1", "cmsg_2").outcome(kOnce), RuleOutcome::kept);
  }
}

// Reads that tell nothing of the turn.
std::vector<Seen> failed_reads() {
  return {{.status = 503},
          {.status = 404},
          {.status = 302, .reply_headers = {{"Location", "http://127.0.0.1:9"}}},
          {.delivered = false},
          {.reply = "<html>", .struck = true}};
}

TEST(SendsAPromptOnce, IsBrokenAfterAnyReadThatFailed) {
  for (Seen read : failed_reads()) {
    for (const char* path : {"/messages/cmsg_1", "/conversations/job_1/messages"}) {
      read.path = path;
      Judged judged;
      judged.prompt("go", "job_1", "cmsg_1").see(read).prompt("go", "job_2", "cmsg_2");
      EXPECT_EQ(judged.outcome(kOnce), RuleOutcome::broken) << path << " " << read.status;
    }
  }
}

TEST(SendsAPromptOnce, IsBrokenWhereTheTurnHadEndedAndItsTimelineCouldNotBeRead) {
  for (Seen read : failed_reads()) {
    read.path = "/conversations/job_1/messages";
    Judged judged;
    judged.prompt("go", "job_1", "cmsg_1").poll("completed").see(read);
    judged.prompt("go", "job_2", "cmsg_2");
    EXPECT_EQ(judged.verdict(kOnce).sentence,
              "a prompt was sent again because something after its turn had failed")
        << read.status;
  }
}

TEST(SendsAPromptOnce, IsBrokenByAConversationThatBeginsAnewWhereAFollowUpWasLost) {
  Judged judged;
  judged.prompt("one", "job_1", "cmsg_1").poll("completed");
  judged.prompt("two", "job_1", "cmsg_2", {.path = kContinue, .delivered = false});
  EXPECT_EQ(judged.outcome(kOnce), RuleOutcome::kept);
  EXPECT_EQ(judged.prompt("one", "job_2", "cmsg_3").outcome(kOnce), RuleOutcome::broken);
}

TEST(SendsAPromptOnce, IsBrokenAfterAnUnknownStatus) {
  Judged judged;
  judged.prompt("go", "job_1", "cmsg_1").poll("paused").prompt("go", "job_2", "cmsg_2");
  EXPECT_EQ(judged.outcome(kOnce), RuleOutcome::broken);
}

TEST(SendsAPromptOnce, IsBrokenByAClientThatDidNotWaitForTheReplyToItsPoll) {
  for (const std::int64_t again : {3000, 6000}) {
    Judged judged;
    judged.prompt("go", "job_1", "cmsg_1", {.at_ms = 0});
    judged.poll("completed", {.at_ms = 0, .delay_ms = 5000});
    judged.prompt("go", "job_2", "cmsg_2", {.at_ms = again});
    EXPECT_EQ(judged.outcome(kOnce), again < 5000 ? RuleOutcome::broken : RuleOutcome::kept);
  }
}

TEST(SendsAPromptOnce, IsNotJudgedWhereAUserMayHaveTriedOnceMore) {
  struct Again {
    std::int64_t at_ms;
    std::uint64_t connection;
    RuleOutcome outcome;
  };
  for (const Again& again :
       {Again{10'000, 1, RuleOutcome::broken}, Again{10'001, 1, RuleOutcome::not_judged},
        Again{5000, 2, RuleOutcome::broken}, Again{5001, 2, RuleOutcome::not_judged}}) {
    Judged judged;
    judged.prompt("go", "job_1", "cmsg_1", {.at_ms = 0, .connection = 1});
    judged.poll("", {.status = 503, .at_ms = 0, .connection = 1});
    judged.prompt("go", "job_2", "cmsg_2", {.at_ms = again.at_ms, .connection = again.connection});
    EXPECT_EQ(judged.outcome(kOnce), again.outcome) << again.at_ms;
  }
}

TEST(SendsAPromptOnce, IsBrokenByAClientThatLeavesATurnAndAsksAnew) {
  const auto leaves = [](std::int64_t again_ms, std::uint64_t connection) {
    Judged judged;
    judged.prompt("go", "job_1", "cmsg_1", {.at_ms = 0, .connection = 1});
    judged.poll("pending", {.at_ms = 1000, .connection = 1});
    judged.prompt("go", "job_2", "cmsg_2", {.at_ms = again_ms, .connection = connection});
    return judged;
  };
  EXPECT_EQ(leaves(2000, 1).outcome(kOnce), RuleOutcome::broken);
  EXPECT_EQ(leaves(2000, 2).outcome(kOnce), RuleOutcome::kept) << "somebody else";
  EXPECT_EQ(leaves(12'000, 1).outcome(kOnce), RuleOutcome::kept) << "its user";
  Judged both = leaves(2000, 1);
  both.poll("pending", {.at_ms = 3000, .connection = 1});
  EXPECT_EQ(both.outcome(kOnce), RuleOutcome::kept) << "it waits for both";
}

TEST(SendsAPromptOnce, OfAPromptThatIsStillWaitedForOnlyASuiteKnowsThatItIsTheSame) {
  for (const bool in_suite : {false, true}) {
    Judged judged({.in_suite = in_suite});
    judged.prompt("go", "job_1", "cmsg_1").poll("pending");
    judged.prompt("go", "job_2", "cmsg_2");
    EXPECT_EQ(judged.outcome(kOnce), in_suite ? RuleOutcome::broken : RuleOutcome::kept);
  }
}

TEST(SendsAPromptOnce, APromptWhoseReplyWasLostIsAnotherRulesBusiness) {
  Judged judged({.in_suite = true});
  judged.prompt("go", "job_1", "cmsg_1", {.delivered = false}).prompt("go", "job_2", "cmsg_2");
  EXPECT_EQ(judged.outcome(kOnce), RuleOutcome::kept);
  EXPECT_EQ(judged.outcome("no-blind-retry-of-post"), RuleOutcome::broken);
}

TEST(SendsAPromptOnce, SoIsOneWhoseReplyIsStillOnItsWay) {
  Judged judged({.in_suite = true});
  judged.prompt("go", "job_1", "cmsg_1", {.at_ms = 0, .delay_ms = 5000});
  judged.prompt("go", "job_2", "cmsg_2", {.at_ms = 4000});
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
