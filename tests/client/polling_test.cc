#include <gtest/gtest.h>

#include "scripted_transport.h"

namespace nairi::tests {
namespace {

const Turn kTurn{.job_id = "job_1", .message_id = "cmsg_1"};

class Polling : public ::testing::Test, protected Scripted {
 protected:
  void poll(const std::string& status, std::vector<HttpHeader> headers = {}) {
    server->reply(200, message_json("cmsg_1", "user", status, "hi"), std::move(headers));
  }
  void timeline(const std::vector<std::string>& messages) {
    server->reply(200, timeline_json(messages));
  }
  void completes_with(const std::string& text) {
    poll("completed");
    timeline({message_json("cmsg_1", "user", "completed", "hi"),
              message_json("cmsg_2", "assistant", "completed", text)});
  }
};

TEST_F(Polling, PollsEveryTwoSecondsUntilCompletedAndReadsTheAnswer) {
  poll("queued");
  poll("pending");
  completes_with("done");
  const auto outcome = client.wait(kTurn);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->completed());
  EXPECT_EQ(outcome->text(), "done");
  EXPECT_EQ(server->time.sleeps, std::vector(2, milliseconds(2000)));
  EXPECT_EQ(server->calls(), (std::vector<std::string>{
                                 "GET /messages/cmsg_1", "GET /messages/cmsg_1",
                                 "GET /messages/cmsg_1", "GET /conversations/job_1/messages"}));
}

TEST_F(Polling, EachRequestMayTakeAsLongAsItsLimit) {
  const Client patient(server, {.api_key = "nr_test", .request_limit = milliseconds(700)});
  completes_with("done");
  ASSERT_TRUE(patient.wait(kTurn, {.deadline = std::chrono::minutes(1)}));
  EXPECT_EQ(server->requests.front().time_limit, milliseconds(700));
}

TEST_F(Polling, UnknownStatusIsNotTerminal) {
  poll("hibernating");
  completes_with("done");
  EXPECT_TRUE(client.wait(kTurn)->completed());
}

TEST_F(Polling, FailedTurnTellsTheNewestSystemMessage) {
  poll("failed");
  timeline(
      {message_json("cmsg_0", "system", "completed", "earlier"),
       message_json("cmsg_1", "user", "failed", "hi", 1, 3),
       message_json("cmsg_2", "system", "completed", "New commit added: abc in #1", 2),
       message_json("cmsg_3", "system", "completed", "nairid encountered error: declined", 3)});
  const auto outcome = client.wait(kTurn);
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->completed());
  EXPECT_EQ(outcome->failure, "nairid encountered error: declined");
  EXPECT_TRUE(outcome->replies.empty());
}

TEST_F(Polling, FailureTextIsFoundEvenWhenItsTimeIsLate) {
  poll("failed");
  timeline({message_json("cmsg_1", "user", "failed", "hi", 1, 2),
            message_json("cmsg_2", "user", "pending", "next", 2),
            message_json("cmsg_3", "system", "completed", "nairid encountered error: x", 3)});
  EXPECT_EQ(client.wait(kTurn)->failure, "nairid encountered error: x");
}

TEST_F(Polling, EmptyTurnHasNoReplies) {
  poll("completed");
  timeline({message_json("cmsg_1", "user", "completed", "hi")});
  const auto outcome = client.wait(kTurn);
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->replies.empty());
  EXPECT_EQ(outcome->text(), "");
}

TEST_F(Polling, RetryAfterOfAPollIsALowerBoundForThePause) {
  poll("pending", {{"Retry-After", "5"}});
  completes_with("done");
  EXPECT_TRUE(client.wait(kTurn));
  EXPECT_EQ(server->time.sleeps, std::vector{milliseconds(5000)});
}

