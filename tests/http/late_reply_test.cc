// Replies that come later, from elsewhere: in order, to those who wait, as bytes or as a reply. A
// test that waits for a promise that nobody keeps would not end.
#include "nairi/mock/late_reply.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "served.h"
#include "tls_wire.h"
#include "wire.h"

namespace nairi::mock {
namespace {

using namespace std::string_literals;

using PromisePtr = std::shared_ptr<ReplyPromise>;

// A server that answers /fine at once, and has a promise made for each other target.
class Holding {
 public:
  explicit Holding(ServerOptions options = {}) : server_(handler(), std::move(options)) {}

  Server& server() { return server_; }
  // Waits until it was asked for that.
  PromisePtr take(const std::string& target) {
    auto promise = promise_of(target).get_future();
    return promise.get();
  }

 private:
  std::promise<PromisePtr>& promise_of(const std::string& target) {
    const std::lock_guard lock(mutex_);
    return promises_[target];
  }

  RequestHandler handler() {
    return [this](const Request& request) {
      if (request.target == "/fine") return Reply{.body = "fine"};
      auto promise = std::make_shared<ReplyPromise>();
      Reply reply = promise->reply();
      promise_of(request.target).set_value(std::move(promise));
      return reply;
    };
  }

  std::mutex mutex_;
  std::map<std::string, std::promise<PromisePtr>> promises_;
  Server server_;  // the last: it asks for the others
};

// The bytes that come, and how they end: 0 by FIN, else the errno.
std::pair<std::string, int> bytes_and_end(const Wire& wire) {
  std::string text;
  std::array<char, 65536> buffer;
  ssize_t n = 0;
  while ((n = ::recv(wire.fd(), buffer.data(), buffer.size(), 0)) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return {text, n < 0 ? errno : 0};
}

// Comes when the promise is not wanted as before.
std::future<void> change_of(const PromisePtr& promise) {
  auto changed = std::make_shared<std::promise<void>>();
  std::future<void> future = changed->get_future();
  promise->on_change([changed, once = std::make_shared<std::once_flag>()] {
    std::call_once(*once, [&] { changed->set_value(); });
  });
  return future;
}

TEST(LateReply, IsSentWhenItComesFromAnotherThread) {
  Holding holding;
  Wire wire(holding.server().port());
  wire.send(get("/a"));
  const PromisePtr promise = holding.take("/a");
  EXPECT_EQ(promise->wanted(), Wanted::yes);
  std::thread([&] { promise->answer({.status = 202, .body = "late"}); }).join();
  const WireReply reply = wire.reply();
  EXPECT_EQ(reply.status, 202);
  EXPECT_EQ(reply.body, "late");
  EXPECT_EQ(wire.ask(get("/fine")).body, "fine");
}

TEST(LateReply, MayBeThereBeforeTheHandlerReturns) {
  const Server server([](const Request&) {
    ReplyPromise promise;
    promise.answer({.body = "at once"});
    return promise.reply();
  });
  EXPECT_EQ(Wire(server.port()).ask(get("/")).body, "at once");
}

TEST(LateReply, IsAReplyLikeAnyOther) {
  const Server server([](const Request&) {
    ReplyPromise promise;
    promise.answer({.body = "0123456789",
                    .delay_ms = 1,
                    .wire = {.ending = WireFault::Ending::truncated, .after_bytes = 4}});
    return promise.reply();
  });
  Wire wire(server.port());
  wire.send(get("/"));
  EXPECT_TRUE(wire.rest().ends_with("\r\n\r\n0123"));
  Wire head(server.port());
  head.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(head.reply(true).has("Content-Length: 10\r\n"));
}

TEST(LateReply, ComesBeforeThoseOfLaterRequestsOfItsConnection) {
  Holding holding;
  Wire wire(holding.server().port());
  wire.send(get("/a") + get("/fine") + get("/b"));
  holding.take("/a")->answer({.body = "a"});
  EXPECT_EQ(wire.reply().body, "a");
  EXPECT_EQ(wire.reply().body, "fine");
  holding.take("/b")->answer({.body = "b"});
  EXPECT_EQ(wire.reply().body, "b");
}

TEST(LateReply, HoldsUpNobodyElse) {
  Holding holding;
  Wire waiting(holding.server().port());
  waiting.send(get("/a"));
  const PromisePtr promise = holding.take("/a");
  Wire other(holding.server().port());
  for (int i = 0; i < 100; ++i) ASSERT_EQ(other.ask(get("/fine")).body, "fine");
}

TEST(LateReply, MayBeAwaitedByAThousand) {
  raise_descriptor_limit();
  constexpr int kMany = 1000;
  Holding holding({.threads = 2});
  std::vector<Wire> wires;
  for (int i = 0; i < kMany; ++i) {
    wires.emplace_back(holding.server().port());
    wires.back().send(get("/" + std::to_string(i)));
  }
  std::vector<PromisePtr> promises;
  for (int i = 0; i < kMany; ++i) promises.push_back(holding.take("/" + std::to_string(i)));
  EXPECT_EQ(Wire(holding.server().port()).ask(get("/fine")).body, "fine");
  for (int i = kMany - 1; i >= 0; --i)
    promises[static_cast<std::size_t>(i)]->answer({.body = std::to_string(i)});
  for (int i = 0; i < kMany; ++i)
    ASSERT_EQ(wires[static_cast<std::size_t>(i)].reply().body, std::to_string(i));
}

TEST(LateReply, IsAnErrorWhereThePromiseIsDropped) {
  const Server server([](const Request&) { return ReplyPromise().reply(); });
  const WireReply reply = Wire(server.port()).ask(get("/"));
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.body, R"({"error":"expected a reply, but nobody gave one"})");
}

TEST(LateReply, BreaksOffWhereThePromiseIsDroppedInTheMiddle) {
  const Server server([](const Request&) {
    ReplyPromise promise;
    promise.pass("HTTP/1.1 200 OK\r\n\r\nhalf");
    return promise.reply();
  });
  const Wire wire(server.port());
  wire.send(get("/"));
  EXPECT_EQ(bytes_and_end(wire), std::pair("HTTP/1.1 200 OK\r\n\r\nhalf"s, ECONNRESET));
}

TEST(LateReply, IsNotWantedWhenTheClientIsGone) {
  Holding holding({.max_connections = 1});
  auto wire = std::make_unique<Wire>(holding.server().port());
  wire->send(get("/a"));
  const PromisePtr promise = holding.take("/a");
  auto changed = change_of(promise);
  wire.reset();
  changed.wait();
  EXPECT_EQ(promise->wanted(), Wanted::no);
  promise->answer({.body = "to nobody"});
  // Its place is free, once the server has seen the end of it.
  while (Wire(holding.server().port()).ask(get("/fine")).body != "fine") {
  }
}

TEST(LateReply, IsNotWantedWhenTheClientIsGoneThatSentItsNextRequestsAlready) {
  Holding holding;
  auto wire = std::make_unique<Wire>(holding.server().port());
  wire->send(get("/a") + get("/fine"));
  const PromisePtr promise = holding.take("/a");
  auto changed = change_of(promise);
  wire.reset();
  changed.wait();
  EXPECT_EQ(promise->wanted(), Wanted::no);
}

TEST(LateReply, EndsWhenTheServerStops) {
  Holding holding;
  Wire wire(holding.server().port());
  wire.send(get("/a"));
  const PromisePtr promise = holding.take("/a");
  holding.server().stop();
  EXPECT_EQ(promise->wanted(), Wanted::no);
  EXPECT_EQ(wire.rest(), "");
  promise->answer({.body = "to nobody"});
}

TEST(LateReply, MayBeKeptWhenTheServerIsNoMore) {
  PromisePtr promise;
  {
    Holding holding;
    Wire wire(holding.server().port());
    wire.send(get("/a"));
    promise = holding.take("/a");
  }
  promise->pass("to nobody");
  promise->end(Afterwards::close);
}

TEST(LateReply, IsWantedSoonWhenTheServerDrainsAndThenTheLast) {
  Holding holding;
  Wire wire(holding.server().port());
  wire.send(get("/a"));
  const PromisePtr promise = holding.take("/a");
  auto changed = change_of(promise);
  holding.server().drain();
  changed.wait();
  EXPECT_EQ(promise->wanted(), Wanted::soon);
  promise->answer({.body = "last"});
  const std::string rest = wire.rest();
  EXPECT_NE(rest.find("Connection: close\r\n"), std::string::npos) << rest;
  EXPECT_TRUE(rest.ends_with("last"));
}

TEST(LateBytes, ArriveAsTheyAreWhileTheyCome) {
  Holding holding;
  Wire wire(holding.server().port());
  wire.send(get("/a") + get("/fine"));
  const PromisePtr promise = holding.take("/a");
  const auto receive = [&](std::size_t size) {
    std::string text(size, '\0');
    EXPECT_EQ(::recv(wire.fd(), text.data(), size, MSG_WAITALL), static_cast<ssize_t>(size));
    return text;
  };
  const std::string early = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
  promise->pass(early);
  EXPECT_EQ(receive(early.size()), early);
  const std::string head =
      "HTTP/1.1 200 Very  Well\r\nB: 1\r\nA: 2\r\nb: 3\r\ncontent-length: 4\r\n\r\n";
  promise->pass(head);
  EXPECT_EQ(receive(head.size()), head);
  promise->pass("bo");
  EXPECT_EQ(receive(2), "bo");
  promise->pass("dy");
  promise->end(Afterwards::next_request);
  EXPECT_EQ(receive(2), "dy");
  EXPECT_EQ(wire.reply().body, "fine");
}

TEST(LateBytes, MayEndTheConnection) {
  for (const auto& way :
       {std::pair(Afterwards::close, 0), std::pair(Afterwards::reset, ECONNRESET)}) {
    for (const std::string& bytes : {""s, "HTT"s, "HTTP/1.1 200 OK\r\n\r\nbody"s}) {
      const Server server([&](const Request&) {
        ReplyPromise promise;
        promise.pass(bytes);
        promise.end(way.first);
        return promise.reply();
      });
      const Wire wire(server.port());
      wire.send(get("/"));
      EXPECT_EQ(bytes_and_end(wire), std::pair(bytes, way.second));
    }
  }
}

TEST(LateBytes, EndTheConnectionOfAClientThatWantsSo) {
  Holding holding;
  Wire wire(holding.server().port());
  wire.send(get("/a", "Connection: close\r\n"));
  const PromisePtr promise = holding.take("/a");
  promise->pass("HTTP/1.1 204 None\r\n\r\n");
  promise->end(Afterwards::next_request);
  EXPECT_EQ(wire.rest(), "HTTP/1.1 204 None\r\n\r\n");
}

TEST(LateBytes, ArriveInOrderHoweverFastTheyCome) {
  Holding holding;
  Wire wire(holding.server().port());
  wire.send(get("/a"));
  const PromisePtr promise = holding.take("/a");
  std::string all;
  std::thread writer([&] {
    for (int i = 0; i < 20'000; ++i) {
      const std::string piece =
          std::to_string(i) + std::string(static_cast<std::size_t>(i % 97), '.');
      all += piece;
      promise->pass(piece);
    }
    promise->end(Afterwards::close);
  });
  const std::string got = wire.rest();
  writer.join();
  EXPECT_EQ(got, all);
}

TEST(LateBytes, ArriveOverTls) {
  Holding holding({.tls = {.own_ca = true}});
  TlsWire wire(holding.server().port(), holding.server().ca_pem());
  ASSERT_TRUE(wire.shake_hands());
  wire.send(get("/a"));
  const PromisePtr promise = holding.take("/a");
  promise->pass("HTTP/1.1 200 OK\r\n\r\n");
  promise->pass("body");
  promise->end(Afterwards::reset);
  EXPECT_EQ(wire.bytes_and_end(), std::pair("HTTP/1.1 200 OK\r\n\r\nbody"s, ECONNRESET));
}

}  // namespace
}  // namespace nairi::mock
