// Calls that are ended by a stop_token, without a thread wherever a clock or a transport can do it.
#include <gtest/gtest.h>

#include <stop_token>
#include <thread>

#include "scripted_transport.h"

namespace nairi::tests {
namespace {

const Turn kStoppedTurn{.job_id = "job_1", .message_id = "cmsg_1"};

// Requests the stop in the middle of the pause with that number.
class StoppingClock : public FakeClock {
 public:
  void sleep_unless_stopped(milliseconds duration, const std::stop_token& stop) override {
    FakeClock::sleep_unless_stopped(duration, stop);
    if (sleeps.size() == stop_in) source.request_stop();
  }

  std::stop_source source;
  std::size_t stop_in = 1;
};

struct Stopped : Scripted {
  Stopped() {
    for (int i = 0; i < 9; ++i) server->reply(200, message_json("cmsg_1", "user", "pending"));
  }

  std::stop_source source;
};

TEST(Stopping, EndsAWaitBetweenTwoPolls) {
  Stopped stopped;
  int polls = 0;
  const auto outcome = stopped.client.wait(kStoppedTurn, {.on_poll =
                                                              [&](const Message&) {
                                                                if (++polls == 3)
                                                                  stopped.source.request_stop();
                                                              },
                                                          .stop = stopped.source.get_token()});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::cancelled);
  EXPECT_EQ(outcome.error().message,
            "GET /messages/cmsg_1: cancelled before the whole answer came");
  EXPECT_EQ(stopped.server->requests.size(), 3U);
  EXPECT_EQ(stopped.server->time.sleeps.size(), 2U);  // none after the stop
}

TEST(Stopping, EndsAWaitInItsPause) {
  Stopped stopped;
  const auto clock = std::make_shared<StoppingClock>();
  const Client client(stopped.server, {.api_key = "nr_test", .clock = clock});
  const auto outcome = client.wait(kStoppedTurn, {.stop = clock->source.get_token()});
  EXPECT_EQ(outcome.error().code, ErrorCode::cancelled);
  EXPECT_EQ(stopped.server->requests.size(), 1U);
}

TEST(Stopping, EndsTheAttemptsOfACall) {
  Scripted scripted;
  scripted.server->fail(ErrorCode::connection_failed).fail(ErrorCode::connection_failed);
  const auto clock = std::make_shared<StoppingClock>();
  const Client client(scripted.server,
                      {.api_key = "nr_test", .clock = clock, .stop = clock->source.get_token()});
  EXPECT_EQ(client.agents().error().code, ErrorCode::cancelled);
  EXPECT_EQ(scripted.server->requests.size(), 1U);
}

TEST(Stopping, IsNotTriedAgain) {
  Scripted scripted;
  scripted.server->fail(ErrorCode::cancelled);
  EXPECT_EQ(scripted.client.agents().error().code, ErrorCode::cancelled);
  EXPECT_EQ(scripted.server->requests.size(), 1U);
}

TEST(Stopping, BeforehandSendsNothing) {
  Scripted scripted;
  std::stop_source source;
  source.request_stop();
  const std::stop_token stop = source.get_token();
  EXPECT_EQ(scripted.client.start("a", "hi", {.stop = stop}).error().code, ErrorCode::cancelled);
  EXPECT_EQ(scripted.client.continue_conversation("job_1", "hi", {.stop = stop}).error().code,
            ErrorCode::cancelled);
  EXPECT_EQ(scripted.client.wait(kStoppedTurn, {.stop = stop}).error().code, ErrorCode::cancelled);
  const Client client(scripted.server, {.api_key = "nr_test", .stop = stop});
  EXPECT_EQ(client.agents().error().code, ErrorCode::cancelled);
  EXPECT_EQ(client.upload("a", "b").error().code, ErrorCode::cancelled);
  EXPECT_TRUE(scripted.server->requests.empty());
}

TEST(Stopping, OfOneCallCountsInPlaceOfTheClients) {
  Scripted scripted;
  std::stop_source all;
  all.request_stop();
  std::stop_source one;
  const Client client(scripted.server, {.api_key = "nr_test", .stop = all.get_token()});
  scripted.server->reply(200, R"({"job_id":"job_1","message_id":"cmsg_1"})");
  EXPECT_TRUE(client.start("a", "hi", {.stop = one.get_token()}));
}

TEST(Stopping, IsPassedOnToTheTransport) {
  Scripted scripted;
  const std::stop_source source;
  scripted.server->reply(200, R"({"job_id":"job_1","message_id":"cmsg_1"})");
  EXPECT_TRUE(scripted.client.start("a", "hi", {.stop = source.get_token()}));
  EXPECT_EQ(scripted.server->requests.front().stop, source.get_token());
}

TEST(Stopping, EndsASleepOfTheRealClock) {
  std::stop_source source;
  std::thread other([&] { source.request_stop(); });
  real_clock().sleep_unless_stopped(std::chrono::hours(24), source.get_token());
  other.join();
  EXPECT_TRUE(source.stop_requested());
}

}  // namespace
}  // namespace nairi::tests
