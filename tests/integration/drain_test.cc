// How `nairi-mock serve` makes way: for a balancer when it is to end, and for keys that come later.
#include <gtest/gtest.h>
#include <signal.h>

#include <string>

#include "http/wire.h"
#include "serving.h"

namespace nairi::tests {
namespace {

using mock::Wire;
using mock::WireReply;
using nlohmann::json;

constexpr const char* kKey = "Authorization: Bearer nr_test\r\n";

// A call whose reply waits, by a fault such as {"hold": "a"}, and which has arrived.
class WaitingCall {
 public:
  WaitingCall(const Serving& serving, const json& fault) : wire_(serving.port()) {
    Wire other(serving.port());
    const json struck = {{"at", "agents"}, {"do", fault}};
    other.ask(mock::post("/__mock/faults", struck.dump(), kKey));
    wire_.send(mock::get("/api/public/v1/agents", kKey));
    while (json::parse(other.ask(mock::get("/__mock/journal", kKey)).body).at("entries").empty()) {
    }
  }
  Wire& wire() { return wire_; }

 private:
  Wire wire_;
};

const json kLate = {{"delay_ms", 3'600'000}};

// Health, as soon as it is another one than "ok".
WireReply draining_health(const Serving& serving) {
  for (;;) {
    const WireReply reply = Wire(serving.port()).ask(mock::get("/__mock/health"));
    if (reply.status != 200) return reply;
  }
}

TEST(Drain, IsToldByHealthAndEndsWithTheLastConnection) {
  Serving serving({"--drain", "10m"});
  WaitingCall delayed(serving, kLate);
  serving.signal(SIGTERM);
  const WireReply health = draining_health(serving);
  EXPECT_EQ(health.status, 503);
  EXPECT_EQ(json::parse(health.body).at("status"), "draining");
  EXPECT_TRUE(health.has("Connection: close\r\n")) << health.head;
  const WireReply reset = Wire(serving.port()).ask(mock::post("/__mock/reset", "", kKey));
  EXPECT_EQ(reset.status, 200);  // which drops what it was waiting for
  EXPECT_EQ(serving.wait().exit_code, 0);
  EXPECT_EQ(delayed.wire().rest(), "");
}

TEST(Drain, LetsAReplyArriveThatIsUnderWay) {
  Serving serving({"--drain", "10m"});
  WaitingCall held(serving, {{"hold", "a"}});
  serving.signal(SIGTERM);
  EXPECT_EQ(draining_health(serving).status, 503);
  Wire(serving.port()).ask(mock::post("/__mock/release", R"({"name": "a"})", kKey));
  const WireReply reply = held.wire().reply();
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.has("Connection: close\r\n")) << reply.head;
  EXPECT_TRUE(json::parse(reply.body).is_array());
  held.wire().shut_sending();  // else the server waits a while for that
  EXPECT_EQ(serving.wait().exit_code, 0);
}

// A page that follows what happens, say. What it waits for need not ever come.
TEST(Drain, WaitsForNobodyWhoFollowsTheJournal) {
  for (const Words& flags : {Words{}, Words{"--drain", "10m"}}) {
    Serving serving(flags);
    Wire wire(serving.port());
    wire.send(mock::get("/__mock/journal?after=0&wait_ms=60000", kKey));
    const auto waiting = [&] {
      const std::string page = Wire(serving.port()).ask(mock::get("/__mock/metrics")).body;
      return page.find("\nnairi_mock_journal_followers 1\n") != std::string::npos;
    };
    while (!waiting()) {
    }
    serving.signal(SIGTERM);
    const WireReply reply = wire.reply();
    EXPECT_EQ(reply.status, 200);
    EXPECT_TRUE(reply.has("Connection: close\r\n")) << reply.head;
    EXPECT_TRUE(json::parse(reply.body).at("entries").empty());
    wire.shut_sending();
    EXPECT_EQ(serving.wait().exit_code, 0);
  }
}

TEST(Drain, EndsAtTheSecondSignal) {
  Serving serving({"--drain", "10m"});
  WaitingCall delayed(serving, kLate);
  serving.signal(SIGTERM);
  EXPECT_EQ(draining_health(serving).status, 503);
  EXPECT_EQ(serving.stop().exit_code, 0);
  EXPECT_EQ(delayed.wire().rest(), "");
}

TEST(Drain, EndsWhenItsTimeIsOver) {
  Serving serving({"--drain", "50ms"});
  WaitingCall delayed(serving, kLate);
  EXPECT_EQ(serving.stop().exit_code, 0);
  EXPECT_EQ(delayed.wire().rest(), "");
}

TEST(Drain, EndsAtOnceWhereNobodyIsConnected) {
  EXPECT_EQ(Serving({"--drain", "10m"}).stop().exit_code, 0);
}

TEST(Drain, IsNothingUnlessAskedFor) {
  Serving serving;
  WaitingCall delayed(serving, kLate);
  EXPECT_EQ(serving.stop().exit_code, 0);
  EXPECT_EQ(delayed.wire().rest(), "");
}

TEST(Metrics, TellOfTheServerToo) {
  const Serving serving;
  Wire wire(serving.port());
  wire.ask(mock::get("/api/public/v1/agents", kKey));
  const WireReply reply = wire.ask(mock::get("/__mock/metrics"));
  EXPECT_TRUE(reply.has("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  for (const char* line : {"\nnairi_mock_requests_total{operation=\"agents\",status=\"200\"} 1\n",
                           "\nnairi_mock_keys 1\n", "\nnairi_mock_connections_open 1\n",
                           "\nnairi_mock_draining 0\n"}) {
    EXPECT_NE(reply.body.find(line), std::string::npos) << line << reply.body;
  }
}

TEST(KeepIdle, LetsTheKeyMakeRoomThatWasIdleLongest) {
  constexpr int kMost = 10'000;
  Serving serving({"--keep-idle", "0s", "--journal-max", "0"});
  Wire wire(serving.port());
  for (int i = 0; i <= kMost; ++i) {
    const std::string key = "Authorization: Bearer nr_" + std::to_string(i) + "\r\n";
    ASSERT_EQ(wire.ask(mock::get("/api/public/v1/agents", key)).status, 200) << i;
  }
  const std::string log = serving.stop().err;
  EXPECT_NE(log.find("Z organization 1 made room for another key: it was idle for "),
            std::string::npos);
  EXPECT_EQ(log.find("organization 2 made room"), std::string::npos);
}

TEST(KeepIdle, IsAnHourUnlessSaid) {
  Serving serving({"--log", "none", "--journal-max", "0"});
  Wire wire(serving.port());
  for (int i = 0; i < 10'000; ++i) {
    const std::string key = "Authorization: Bearer nr_" + std::to_string(i) + "\r\n";
    ASSERT_EQ(wire.ask(mock::get("/api/public/v1/agents", key)).status, 200) << i;
  }
  const WireReply refused = wire.ask(mock::get("/api/public/v1/agents", kKey));
  EXPECT_EQ(refused.status, 503);
  EXPECT_NE(refused.body.find("--keep-idle"), std::string::npos) << refused.body;
}

}  // namespace
}  // namespace nairi::tests
