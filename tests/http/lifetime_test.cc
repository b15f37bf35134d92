// Starting, delaying and stopping. A test that waits for an hour's delay would not end.
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <system_error>
#include <thread>
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
