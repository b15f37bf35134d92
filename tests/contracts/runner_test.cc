// How a case is run: against a server that answers what the test says.
#include "harness/server/runner.h"

#include <gmock/gmock.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/cases/case_reader.h"

namespace nairi::contracts {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Time that passes only by sleeping.
class SkippedTime : public Clock {
 public:
  milliseconds now() override { return now_; }
  std::chrono::system_clock::time_point wall_time() override {
    return std::chrono::system_clock::time_point(now_);
  }
  void sleep_for(milliseconds duration) override { now_ += duration; }

 private:
  milliseconds now_{0};
};

Error lost() {
  Error error;
  error.code = ErrorCode::connection_lost;
  error.message = "lost";
  return error;
}

// Gives the answers in turn, the last of them again and again, and keeps what it was asked.
class Answering : public Subject, public Transport {
 public:
  Answering(std::deque<HttpReply> replies, Values states, std::vector<HttpRequest>& asked)
      : replies_(std::move(replies)), states_(std::move(states)), asked_(asked) {}

  Result<HttpReply> send(const HttpRequest& request) override {
    asked_.push_back(request);
    if (replies_.empty()) return tl::unexpected(lost());
    HttpReply reply = replies_.front();
    if (replies_.size() > 1) replies_.pop_front();
    return reply;
  }
  Clock& clock() override { return clock_; }
  Transport& transport() override { return *this; }
  const Values& states() const override { return states_; }
  bool scripted() const override { return false; }
  milliseconds poll_interval() const override { return milliseconds(100); }

