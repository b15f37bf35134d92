// nairi/testing/gtest.h: what its matchers take and refuse, and what is read when a test fails.
// Without nairi/testing/in_process.h: whatever else is public leaves GoogleTest's name alone.
#include "nairi/testing/gtest.h"

#include <gtest/gtest-spi.h>

#include <string>
#include <vector>

#include "nairi/base_url.h"
#include "nairi/client.h"
#include "nairi/contracts/cases.h"
#include "nairi/environment.h"
#include "nairi/http_transport.h"
#include "nairi/mock/api.h"
#include "nairi/mock/cancellation.h"
#include "nairi/mock/delivery.h"
#include "nairi/mock/fake.h"
#include "nairi/mock/in_process.h"
#include "nairi/mock/server.h"
#include "nairi/mock/world_file.h"

// Users write tests within our namespaces, and say `testing` there.
namespace nairi::mock {
class InTheNamespaceOfTheFake : public testing::Test {};
TEST_F(InTheNamespaceOfTheFake, TestingIsGoogleTests) {
  EXPECT_THAT(std::string("abc"), testing::HasSubstr("b"));
}
}  // namespace nairi::mock

namespace nairi {
class InTheNamespaceOfTheClient : public testing::Test {};
TEST_F(InTheNamespaceOfTheClient, TestingIsGoogleTests) {
  EXPECT_THAT(std::string("abc"), testing::HasSubstr("b"));
}
}  // namespace nairi

namespace nairi::gtest {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::PrintToString;
using testing::StartsWith;

// What a failing test says of the value; "" when it does not fail.
template <typename Value, typename Matcher>
std::string failure_of(const Value& value, const Matcher& matcher) {
  testing::TestPartResultArray results;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
    EXPECT_THAT(value, matcher);
  }
  return results.size() == 0 ? "" : results.GetTestPartResult(0).message();
}

Error timed_out() {
  Error error;
  error.code = ErrorCode::timed_out;
  return error;
}

mock::World small_world() {
  return mock::parse_world(R"({
    "agents": [{"agent_id": "bot"}],
    "jobs": [{"id": "job_01KRK1V46BXS73CSNK2VR35NPJ", "agent_id": "bot", "origin": "slack"}],
    "turns": [{"when": {"prompt": {"contains": "pay"}},
               "timeline": [{"status": "pending"}, {"status": "failed", "error": "card declined"}]},
              {"timeline": [{"status": "completed", "reply": "Done."}]}]})")
      .value();
}

class Matchers : public FakeTest {
 protected:
  Matchers() : FakeTest(small_world()) { must_behave = false; }

  const Result<Turn> turn = client.start("bot", "Hello");
  const Result<Outcome> done = client.wait(*turn);
  const Result<Outcome> failed = client.wait(*client.start("bot", "pay"));
  const Result<Turn> unknown = client.start("bott", "Hello");
  const Result<Turn> refused =
      client.continue_conversation("job_01KRK1V46BXS73CSNK2VR35NPJ", "Hello");
};

TEST_F(Matchers, IsOkTakesEveryResultWithAValue) {
  EXPECT_THAT(turn, IsOk());
  EXPECT_THAT(failed, IsOk());
  EXPECT_THAT(Result<void>(), IsOk());
  EXPECT_THAT(unknown, Not(IsOk()));
}

TEST_F(Matchers, IsOkSaysWhatTheErrorIs) {
  EXPECT_EQ(
      failure_of(unknown, IsOk()),
      "Value of: value\n"
      "Expected: is no error\n"
      "  Actual: error api: POST /conversations/start: the server answered 404: agent not found");
  EXPECT_EQ(
      failure_of(Result<void>(tl::unexpected(unknown.error())), IsOk()),
      "Value of: value\n"
      "Expected: is no error\n"
      "  Actual: error api: POST /conversations/start: the server answered 404: agent not found");
}

TEST_F(Matchers, CompletedTakesTurnsThatEndedWell) {
  EXPECT_THAT(done, Completed());
  EXPECT_THAT(*done, Completed());
  EXPECT_THAT(failed, Not(Completed()));
  EXPECT_THAT(Result<Outcome>(tl::unexpected(unknown.error())), Not(Completed()));
}

TEST_F(Matchers, CompletedSaysHowElseItEnded) {
  EXPECT_EQ(failure_of(failed, Completed()),
            "Value of: value\n"
            "Expected: is completed\n"
            "  Actual: failed with the failure \"nairid encountered error: card declined\"");
  EXPECT_EQ(failure_of(done, Not(Completed())),
            "Value of: value\n"
            "Expected: is not completed\n"
            "  Actual: completed with the reply \"Done.\"");
}

TEST_F(Matchers, RepliedWithTakesTheWholeText) {
  EXPECT_THAT(done, RepliedWith("Done."));
  EXPECT_THAT(*done, RepliedWith(StartsWith("Do")));
  EXPECT_THAT(done, Not(RepliedWith("Do")));
  EXPECT_THAT(failed, Not(RepliedWith("card declined")));
}