TEST_F(Polling, IntervalCanBeSetForTheClientAndForOneWait) {
  const Client quick(server, {.api_key = "nr_test", .poll_interval = milliseconds(300)});
  poll("pending");
  completes_with("done");
  EXPECT_TRUE(quick.wait(kTurn));
  poll("pending");
  completes_with("done");
  EXPECT_TRUE(quick.wait(kTurn, {.poll_interval = milliseconds(40)}));
  EXPECT_EQ(server->time.sleeps, (std::vector{milliseconds(300), milliseconds(40)}));
}

TEST_F(Polling, DeadlineGivesUpAfterOneLastPoll) {
  for (int i = 0; i < 4; ++i) poll("pending");
  const auto outcome = client.wait(kTurn, {.deadline = milliseconds(5000)});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::deadline_reached);
  EXPECT_EQ(server->time.sleeps,
            (std::vector{milliseconds(2000), milliseconds(2000), milliseconds(1000)}));
  EXPECT_EQ(server->requests.size(), 4U);
}

TEST_F(Polling, RetryAfterBeyondTheDeadlineIsNotWaitedFor) {
  poll("pending", {{"Retry-After", "60"}});
  const auto outcome = client.wait(kTurn, {.deadline = milliseconds(5000)});
  EXPECT_EQ(outcome.error().code, ErrorCode::deadline_reached);
  EXPECT_TRUE(server->time.sleeps.empty());
}

TEST_F(Polling, RetriesEndAtTheDeadline) {
  for (int i = 0; i < 4; ++i) server->reply(503, R"({"error":"busy"})");
  const auto outcome = client.wait(kTurn, {.deadline = milliseconds(800)});
  EXPECT_EQ(outcome.error().code, ErrorCode::deadline_reached);
  EXPECT_EQ(outcome.error().server_text, "busy");
  EXPECT_EQ(server->requests.size(), 3U);
}

TEST_F(Polling, RequestsAreLimitedToTheTimeThatIsLeft) {
  completes_with("done");
  EXPECT_TRUE(client.wait(kTurn, {.deadline = milliseconds(5000)}));
  EXPECT_EQ(server->requests.front().time_limit, milliseconds(5000));
}

TEST_F(Polling, FailedPollIsTriedAgain) {
  server->reply(503, "");
  server->fail(ErrorCode::connection_lost);
  completes_with("done");
  EXPECT_TRUE(client.wait(kTurn));
}

TEST_F(Polling, RefusedPollIsAnErrorAtOnce) {
  server->reply(404, R"({"error":"message not found"})");
  const auto outcome = client.wait(kTurn);
  EXPECT_EQ(outcome.error().server_text, "message not found");
  EXPECT_EQ(server->requests.size(), 1U);
}

TEST_F(Polling, TimelineWithoutThePolledMessageIsMalformed) {
  poll("completed");
  timeline({});
  EXPECT_EQ(client.wait(kTurn).error().code, ErrorCode::malformed_reply);
}

TEST_F(Polling, ObserverSeesEveryMessageOfTheTurnOnce) {
  const auto user = message_json("cmsg_1", "user", "pending", "hi");
  const auto step = message_json("cmsg_2", "progress", "completed", "{}");
  poll("pending");
  timeline({user, step});
  poll("completed");
  timeline({message_json("cmsg_1", "user", "completed", "hi"), step,
            message_json("cmsg_3", "assistant", "completed", "done")});
  std::vector<std::string> seen;
  const auto note = [&](const Message& message) { seen.push_back(message.id + message.status); };
  EXPECT_TRUE(client.wait(kTurn, {.on_poll = note, .on_message = note}));
  EXPECT_EQ(seen, (std::vector<std::string>{"cmsg_1pending", "cmsg_2completed", "cmsg_1completed",
                                            "cmsg_3completed"}));
}

TEST_F(Polling, IntervalOfZeroIsRefused) {
  EXPECT_EQ(client.wait(kTurn, {.poll_interval = milliseconds(0)}).error().code,
            ErrorCode::invalid_argument);
  EXPECT_TRUE(server->requests.empty());
}

}  // namespace
}  // namespace nairi::tests
