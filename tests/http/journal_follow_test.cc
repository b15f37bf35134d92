// Those who wait for the journal over HTTP: they hold up nobody, and nobody waits for them.
#include <gtest/gtest.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "nairi/mock/fake.h"
#include "nairi/mock/world_file.h"
#include "served.h"
#include "tls_wire.h"
#include "wire.h"

namespace nairi::mock {
namespace {

using Json = nlohmann::json;

constexpr const char* kLong = "&wait_ms=60000";

std::string with_key(const std::string& target, const std::string& key) {
  return get(target, "Authorization: Bearer " + key + "\r\n");
}
std::string question(const std::string& key, const std::string& query) {
  return with_key("/__mock/journal?after=0" + query, key);
}
std::string call(const std::string& key) {
  return with_key("/api/public/v1/agents", key);
}

struct Followed {
  explicit Followed(ServerOptions options = {}) : server(fake, std::move(options)) {}

  // Until so many wait. A test in which nobody does would not end.
  void wait_for_followers(std::size_t count) {
    const std::string wanted = "\nnairi_mock_journal_followers " + std::to_string(count) + "\n";
    const Request metrics{.method = "GET", .target = "/__mock/metrics"};
    while (fake.handle(metrics).body.find(wanted) == std::string::npos) std::this_thread::yield();
  }

  Fake fake{default_world(), {.control_token = "secret"}};
  Server server;
};

std::vector<int> numbers(const WireReply& reply) {
  std::vector<int> numbers;
  const Json answer = Json::parse(reply.body);
  for (const Json& entry : answer.at("entries")) numbers.push_back(entry.at("number"));
  return numbers;
}

TEST(FollowedJournal, ComesWithTheNextExchange) {
  Followed it;
  Wire wire(it.server.port());
  wire.send(question("nr_mine", kLong));
  it.wait_for_followers(1);
  Wire(it.server.port()).ask(call("nr_theirs"));
  Wire(it.server.port()).ask(call("nr_mine"));
  EXPECT_EQ(numbers(wire.reply()), std::vector{2});
  EXPECT_EQ(wire.ask(call("nr_mine")).status, 200);
}

TEST(FollowedJournal, ComesOverTls) {
  Followed it({.tls = {.own_ca = true}});
  TlsWire wire(it.server.port(), it.server.ca_pem());
  ASSERT_TRUE(wire.shake_hands());
  wire.send(get("/__mock/journal?all=true&after=0&wait_ms=60000",
                "Authorization: Bearer secret\r\nConnection: close\r\n"));
  it.wait_for_followers(1);
  it.fake.handle({.method = "GET", .target = "/api/public/v1/agents"});
  EXPECT_NE(wire.bytes_and_end().first.find("\"number\":1"), std::string::npos);
}

TEST(FollowedJournal, IsAnsweredEmptyWhenItsTimeIsOver) {
  Followed it;
  Wire wire(it.server.port());
  const WireReply reply = wire.ask(question("nr_mine", "&wait_ms=1"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(numbers(reply).empty());
  EXPECT_EQ(wire.ask(call("nr_mine")).status, 200);
}

TEST(FollowedJournal, OfAThousandHoldsUpNobody) {
  constexpr std::size_t kMany = 1000;
  raise_descriptor_limit();
  Followed it;
  it.fake.handle({.method = "GET", .target = "/api/public/v1/agents"});
  std::vector<Wire> waiting;
  for (std::size_t i = 0; i < kMany; ++i) {
    waiting.emplace_back(it.server.port());
    waiting.back().send(i == 0
                            ? with_key("/__mock/journal?all=true&after=1&wait_ms=60000", "secret")
                            : question("nr_mine", kLong));
  }
  it.wait_for_followers(kMany);
  Wire wire(it.server.port());
  EXPECT_EQ(wire.ask(with_key("/__mock/state", "nr_theirs")).status, 200);
  it.wait_for_followers(kMany);
  EXPECT_EQ(wire.ask(call("nr_mine")).status, 200);
  for (Wire& one : waiting) EXPECT_EQ(numbers(one.reply()), std::vector{2});
}

TEST(FollowedJournal, IsAnsweredAtAReset) {
  Followed it;
  Wire mine(it.server.port());
  Wire all(it.server.port());
  mine.send(question("nr_mine", kLong));
  all.send(with_key("/__mock/journal?all=true&after=0&wait_ms=60000", "secret"));
  it.wait_for_followers(2);
  Wire(it.server.port()).ask(post("/__mock/reset", "", "Authorization: Bearer nr_mine\r\n"));
  EXPECT_EQ(mine.reply().status, 200);
  EXPECT_EQ(all.reply().status, 200);
}

TEST(FollowedJournal, IsAnsweredWhenTheServerStops) {
  Followed it;
  Wire wire(it.server.port());
  wire.send(question("nr_mine", kLong));
  it.wait_for_followers(1);
  it.server.stop();
  const WireReply reply = wire.reply();
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.has("Connection: close\r\n"));
  EXPECT_TRUE(numbers(reply).empty());
  EXPECT_EQ(wire.rest(), "");
}

TEST(FollowedJournal, IsAnsweredWhenTheServerDrains) {
  Followed it;
  Wire wire(it.server.port());
  wire.send(question("nr_mine", kLong));
  it.wait_for_followers(1);
  it.server.drain();
  EXPECT_TRUE(wire.reply().has("Connection: close\r\n"));
}

TEST(FollowedJournal, ForgetsClientsThatGoAway) {
  Followed it;
  {
    const Wire wire(it.server.port());
    wire.send(question("nr_mine", kLong));
    it.wait_for_followers(1);
  }
  it.wait_for_followers(0);
}

TEST(InspectorPage, IsServedOverHttpToItsOwnHostAlone) {
  Followed it;
  Wire wire(it.server.port());
  const WireReply page = wire.ask(get("/__mock/"));
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(page.has("Content-Type: text/html; charset=utf-8\r\n"));
  EXPECT_TRUE(page.has("Content-Security-Policy: default-src 'none'"));
  EXPECT_EQ(wire.ask(get("/__mock/", "Origin: http://evil.example\r\n")).status, 403);
  EXPECT_EQ(
      Wire(it.server.port()).ask("GET /__mock/ HTTP/1.1\r\nHost: evil.example\r\n\r\n").status,
      403);
}

}  // namespace
}  // namespace nairi::mock
