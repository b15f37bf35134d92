// Replies that a fault holds, as clients on sockets see them, and as one in process does. What is
// held, and who is let go, is the engine's: tests/engine/held_test.cc. A test that waits for what
// nobody lets go would not end.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <future>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "nairi/mock/fake.h"
#include "nairi/mock/in_process.h"
#include "nairi/mock/server.h"
#include "nairi/mock/world_file.h"
#include "tls_wire.h"
#include "wire.h"

namespace nairi::mock {
namespace {

constexpr const char* kHeldKey = "Authorization: Bearer nr_held\r\n";
const std::string kHeldCall = get("/api/public/v1/agents", kHeldKey);

// A fake on a port, of which a key has faults.
class HoldingServer {
 public:
  explicit HoldingServer(const std::string& faults, ServerOptions options = {})
      : fake_(default_world(), {.judge = true}), server_(fake_, std::move(options)) {
    fake_.add_faults("nr_held", *parse_faults(faults));
  }

  Fake& fake() { return fake_; }
  Server& server() { return server_; }
  std::uint16_t port() const { return server_.port(); }
  Wire asking() const {
    Wire wire(port());
    wire.send(kHeldCall);
    return wire;
  }
  // Returns when so many are held.
  void wait_until_held(std::size_t count) {
    while (fake_.held("nr_held").size() != count) std::this_thread::yield();
  }
  WireReply release(const std::string& name) const {
    return Wire(port()).ask(post("/__mock/release", R"({"name":")" + name + "\"}", kHeldKey));
  }

 private:
  Fake fake_;
  Server server_;
};

constexpr const char* kHoldsFirst = R"({"at": "agents#1", "do": {"hold": "first"}})";

TEST(HeldReply, ComesWhenItIsLetGo) {
  HoldingServer held(kHoldsFirst);
  Wire wire = held.asking();
  held.wait_until_held(1);
  const WireReply answer = held.release("first");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"released":1})");
  EXPECT_EQ(wire.reply().status, 200);
  EXPECT_EQ(wire.ask(kHeldCall).status, 200);  // the connection goes on
}

TEST(HeldReply, IsNotThereBefore) {
  HoldingServer held(kHoldsFirst);
  Wire wire = held.asking();
  held.wait_until_held(1);
  Wire other(held.port());
  EXPECT_EQ(other.ask(kHeldCall).status, 200);  // so the loop went on, and had its turn
  char none = 0;
  EXPECT_EQ(::recv(wire.fd(), &none, 1, MSG_DONTWAIT), -1);
  held.release("first");
  EXPECT_EQ(wire.reply().status, 200);
}

TEST(HeldReply, ManyAtOnceHoldUpNobodyAndNeedNoThreads) {
  constexpr std::size_t kMany = 200;
  HoldingServer held(R"({"at": "agents", "times": 200, "do": {"hold": "all"}})");
  std::vector<Wire> wires;
  for (std::size_t i = 0; i < kMany; ++i) wires.push_back(held.asking());
  held.wait_until_held(kMany);
  EXPECT_EQ(Wire(held.port()).ask(get("/__mock/health")).status, 200);
  EXPECT_EQ(held.release("all").body, R"({"released":200})");
  for (Wire& wire : wires) ASSERT_EQ(wire.reply().status, 200);
}

TEST(HeldReply, IsLetGoFromAnotherThread) {
  HoldingServer held(kHoldsFirst);
  Wire wire = held.asking();
  held.wait_until_held(1);
  EXPECT_EQ(held.fake().release("nr_held", "first"), 1U);
  EXPECT_EQ(wire.reply().status, 200);
}

TEST(HeldReply, SuffersWhatElseTheFaultDoesWhenItIsLetGo) {
  HoldingServer held(R"([{"at": "agents#1", "do": {"hold": "a", "status": 503, "delay_ms": 1}},
                      {"at": "agents#2", "do": {"hold": "b", "empty_response": true}},
                      {"at": "agents#3", "do": {"hold": "c", "drip_bytes_per_s": 100000}}])");
  Wire refused = held.asking();
  held.wait_until_held(1);
  held.release("a");
  EXPECT_EQ(refused.reply().status, 503);
  Wire empty = held.asking();
  held.wait_until_held(1);
  held.release("b");
  EXPECT_EQ(empty.rest(), "");
  Wire dripping = held.asking();
  held.wait_until_held(1);
  held.release("c");
  EXPECT_EQ(dripping.reply().status, 200);
}

TEST(HeldReply, IsHeldNoMoreWhenItsClientGoesAway) {
  HoldingServer held(kHoldsFirst);
  {
    const Wire gone = held.asking();
    held.wait_until_held(1);
  }
  held.wait_until_held(0);
  EXPECT_EQ(held.release("first").status, 404);
}

TEST(HeldReply, OfAClientThatHalfClosesIsDropped) {
  HoldingServer held(kHoldsFirst);
  Wire wire = held.asking();
  held.wait_until_held(1);
  wire.shut_sending();
  EXPECT_EQ(wire.rest(), "");
  held.wait_until_held(0);
}

