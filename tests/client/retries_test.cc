#include <gtest/gtest.h>

#include "scripted_transport.h"

namespace nairi::tests {
namespace {

class Retries : public ::testing::Test, protected Scripted {};

TEST_F(Retries, GetIsTriedAgainAfterEachTransientStatus) {
  server->reply(429, "{}").reply(502, "").reply(503, "").reply(504, "").reply(200, "[]");
  EXPECT_TRUE(client.agents());
  EXPECT_EQ(server->requests.size(), 5U);
}

TEST_F(Retries, GetIsTriedAgainAfterConnectionFailures) {
  server->fail(ErrorCode::connection_failed)
      .fail(ErrorCode::connection_lost)
      .fail(ErrorCode::timed_out)
      .reply(200, "[]");
  EXPECT_TRUE(client.agents());
}

TEST_F(Retries, BackoffDoublesFromHalfASecondAndIsHalvedAtMostByJitter) {
  for (int i = 0; i < 5; ++i) server->reply(503, "");
  EXPECT_FALSE(client.agents());
  const std::vector<milliseconds> pauses{milliseconds(250), milliseconds(500), milliseconds(1000),
                                         milliseconds(2000)};
  EXPECT_EQ(server->time.sleeps, pauses);
}

TEST_F(Retries, JitterLengthensThePause) {
  const Client jittery(server, {.api_key = "nr_test", .retry = {.jitter = [] { return 0.5; }}});
  server->reply(503, "").reply(200, "[]");
  EXPECT_TRUE(jittery.agents());
  EXPECT_EQ(server->time.sleeps, std::vector{milliseconds(375)});
}

TEST_F(Retries, BackoffStopsGrowingAtItsMaximum) {
  const Client patient(server, {.api_key = "nr_test",
                                .retry = {.max_attempts = 5,
                                          .first_backoff = milliseconds(1000),
                                          .max_backoff = milliseconds(2000),
                                          .jitter = [] { return 0.0; }}});
  for (int i = 0; i < 5; ++i) server->reply(503, "");
  EXPECT_FALSE(patient.agents());
  EXPECT_EQ(server->time.sleeps.back(), milliseconds(1000));
}

TEST_F(Retries, RetryAfterIsALowerBoundForThePause) {
  server->reply(503, "", {{"Retry-After", "7"}}).reply(200, "[]");
  EXPECT_TRUE(client.agents());
  EXPECT_EQ(server->time.sleeps, std::vector{milliseconds(7000)});
}

TEST_F(Retries, ShortRetryAfterDoesNotShortenTheBackoff) {
  server->reply(503, "", {{"retry-after", "0"}}).reply(200, "[]");
  EXPECT_TRUE(client.agents());
  EXPECT_EQ(server->time.sleeps, std::vector{milliseconds(250)});
}

TEST_F(Retries, RetryAfterCountsADateFromTheAnswersOwnDate) {
  server
      ->reply(429, "",
              {{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"},
               {"Retry-After", "Sun, 06 Nov 1994 08:49:49 GMT"}})
      .reply(200, "[]");
  EXPECT_TRUE(client.agents());
  EXPECT_EQ(server->time.sleeps, std::vector{milliseconds(12'000)});
}

TEST_F(Retries, RetryAfterCountsADateFromTheClockWhenTheAnswerHasNone) {
  server->time.wall_start =
      std::chrono::system_clock::time_point(std::chrono::seconds(784'111'777)) - server->time.now();
  server->reply(429, "", {{"Retry-After", "Sun, 06 Nov 1994 08:49:40 GMT"}}).reply(200, "[]");
  EXPECT_TRUE(client.agents());
  EXPECT_EQ(server->time.sleeps, std::vector{milliseconds(3000)});
}

TEST_F(Retries, UnreadableRetryAfterIsIgnored) {
  for (const char* text : {"soon", "-1", "1.5", "", "Sun, 31 Feb 1994 08:49:37 GMT"}) {
    server->reply(503, "", {{"Retry-After", text}}).reply(200, "[]");
    EXPECT_TRUE(client.agents());
    EXPECT_EQ(server->time.sleeps.back(), milliseconds(250)) << text;
  }
}

TEST_F(Retries, LongRetryAfterComesBackAsAnError) {
  server->reply(503, "", {{"Retry-After", "3600"}});
  const auto agents = client.agents();
  ASSERT_FALSE(agents);
  EXPECT_EQ(agents.error().retry_after, std::chrono::hours(1));
  EXPECT_TRUE(server->time.sleeps.empty());
}

TEST_F(Retries, OtherStatusesAreNotTriedAgain) {
  for (const int status : {400, 401, 404, 500}) {
    server->requests.clear();
    server->reply(status, R"({"error":"no"})");
    EXPECT_EQ(client.agents().error().status, status);
    EXPECT_EQ(server->requests.size(), 1U);
  }
}

TEST_F(Retries, PostPatchAndDeleteThatMayHaveBeenCarriedOutAreNotSentAgain) {
  const auto each_once = [&](const auto& script) {
    server->requests.clear();
    script();
    EXPECT_FALSE(client.start("my-agent", "hi"));
    script();
    EXPECT_FALSE(client.update_agent("my-agent", {.name = "x"}));
    script();
    EXPECT_FALSE(client.delete_agent("my-agent"));
    EXPECT_EQ(server->requests.size(), 3U);
  };
  each_once([&] { server->reply(503, "", {{"Retry-After", "1"}}); });
  each_once([&] { server->fail(ErrorCode::connection_lost); });
  each_once([&] { server->fail(ErrorCode::timed_out); });
}

TEST_F(Retries, PostThatWasNeverSentIsSentAgain) {
  server->fail(ErrorCode::connection_failed)
      .reply(200, R"({"job_id":"job_1","message_id":"cmsg_1"})");
  EXPECT_TRUE(client.start("my-agent", "hi"));
}

TEST_F(Retries, UntrustedServerIsNotTriedAgain) {
  server->fail(ErrorCode::tls);
  EXPECT_EQ(client.agents().error().code, ErrorCode::tls);
  EXPECT_EQ(server->requests.size(), 1U);
}

TEST_F(Retries, OptionsMayReplaceTheClock) {
  const auto clock = std::make_shared<FakeClock>();
  const Client other(server, {.api_key = "nr_test", .clock = clock});
  server->reply(503, "").reply(200, "[]");
  EXPECT_TRUE(other.agents());
  EXPECT_EQ(clock->sleeps.size(), 1U);
  EXPECT_TRUE(server->time.sleeps.empty());
}

}  // namespace
}  // namespace nairi::tests
