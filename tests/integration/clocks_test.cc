// One turn script under the three clocks, with the client's wait().
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nairi/mock/in_process.h"
#include "nairi/mock/world_file.h"
#include "reached.h"

namespace nairi::tests {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr const char* kPrompt = "Refund the failed charge";  // queued 300 ms, pending 2000 ms

std::vector<std::string> polled(const Client& client, const char* prompt = kPrompt) {
  std::vector<std::string> statuses;
  const auto turn = client.start(kBilling, prompt);
  const auto done = client.wait(*turn, {.deadline = 24h, .on_poll = [&](const Message& user) {
                                          statuses.push_back(user.status);
                                        }});
  if (!done) statuses.push_back(error_of(done));
  return statuses;
}

TEST(PollClock, CountsReadsWhateverTimePasses) {
  mock::Fake fake(mock::default_world());
  const auto transport = nairi::mock::in_process(fake);
  const Client client(transport, {.api_key = "nr_test", .poll_interval = 1h});
  EXPECT_EQ(polled(client),
            (std::vector<std::string>{"queued", "pending", "pending", "completed"}));
  EXPECT_EQ(transport->clock().now(), 3h);
}

TEST(VirtualClock, IsMovedByTheClientsPauses) {
  mock::Fake fake(mock::default_world(), {.clock = mock::ClockMode::virtual_time});
  const auto transport = nairi::mock::in_process(fake);
  const Client client(transport, {.api_key = "nr_test"});
  EXPECT_EQ(polled(client), (std::vector<std::string>{"queued", "pending", "completed"}));
  EXPECT_EQ(transport->clock().now(), 4s);
}

// A real sleep would not end before the tests' time limit.
TEST(VirtualClock, HoursPassAtOnce) {
  mock::Fake fake(*mock::parse_world(
                      R"({"agents": [{"agent_id": "billing-agent"}],
                          "turns": [{"timeline": [{"status": "pending", "ms": 36000000},
                                                  {"status": "completed"}]}]})"),
                  {.clock = mock::ClockMode::virtual_time});
  const auto transport = nairi::mock::in_process(fake);
  const Client client(transport, {.api_key = "nr_test", .poll_interval = 1h});
  EXPECT_EQ(polled(client).size(), 11U);
  EXPECT_EQ(transport->clock().now(), 10h);
}

TEST(VirtualClock, TimesOfMessagesAreItsOwn) {
  mock::Fake fake(mock::default_world(), {.clock = mock::ClockMode::virtual_time});
  const Client client(nairi::mock::in_process(fake), {.api_key = "nr_test"});
  const Outcome done = finish(client, client.start(kBilling, kPrompt));
  // From the latest time of the world on; the turn ends 2.3 s later, not when it is polled.
  EXPECT_EQ(done.message.created_at, "2026-04-13T11:30:12.000Z");
  EXPECT_EQ(done.message.updated_at, "2026-04-13T11:30:14.300Z");
}

TEST(VirtualClock, AnEndlessTurnReachesTheDeadline) {
  mock::Fake fake(mock::default_world(), {.clock = mock::ClockMode::virtual_time});
  const auto transport = nairi::mock::in_process(fake);
  const Client client(transport, {.api_key = "nr_test"});
  const auto turn = client.start("my-agent", "This never ends");
  const auto waited = client.wait(*turn, {.deadline = 1min});
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, ErrorCode::deadline_reached);
  EXPECT_EQ(transport->clock().now(), 1min);
}

// A fake and a client under one wall clock, which passes only when the client sleeps.
class WallClock : public ::testing::Test {
 protected:
  Client client_at(std::int64_t unix_ms, double speed, milliseconds poll_interval) {
    fake.emplace(mock::default_world(),
                 mock::FakeOptions{.clock = mock::ClockMode::wall,
                                   .speed = speed,
                                   .wall_ms = [=, this] { return unix_ms + time->now().count(); }});
    return Client(nairi::mock::in_process(*fake),
                  {.api_key = "nr_test", .poll_interval = poll_interval, .clock = time});
  }

  static constexpr std::int64_t kNewYear2030 = 1'893'456'000'000;
  std::shared_ptr<SkippedTime> time = std::make_shared<SkippedTime>();
  std::optional<mock::Fake> fake;
};

TEST_F(WallClock, IsTheOneThatTheFakeIsGiven) {
  const Client client = client_at(kNewYear2030, 1, 2s);
  EXPECT_EQ(polled(client), (std::vector<std::string>{"queued", "pending", "completed"}));
  EXPECT_EQ(time->now(), 4s);
}

TEST_F(WallClock, SpeedShortensTurns) {
  const Client client = client_at(kNewYear2030, 100, 10ms);
  EXPECT_EQ(polled(client),
            (std::vector<std::string>{"queued", "pending", "pending", "completed"}));
  EXPECT_EQ(time->now(), 30ms);
}

TEST_F(WallClock, WorldWithLaterTimesDoesNotStandStill) {
  const Client client = client_at(0, 1, 2s);
  EXPECT_EQ(polled(client), (std::vector<std::string>{"queued", "pending", "completed"}));
}

}  // namespace
}  // namespace nairi::tests
