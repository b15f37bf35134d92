// How a server that is not ours is spared.
#include "harness/server/patience.h"

#include <gmock/gmock.h>

#include <cstddef>
#include <string>
#include <vector>

namespace nairi::contracts {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

// It is Sunday, 6 November 1994, 08:49:37 GMT.
class OldClock : public Clock {
 public:
  milliseconds now() override { return slept; }
  std::chrono::system_clock::time_point wall_time() override {
    return std::chrono::system_clock::time_point(std::chrono::seconds(784111777));
  }
  void sleep_for(milliseconds duration) override { slept += duration; }

  milliseconds slept{0};
};

std::optional<milliseconds> pause_of(int status, std::vector<HttpHeader> headers) {
  OldClock clock;
  return asked_pause({.status = status, .headers = std::move(headers)}, clock);
}

TEST(AskedPauses, AreReadAsSeconds) {
  EXPECT_EQ(pause_of(429, {{"Retry-After", "3"}}), milliseconds(3000));
  EXPECT_EQ(pause_of(503, {{"retry-after", "0"}}), milliseconds(0));
  EXPECT_EQ(pause_of(429, {{"Retry-After", "99999999999999999999"}}),
            std::chrono::seconds(1'000'000'000));
}

TEST(AskedPauses, AreReadAsADate) {
  EXPECT_EQ(pause_of(429, {{"Retry-After", "Sun, 06 Nov 1994 08:49:39 GMT"}}), milliseconds(2000));
  EXPECT_EQ(pause_of(503, {{"Retry-After", "Sun, 06 Nov 1994 08:49:30 GMT"}}), milliseconds(0));
  // By the server's own clock.
  EXPECT_EQ(pause_of(429, {{"Date", "Mon, 07 Nov 1994 00:00:00 GMT"},
                           {"Retry-After", "Mon, 07 Nov 1994 00:00:05 GMT"}}),
            milliseconds(5000));
}

TEST(AskedPauses, LastASecondWhenNobodySays) {
  EXPECT_EQ(pause_of(429, {}), milliseconds(1000));
  EXPECT_EQ(pause_of(429, {{"Retry-After", "soon"}}), milliseconds(1000));
  EXPECT_EQ(pause_of(429, {{"Retry-After", "-1"}}), milliseconds(1000));
}

TEST(AskedPauses, AreOnlyAskedForBy429AndBy503WithATime) {
  EXPECT_EQ(pause_of(503, {}), std::nullopt);
  EXPECT_EQ(pause_of(503, {{"Retry-After", "soon"}}), std::nullopt);
  EXPECT_EQ(pause_of(200, {{"Retry-After", "3"}}), std::nullopt);
  EXPECT_EQ(pause_of(500, {{"Retry-After", "3"}}), std::nullopt);
}

TEST(APace, LeavesTheTimeBetweenTwoRequests) {
  Pace pace(4);
  EXPECT_EQ(pace.before_next(milliseconds(1000)), milliseconds(0));
  EXPECT_EQ(pace.before_next(milliseconds(1000)), milliseconds(250));
  EXPECT_EQ(pace.before_next(milliseconds(1250)), milliseconds(250));
  EXPECT_EQ(pace.before_next(milliseconds(9000)), milliseconds(0));  // nothing is saved up
  EXPECT_EQ(pace.before_next(milliseconds(9100)), milliseconds(150));
}

class Echo : public Transport {
 public:
  Result<HttpReply> send(const HttpRequest& request) override {
    last = request;
    return HttpReply{.status = 200};
  }
  Clock& clock() override { return time; }

  OldClock time;
  HttpRequest last;
};

TEST(ASparedTransport, WaitsForItsTurnAndCanBeStopped) {
  const auto inner = std::make_shared<Echo>();
  std::stop_source source;
  const auto transport = spared(inner, std::make_shared<Pace>(2), source.get_token());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(transport->send({}));
  EXPECT_EQ(inner->time.slept, milliseconds(1000));
  EXPECT_EQ(inner->last.stop, source.get_token());
  source.request_stop();
  transport->clock().sleep_for(std::chrono::hours(1));
  EXPECT_EQ(inner->time.slept, milliseconds(1000));
}

std::vector<microseconds> replies(std::size_t fast, std::size_t delayed, std::size_t slow) {
  std::vector<microseconds> all(fast, microseconds(900));
  all.insert(all.end(), delayed, microseconds(41'300));
  all.insert(all.end(), slow, microseconds(120'000));
  return all;
}

TEST(AHintAtDelays, IsGivenWhereManyRepliesWaitForAnAcknowledgement) {
  EXPECT_THAT(hint_at_delays(replies(60, 40, 0)), HasSubstr("40 of 100 replies took about 40 ms"));
  EXPECT_THAT(hint_at_delays(replies(0, 20, 5)), HasSubstr("TCP_NODELAY"));
}

TEST(AHintAtDelays, IsNotGivenToAFastOrASlowServer) {
  EXPECT_EQ(hint_at_delays({}), "");
  EXPECT_EQ(hint_at_delays(replies(61, 39, 0)), "");
  EXPECT_EQ(hint_at_delays(replies(0, 10, 90)), "");
  EXPECT_EQ(hint_at_delays(replies(0, 19, 0)), "");  // too few to say
}

}  // namespace
}  // namespace nairi::contracts
