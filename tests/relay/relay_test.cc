// A relay between a client and a server: the client sees the bytes and the end that it would have
// seen without it, and what is told of it is what was said.
#include "nairi/mock/relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <fstream>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "http/encoding.h"
#include "http/tls.h"
#include "nairi/mock/fake.h"
#include "nairi/mock/server.h"
#include "nairi/mock/world_file.h"
#include "scripted_server.h"
#include "wire.h"

namespace nairi::mock {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using End = ScriptedReply::End;
using Ending = Relayed::Ending;

// What was told, to be waited for.
class Told {
 public:
  void add(Relayed relayed) {
    const std::lock_guard lock(mutex_);
    all_.push_back(std::move(relayed));
    came_.notify_all();
  }
  Relayed next() {
    std::unique_lock lock(mutex_);
    came_.wait(lock, [&] { return !all_.empty(); });
    Relayed first = std::move(all_.front());
    all_.pop_front();
    return first;
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<Relayed> all_;
};

// A relay behind a server of its own.
struct Between {
  explicit Between(const std::string& target, RelayOptions options = {})
      : relay(with(std::move(options), target)),
        server([this](const Request& request) { return relay.pass(request); }) {}

  RelayOptions with(RelayOptions options, const std::string& target) {
    options.target = target;
    options.on_exchange = [this](Relayed relayed) { told.add(std::move(relayed)); };
    return options;
  }

