// Starting, delaying and stopping. A test that waits for an hour's delay would not end.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "served.h"
#include "wire.h"

namespace nairi::mock {
namespace {

TEST(Delays, HoldUpNobodyElse) {
  Server server(echo);
  Wire delayed(server.port());
  delayed.send(get("/hour"));
  Wire other(server.port());
  for (int i = 0; i < 100; ++i) ASSERT_EQ(other.ask(get("/a")).body, "GET /a 0");
}

TEST(Delays, ManyAtOnceNeedNoThreads) {
  Server server(echo);
  std::vector<Wire> wires;
  for (int i = 0; i < 200; ++i) wires.emplace_back(server.port()).send(get("/hour"));
  EXPECT_EQ(Wire(server.port()).ask(get("/a")).status, 200);
}

TEST(Delays, EndAndGoOn) {
  Server server(echo);
  Wire wire(server.port());
  EXPECT_EQ(wire.ask(get("/soon")).body, "soon");
  EXPECT_EQ(wire.ask(get("/a")).body, "GET /a 0");
}

TEST(Delays, MayBeLongerThanAClockHolds) {
  Server server([](const Request& request) {
    return Reply{.body = "x", .delay_ms = request.target == "/ever" ? INT64_MAX : 0};
  });
  Wire wire(server.port());
  wire.send(get("/ever"));
  EXPECT_EQ(Wire(server.port()).ask(get("/")).status, 200);
  server.stop();
  EXPECT_EQ(wire.rest(), "");
}

TEST(Stopping, DropsDelayedReplies) {
  Server server(echo);
  Wire wire(server.port());
  wire.send(get("/hour"));
  ASSERT_EQ(Wire(server.port()).ask(get("/a")).status, 200);
  server.stop();
  EXPECT_EQ(wire.rest(), "");
}

TEST(Stopping, ClosesIdleConnectionsAndTheDoor) {
  Server server(echo);
  Wire idle(server.port());
  ASSERT_EQ(idle.ask(get("/")).status, 200);
  server.stop();
  EXPECT_EQ(idle.rest(), "");
  EXPECT_THROW(Wire(server.port()), std::system_error);
}

TEST(Stopping, MayBeAskedForTwiceAndFromSeveralThreads) {
  Server server(echo);
  std::thread other([&] { server.stop(); });
  server.stop();
  other.join();
  server.stop();
}

TEST(Stopping, LetsARunningRequestFinish) {
  std::promise<void> entered;
  std::promise<void> go_on;
  Server server([&](const Request&) {
    entered.set_value();
    go_on.get_future().wait();
    return Reply{.body = "done"};
  });
  Wire wire(server.port());
  wire.send(get("/"));
  entered.get_future().wait();
  std::thread stopper([&] { server.stop(); });
  go_on.set_value();
  EXPECT_EQ(wire.reply().body, "done");
  stopper.join();
}

// A server whose handler has the first request until it is let go on.
class HeldServer {
 public:
  explicit HeldServer(Reply reply) : reply_(std::move(reply)) {}
  Server& server() { return server_; }
  void wait_for_request() { entered_.get_future().wait(); }
  void go_on() { go_on_.set_value(); }

