// What goes wrong on the wire, byte for byte, seen by raw sockets; and that a delayed or dripping
// reply costs nobody else anything. A test that waits for an hour's delay would not end.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "nairi/mock/cancellation.h"
#include "nairi/mock/fake.h"
#include "nairi/mock/world_file.h"
#include "served.h"
#include "tls_wire.h"
#include "unpacked.h"
#include "wire.h"

namespace nairi::mock {
namespace {

using Ending = WireFault::Ending;

// A server whose replies suffer one fault, but for those to /fine.
Server struck(WireFault fault, ServerOptions options = {}) {
  return Server(
      [fault](const Request& request) {
        if (request.target == "/fine") return Reply{.body = "fine"};
        return Reply{.body = "0123456789", .wire = fault};
      },
      std::move(options));
}

// The bytes that come, and how they end: 0 by FIN, else the errno.
struct Received {
  std::string text;
  int error = 0;
};

Received receive(const Wire& wire) {
  Received received;
  std::array<char, 65536> buffer;
  ssize_t n = 0;
  while ((n = ::recv(wire.fd(), buffer.data(), buffer.size(), 0)) > 0) {
    received.text.append(buffer.data(), static_cast<std::size_t>(n));
  }
  if (n < 0) received.error = errno;
  return received;
}

Received ask(const Server& server) {
  Wire wire(server.port());
  wire.send(get("/"));
  return receive(wire);
}

std::string whole_reply() {
  const Server server = struck({});
  Wire wire(server.port());
  wire.send(get("/", "Connection: keep-alive\r\n"));
  const WireReply reply = wire.reply();
  return reply.head + "\r\n" + reply.body;
}

TEST(WireReset, IsARealOne) {
  const Received received = ask(struck({.ending = Ending::reset}));
  EXPECT_EQ(received.text, "");
  EXPECT_EQ(received.error, ECONNRESET);
}

TEST(WireReset, ComesAfterSoManyBytesOfTheReply) {
  const std::string whole = whole_reply();
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{17}, whole.size() - 5}) {
    const Received received =
        ask(struck({.ending = Ending::reset, .after_bytes = static_cast<std::int64_t>(bytes)}));
    EXPECT_EQ(received.text, whole.substr(0, bytes));
    EXPECT_EQ(received.error, ECONNRESET);
  }
}

TEST(WireReset, LeavesAtLeastOneByteOut) {
  const Received received = ask(struck({.ending = Ending::reset, .after_bytes = 1'000'000}));
  EXPECT_EQ(received.text + "9", whole_reply());
  EXPECT_EQ(received.error, ECONNRESET);
}

TEST(WireEmpty, IsACleanEndWithoutAByte) {
  const Received received = ask(struck({.ending = Ending::empty}));
  EXPECT_EQ(received.text, "");
  EXPECT_EQ(received.error, 0);
}

TEST(WireTruncation, AnnouncesTheWholeBodyAndEndsCleanly) {
  const Received received = ask(struck({.ending = Ending::truncated, .after_bytes = 4}));
  EXPECT_NE(received.text.find("Content-Length: 10\r\n"), std::string::npos);
  EXPECT_TRUE(received.text.ends_with("\r\n\r\n0123")) << received.text;
  EXPECT_EQ(received.error, 0);
}

TEST(WireTruncation, LeavesAtLeastOneByteOut) {
  const Received received = ask(struck({.ending = Ending::truncated, .after_bytes = 10}));
  EXPECT_TRUE(received.text.ends_with("\r\n\r\n012345678")) << received.text;
}

TEST(WireDrip, ArrivesWhole) {
  const Server server = struck({.drip_bytes_per_s = 500});
  Wire wire(server.port());
  wire.send(get("/"));
  const WireReply reply = wire.reply();
  EXPECT_EQ(reply.head + "\r\n" + reply.body, whole_reply());
}