  Told told;
  Relay relay;
  Server server;
};

// The bytes that come until the end, and how that comes: 0 by FIN, else the errno.
std::pair<std::string, int> bytes_and_end(std::uint16_t port, const std::string& request) {
  const Wire wire(port);
  wire.send(request);
  std::string text;
  std::array<char, 65536> buffer;
  ssize_t n = 0;
  while ((n = ::recv(wire.fd(), buffer.data(), buffer.size(), 0)) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return {text, n < 0 ? errno : 0};
}

std::string agents(const std::string& fields = {}) {
  return get("/api/public/v1/agents?limit=2", fields);
}

struct Answer {
  const char* name;
  ScriptedReply reply;
  Ending ending;
  int status;
  std::string body;
};

class RelayedAnswer : public ::testing::TestWithParam<Answer> {};

TEST_P(RelayedAnswer, IsWhatTheServerSent) {
  ScriptedServer service([](const std::string&) { return GetParam().reply; });
  Between between(service.url());
  const std::string request = agents("Connection: close\r\n");
  const auto direct = bytes_and_end(service.port(), request);
  EXPECT_EQ(bytes_and_end(between.server.port(), request), direct);
  const Relayed told = between.told.next();
  EXPECT_EQ(told.ending, GetParam().ending);
  EXPECT_EQ(told.status, GetParam().status);
  EXPECT_EQ(told.body, GetParam().body);
}

std::string gzipped(const std::string& text) {
  Reply reply{.body = text, .encode = Encoding::gzip};
  encode(reply, {.gzip = true});
  return reply.body;
}

const std::string kGzipped = gzipped("zipped zipped zipped");

INSTANTIATE_TEST_SUITE_P(
    Of, RelayedAnswer,
    ::testing::Values(
        Answer{"Length",
               {"HTTP/1.1 200 Fine, thanks\r\nb: 2\r\nA: 1\r\na: 3\r\nset-cookie: x=1\r\n"
                "Content-Length: 4\r\n\r\nbody",
                End::close},
               Ending::whole,
               200,
               "body"},
        Answer{"Dripping",
               {"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody", End::close, 1},
               Ending::whole,
               200,
               "body"},
        Answer{"Interim",
               {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                "HTTP/1.1 100 Continue\r\n\r\n"
                "HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n{}",
                End::close},
               Ending::whole,
               404,
               "{}"},
        Answer{"Chunked",
               {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                "4;x=y\r\nbody\r\nA\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n",
                End::close},
               Ending::whole,
               200,
               "body0123456789"},
        Answer{"ChunkedByteByByte",
               {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                "4\r\nbody\r\n0\r\n\r\n",
                End::close, 1},
               Ending::whole,
               200,
               "body"},
        Answer{"CutChunks",
               {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbo", End::close},
               Ending::cut,
               200,
               "bo"},
        Answer{"BrokenChunks",
               {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nbody", End::close},
               Ending::cut,
               200,
               "body"},
        Answer{"Gzip",
               {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
                    std::to_string(kGzipped.size()) + "\r\n\r\n" + kGzipped,
                End::close},
               Ending::whole,
               200,
               "zipped zipped zipped"},
        Answer{"UntilTheEnd",
               {"HTTP/1.0 200 OK\r\n\r\n<html>", End::close},
               Ending::whole,
               200,
               "<html>"},
        Answer{
            "NoContent", {"HTTP/1.1 204 No Content\r\n\r\n", End::close}, Ending::whole, 204, ""},
        Answer{"TooManyRequests",
               {"HTTP/1.1 429 Slow Down\r\nRetry-After: 7\r\n"
                "Content-Length: 2\r\n\r\n{}",
                End::close},
               Ending::whole,
               429,
               "{}"},
        Answer{"LengthTooLarge",
               {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody", End::close},
               Ending::cut,
               200,
               "body"},
        Answer{"LengthTooSmall",
               {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nbody", End::close},
               Ending::whole,
               200,
               "bo"},
        Answer{
            "TwoLengths",
            {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\nbody", End::close},
            Ending::whole,
            200,
            "body"},
        Answer{"ResetAtOnce", {"", End::reset}, Ending::reset, 0, ""},
        Answer{"ResetInTheHead", {"HTTP/1.1 200 OK\r\nConte", End::reset}, Ending::reset, 200, ""},
        Answer{"ResetInTheBody",
               {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody", End::reset},
               Ending::reset,
               200,
               "body"},
        Answer{"Nothing", {"", End::close}, Ending::cut, 0, ""},
        Answer{"NoHttp", {"220 ftp.example ready\r\n", End::close}, Ending::cut, 0, ""},
        Answer{"BareLineEnds",
               {"HTTP/1.1 200 OK\nContent-Length: 4\n\nbody", End::close},
               Ending::whole,
               200,
               "body"}),
    [](const auto& tested) { return tested.param.name; });

ScriptedReply fine() {
  return {"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"};
}

TEST(Relaying, ChangesHostAndPathAndLeavesTheRest) {
  ScriptedServer service([](const std::string&) { return fine(); });
  const Between between(service.url() + "/other/base/");
  Wire wire(between.server.port());
  wire.ask(
      "POST /api/public/v1/a%2Fb?c=%20d HTTP/1.1\r\nX-One: 1\r\nHOST: here\r\nx-one: 2\r\n"
      "Authorization: Bearer nr_x\r\nConnection: X-Hop, keep-alive, content-length\r\n"
      "X-Hop: mine\r\nTE: trailers\r\nContent-Length: 4\r\n\r\nbody");
  EXPECT_EQ(service.requests(),
            std::vector{"POST /other/base/a%2Fb?c=%20d HTTP/1.1\r\nX-One: 1\r\nHOST: 127.0.0.1:" +
                        std::to_string(service.port()) +
                        "\r\nx-one: 2\r\nAuthorization: Bearer nr_x\r\nContent-Length: 4\r\n"
                        "Connection: keep-alive\r\n\r\nbody"});
}

TEST(Relaying, SendsChunkedRequestsWithTheirLength) {
  ScriptedServer service([](const std::string&) { return fine(); });
  const Between between(service.url());
  Wire wire(between.server.port());
  wire.ask(
      "POST /api/public/v1/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
      "Expect: 100-continue\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  const std::string sent = service.requests().at(0);
  EXPECT_THAT(sent, HasSubstr("\r\nContent-Length: 3\r\n\r\nabc"));
  EXPECT_THAT(sent, Not(HasSubstr("Transfer-Encoding")));
  EXPECT_THAT(sent, Not(HasSubstr("Expect")));
}

TEST(Relaying, KeepsConnections) {
  ScriptedServer service([](const std::string&) { return fine(); });
  const Between between(service.url());
  Wire wire(between.server.port());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(wire.ask(agents()).body, "fine");
  EXPECT_EQ(service.connections(), 1);
}

TEST(Relaying, SendsNothingBehindARequestThatAskedToClose) {
  ScriptedServer service([](const std::string&) { return fine(); });
  const Between between(service.url());
  for (int i = 0; i < 2; ++i) {
    Wire wire(between.server.port());
    EXPECT_EQ(wire.ask(agents("Connection: close\r\n")).body, "fine");
  }
  EXPECT_EQ(service.connections(), 2);
}

// Ends a connection that it has answered on when the next request is there, without a word.
ScriptedServer::Script tired() {
  return [asked = std::make_shared<std::atomic<int>>(0)](const std::string&) {
    return ++*asked == 2 ? ScriptedReply{"", End::close} : fine();
  };
}

TEST(Relaying, SendsAGetAgainThatADeadConnectionSwallowed) {
  ScriptedServer service(tired());
  const Between between(service.url());
  Wire wire(between.server.port());
  EXPECT_EQ(wire.ask(agents()).body, "fine");
  EXPECT_EQ(wire.ask(agents()).body, "fine");
  EXPECT_THAT(service.requests(), SizeIs(3));
}

TEST(Relaying, NeverSendsAPostAgain) {
  ScriptedServer service(tired());
  const Between between(service.url());
  Wire wire(between.server.port());
  EXPECT_EQ(wire.ask(agents()).body, "fine");
  EXPECT_EQ(wire.ask(post("/api/public/v1/x", "{}")).status, 0);
  EXPECT_THAT(service.requests(), SizeIs(2));
}

TEST(Relaying, TakesANewConnectionForAPostWhereTheOldOneIsClosed) {
  ScriptedServer service([](const std::string&) { return fine(); });
  const Between between(service.url());
  Wire wire(between.server.port());
  EXPECT_EQ(wire.ask(agents()).body, "fine");
  service.close_connections();
  EXPECT_EQ(wire.ask(post("/api/public/v1/x", "{}")).body, "fine");
}

TEST(Relaying, SaysThatTheServiceWasNotReached) {
  const std::uint16_t port = ScriptedServer([](const std::string&) { return fine(); }).port();
  Between between("http://127.0.0.1:" + std::to_string(port));
  const WireReply reply = Wire(between.server.port()).ask(agents());
  EXPECT_EQ(reply.status, 502);
  EXPECT_EQ(reply.body, R"({"error":"the service was not reached"})");
  EXPECT_TRUE(reply.has("X-Mock-Hint: the recorder says: can't connect to 127.0.0.1:"));
  EXPECT_TRUE(reply.has("Connection refused\r\n"));
  const Relayed told = between.told.next();
  EXPECT_EQ(told.ending, Ending::none);
  EXPECT_EQ(told.status, 0);
}

TEST(Relaying, LeavesWhatIsNotOfTheApi) {
  ScriptedServer service([](const std::string&) { return fine(); });
  const Between between(service.url());
  for (const char* target : {"/", "/api/public/v12", "/__mock/health", "/api/public/v1.x"}) {
    EXPECT_EQ(Wire(between.server.port()).ask(get(target)).status, 404) << target;
  }
  EXPECT_THAT(service.requests(), SizeIs(0));
}

TEST(Relaying, EndsTheExchangeOfAClientThatGoesAway) {
  std::promise<void> asked;
  std::promise<void> over;
  ScriptedServer service([&](const std::string&) {
    asked.set_value();
    over.get_future().wait();
    return fine();
  });
  Between between(service.url());
  {
    const Wire wire(between.server.port());
    wire.send(agents());
    asked.get_future().wait();
  }
  EXPECT_EQ(between.told.next().ending, Ending::abandoned);
  over.set_value();
}

TEST(Relaying, HoldsUpNobodyWhileAThousandWait) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  constexpr int kMany = 1000;
  const Server service([](const Request& request) {
    const bool is_slow = request.target.ends_with("/slow");
    return Reply{.body = "fine", .delay_ms = is_slow ? 3'600'000 : 0};
  });
  const Between between(service.root_url());
  std::vector<Wire> waiting;
  for (int i = 0; i < kMany; ++i) {
    waiting.emplace_back(between.server.port());
    waiting.back().send(get("/api/public/v1/slow"));
  }
  EXPECT_EQ(Wire(between.server.port()).ask(agents()).body, "fine");
}

TEST(Relaying, PassesLargeBodiesBothWays) {
  std::string body;
  while (body.size() < 5'000'000) body += std::to_string(body.size());
  const Server service([](const Request& request) { return Reply{.body = request.body}; });
  const Between between(service.root_url());
  Wire wire(between.server.port());
  EXPECT_EQ(wire.ask(post("/api/public/v1/x", body)).body, body);
}

TEST(Relaying, ResetsTheClientWhereABodyIsBeyondItsBounds) {
  ScriptedServer service([](const std::string&) {
    return ScriptedReply{"HTTP/1.1 200 OK\r\n\r\n" + std::string(5000, 'x'), End::close};
  });
  Between between(service.url(), {.max_body_bytes = 1000});
  EXPECT_EQ(bytes_and_end(between.server.port(), agents()).second, ECONNRESET);
  EXPECT_EQ(between.told.next().ending, Ending::cut);
}

// Over TLS to a fake with a CA of its own.
class RelayTls : public ::testing::Test {
 protected:
  RelayTls() { std::ofstream(ca_file_) << server_.ca_pem(); }
  ~RelayTls() override { std::remove(ca_file_.c_str()); }

  Fake fake_{default_world()};
  Server server_{fake_, {.host = "localhost", .tls = {.own_ca = true}}};
  const std::string ca_file_ = ::testing::TempDir() + "relay_test_ca_" + std::to_string(getpid());
};

TEST_F(RelayTls, IsTrustedByTheFilesAuthorities) {
  Between between(server_.root_url(), {.ca_file = ca_file_});
  Wire wire(between.server.port());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(wire.ask(agents("Authorization: Bearer nr_a\r\n")).status, 200);
  }
  EXPECT_EQ(between.told.next().status, 200);
}

TEST_F(RelayTls, IsNotTrustedByTheSystems) {
  const Between between(server_.root_url());
  const WireReply reply = Wire(between.server.port()).ask(agents());
  EXPECT_EQ(reply.status, 502);
  EXPECT_TRUE(reply.has("its certificate is not trusted: ")) << reply.head;
}

// Its certificate names 127.0.0.1, which is not where it listens.
TEST(RelayTlsName, HasToBeTheTargets) {
  const Identity identity = make_identity();
  const std::string file =
      ::testing::TempDir() + "relay_test_identity_" + std::to_string(::getpid());
  std::ofstream(file) << identity.chain_pem << identity.key_pem << identity.ca_pem;
  const Server server([](const Request&) { return Reply{.body = "fine"}; },
                      {.host = "127.0.0.2", .tls = {.cert_file = file, .key_file = file}});
  const Between between(server.root_url(), {.ca_file = file});
  const WireReply reply = Wire(between.server.port()).ask(agents());
  EXPECT_EQ(reply.status, 502);
  EXPECT_TRUE(reply.has("its certificate is not trusted: ")) << reply.head;
  std::remove(file.c_str());
}

TEST(RelayTargets, AreUrls) {
  for (const char* wrong : {"", "api.nairi.ai", "ftp://a", "http://", "http://a:99999",
                            "http://a:x", "http://u@a", "https://a/?q", "http://[::1"}) {
    EXPECT_THROW(Relay({.target = wrong}), std::runtime_error) << wrong;
  }
  EXPECT_EQ(relay_target("http://a"), "http://a/api/public/v1");
  EXPECT_EQ(relay_target("https://[::1]:8/x/"), "https://[::1]:8/x");
}

TEST(RelayTargets, NeedAFileOfAuthoritiesThatCanBeRead) {
  EXPECT_THROW(Relay({.target = "https://a", .ca_file = "/no/such/file"}), std::runtime_error);
}

}  // namespace
}  // namespace nairi::mock