 private:
  const Reply reply_;
  std::promise<void> entered_;
  std::promise<void> go_on_;
  Server server_{Server::Handler([this](const Request&) {
    entered_.set_value();
    go_on_.get_future().wait();
    return reply_;
  })};
};

TEST(Draining, ClosesIdleConnectionsAndLetsNewOnesInForOneReplyEach) {
  Server server(echo);
  Wire idle(server.port());
  ASSERT_EQ(idle.ask(get("/")).status, 200);
  server.drain();
  EXPECT_EQ(idle.rest(), "");
  Wire late(server.port());
  const WireReply reply = late.ask(get("/a"));
  EXPECT_EQ(reply.body, "GET /a 0");
  EXPECT_TRUE(reply.has("Connection: close\r\n")) << reply.head;
  EXPECT_FALSE(reply.has("Keep-Alive")) << reply.head;
  EXPECT_EQ(late.rest(), "");
}

// Before the loops have heard of it.
TEST(Draining, BeginsForRepliesWhenHealthBeginsToTell) {
  const auto figures = std::make_shared<ServerFigures>();
  Server server(echo, {.figures = figures});
  figures->draining = true;
  Wire wire(server.port());
  const WireReply reply = wire.ask(get("/a"));
  ASSERT_TRUE(reply.has("Connection: close\r\n")) << reply.head;
  EXPECT_EQ(wire.rest(), "");
}

TEST(Draining, LetsARunningRequestFinish) {
  HeldServer held({.body = "done"});
  Wire wire(held.server().port());
  wire.send(get("/"));
  held.wait_for_request();
  held.server().drain();
  held.go_on();
  EXPECT_EQ(wire.reply().body, "done");
  EXPECT_EQ(wire.rest(), "");
}

TEST(Draining, LetsADelayedReplyArriveAndSayThatItIsTheLast) {
  HeldServer held({.body = "late", .delay_ms = 1});
  Wire wire(held.server().port());
  wire.send(get("/"));
  held.wait_for_request();
  held.server().drain();
  held.go_on();
  const WireReply reply = wire.reply();
  EXPECT_EQ(reply.body, "late");
  EXPECT_TRUE(reply.has("HTTP/1.1 200 OK\r\nConnection: close\r\n")) << reply.head;
  EXPECT_FALSE(reply.has("Keep-Alive")) << reply.head;
  EXPECT_EQ(wire.rest(), "");
}

TEST(Draining, LetsADrippingReplyArrive) {
  Server server([](const Request&) {
    return Reply{.body = "0123456789", .wire = {.drip_bytes_per_s = 500}};
  });
  Wire wire(server.port());
  wire.send(get("/"));
  char first = 0;
  ASSERT_EQ(::recv(wire.fd(), &first, 1, MSG_PEEK), 1);
  server.drain();
  EXPECT_EQ(wire.reply().body, "0123456789");
  EXPECT_EQ(wire.rest(), "");
}

TEST(Draining, LetsARequestArriveThatHasBegun) {
  Server server(echo);
  Wire wire(server.port());
  wire.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_EQ(wire.reply().status, 100);
  server.drain();
  wire.send("abc");
  const WireReply reply = wire.reply();
  EXPECT_EQ(reply.body, "POST /a 3");
  EXPECT_TRUE(reply.has("Connection: close\r\n")) << reply.head;
}

TEST(Draining, MayFollowStoppingAndBeAskedForTwice) {
  Server server(echo);
  server.drain();
  server.drain();
  server.stop();
  server.drain();
}

TEST(Figures, CountConnections) {
  const auto figures = std::make_shared<ServerFigures>();
  Server server(echo, {.max_connections = 2, .figures = figures});
  Wire one(server.port());
  Wire other(server.port());
  ASSERT_EQ(one.ask(get("/")).status, 200);
  ASSERT_EQ(other.ask(get("/")).status, 200);
  EXPECT_EQ(figures->open, 2);
  EXPECT_EQ(Wire(server.port()).rest(), "");
  server.stop();
  EXPECT_EQ(figures->open, 0);
  EXPECT_EQ(figures->accepted, 2U);
  EXPECT_EQ(figures->refused, 1U);
  EXPECT_GT(figures->started_unix_ms, 1'700'000'000'000);
}

TEST(Figures, TellHowLateTheLoopWas) {
  const auto figures = std::make_shared<ServerFigures>();
  Server server(echo, {.request_timeout = std::chrono::milliseconds(4), .figures = figures});
  while (figures->longest_lag_us == 0) Wire(server.port()).ask(get("/"));
  EXPECT_GE(figures->longest_lag_us, figures->lag_us);
}

TEST(Starting, UrlsNameTheBoundPort) {
  Server server(echo);
  const std::string root = "http://127.0.0.1:" + std::to_string(server.port());
  EXPECT_NE(server.port(), 0);
  EXPECT_EQ(server.root_url(), root);
  EXPECT_EQ(server.base_url(), root + "/api/public/v1");
  EXPECT_EQ(server.ca_pem(), "");
}

TEST(Starting, WildcardsAreReachedOverLoopback) {
  Server server(echo, {.host = "0.0.0.0"});
  EXPECT_EQ(server.root_url(), "http://127.0.0.1:" + std::to_string(server.port()));
}

TEST(Starting, APortInUseIsNamedWithAWayOut) {
  Server server(echo);
  try {
    Server second(echo, {.port = server.port()});
    FAIL() << "two servers on one port";
  } catch (const std::system_error& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find("127.0.0.1:" + std::to_string(server.port()) +
                        " is in use: choose another --port"),
              std::string::npos)
        << what;
  }
}

TEST(Starting, AnAddressOfAnotherMachineIsNamed) {
  try {
    Server server(echo, {.host = "192.0.2.1"});
    FAIL() << "listened on an address for documentation";
  } catch (const std::system_error& error) {
    EXPECT_NE(std::string(error.what()).find("\"192.0.2.1\" is no address"), std::string::npos)
        << error.what();
  }
}

TEST(Starting, APortIsFreeAgainAtOnce) {
  std::uint16_t port = 0;
  {
    Server server(echo);
    port = server.port();
    Wire(port).ask(get("/", "Connection: close\r\n"));
  }
  Server again(echo, {.port = port});
  EXPECT_EQ(Wire(port).ask(get("/")).status, 200);
}

}  // namespace
}  // namespace nairi::mock
