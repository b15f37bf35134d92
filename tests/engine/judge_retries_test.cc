// Rules about what went wrong: no-retry-on-4xx, no-blind-retry-of-post, retry-after, backoff-grows
// and retries-idempotent-reads.
#include <gtest/gtest.h>

#include "engine/judged.h"

namespace nairi::mock::testing {
namespace {

constexpr const char* kRefused = "no-retry-on-4xx";
constexpr const char* kBlind = "no-blind-retry-of-post";
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

TEST(BlindRetry, IsBrokenByAnUploadWithANewBoundary) {
  EXPECT_EQ(Judged().see(upload("aa", false)).see(upload("bb", true)).outcome(kBlind),
            RuleOutcome::broken);
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

TEST(RetryAfter, BindsOnlyTheRequestThatGotIt) {
  Judged judged;
  judged.see(asked_to_wait(0, "2")).see({.path = "/agents/bot", .at_ms = 10});
  EXPECT_EQ(judged.outcome(kWait), RuleOutcome::not_seen);
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
