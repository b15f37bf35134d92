// Clients that send too much, too slowly, or nothing at all.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "nairi/mock/fake.h"
#include "nairi/mock/world_file.h"
#include "served.h"
#include "wire.h"

namespace nairi::mock {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMegabyte = std::size_t{1} << 20;

std::string head_with_length(std::string_view target, std::size_t length,
                             std::string_view fields = {}) {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(length) + "\r\n" +
         std::string(fields) + "\r\n";
}

TEST(Limits, StalledRequestsAreToldSoAndClosed) {
  Server server(echo, {.request_timeout = milliseconds(20)});
  for (const char* part : {"G", "GET / HTTP/1.1\r\nHost: h\r\n",
                           "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf"}) {
    Wire wire(server.port());
    const WireReply reply = wire.ask(part);
    EXPECT_EQ(reply.status, 408) << part;
    EXPECT_TRUE(reply.has("Connection: close\r\n"));
    wire.shut_sending();
    EXPECT_EQ(wire.rest(), "");
  }
}

TEST(Limits, ADripOfBytesDoesNotExtendTheRequestTimeout) {
  Server server(echo, {.request_timeout = milliseconds(20)});
  Wire wire(server.port());
  wire.send("GET / HTTP/1.1\r\nX: ");
  while (wire.send("x")) {  // until the server has given up and closed
  }
  SUCCEED();
}

TEST(Limits, IdleConnectionsAreClosedWithoutAWord) {
  Server server(echo, {.idle_timeout = milliseconds(20)});
  Wire unused(server.port());
  EXPECT_EQ(unused.rest(), "");
  std::optional<Wire> used;
  WireReply reply;
  do {  // a busy machine may be too slow to ask in time
    reply = used.emplace(server.port()).ask(get("/"));
  } while (reply.status == 0);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(used->rest(), "");
}

TEST(Limits, OneConnectionTooManyIsClosedAtOnce) {
  Server server(echo, {.max_connections = 2});
  Wire first(server.port());
  Wire second(server.port());
  ASSERT_EQ(first.ask(get("/")).status, 200);
  ASSERT_EQ(second.ask(get("/")).status, 200);
  EXPECT_EQ(Wire(server.port()).rest(), "");
  EXPECT_EQ(first.ask(get("/")).status, 200);
}

TEST(Limits, ReadersThatDoNotReadAreGivenUp) {
  const std::string large(64 * kMegabyte, 'x');
  const auto handler = [&](const Request& request) {
    return Reply{.body = request.target == "/large" ? large : "small"};
  };
  Server server(handler, {.request_timeout = milliseconds(20), .max_connections = 1});
  Wire slow(server.port());
  slow.send(get("/large"));
  while (!Wire(server.port()).ask(get("/")).status) {  // there is room when the slow one is gone
  }
  EXPECT_LT(slow.rest().size(), large.size());
}

TEST(Limits, LongRequestLinesAndHeadersAreRefused) {
  Server server(echo);
  EXPECT_EQ(Wire(server.port()).ask(get("/" + std::string(20'000, 'a'))).status, 414);
  EXPECT_EQ(Wire(server.port()).ask(get("/", "X: " + std::string(70'000, 'a') + "\r\n")).status,
            431);
  EXPECT_EQ(Wire(server.port()).ask(get("/", "X: " + std::string(60'000, 'a') + "\r\n")).status,
            200);
}

TEST(Limits, FiftyMegabytesAreAccepted) {
  Server server(echo);
  const std::string upload(50 * kMegabyte, 'u');
  EXPECT_EQ(Wire(server.port()).ask(post("/attachments", upload)).body,
            "POST /attachments 52428800");
}

TEST(Limits, OneByteTooManyIsRefusedBeforeItComes) {
  const ServerOptions options;
  Server server(echo, options);
  Wire upload(server.port());
  EXPECT_EQ(upload.ask(head_with_length("/attachments", options.max_upload_bytes + 1)).status, 413);
  Wire other(server.port());
  EXPECT_EQ(other.ask(head_with_length("/start", options.max_body_bytes + 1)).status, 413);
}

TEST(Limits, ComeBeforeRouteAndKey) {
  Fake fake(default_world());
  Server server(fake, {.max_body_bytes = 10});
  const auto status = [&](std::string_view target, std::size_t length) {
    return Wire(server.port()).ask(post(target, std::string(length, 'x'))).status;
  };
  EXPECT_EQ(status("/api/public/v1/agents", 10), 401);
  EXPECT_EQ(status("/nothing", 10), 404);
  EXPECT_EQ(status("/api/public/v1/agents", 11), 413);
  EXPECT_EQ(status("/nothing", 11), 413);
}

TEST(Limits, OfABodyAreToldInsteadOfContinue) {
  Server server(echo, {.max_body_bytes = 10});
  const std::string expect = "Expect: 100-continue\r\n";
  EXPECT_EQ(Wire(server.port()).ask(head_with_length("/", 11, expect)).status, 413);
  EXPECT_EQ(Wire(server.port()).ask(head_with_length("/", 10, expect)).status, 100);
}

TEST(Limits, RefusedClientsThatSendEverythingFirstStillReadTheAnswer) {
  const ServerOptions options;
  Server server(echo, options);
  Wire wire(server.port());
  const std::string body(options.max_upload_bytes + 1, 'u');
  EXPECT_TRUE(wire.send(post("/attachments", body)));
  EXPECT_EQ(wire.reply().status, 413);
}

TEST(Limits, ChunkedBodiesAreRefusedAsTheyGrow) {
  Server server(echo, {.max_body_bytes = 1000});
  Wire wire(server.port());
  wire.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  wire.send("320\r\n" + std::string(800, 'x') + "\r\n");
  EXPECT_EQ(wire.ask("320\r\n").status, 413);
}

TEST(Limits, UnfinishedRequestsTogetherAreBounded) {
  Server server(echo, {.max_buffered_bytes = 3000});
  std::vector<Wire> wires;
  for (int i = 0; i < 2; ++i) {
    wires.emplace_back(server.port());
    wires.back().send(head_with_length("/", 2000) + std::string(1000, 'x'));
  }
  Wire last(server.port());
  EXPECT_EQ(last.ask(head_with_length("/", 4000) + std::string(3000, 'x')).status, 503);
  for (Wire& wire : wires) EXPECT_EQ(wire.ask(std::string(1000, 'x')).body, "POST / 2000");
  EXPECT_EQ(Wire(server.port()).ask(post("/", std::string(2000, 'x'))).status, 200);
}

TEST(Continue, IsSentWhenTheBodyWillBeAccepted) {
  Server server(echo);
  Wire wire(server.port());
  const WireReply interim = wire.ask(head_with_length("/a", 3, "Expect: 100-continue\r\n"));
  EXPECT_EQ(interim.head, "HTTP/1.1 100 Continue\r\n");
  EXPECT_EQ(wire.ask("abc").body, "POST /a 3");
  EXPECT_EQ(wire.ask(get("/next")).body, "GET /next 0");
}

TEST(Continue, IsReplacedByTheRefusal) {
  Server server(echo, {.max_body_bytes = 2});
  Wire wire(server.port());
  EXPECT_EQ(wire.ask(head_with_length("/a", 3, "Expect: 100-continue\r\n")).status, 413);
}

TEST(Continue, OtherExpectationsAreRefused) {
  Server server(echo);
  Wire wire(server.port());
  EXPECT_EQ(wire.ask(head_with_length("/a", 3, "Expect: a-miracle\r\n")).status, 417);
}

// Sets the number of descriptors that this process may have while it lives.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t count) {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = count;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  rlimit before_{};
};

TEST(Limits, RunningOutOfDescriptorsOnlyKeepsNewcomersWaiting) {
  Server server(echo);
  Wire early(server.port());
  ASSERT_EQ(early.ask(get("/")).status, 200);
  // UBSan looks at an object's type through a pipe of its own the first time, for which there will
  // be no descriptor: it has to meet these before.
  EXPECT_NE(std::system_category(), std::generic_category());
  EXPECT_NE(std::generic_category(), std::system_category());
  Wire late(Wire::make_socket());
  {
    const DescriptorLimit limit(static_cast<rlim_t>(early.fd()));
    late.connect(server.port());  // by the kernel; the server can't accept it
    late.send(get("/late"));
    for (int i = 0; i < 100; ++i) ASSERT_EQ(early.ask(get("/early")).status, 200);
  }
  EXPECT_EQ(late.reply().body, "GET /late 0");
}

}  // namespace
}  // namespace nairi::mock