 private:
  std::deque<HttpReply> replies_;
  Values states_;
  std::vector<HttpRequest>& asked_;
  SkippedTime clock_;
};

HttpReply answer(int status, std::string body) {
  HttpReply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

class ARun : public ::testing::Test {
 protected:
  // Runs steps, as JSON, against these answers.
  CaseResult run(const std::string& steps, std::deque<HttpReply> replies,
                 const std::string& given = "{}", Values states = {{"api_key", "nr_a"}}) {
    const auto contract_case = parse_case(
        R"({"name": "a", "why": "REFERENCE: Basics", "source": "documented", "given": )" + given +
            R"(, "steps": [)" + steps + "]}",
        "a.json");
    if (!contract_case) throw std::runtime_error(to_string(contract_case.error().front()));
    return run_case(*contract_case, [&](const Case&) {
      return std::make_unique<Answering>(std::move(replies), std::move(states), asked_);
    });
  }

  // "step part pointer: wanted …, got …" of each mismatch.
  static std::vector<std::string> said(const CaseResult& result) {
    std::vector<std::string> all;
    for (const Mismatch& it : result.mismatches) {
      all.push_back(it.step + " " + it.part + " " + it.pointer + ": wanted " + it.wanted +
                    ", got " + it.got);
    }
    return all;
  }

  std::vector<std::string> targets() const {
    std::vector<std::string> all;
    for (const HttpRequest& request : asked_) all.push_back(request.method + " " + request.target);
    return all;
  }

  std::vector<HttpRequest> asked_;
};

std::string step(const std::string& id, const std::string& rest,
                 const std::string& call = R"({"get": "/elsewhere"})") {
  return R"({"id": ")" + id + R"(", "call": )" + call + ", " + rest + "}";
}

TEST_F(ARun, PassesWhenAllIsAsExpected) {
  const CaseResult result = run(step("one", R"("reply": {"status": "2xx", "json": {"a": 1}})"),
                                {answer(202, R"({"a": 1, "b": 2})")});
  EXPECT_EQ(result.verdict, CaseVerdict::passed);
  EXPECT_THAT(said(result), IsEmpty());
  ASSERT_EQ(result.trace.size(), 1U);
  EXPECT_EQ(result.trace[0].status, 202);
  EXPECT_EQ(result.trace[0].received, R"({"a": 1, "b": 2})");
}

TEST_F(ARun, SaysWhatIsNotAsExpected) {
  HttpReply reply = answer(500, R"({"a": 2})");
  reply.headers.push_back({"X-Kind", "one"});
  const CaseResult result =
      run(step("one", R"("reply": {"status": "2xx", "json": {"a": 1}, "body": {"contains": "b"},
                                   "headers": {"x-kind": "two", "allow": {"any": true}}})"),
          {reply});
  EXPECT_EQ(result.verdict, CaseVerdict::failed);
  EXPECT_THAT(said(result),
              ElementsAre(R"(one status : wanted at most 299, got the number 500)",
                          R"(one header allow : wanted anything, got nothing)",
                          R"(one header x-kind : wanted the text "two", got the text "one")",
                          R"(one body : wanted text that contains "b", got the text "{\"a\": 2}")",
                          R"(one body /a: wanted the number 1, got the number 2)"));
}

TEST_F(ARun, EndsAtAStepThatFails) {
  run(step("one", R"("reply": {"status": 200})") + "," + step("two", R"("reply": {"status": 200})"),
      {answer(404, "")});
  EXPECT_EQ(asked_.size(), 1U);
}

TEST_F(ARun, GoesOnWhereOnlyAnAssumptionIsNotMet) {
  const CaseResult result =
      run(step("one", R"("reply": {"status": {"source": "assumed", "in": [200]}})") + "," +
              step("two", R"("reply": {"status": 201})"),
          {answer(201, "")});
  EXPECT_EQ(asked_.size(), 2U);
  EXPECT_EQ(result.verdict, CaseVerdict::differs);
}

TEST_F(ARun, FailsWhenNoAnswerComes) {
  const CaseResult result = run(step("one", R"("reply": {"status": 200})"), {});
  EXPECT_EQ(result.verdict, CaseVerdict::failed);
  EXPECT_THAT(said(result), ElementsAre("one answer : wanted an answer, got lost"));
  EXPECT_EQ(result.trace[0].status, 0);
  EXPECT_EQ(result.trace[0].mishap, "lost");
}

TEST_F(ARun, IsNotCheckedWithoutItsStates) {
  const CaseResult result =
      run(step("one", R"("reply": {"status": 200})"), {answer(200, "")},
          R"({"agent": true, "slack_job": true, "web_job": "job_1"})", {{"agent", "a"}});
  EXPECT_EQ(result.verdict, CaseVerdict::not_checked);
  EXPECT_EQ(result.reason, "no state for slack_job, web_job");
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(ARun, FillsStatesAndCapturesIn) {
  run(step("one", R"("reply": {"status": 200, "json": {"id": {"capture": "found"}}})",
           R"({"get": "/elsewhere/{slug}/{+slug}", "headers": {"X-Slug": "{slug}"}})") +
          "," +
          step(
              "two", R"("reply": {"status": 200})",
              R"({"post": "/elsewhere/{found}", "auth": "Basic {slug}", "json": {"a": ["{found}"]}})"),
      {answer(200, R"({"id": "x y"})")}, R"({"slug": true})",
      {{"api_key", "nr_a"}, {"slug", "a/b"}});
  EXPECT_THAT(targets(), ElementsAre("GET /elsewhere/a%2Fb/a/b", "POST /elsewhere/x%20y"));
  EXPECT_EQ(asked_[1].body, R"({"a":["x y"]})");
  const auto header = [&](std::size_t request, const std::string& name) {
    for (const HttpHeader& it : asked_[request].headers) {
      if (it.name == name) return it.value;
    }
    return std::string();
  };
  EXPECT_EQ(header(0, "Authorization"), "Bearer nr_a");
  EXPECT_EQ(header(0, "X-Slug"), "a/b");
  EXPECT_EQ(header(1, "Authorization"), "Basic a/b");
}

TEST_F(ARun, JudgesAnswersByTheDocument) {
  const CaseResult result =
      run(step("one", R"("reply": {"status": 200})", R"({"get": "/agents"})"), {answer(200, "{}")});
  EXPECT_EQ(result.verdict, CaseVerdict::failed);
  ASSERT_FALSE(result.mismatches.empty());
  EXPECT_EQ(result.mismatches[0].part, "openapi");
}

TEST_F(ARun, JudgesAnswersThatAreNoText) {
  const CaseResult result =
      run(step("one", R"("reply": {"status": 200, "json": {"a": 1}, "body": "\u00e9"})"),
          {answer(200, "\xff{\x01")});
  EXPECT_EQ(result.verdict, CaseVerdict::failed);
  EXPECT_EQ(result.mismatches.size(), 2U);
}

TEST_F(ARun, KeepsWhatIsNoTextToCompare) {
  const CaseResult result =
      run(step("one", R"("reply": {"status": 200, "body": {"capture": "raw"}})") + "," +
              step("two", R"("reply": {"status": 200, "body": {"same_as": "raw"}})"),
          {answer(200, "\xff"), answer(200, "\xfe")});
  EXPECT_EQ(result.verdict, CaseVerdict::failed);
  EXPECT_EQ(result.mismatches.size(), 1U);
}

constexpr const char* kUntilDone = R"("until": {"/status": "done"})";

std::deque<HttpReply> statuses(const std::vector<std::string>& words) {
  std::deque<HttpReply> replies;
  for (const std::string& word : words) {
    replies.push_back(answer(200, R"({"status": ")" + word + R"(", "words": ["first"]})"));
  }
  return replies;
}

TEST_F(ARun, PollsUntilItFits) {
  const CaseResult result =
      run(step("poll", std::string(kUntilDone) + R"(, "order": ["new*", "done"])"),
          statuses({"new", "new", "done"}));
  EXPECT_EQ(result.verdict, CaseVerdict::passed);
  EXPECT_EQ(asked_.size(), 3U);
}

TEST_F(ARun, GivesUpAfterItsPolls) {
  const CaseResult result =
      run(step("poll", std::string(kUntilDone) + R"(, "budget": {"polls": 4})"), statuses({"new"}));
  EXPECT_THAT(said(result), ElementsAre(R"(poll until /status: wanted the text "done", )"
                                        R"(got the text "new" after 4 polls)"));
}

TEST_F(ARun, GivesUpAfterItsTime) {
  run(step("poll", std::string(kUntilDone) + R"(, "budget": {"ms": 250})"), statuses({"new"}));
  EXPECT_EQ(asked_.size(), 3U);  // at 0, 100 and 200 ms
}

TEST_F(ARun, GivesUpOnWhatIsNotThere) {
  const CaseResult result = run(
      step("poll", std::string(kUntilDone) + R"(, "budget": {"polls": 1})"), {answer(200, "[1]")});
  EXPECT_THAT(
      said(result),
      ElementsAre(R"(poll until /status: wanted the text "done", got nothing after 1 polls)"));
}

TEST_F(ARun, ChecksTheOrder) {
  const CaseResult result =
      run(step("poll", std::string(kUntilDone) + R"(, "order": ["new+", "old?", "done"])"),
          statuses({"new", "old", "new", "done"}));
  EXPECT_THAT(said(result), ElementsAre("poll order /status: wanted new+, old?, done, "
                                        "got new, old, new, done"));
}

TEST_F(ARun, KeepsWhatUntilCaptures) {
  run(step("poll", R"("until": {"/status": "done", "/words/0": {"capture": "word"}})") + "," +
          step("next", R"("reply": {"status": 200})", R"({"get": "/elsewhere/{word}"})"),
      statuses({"new", "done"}));
  EXPECT_THAT(targets(), ElementsAre("GET /elsewhere", "GET /elsewhere", "GET /elsewhere/first"));
}

TEST_F(ARun, JudgesTheLastAnswerOfAPoll) {
  const CaseResult result =
      run(step("poll", std::string(kUntilDone) + R"(, "reply": {"json": {"words": ["second"]}})"),
          statuses({"new", "done"}));
  EXPECT_THAT(said(result), ElementsAre(R"(poll body /words/0: wanted the text "second", )"
                                        R"(got the text "first")"));
}

TEST_F(ARun, IsNotCheckedWhenTheServerCanNotBeReached) {
  const auto contract_case =
      parse_case(R"({"name": "a", "why": "REFERENCE: Basics", "source": "seed", "steps": [)" +
                     step("one", R"("reply": {"status": 200})") + "]}",
                 "a.json");
  ASSERT_TRUE(contract_case);
  const CaseResult result = run_case(
      *contract_case, foreign_subjects({.url = "nonsense", .api_key = "nr_a", .states = {}}));
  EXPECT_EQ(result.verdict, CaseVerdict::not_checked);
  EXPECT_NE(result.reason, "");
}

// --- A server that limits its clients -----------------------------------------------------------

HttpReply sent_away(int status, const std::string& seconds) {
  HttpReply reply = answer(status, R"({"error": "too many requests"})");
  if (!seconds.empty()) reply.headers.push_back({"Retry-After", seconds});
  return reply;
}

const char* const kWantsSuccess = R"("reply": {"status": 200})";

TEST_F(ARun, ComesAgainWhenItIsSentAway) {
  const CaseResult result =
      run(step("a", kWantsSuccess), {sent_away(429, "2"), sent_away(503, "1"), answer(200, "{}")});
  EXPECT_EQ(result.verdict, CaseVerdict::passed);
  EXPECT_EQ(targets().size(), 3U);
  EXPECT_EQ(result.trace.size(), 3U);
}

TEST_F(ARun, ComesAgainWhenAPollIsSentAway) {
  const CaseResult result = run(step("a", R"("until": {"/status": "completed"})"),
                                {sent_away(429, ""), answer(200, R"({"status": "completed"})")});
  EXPECT_EQ(result.verdict, CaseVerdict::passed) << result.reason;
}

TEST_F(ARun, OfALimitedServerIsNotCheckedInTheEnd) {
  const CaseResult result = run(step("a", kWantsSuccess), {sent_away(429, "1")});
  EXPECT_EQ(result.verdict, CaseVerdict::not_checked);
  EXPECT_EQ(result.reason, "rate limited: the server answered 429 4 times in a row");
  EXPECT_THAT(said(result), IsEmpty());
  EXPECT_EQ(targets().size(), 4U);
}

TEST_F(ARun, DoesNotWaitForLong) {
  const CaseResult result = run(step("a", kWantsSuccess), {sent_away(503, "3600")});
  EXPECT_EQ(result.verdict, CaseVerdict::not_checked);
  EXPECT_EQ(result.reason, "rate limited: the server answered 503, come again in 3600 s");
  EXPECT_EQ(targets().size(), 1U);
}

TEST_F(ARun, SeesTheLimitThatItExpects) {
  const CaseResult result = run(step("a", R"("reply": {"status": {"in": [200, 429]}})"),
                                {sent_away(429, "1"), answer(200, "{}")});
  EXPECT_EQ(result.verdict, CaseVerdict::passed);
  EXPECT_EQ(targets().size(), 1U);
}

TEST_F(ARun, TakesA503WithoutATimeForTheAnswer) {
  const CaseResult result = run(step("a", kWantsSuccess), {sent_away(503, "")});
  EXPECT_EQ(result.verdict, CaseVerdict::failed);
  EXPECT_EQ(targets().size(), 1U);
}

}  // namespace
}  // namespace nairi::contracts