TEST(HeldReply, IsDroppedWithItsConnectionByAReset) {
  HoldingServer held(kHoldsFirst);
  Wire wire = held.asking();
  held.wait_until_held(1);
  EXPECT_EQ(Wire(held.port()).ask(post("/__mock/reset", "", kHeldKey)).status, 200);
  EXPECT_EQ(wire.rest(), "");
  held.wait_until_held(0);
}

TEST(HeldReply, IsDroppedByTheEndOfTheServer) {
  HoldingServer held(kHoldsFirst);
  Wire wire = held.asking();
  held.wait_until_held(1);
  held.server().stop();
  EXPECT_EQ(wire.rest(), "");
  held.wait_until_held(0);
}

TEST(HeldReply, MayStillBeLetGoWhileTheServerDrains) {
  HoldingServer held(kHoldsFirst);
  Wire wire = held.asking();
  held.wait_until_held(1);
  held.server().drain();
  EXPECT_EQ(held.fake().release("nr_held", "first"), 1U);
  const WireReply reply = wire.reply();
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.has("Connection: close\r\n")) << reply.head;
  EXPECT_EQ(wire.rest(), "");
}

TEST(HeldReply, KeepsWhatTheClientSendsMeanwhile) {
  HoldingServer held(R"({"at": "agents#1", "do": {"hold": "first", "status": 503}})");
  Wire wire = held.asking();
  held.wait_until_held(1);
  wire.send(kHeldCall);
  held.release("first");
  EXPECT_EQ(wire.reply().status, 503);
  EXPECT_EQ(wire.reply().status, 200);
}

TEST(HeldReply, ComesOverTlsToo) {
  HoldingServer held(kHoldsFirst, {.tls = {.own_ca = true}});
  TlsWire wire(held.port(), held.server().ca_pem());
  ASSERT_TRUE(wire.shake_hands());
  wire.send(get("/api/public/v1/agents", std::string(kHeldKey) + "Connection: close\r\n"));
  held.wait_until_held(1);
  EXPECT_EQ(held.fake().release("nr_held", "first"), 1U);
  EXPECT_TRUE(wire.bytes_and_end().first.starts_with("HTTP/1.1 200 "));
}

TEST(HeldReply, IsLetGoWhicheverLoopHasIt) {
  HoldingServer held(R"({"at": "agents", "times": 8, "do": {"hold": "all"}})", {.threads = 3});
  std::vector<Wire> wires;
  for (int i = 0; i < 8; ++i) wires.push_back(held.asking());
  held.wait_until_held(8);
  EXPECT_EQ(held.release("all").body, R"({"released":8})");
  for (Wire& wire : wires) ASSERT_EQ(wire.reply().status, 200);
}

// "200", or the error's code.
std::string in_process_outcome(Fake& fake, std::optional<std::chrono::milliseconds> limit,
                               std::stop_token stop) {
  const auto reply = in_process(fake)->send({.method = "GET",
                                             .target = "/agents",
                                             .headers = {{"Authorization", "Bearer nr_held"}},
                                             .body = {},
                                             .time_limit = limit,
                                             .stop = std::move(stop)});
  return reply ? std::to_string(reply->status) : std::string(to_string(reply.error().code));
}

struct AskedInProcess {
  AskedInProcess() { fake.add_faults("nr_held", *parse_faults(kHoldsFirst)); }
  // Calls on another thread, and returns when the reply is held.
  std::future<std::string> ask(std::optional<std::chrono::milliseconds> limit = {},
                               std::stop_token stop = {}) {
    auto outcome = std::async(std::launch::async, [this, limit, stop = std::move(stop)] {
      return in_process_outcome(fake, limit, stop);
    });
    while (fake.held("nr_held").empty()) std::this_thread::yield();
    return outcome;
  }
  Fake fake{default_world()};
};

TEST(HeldInProcess, HasItsCallerWaitUntilItIsLetGo) {
  AskedInProcess held;
  auto outcome = held.ask();
  EXPECT_EQ(held.fake.release("nr_held", "first"), 1U);
  EXPECT_EQ(outcome.get(), "200");
}

TEST(HeldInProcess, TimesOutWhenThePatienceOfItsClientEnds) {
  Fake fake{default_world()};
  fake.add_faults("nr_held", *parse_faults(kHoldsFirst));
  EXPECT_EQ(in_process_outcome(fake, std::chrono::milliseconds(1), {}), "timed_out");
  EXPECT_TRUE(fake.held("nr_held").empty());
}

TEST(HeldInProcess, EndsWhenTheCallerStops) {
  AskedInProcess held;
  std::stop_source source;
  auto outcome = held.ask({}, source.get_token());
  source.request_stop();
  EXPECT_EQ(outcome.get(), "cancelled");
}

TEST(HeldInProcess, IsRefusedWhenItsKeyIsRevoked) {
  AskedInProcess held;
  auto outcome = held.ask();
  held.fake.revoke("nr_held");
  EXPECT_EQ(outcome.get(), "401");
}

TEST(HeldInProcess, IsLostByAReset) {
  AskedInProcess held;
  auto outcome = held.ask();
  held.fake.reset("nr_held");
  EXPECT_EQ(outcome.get(), "connection_lost");
}

}  // namespace
}  // namespace nairi::mock
