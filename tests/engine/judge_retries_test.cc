// Rules about what went wrong: no-retry-on-4xx, no-blind-retry-of-post, uploads-a-file-once,
// retry-after, backoff-grows and retries-idempotent-reads.
#include <gtest/gtest.h>

#include "engine/judged.h"

namespace nairi::mock::testing {
namespace {

constexpr const char* kRefused = "no-retry-on-4xx";
constexpr const char* kBlind = "no-blind-retry-of-post";
constexpr const char* kUploads = "uploads-a-file-once";
constexpr const char* kWait = "retry-after";
constexpr const char* kBackoff = "backoff-grows";
constexpr const char* kReads = "retries-idempotent-reads";

Seen read(int status, std::optional<std::int64_t> at_ms = {}) {
  return {.status = status, .at_ms = at_ms};
}

Seen asked_to_wait(std::int64_t at_ms, const std::string& retry_after) {
  return {.status = 503, .reply_headers = {{"Retry-After", retry_after}}, .at_ms = at_ms};
}

Seen upload(const std::string& boundary, bool delivered) {
  return {.method = "POST",
          .path = "/attachments",
          .body = "--" + boundary + "\r\nbytes\r\n--" + boundary + "--",
          .headers = {{"Content-Type", "multipart/form-data; boundary=\"" + boundary + "\""}},
          .delivered = delivered};
}

TEST(RetryOn4xx, IsBrokenByTheSameRequestAgain) {
  for (const int status : {400, 401, 404}) {
    const Verdict verdict = Judged().see(read(status)).see(read(status)).verdict(kRefused);
    EXPECT_EQ(verdict.outcome, RuleOutcome::broken) << status;
    EXPECT_EQ(verdict.evidence_count, 1U);
    EXPECT_EQ(verdict.evidence[0].text, "GET /agents → " + std::to_string(status) + " (first #1)");
  }
}

TEST(RetryOn4xx, IsKeptByAnotherRequest) {
  EXPECT_EQ(Judged().see(read(404)).see({.path = "/agents?x=1"}).outcome(kRefused),
            RuleOutcome::kept);
  Seen other_key = read(401);
  other_key.headers[0].value = "Bearer nr_other";
  EXPECT_EQ(Judged().see(read(401)).see(other_key).outcome(kRefused), RuleOutcome::kept);
}

TEST(RetryOn4xx, AWriteInBetweenMayHaveMendedIt) {
  EXPECT_EQ(Judged().see(read(404)).start().see(read(200)).outcome(kRefused), RuleOutcome::kept);
}

// What is said of a request that is refused, and comes again after so long on that connection.
Verdict refused_again(std::int64_t after_ms, std::uint64_t connection, bool in_suite = false) {
  Judged judged({.in_suite = in_suite});
  judged.see({.status = 404, .at_ms = 0, .connection = 1});
  judged.see({.status = 404, .at_ms = after_ms, .connection = connection});
  return judged.verdict(kRefused);
}

TEST(RetryOn4xx, TwoRunsOfOneCommandAreNotJudgedAndARetryIs) {
  EXPECT_EQ(refused_again(10'000, 1).outcome, RuleOutcome::broken);
  EXPECT_EQ(refused_again(10'001, 1).sentence,
            "not judged: a refused request came again after a while, maybe by the user");
  EXPECT_EQ(
      refused_again(200, 2).sentence,
      "not judged: a refused request came again on another connection, maybe from another run");
  EXPECT_EQ(refused_again(20'000, 2, true).outcome, RuleOutcome::broken);
}

TEST(RetryOn4xx, IsBrokenByAClientThatUsesItsConnectionsInTurn) {
  Judged judged;
  for (const std::uint64_t connection : {1U, 2U, 1U}) {
    judged.see({.status = 404, .at_ms = 0, .connection = connection});
  }
  EXPECT_EQ(judged.outcome(kRefused), RuleOutcome::broken);
}

TEST(RetryOn4xx, WhatIsNotRefusedTheSecondTimeSomebodyHadChangedUnlessAFaultRefusedIt) {
  EXPECT_EQ(Judged().see({.status = 404}).see({}).verdict(kRefused).sentence,
            "not judged: a refused request was not refused again: somebody changed something");
  EXPECT_EQ(Judged().see({.status = 404, .struck = true}).see({}).outcome(kRefused),
            RuleOutcome::broken);
  EXPECT_EQ(Judged({.in_suite = true}).see({.status = 404}).see({}).outcome(kRefused),
            RuleOutcome::broken);
}

TEST(RetryOn4xx, APromptWithOtherFilesIsAnotherRequest) {
  const auto with_file = [](const std::string& id) {
    return Seen{.body = R"({"agent_id": "bot", "prompt": "go", "attachment_ids": [")" + id + "\"]}",
                .status = 400};
  };
  const auto both = [&](const std::string& one, const std::string& other) {
    Judged judged;
    judged.prompt("", "", "", with_file(one)).prompt("", "", "", with_file(other));
    return judged.outcome(kRefused);
  };
  EXPECT_EQ(both("att_1", "att_2"), RuleOutcome::kept);
  EXPECT_EQ(both("att_1", "att_1"), RuleOutcome::broken);
}

TEST(RetryOn4xx, IsNotSeenWithoutARefusal) {
  EXPECT_EQ(Judged().see(read(200)).see(read(503)).outcome(kRefused), RuleOutcome::not_seen);
  EXPECT_EQ(Judged().see({.status = 404, .delivered = false}).outcome(kRefused),
            RuleOutcome::not_seen);
}

TEST(BlindRetry, IsBrokenByTheSamePostAfterALostReplyOrAnError) {
  EXPECT_EQ(Judged().start({.delivered = false}).start().outcome(kBlind), RuleOutcome::broken);
  EXPECT_EQ(Judged().start({.status = 500}).start().outcome(kBlind), RuleOutcome::broken);
  EXPECT_EQ(Judged().start({.status = 503}).start().outcome(kBlind), RuleOutcome::broken);
}

TEST(BlindRetry, IsBrokenWhenTheReplyWasNoJson) {
  const Seen cut{.method = "POST", .path = "/conversations/job_1/continue", .reply = "{\"jo"};
  EXPECT_EQ(Judged().see(cut).see(cut).outcome(kBlind), RuleOutcome::broken);
}

TEST(BlindRetry, IsBrokenByThePromptWithFilesThatWereUploadedAnew) {
  const auto with_file = [](const std::string& id) {
    return R"({"agent_id": "bot", "prompt": "go", "attachment_ids": [")" + id + "\"]}";
  };
  Judged judged;
  judged.prompt("", "job_1", "cmsg_1", {.body = with_file("att_1"), .delivered = false});
  judged.prompt("", "job_2", "cmsg_2", {.body = with_file("att_2")});
  EXPECT_EQ(judged.outcome(kBlind), RuleOutcome::broken);
}

TEST(BlindRetry, IsKeptByTheSameWordsToAnotherAgent) {
  Judged judged;
  judged.start({.delivered = false});
  judged.prompt("", "", "", {.body = R"({"agent_id": "other", "prompt": "go"})"});
  EXPECT_EQ(judged.outcome(kBlind), RuleOutcome::kept);
}

TEST(BlindRetry, IsBrokenByALookThatDoesNotShowTheOutcome) {
  for (const char* path : {"/agents", "/agents/bot", "/conversations/job_1/messages"}) {
    EXPECT_EQ(Judged().start({.delivered = false}).see({.path = path}).start().outcome(kBlind),
              RuleOutcome::broken)
        << path;
  }
  const Seen lost{.path = "/conversations/job_1/continue", .delivered = false};
  EXPECT_EQ(Judged()
                .prompt("more", "job_1", "cmsg_2", lost)
                .timeline("completed")
                .prompt("more", "job_1", "cmsg_2", {.path = lost.path})
                .outcome(kBlind),
            RuleOutcome::kept);
}

TEST(BlindRetry, IsNotJudgedWhereAUserMayHaveTriedOnceMore) {
  const auto again = [](std::int64_t at_ms, bool in_suite) {
    Judged judged({.in_suite = in_suite});
    judged.start({.at_ms = 0, .delivered = false, .connection = 1});
    judged.start({.at_ms = at_ms, .connection = 2});
    return judged.outcome(kBlind);
  };
  EXPECT_EQ(again(5000, false), RuleOutcome::broken);
  EXPECT_EQ(again(5001, false), RuleOutcome::not_judged);
  EXPECT_EQ(again(5001, true), RuleOutcome::broken);
}

TEST(UploadsOnce, IsBrokenByAnUploadWithANewBoundaryAndPaysNothingTwice) {
  const Judged judged = std::move(Judged().see(upload("aa", false)).see(upload("bb", true)));
  EXPECT_EQ(judged.outcome(kUploads), RuleOutcome::broken);
  EXPECT_EQ(judged.verdict(kUploads).level, RuleLevel::should);
  EXPECT_EQ(judged.outcome(kBlind), RuleOutcome::not_seen);
}

TEST(UploadsOnce, IsKeptByAClientThatReportsAndNotSeenWhereUploadsGoWell) {
  EXPECT_EQ(Judged().see(upload("aa", false)).outcome(kUploads), RuleOutcome::kept);
  Seen well = upload("aa", true);
  EXPECT_EQ(Judged().see(well).see(well).outcome(kUploads), RuleOutcome::not_seen);
  EXPECT_EQ(Judged().start({.delivered = false}).start().outcome(kUploads), RuleOutcome::not_seen);
}

TEST(BlindRetry, IsBrokenByAClientThatDoesNotWaitForADelayedReply) {
  Judged judged;
  judged.start({.at_ms = 0, .delay_ms = 5000}).start({.at_ms = 2000});
  EXPECT_EQ(judged.outcome(kBlind), RuleOutcome::broken);
  Judged patient;
  patient.start({.at_ms = 0, .delay_ms = 5000}).start({.at_ms = 6000});
  EXPECT_EQ(patient.outcome(kBlind), RuleOutcome::not_seen);
}

TEST(BlindRetry, IsKeptByAClientThatReportsOrLooksFirst) {
  EXPECT_EQ(Judged().start({.delivered = false}).outcome(kBlind), RuleOutcome::kept);
  EXPECT_EQ(Judged()
                .start({.delivered = false})
                .see({.path = "/agents/bot/conversations"})
                .start()
                .outcome(kBlind),
            RuleOutcome::kept);
}

TEST(BlindRetry, IsNotSeenWhereTheOutcomeIsKnown) {
  EXPECT_EQ(Judged().start().start().outcome(kBlind), RuleOutcome::not_seen);
  EXPECT_EQ(Judged().start({.status = 429}).start().outcome(kBlind), RuleOutcome::not_seen);
  EXPECT_EQ(Judged()
                .start({.status = 503, .reply_headers = {{"Retry-After", "1"}}})
                .start()
                .outcome(kBlind),
            RuleOutcome::not_seen);
}

TEST(RetryAfter, IsTheLeastTimeToWait) {
  Judged judged;
  judged.see(asked_to_wait(0, "2")).see(read(200, 1901));
  EXPECT_EQ(judged.outcome(kWait), RuleOutcome::kept);
  judged.see(asked_to_wait(5000, "2")).see(read(200, 5000 + 1899));
  const Verdict verdict = judged.verdict(kWait);
  EXPECT_EQ(verdict.outcome, RuleOutcome::broken);
  EXPECT_EQ(verdict.evidence[0].text, "GET /agents → 200 after 1899 of 2000 ms");
}

TEST(RetryAfter, OfA503BindsOnlyTheRequestThatGotIt) {
  Judged judged;
  judged.see(asked_to_wait(0, "2")).see({.path = "/agents/bot", .at_ms = 10});
  EXPECT_EQ(judged.outcome(kWait), RuleOutcome::not_seen);
}

// What is said of another request, so long after a 429 that asked for 2 s.
Verdict after_429(std::int64_t at_ms, std::uint64_t connection, bool in_suite = false) {
  Judged judged({.in_suite = in_suite});
  Seen too_many = asked_to_wait(0, "2");
  too_many.status = 429;
  too_many.connection = 1;
  judged.see(too_many);
  judged.see({.path = "/agents/bot", .at_ms = at_ms, .connection = connection});
  return judged.verdict(kWait);
}

TEST(RetryAfter, OfA429BindsTheKeyWhateverItAsksFor) {
  const Verdict verdict = after_429(1899, 1);
  EXPECT_EQ(verdict.outcome, RuleOutcome::broken);
  EXPECT_EQ(verdict.evidence[0].text, "GET /agents/bot → 200 after 1899 of 2000 ms (429 #1)");
  EXPECT_EQ(after_429(1900, 1).outcome, RuleOutcome::kept);
  EXPECT_EQ(after_429(1900, 2).outcome, RuleOutcome::kept);
}

TEST(RetryAfter, IsNotBrokenByWhatWasOnItsWayNorByWhoWasNotTold) {
  EXPECT_EQ(after_429(-1, 2).outcome, RuleOutcome::not_seen);
  EXPECT_EQ(after_429(99, 2).outcome, RuleOutcome::not_seen);
  EXPECT_EQ(after_429(100, 2).outcome, RuleOutcome::not_judged);
  EXPECT_EQ(after_429(100, 2, true).outcome, RuleOutcome::broken);
  EXPECT_EQ(after_429(10, 1).outcome, RuleOutcome::broken);
}

TEST(RetryAfter, OfTwo429sTheLaterEndCounts) {
  Judged judged;
  for (const char* seconds : {"8", "1"}) {
    Seen too_many = asked_to_wait(0, seconds);
    too_many.status = 429;
    judged.see(too_many);  // both at once
  }
  Judged patient = judged;
  EXPECT_EQ(judged.see(read(200, 2000)).verdict(kWait).evidence_count, 2U);
  EXPECT_EQ(patient.see(read(200, 9000)).verdict(kWait).evidence_count, 1U);
}

TEST(RetryAfter, OfA503IsNotJudgedWhereTheNextMayBeAnotherProgram) {
  Seen busy = asked_to_wait(0, "2");
  busy.connection = 1;
  Seen next = read(200, 500);
  next.connection = 2;
  EXPECT_EQ(Judged().see(busy).see(next).outcome(kWait), RuleOutcome::not_judged);
  EXPECT_EQ(Judged({.in_suite = true}).see(busy).see(next).outcome(kWait), RuleOutcome::broken);
}

Seen asked_to_wait_until(const std::string& date, std::int64_t at_ms, std::int64_t delay_ms = 0) {
  Seen seen = asked_to_wait(at_ms, date);
  seen.reply_headers.push_back({"Date", "Sun, 12 Apr 2026 18:45:10 GMT"});
  seen.delay_ms = delay_ms;
  return seen;
}

TEST(RetryAfter, MayBeADateCountedFromTheRepliesOwn) {
  constexpr const char* kFiveSecondsLater = "Sun, 12 Apr 2026 18:45:15 GMT";
  Judged judged;
  judged.see(asked_to_wait_until(kFiveSecondsLater, 0)).see(read(200, 4001));
  EXPECT_EQ(judged.outcome(kWait), RuleOutcome::kept);
  judged.see(asked_to_wait_until(kFiveSecondsLater, 10'000)).see(read(200, 10'000 + 3000));
  const Verdict verdict = judged.verdict(kWait);
  ASSERT_EQ(verdict.outcome, RuleOutcome::broken);
  EXPECT_EQ(verdict.evidence[0].text, "GET /agents → 200 after 3000 of 4001 ms");
}

TEST(RetryAfter, AsADateComesNoLaterForAReplyThatWasDelayed) {
  Judged judged;
  judged.see(asked_to_wait_until("Sun, 12 Apr 2026 18:45:15 GMT", 0, 3000)).see(read(200, 4001));
  EXPECT_EQ(judged.outcome(kWait), RuleOutcome::kept);
}

TEST(RetryAfter, AsADateThatIsPastIsKeptByAnyWait) {
  Judged judged;
  judged.see(asked_to_wait_until("Sun, 12 Apr 2026 18:45:00 GMT", 0)).see(read(200, 1));
  EXPECT_EQ(judged.outcome(kWait), RuleOutcome::kept);
}

TEST(RetryAfter, IsNotSeenAsADateAloneOrWithoutARepetition) {
  EXPECT_EQ(Judged().see(asked_to_wait(0, "2")).outcome(kWait), RuleOutcome::not_seen);
  EXPECT_EQ(Judged()
                .see(asked_to_wait(0, "Sun, 12 Apr 2026 18:45:12 GMT"))
                .see(read(200, 1))
                .outcome(kWait),
            RuleOutcome::not_seen);
}

TEST(RetryAfter, IsNotJudgedWhereNobodyKeepsTheTime) {
  Seen seen = asked_to_wait(0, "2");
  seen.at_ms.reset();
  EXPECT_EQ(Judged().see(seen).see(read(200)).outcome(kWait), RuleOutcome::not_judged);
}

// Retries of a request that is always answered 503, at those times.
RuleOutcome backoff(std::initializer_list<std::int64_t> times) {
  Judged judged;
  for (const std::int64_t at_ms : times) judged.see(read(503, at_ms));
  return judged.outcome(kBackoff);
}

TEST(Backoff, IsKeptByPausesThatGrowOrStay) {
  EXPECT_EQ(backoff({0, 500, 1500, 3500}), RuleOutcome::kept);
  EXPECT_EQ(backoff({0, 2000, 4000, 6000}), RuleOutcome::kept);
}

TEST(Backoff, JitterMayTakeHalfOfAPause) {
  EXPECT_EQ(backoff({0, 1000, 1500}), RuleOutcome::kept);
}

TEST(Backoff, IsBrokenByPausesThatShrink) {
  EXPECT_EQ(backoff({0, 2000, 2500}), RuleOutcome::broken);
}

TEST(Backoff, IsBrokenByRetriesAtOnce) {
  EXPECT_EQ(backoff({0, 1, 2}), RuleOutcome::broken);
}

TEST(Backoff, IsNotSeenInASingleRetryOrUnderRetryAfter) {
  EXPECT_EQ(backoff({0, 1}), RuleOutcome::not_seen);
  Judged judged;
  judged.see(asked_to_wait(0, "4")).see(asked_to_wait(4000, "1")).see(read(200, 5000));
  EXPECT_EQ(judged.outcome(kBackoff), RuleOutcome::not_seen);
}

TEST(Backoff, OfSeveralWorkersThatFailTogetherIsNotJudged) {
  Judged judged;
  for (const std::uint64_t worker : {1U, 2U, 3U}) {
    judged.see({.status = 503, .at_ms = 0, .connection = worker});
  }
  EXPECT_EQ(judged.outcome(kBackoff), RuleOutcome::not_judged);
}

TEST(Backoff, BeginsAnewAfterASuccess) {
  Judged judged;
  judged.see(read(503, 0)).see(read(503, 4000)).see(read(200, 12'000));
  judged.see(read(503, 13'000)).see(read(200, 13'500));
  EXPECT_EQ(judged.outcome(kBackoff), RuleOutcome::kept);
}

TEST(RetriesOfReads, AreMissedWhenAFailedReadDoesNotComeAgain) {
  for (const int status : {429, 502, 503, 504}) {
    EXPECT_EQ(Judged().see(read(status)).outcome(kReads), RuleOutcome::broken) << status;
  }
  EXPECT_EQ(Judged().see({.delivered = false}).outcome(kReads), RuleOutcome::broken);
}

TEST(RetriesOfReads, OneIsEnough) {
  EXPECT_EQ(Judged().see(read(503)).see(read(200)).outcome(kReads), RuleOutcome::kept);
  EXPECT_EQ(Judged().see(read(503)).see(read(503)).outcome(kReads), RuleOutcome::kept);
}

TEST(RetriesOfReads, APollOfATurnThatIsOverNeedsNone) {
  Judged judged;
  judged.start().poll("pending").poll("pending", {.status = 503}).timeline("completed");
  EXPECT_EQ(judged.outcome(kReads), RuleOutcome::not_seen);
}

TEST(RetriesOfReads, AreNotDueAtADeadlineNorWhereTheServerAsksForALongWait) {
  Judged deadline;
  deadline.start();
  for (int i = 0; i < 20; ++i) deadline.poll("pending");
  EXPECT_EQ(deadline.poll("pending", {.status = 503}).outcome(kReads), RuleOutcome::not_seen);
  EXPECT_EQ(Judged().see(asked_to_wait(0, "10")).outcome(kReads), RuleOutcome::broken);
  EXPECT_EQ(Judged().see(asked_to_wait(0, "11")).outcome(kReads), RuleOutcome::not_judged);
}

TEST(RetriesOfReads, AreNotJudgedOfAClientWhoseRunWasEndedMeanwhile) {
  const Judged judged = std::move(Judged().see(read(503, 0)));
  const auto stopped = [](std::int64_t at_us) { return RunEnd{"the server was stopped", at_us}; };
  EXPECT_EQ(judged.verdict(kReads, stopped(10'000'000)).sentence,
            "not judged: a read had just failed when the server was stopped");
  EXPECT_EQ(judged.outcome(kReads, stopped(10'001'000)), RuleOutcome::broken);
}

TEST(RetriesOfReads, AreNotSeenWhereNothingFailedInPassing) {
  EXPECT_EQ(Judged().see(read(500)).see(read(404)).start({.status = 503}).outcome(kReads),
            RuleOutcome::not_seen);
}

TEST(Retries, OfMoreRequestsThanAreWatchedAreNotPassed) {
  Judged judged({.max_tracked = 1});
  judged.see(read(404)).see({.path = "/agents/a", .status = 404});
  EXPECT_EQ(judged.outcome(kRefused), RuleOutcome::not_judged);
}

}  // namespace
}  // namespace nairi::mock::testing
