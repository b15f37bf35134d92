// Fake may be called from any thread.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "engine/worlds.h"

namespace nairi::mock::testing {
namespace {

constexpr int kThreads = 4;
constexpr int kConversations = 50;

template <class Work>
void in_parallel(Work work) {
  std::vector<std::thread> threads;
  for (int number = 0; number < kThreads; ++number) threads.emplace_back(work, number);
  for (std::thread& thread : threads) thread.join();
}

TEST(ManyThreads, WithKeysOfTheirOwnNeverMeet) {
  Fake fake(plain_world());
  std::vector<std::size_t> seen(kThreads);
  in_parallel([&](int number) {
    Api api(fake, "nr_" + std::to_string(number));
    for (int i = 0; i < kConversations; ++i) api.finish(api.start("bot", "go").message);
    seen[static_cast<std::size_t>(number)] = api.conversations("bot").size();
  });
  for (const std::size_t count : seen) EXPECT_EQ(count, 50U);
}

TEST(ManyThreads, OfOneKeySeeOneState) {
  Fake fake(plain_world());
  in_parallel([&](int) {
    Api api(fake);
    for (int i = 0; i < kConversations; ++i) api.finish(api.start("bot", "go").message);
  });
  Api api(fake);
  EXPECT_EQ(api.conversations("bot", "?limit=100").size(), 100U);
  EXPECT_EQ(api.conversations("bot", "?limit=100&offset=100").size(), 100U);
}

TEST(ManyThreads, MayResetAdvanceAndReadTheJournalMeanwhile) {
  Fake fake(plain_world(), {.clock = ClockMode::virtual_time});
  in_parallel([&](int number) {
    Api api(fake, "nr_" + std::to_string(number % 2));
    for (int i = 0; i < kConversations; ++i) {
      api.start("bot", "go");
      if (number == 0) fake.reset_all();
      if (number == 1) fake.advance(10);
      if (number == 2) fake.revoke("nr_9");
      api.control("GET", "/journal");
    }
  });
  EXPECT_EQ(Api(fake).get("/agents").status, 200);
}

TEST(ManyThreads, AreJudgedToTheLastRequest) {
  constexpr std::size_t kRequests = std::size_t{kThreads} * kConversations;
  Fake fake(plain_world(), {.judge = true});
  in_parallel([&](int number) {
    Api api(fake, "nr_" + std::to_string(number % 2));
    for (int i = 0; i < kConversations; ++i) api.get("/agents");
  });
  EXPECT_EQ(fake.verdicts_of_all().traffic.requests, kRequests);
  EXPECT_EQ(fake.verdicts("nr_0").traffic.requests, kRequests / 2);
}

TEST(ManyThreads, MayMakeRoomForOneAnothersKeysMeanwhile) {
  using namespace std::chrono_literals;
  Fake fake(plain_world(), {.max_organizations = kThreads, .keep_idle = 0ms});
  std::atomic<std::int64_t> now_us = 1;
  in_parallel([&](int number) {
    for (int i = 0; i < 4 * kConversations; ++i) {
      const std::string key = "nr_" + std::to_string(number) + "_" + std::to_string(i % 3);
      const Reply reply = fake.handle({.method = "GET",
                                       .target = "/api/public/v1/agents",
                                       .headers = {{"Authorization", "Bearer " + key}},
                                       .received_us = ++now_us});
      EXPECT_TRUE(reply.status == 200 || reply.status == 503) << reply.body;
      Api(fake, "").control("GET", "/metrics");
    }
  });
  EXPECT_LE(Api(fake, "").control("GET", "/health").json().at("organizations"), kThreads);
}

}  // namespace
}  // namespace nairi::mock::testing