TEST(WireDrip, LeavesTheConnectionUsable) {
  const Server server = struck({.drip_bytes_per_s = 100'000});
  Wire wire(server.port());
  EXPECT_EQ(wire.ask(get("/")).body, "0123456789");
  EXPECT_EQ(wire.ask(get("/fine")).body, "fine");
}

TEST(WireDrip, MayEndInAReset) {
  const Received received =
      ask(struck({.ending = Ending::reset, .after_bytes = 20, .drip_bytes_per_s = 100}));
  EXPECT_EQ(received.text, whole_reply().substr(0, 20));
  EXPECT_EQ(received.error, ECONNRESET);
}

TEST(WireDrip, HoldsUpNobodyElse) {
  const Server server = struck({.drip_bytes_per_s = 1});
  Wire slow(server.port());
  slow.send(get("/"));
  Wire other(server.port());
  for (int i = 0; i < 100; ++i) ASSERT_EQ(other.ask(get("/fine")).body, "fine");
}

TEST(WireDrip, EndsWhenTheServerStops) {
  Server server = struck({.drip_bytes_per_s = 1});
  Wire wire(server.port());
  wire.send(get("/"));
  char first = 0;
  ASSERT_EQ(::recv(wire.fd(), &first, 1, 0), 1);
  server.stop();
  EXPECT_LT(wire.rest().size(), 20U);
}

// What a server that packs as it is told says to a GET with those fields, and its body as sent.
std::pair<std::string, std::string> packed_reply(Encoding encoding, const std::string& fields,
                                                 const char* version = "1.1") {
  const Server server = struck({}, {.encode = encoding});
  const Wire wire(server.port());
  wire.send("GET / HTTP/" + std::string(version) + "\r\nHost: localhost\r\nConnection: close\r\n" +
            fields + "\r\n");
  const std::string text = receive(wire).text;
  const std::size_t body = text.find("\r\n\r\n") + 4;
  return {text.substr(0, body), text.substr(body)};
}

TEST(WireEncoding, IsWhatTheServerIsToldTo) {
  const auto [head, body] = packed_reply(Encoding::chunked, "");
  EXPECT_NE(head.find("\r\nTransfer-Encoding: chunked\r\n"), std::string::npos) << head;
  EXPECT_EQ(unchunked(body), "0123456789");
}

TEST(WireEncoding, IsGzipForThoseWhoAcceptIt) {
  const auto compressed = packed_reply(Encoding::gzip, "Accept-Encoding: gzip, deflate\r\n");
  EXPECT_EQ(gunzipped(compressed.second), "0123456789");
  const auto plain = packed_reply(Encoding::gzip, "");
  EXPECT_EQ(plain.second, "0123456789");
  EXPECT_NE(plain.first.find("\r\nVary: Accept-Encoding\r\n"), std::string::npos);
}

TEST(WireEncoding, IsNotChunkedToHttp10) {
  const auto [head, body] = packed_reply(Encoding::chunked, "", "1.0");
  EXPECT_NE(head.find("\r\nContent-Length: 10\r\n"), std::string::npos) << head;
  EXPECT_EQ(body, "0123456789");
}

TEST(WireEncoding, OfTheReplyGoesBeforeTheServers) {
  const Server server(
      [](const Request&) { return Reply{.body = "0123456789", .encode = Encoding::chunked}; },
      {.encode = Encoding::gzip});
  Wire wire(server.port());
  wire.send(get("/", "Connection: close\r\nAccept-Encoding: gzip\r\n"));
  const WireReply reply = wire.reply();
  EXPECT_TRUE(reply.has("Transfer-Encoding: chunked\r\n")) << reply.head;
  EXPECT_EQ(unchunked(wire.rest()), "0123456789");
}

TEST(WireEncoding, LeavesTheConnectionUsable) {
  const Server server = struck({}, {.encode = Encoding::gzip});
  Wire wire(server.port());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(gunzipped(wire.ask(get("/fine", "Accept-Encoding: gzip\r\n")).body), "fine");
  }
}

TEST(WireFaults, HappenOverTlsToo) {
  const ServerOptions tls{.tls = {.own_ca = true}};
  const auto rest_of = [](const Server& server) {
    TlsWire wire(server.port(), server.ca_pem());
    EXPECT_TRUE(wire.shake_hands());
    wire.send(get("/"));
    return wire.bytes_and_end();
  };
  const auto reset = rest_of(struck({.ending = Ending::reset, .after_bytes = 17}, tls));
  EXPECT_EQ(reset.first, whole_reply().substr(0, 17));
  EXPECT_EQ(reset.second, ECONNRESET);
  const auto truncated = rest_of(struck({.ending = Ending::truncated, .after_bytes = 3}, tls));
  EXPECT_TRUE(truncated.first.ends_with("\r\n\r\n012")) << truncated.first;
  EXPECT_EQ(truncated.second, 0);
  const auto empty = rest_of(struck({.ending = Ending::empty}, tls));
  EXPECT_EQ(empty.first, "");
  EXPECT_EQ(empty.second, 0);
  const auto drip = rest_of(
      struck({.ending = Ending::truncated, .after_bytes = 3, .drip_bytes_per_s = 2000}, tls));
  EXPECT_EQ(drip.first, truncated.first);
}

// Delays answers of a cancellation's organization for an hour; counts them.
struct Delaying {
  std::shared_ptr<Cancellation> cancellation = std::make_shared<Cancellation>();
  std::promise<void> asked;
  Server server{[this](const Request& request) {
    if (request.target == "/fine") return Reply{.body = "fine"};
    asked.set_value();
    return Reply{.body = "late", .delay_ms = 3'600'000, .cancellation = cancellation};
  }};
};

TEST(Cancelling, DropsDelayedRepliesFromAnyThread) {
  Delaying delaying;
  Wire wire(delaying.server.port());
  wire.send(get("/"));
  delaying.asked.get_future().wait();
  delaying.cancellation->cancel();
  EXPECT_EQ(wire.rest(), "");
  EXPECT_EQ(Wire(delaying.server.port()).ask(get("/fine")).body, "fine");
}

TEST(Cancelling, DropsDrippingReplies) {
  const auto cancellation = std::make_shared<Cancellation>();
  const Server server([&](const Request&) {
    return Reply{.body = "x", .wire = {.drip_bytes_per_s = 1}, .cancellation = cancellation};
  });
  Wire wire(server.port());
  wire.send(get("/"));
  char first = 0;
  ASSERT_EQ(::recv(wire.fd(), &first, 1, 0), 1);
  cancellation->cancel();
  EXPECT_LT(wire.rest().size(), 20U);
}

TEST(Cancelling, AfterTheReplyCostsNothing) {
  const auto cancellation = std::make_shared<Cancellation>();
  const Server server([&](const Request& request) {
    if (request.target == "/fine") return Reply{.body = "fine"};
    return Reply{.body = "late", .delay_ms = 1, .cancellation = cancellation};
  });
  Wire wire(server.port());
  EXPECT_EQ(wire.ask(get("/")).body, "late");
  cancellation->cancel();
  EXPECT_EQ(wire.ask(get("/fine")).body, "fine");
}

TEST(Cancelling, MayOutliveTheServer) {
  const auto cancellation = std::make_shared<Cancellation>();
  {
    std::promise<void> asked;
    const Server server([&](const Request&) {
      asked.set_value();
      return Reply{.body = "x", .delay_ms = 3'600'000, .cancellation = cancellation};
    });
    Wire wire(server.port());
    wire.send(get("/"));
    asked.get_future().wait();
  }
  cancellation->cancel();
}

TEST(Cancelling, IsWhatAResetOfTheKeyDoes) {
  Fake fake(default_world());
  fake.add_faults("nr_a", *parse_faults(R"({"at": "agents", "do": {"delay_ms": 3600000}})"));
  std::promise<void> asked;
  const Server server([&](const Request& request) {
    Reply reply = fake.handle(request);
    if (reply.delay_ms > 0) asked.set_value();
    return reply;
  });
  Wire wire(server.port());
  wire.send(get("/api/public/v1/agents", "Authorization: Bearer nr_a\r\n"));
  asked.get_future().wait();
  Wire other(server.port());
  EXPECT_EQ(other.ask(post("/__mock/reset", "", "Authorization: Bearer nr_a\r\n")).status, 200);
  EXPECT_EQ(wire.rest(), "");
}

// REFERENCE: Basics: a revoked key answers 401 at once, requests in flight included.
TEST(InFlight, ARevokedKeyIs401) {
  for (const char* effect : {R"({"delay_ms": 3600000})", R"({"hold": "it"})",
                             R"({"delay_ms": 3600000, "drip_bytes_per_s": 1})"}) {
    Fake fake(default_world());
    fake.add_faults("nr_a",
                    *parse_faults(R"({"at": "agents", "do": )" + std::string(effect) + "}"));
    std::promise<void> asked;
    const Server server([&](const Request& request) {
      Reply reply = fake.handle(request);
      if (reply.when_revoked) asked.set_value();
      return reply;
    });
    Wire wire(server.port());
    const std::string call = get("/api/public/v1/agents", "Authorization: Bearer nr_a\r\n");
    wire.send(call);
    asked.get_future().wait();
    fake.revoke("nr_a");
    const WireReply reply = wire.reply();
    EXPECT_EQ(reply.status, 401) << effect;
    EXPECT_EQ(reply.body, R"({"error":"invalid API key"})");
    EXPECT_EQ(wire.ask(call).status, 401) << "the connection goes on";
  }
}

// Of which a part is out, for which there is no taking back.
TEST(InFlight, WhatDripsIsClosedWhenItsKeyIsRevoked) {
  Fake fake(default_world());
  fake.add_faults("nr_a", *parse_faults(R"({"at": "agents", "do": {"drip_bytes_per_s": 1}})"));
  const Server server([&](const Request& request) { return fake.handle(request); });
  Wire wire(server.port());
  wire.send(get("/api/public/v1/agents", "Authorization: Bearer nr_a\r\n"));
  char first = 0;
  ASSERT_EQ(::recv(wire.fd(), &first, 1, 0), 1);
  fake.revoke("nr_a");
  EXPECT_LT(wire.rest().size(), 20U);
}

// A place is free again when the server lets a new connection in.
TEST(Delays, FreeTheirPlaceWhenTheClientGoesAway) {
  std::promise<void> asked;
  const Server server(
      [&](const Request& request) {
        if (request.target == "/fine") return Reply{.body = "fine"};
        asked.set_value();
        return Reply{.body = "late", .delay_ms = 3'600'000};
      },
      {.max_connections = 1});
  {
    Wire gone(server.port());
    gone.send(get("/"));
    asked.get_future().wait();
  }
  // The server may see the newcomer before the end of the other: it is asked until it answers.
  while (true) {
    Wire wire(server.port());
    if (wire.ask(get("/fine")).body == "fine") break;
  }
}

TEST(Delays, AreNotInTheWayOfALargeRequestAfterwards) {
  const Server server([&](const Request& request) {
    return Reply{.body = request.body, .delay_ms = request.target == "/soon" ? 1 : 0};
  });
  Wire wire(server.port());
  wire.ask(get("/soon"));
  std::string body;
  for (int i = 0; i < 100'000; ++i) body += std::to_string(i);
  EXPECT_EQ(wire.ask(post("/", body)).body, body);
}

TEST(Delays, KeepWhatTheClientSendsMeanwhile) {
  std::promise<void> asked;
  const Server server([&](const Request& request) {
    if (request.target == "/fine") return Reply{.body = "fine"};
    asked.set_value();
    return Reply{.body = "late", .delay_ms = 50};
  });
  Wire wire(server.port());
  wire.send(get("/"));
  asked.get_future().wait();
  wire.send(get("/fine"));
  EXPECT_EQ(wire.reply().body, "late");
  EXPECT_EQ(wire.reply().body, "fine");
}

}  // namespace
}  // namespace nairi::mock