TEST_F(Matchers, RepliedWithSaysWhatCameInstead) {
  EXPECT_EQ(failure_of(done, RepliedWith("Gone.")),
            "Value of: value\n"
            "Expected: is completed with a reply that is equal to \"Gone.\"\n"
            "  Actual: completed with the reply \"Done.\"");
  EXPECT_EQ(
      failure_of(*failed, RepliedWith(HasSubstr("Done"))),
      "Value of: value\n"
      "Expected: is completed with a reply that has substring \"Done\"\n"
      "  Actual: failed with the failure \"nairid encountered error: card declined\" (of type "
      "nairi::Outcome)");
}

TEST_F(Matchers, FailedWithTakesFailedTurnsAndRefusals) {
  EXPECT_THAT(failed, FailedWith("nairid encountered error: card declined"));
  EXPECT_THAT(*failed, FailedWith(HasSubstr("card")));
  EXPECT_THAT(refused, FailedWith("job is not an API job"));
  EXPECT_THAT(refused.error(), FailedWith("job is not an API job"));
  EXPECT_THAT(refused, FailedWith(ErrorCode::api));
  EXPECT_THAT(refused.error(), FailedWith(ErrorCode::api));
  EXPECT_THAT(Result<void>(tl::unexpected(timed_out())), FailedWith(ErrorCode::timed_out));
}

TEST_F(Matchers, FailedWithTakesNothingElse) {
  EXPECT_THAT(done, Not(FailedWith("Done.")));
  EXPECT_THAT(turn, Not(FailedWith(HasSubstr(""))));
  EXPECT_THAT(failed, Not(FailedWith(ErrorCode::api)));
  EXPECT_THAT(refused, Not(FailedWith(ErrorCode::timed_out)));
  EXPECT_THAT(timed_out(), Not(FailedWith("")));
}

TEST_F(Matchers, FailedWithSaysHowItWentInstead) {
  EXPECT_EQ(failure_of(refused, FailedWith("agent not found")),
            "Value of: value\n"
            "Expected: failed with a text that is equal to \"agent not found\"\n"
            "  Actual: error api: POST /conversations/job_01KRK1V46BXS73CSNK2VR35NPJ/continue: the "
            "server answered 400: job is not an API job");
  EXPECT_EQ(failure_of(refused, FailedWith(ErrorCode::timed_out)),
            "Value of: value\n"
            "Expected: is the error timed_out\n"
            "  Actual: error api: POST /conversations/job_01KRK1V46BXS73CSNK2VR35NPJ/continue: the "
            "server answered 400: job is not an API job");
  EXPECT_EQ(failure_of(turn, FailedWith("agent not found")),
            "Value of: value\n"
            "Expected: failed with a text that is equal to \"agent not found\"\n"
            "  Actual: turn " +
                turn->message_id + " of " + turn->job_id);
}

TEST_F(Matchers, MessagesAndExchangesArePrintedInALine) {
  EXPECT_EQ(PrintToString(done->replies),
            "{ assistant " + done->replies[0].id + " (completed) \"Done.\" }");
  fake.add_faults(key,
                  mock::parse_faults(R"([{"at": "agents#1", "do": {"status": 500}}])").value());
  EXPECT_THAT(client.agents(), FailedWith(ErrorCode::api));
  EXPECT_THAT(PrintToString(fake.journal(key).back()),
              HasSubstr(" GET /api/public/v1/agents → 500 by the fault agents#1 status 500"));
}

// A test whose client polls once and gives up.
class Impatient : public FakeTest {
 public:
  using FakeTest::must_behave;
  explicit Impatient(bool must) : FakeTest(small_world()) { must_behave = must; }
  void TestBody() override { (void)client.message(client.start("bot", "pay")->message_id); }
  std::vector<std::string> failures_at_its_end() {
    testing::TestPartResultArray results;
    {
      const testing::ScopedFakeTestPartResultReporter reporter(
          testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
      TestBody();
      TearDown();
    }
    std::vector<std::string> texts;
    for (int i = 0; i < results.size(); ++i) {
      texts.emplace_back(results.GetTestPartResult(i).message());
    }
    return texts;
  }
};

TEST(AFixture, FailsATestWhoseClientBrokeARule) {
  const auto failures = Impatient(true).failures_at_its_end();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_THAT(failures[0],
              HasSubstr("Expected: no MUST rule is broken\n  Actual: these verdicts:\n"));
  EXPECT_THAT(failures[0], HasSubstr("\nMUST    broken      polls-until-terminal\n"));
  EXPECT_THAT(failures[0],
              testing::EndsWith("of which the client broke docs/rules.md#polls-until-terminal"));
}

TEST(AFixture, LooksAwayWhenItIsToldTo) {
  EXPECT_TRUE(Impatient(false).failures_at_its_end().empty());
}

using AFixtureItself = FakeTest;

TEST_F(AFixtureItself, PlaysTheBuiltInWorld) {
  EXPECT_THAT(client.wait(*client.start("billing-agent", "Refund it")), Completed());
}

}  // namespace
}  // namespace nairi::gtest
