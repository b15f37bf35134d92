// Requests and replies over real sockets.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "served.h"
#include "wire.h"

namespace nairi::mock {
namespace {

class Requests : public ::testing::Test {
 protected:
  Server server_{echo};
  Wire wire_{server_.port()};
};

TEST_F(Requests, ThousandsGoOverOneConnection) {
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(wire_.ask(get("/a")).body, "GET /a 0");
}

TEST_F(Requests, HandlersGetWhatWasSent) {
  Request seen;
  Server server([&](const Request& request) {
    seen = request;
    return Reply{};
  });
  Wire(server.port()).ask(post("/a%2Fb?c=%2B", "body", "X-b: %41\r\nX-A: 1\r\n"));
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/a%2Fb?c=%2B");
  EXPECT_EQ(seen.body, "body");
  ASSERT_EQ(seen.headers.size(), 4U);
  EXPECT_EQ(seen.headers[0].name, "Host");
  EXPECT_EQ(seen.headers[2].name, "X-b");
  EXPECT_EQ(seen.headers[2].value, "%41");
  EXPECT_GT(seen.received_us, 0);
}

TEST_F(Requests, EachConnectionHasItsNumber) {
  std::vector<std::uint64_t> seen;
  Server server([&](const Request& request) {
    seen.push_back(request.connection);
    return Reply{};
  });
  Wire first(server.port());
  Wire second(server.port());
  first.ask(get("/"));
  second.ask(get("/"));
  first.ask(get("/"));
  EXPECT_EQ(seen[0], seen[2]);
  EXPECT_NE(seen[0], seen[1]);
}

TEST_F(Requests, HeadHasTheLengthAndNoBody) {
  wire_.send("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n");
  const WireReply reply = wire_.reply(true);
  EXPECT_TRUE(reply.has("Content-Length: 9\r\n")) << reply.head;
  EXPECT_FALSE(reply.has("Accept-Ranges")) << reply.head;
  EXPECT_EQ(wire_.ask(get("/next")).body, "GET /next 0");
}

TEST_F(Requests, NoContentHasNeitherLengthNorBody) {
  const WireReply reply = wire_.ask(get("/none"));
  EXPECT_EQ(reply.status, 204);
  EXPECT_FALSE(reply.has("Content-Length")) << reply.head;
  EXPECT_EQ(wire_.ask(get("/next")).body, "GET /next 0");
}

TEST_F(Requests, ConnectionsAreUsableAfterAnError) {
  EXPECT_EQ(wire_.ask(get("/missing")).status, 404);
  EXPECT_EQ(wire_.ask(get("/next")).status, 200);
}

TEST_F(Requests, RangeAndAcceptEncodingChangeNothing) {
  const WireReply reply =
      wire_.ask(get("/aaaaaaaaaaaaaaaaaaaa", "Range: bytes=0-1\r\nAccept-Encoding: gzip, br\r\n"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "GET /aaaaaaaaaaaaaaaaaaaa 0");
}

TEST_F(Requests, PipelinedOnesAreAnsweredInOrder) {
  std::string all;
  for (int i = 0; i < 1000; ++i) all += i % 2 ? get("/" + std::to_string(i)) : post("/", "x");
  wire_.send(all);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(wire_.reply().body, i % 2 ? "GET /" + std::to_string(i) + " 0" : "POST / 1");
  }
}

TEST_F(Requests, PipelinedOnesWaitForADelayedOne) {
  wire_.send(get("/soon") + get("/a"));
  EXPECT_EQ(wire_.reply().body, "soon");
  EXPECT_EQ(wire_.reply().body, "GET /a 0");
}

TEST_F(Requests, ChunkedBodiesArriveWhole) {
  const WireReply reply = wire_.ask(
      "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 1\r\n\r\n");
  EXPECT_EQ(reply.body, "POST /a 5");
}

TEST_F(Requests, PostWithoutALengthHasAnEmptyBody) {
  EXPECT_EQ(wire_.ask("POST /a HTTP/1.1\r\nHost: h\r\n\r\n").body, "POST /a 0");
}

TEST_F(Requests, ClientsThatShutTheirSendingSideAreAnswered) {
  wire_.send(get("/soon") + get("/a"));
  wire_.shut_sending();
  EXPECT_EQ(wire_.reply().body, "soon");
  EXPECT_EQ(wire_.reply().body, "GET /a 0");
  EXPECT_EQ(wire_.rest(), "");
}

TEST_F(Requests, CloseIsHonoured) {
  const WireReply reply = wire_.ask(get("/a", "Connection: close\r\n"));
  EXPECT_TRUE(reply.has("Connection: close\r\n"));
  EXPECT_EQ(wire_.rest(), "");
}

TEST_F(Requests, Http10IsClosedByDefault) {
  EXPECT_EQ(wire_.ask("GET /a HTTP/1.0\r\n\r\n").body, "GET /a 0");
  EXPECT_EQ(wire_.rest(), "");
}

TEST_F(Requests, Http10IsKeptOnRequest) {
  const std::string request = "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  EXPECT_TRUE(wire_.ask(request).has("Connection: keep-alive\r\n"));
  EXPECT_EQ(wire_.ask(request).body, "GET /a 0");
}

TEST_F(Requests, RefusalsAreJsonAndClose) {
  const WireReply reply = wire_.ask(
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n"
      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  EXPECT_EQ(reply.status, 400);
  EXPECT_TRUE(reply.has("Content-Type: application/json\r\n")) << reply.head;
  EXPECT_EQ(reply.body, R"({"error":"expected Content-Length or Transfer-Encoding, got both"})");
  EXPECT_EQ(wire_.rest(), "");
}

TEST_F(Requests, HandlersThatThrowCostOneReplyOnly) {
  Server server([](const Request& request) -> Reply {
    if (request.target == "/throw") throw std::runtime_error("say \"why\"");
    if (request.target == "/odd") throw 1;
    if (request.target == "/bytes") throw std::runtime_error("\xff");
    return {.body = "fine"};
  });
  Wire wire(server.port());
  const WireReply reply = wire.ask(get("/throw"));
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.body, R"({"error":"expected a reply, but the handler failed: say \"why\""})");
  EXPECT_EQ(wire.ask(get("/odd")).status, 500);
  EXPECT_EQ(wire.ask(get("/bytes")).status, 500);
  EXPECT_EQ(wire.ask(get("/")).body, "fine");
}

// The server's end of `wire` is a descriptor of this process.
int server_end(const Wire& wire) {
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
        ntohs(peer.sin_port) == wire.local_port()) {
      return fd;
    }
  }
  return -1;
}

TEST_F(Requests, RepliesAreNotHeldBackByNagle) {
  wire_.ask(get("/"));
  int no_delay = 0;
  socklen_t size = sizeof no_delay;
  ASSERT_EQ(getsockopt(server_end(wire_), IPPROTO_TCP, TCP_NODELAY, &no_delay, &size), 0);
  EXPECT_NE(no_delay, 0);
}

TEST_F(Requests, LargeRepliesArriveWhole) {
  const std::string large(20'000'000, 'x');
  Server server([&](const Request&) { return Reply{.body = large}; });
  Wire wire(server.port());
  EXPECT_EQ(wire.ask(get("/")).body, large);
  EXPECT_EQ(wire.ask(get("/")).body.size(), large.size());
}

class Crowd : public ::testing::Test {
 protected:
  Crowd() { raise_descriptor_limit(); }
  void connect(int count) {
    for (int i = 0; i < count; ++i) wires_.emplace_back(server_.port());
  }
  Server server_{echo};
  std::vector<Wire> wires_;
};

TEST_F(Crowd, AThousandKeptConnectionsAreAllAnswered) {
  connect(1000);
  for (int round = 0; round < 3; ++round) {
    for (const Wire& wire : wires_) wire.send(get("/poll"));
    for (Wire& wire : wires_) ASSERT_EQ(wire.reply().body, "GET /poll 0");
  }
}

TEST_F(Crowd, SixHundredIdleOnesDoNotKeepTheNextWaiting) {
  connect(600);
  for (Wire& wire : wires_) ASSERT_EQ(wire.ask(get("/")).status, 200);
  Wire next(server_.port());
  EXPECT_EQ(next.ask(get("/next")).body, "GET /next 0");
}

}  // namespace
}  // namespace nairi::mock
