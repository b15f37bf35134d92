// What never comes to the handler is told: what was read of it, what was answered, and why.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "http/stream.h"
#include "http/tls.h"
#include "nairi/mock/fake.h"
#include "nairi/mock/world_file.h"
#include "served.h"
#include "tls_wire.h"
#include "wire.h"

namespace nairi::mock {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Listens to a server's refusals.
class Refusals {
 public:
  RefusalListener listener() {
    return [this](const RefusedRequest& refused) {
      const std::lock_guard lock(mutex_);
      told_.push_back(refused);
      is_told_.notify_one();
    };
  }
  // Waits for one.
  RefusedRequest next() {
    std::unique_lock lock(mutex_);
    is_told_.wait(lock, [this] { return !told_.empty(); });
    RefusedRequest first = std::move(told_.front());
    told_.pop_front();
    return first;
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return told_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable is_told_;
  std::deque<RefusedRequest> told_;  // protected by mutex_
};

ServerOptions listening(Refusals& refusals, ServerOptions options = {}) {
  options.on_refused = refusals.listener();
  return options;
}

struct RefusedBytesSample {
  const char* name;
  std::string sent;
  int status;
  const char* method;
  const char* target;
  bool has_whole_head;
};

void PrintTo(const RefusedBytesSample& refusal, std::ostream* out) {
  *out << refusal.name;
}

std::vector<RefusedBytesSample> refused_bytes() {
  const std::string head = "POST /a?b HTTP/1.1\r\nHost: h\r\n";
  return {
      {"NoHost", "GET /a HTTP/1.1\r\n\r\n", 400, "GET", "/a", true},
      {"ABlankInTheTarget", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400, "GET", "/a b", false},
      {"AnotherProtocol", "GET /a HTTP/9.1\r\n\r\n", 505, "GET", "/a", false},
      {"ABareLineFeed", "GET /a HTTP/1.1\n\n", 400, "GET", "/a", false},
      {"ALongLine", "GET /" + std::string(20'000, 'a'), 414, "GET", nullptr, false},
      {"ABadField", "GET /a HTTP/1.1\r\nHost h\r\n", 400, "GET", "/a", false},
      {"ALongField", "GET /a HTTP/1.1\r\nX: " + std::string(70'000, 'a'), 431, "GET", "/a", false},
      {"ACoding", head + "Transfer-Encoding: gzip\r\n\r\n", 501, "POST", "/a?b", true},
      {"AnExpectation", head + "Expect: wonder\r\n\r\n", 417, "POST", "/a?b", true},
      {"ALargeBody", head + "Content-Length: 99999999\r\n\r\n", 413, "POST", "/a?b", true},
      {"ABadChunk", head + "Transfer-Encoding: chunked\r\n\r\nx\r\n", 400, "POST", "/a?b", true},
      {"HalfALine", "GET /ha", 408, "GET", "/ha", false},
      {"HalfAHead", head + "X: 1", 408, "POST", "/a?b", false},
      {"HalfABody", head + "Content-Length: 9\r\n\r\nhalf", 408, "POST", "/a?b", true},
      {"Rubbish", "\x01\x02 /a HTTP/1.1\r\n", 400, "", "", false},
      {"ATlsHandshake", "\x16\x03\x01\x02", 400, "", "", false},
  };
}

class RefusedBytes : public ::testing::TestWithParam<RefusedBytesSample> {};

TEST_P(RefusedBytes, IsToldWithWhatWasRead) {
  const RefusedBytesSample& expected = GetParam();
  Refusals refusals;
  const milliseconds patience(expected.status == 408 ? 20 : 30'000);
  const Server server(echo, listening(refusals, {.request_timeout = patience}));
  Wire wire(server.port());
  wire.send(expected.sent);
  const WireReply reply = wire.reply();
  EXPECT_EQ(reply.status, expected.status);
  const RefusedRequest told = refusals.next();
  EXPECT_EQ(told.reply.status, expected.status);
  EXPECT_EQ(told.reply.body, reply.body);
  EXPECT_EQ(told.request.method, expected.method);
  if (expected.target != nullptr) {
    EXPECT_EQ(told.request.target, expected.target);
  }
  EXPECT_EQ(told.whole_head, expected.has_whole_head);
  EXPECT_EQ(told.request.connection, 1U);
  EXPECT_GT(told.request.received_us, 0);
  EXPECT_THAT(told.why, StartsWith("expected "));
  EXPECT_FALSE(told.misdirected);
}

INSTANTIATE_TEST_SUITE_P(Of, RefusedBytes, ::testing::ValuesIn(refused_bytes()),
                         [](const auto& refusal) { return refusal.param.name; });

TEST(Refusals, HoldTheFieldsThatCameBefore) {
  Refusals refusals;
  const Server server(echo, listening(refusals));
  Wire(server.port()).ask("GET /a HTTP/1.1\r\nAuthorization: Bearer nr_x\r\nHost h\r\n");
  const RefusedRequest told = refusals.next();
  EXPECT_EQ(header_value(told.request.headers, "Authorization"), "Bearer nr_x");
}

TEST(Refusals, OfTooMuchAtATimeAreTold) {
  Refusals refusals;
  const Server server(echo, listening(refusals, {.max_buffered_bytes = 100}));
  const std::string sent = post("/a", std::string(200, 'x'));
  EXPECT_EQ(Wire(server.port()).ask(sent.substr(0, sent.size() - 1)).status, 503);
  EXPECT_EQ(refusals.next().reply.status, 503);
}

TEST(Refusals, OfOneConnectionTooManyAreTold) {
  Refusals refusals;
  const Server server(echo, listening(refusals, {.max_connections = 1}));
  Wire first(server.port());
  ASSERT_EQ(first.ask(get("/")).status, 200);
  EXPECT_EQ(Wire(server.port()).rest(), "");
  const RefusedRequest told = refusals.next();
  EXPECT_EQ(told.reply.status, 0);
  EXPECT_EQ(told.why, "expected at most 1 connections, got one more, which was closed");
}

TEST(Refusals, OfAClientThatGoesAwayInTheMiddleAreTold) {
  Refusals refusals;
  const Server server(echo, listening(refusals));
  Wire(server.port()).send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf");
  const RefusedRequest told = refusals.next();
  EXPECT_EQ(told.reply.status, 0);
  EXPECT_EQ(told.request.target, "/a");
  EXPECT_THAT(told.why, HasSubstr("in the middle of the request"));
}

TEST(Refusals, AreNotToldOfClientsThatSayNothing) {
  for (const bool tls : {true, false}) {
    Refusals refusals;
    const Server server(echo, listening(refusals, {.tls = {.own_ca = tls}}));
    Wire silent(server.port());
    silent.shut_sending();
    EXPECT_EQ(silent.rest(), "");  // what is told, is told before it is closed
    EXPECT_EQ(refusals.count(), 0U);
  }
}

TEST(Refusals, OfAHandlerThatFailsAreTold) {
  Refusals refusals;
  const Server server([](const Request&) -> Reply { throw std::runtime_error("no idea"); },
                      listening(refusals));
  EXPECT_EQ(Wire(server.port()).ask(get("/a")).status, 500);
  const RefusedRequest told = refusals.next();
  EXPECT_EQ(told.request.target, "/a");
  EXPECT_EQ(told.why, "expected a reply, but the handler failed: no idea");
}

TEST(Refusals, ThatAListenerFailsAtAreAnsweredAllTheSame) {
  ServerOptions options;
  options.on_refused = [](const RefusedRequest&) { throw std::runtime_error("no idea"); };
  const Server server(echo, std::move(options));
  EXPECT_EQ(Wire(server.port()).ask("GET / HTTP/1.1\r\n\r\n").status, 400);
}

TEST(Refusals, RepeatNoKey) {
  for (const char* line :
       {"Authorization Bearer plainkey", "Authorization : Bearer plainkey",
        "authorization: Bearer plainkey\x01", "X-Api-Key: plainkey\n", " plainkey"}) {
    Refusals refusals;
    const Server server(echo, listening(refusals));
    const std::string sent = "GET / HTTP/1.1\r\nHost: h\r\n" + std::string(line) + "\r\n\r\n";
    EXPECT_THAT(Wire(server.port()).ask(sent).body, Not(HasSubstr("plainkey")));
    EXPECT_THAT(refusals.next().why, Not(HasSubstr("plainkey"))) << line;
  }
}

TEST(Refusals, OfAFakeComeIntoItsJournalAndToTheListener) {
  Refusals refusals;
  Fake fake(default_world());
  const Server server(fake, listening(refusals));
  const std::string key = "Authorization: Bearer nr_x\r\n";
  Wire(server.port()).ask(get("/api/public/v1/agents", key + "Expect: wonder\r\n"));
  EXPECT_EQ(refusals.next().reply.status, 417);
  const Reply journal = fake.handle({.method = "GET",
                                     .target = "/__mock/journal",
                                     .headers = {{"Authorization", "Bearer nr_x"}}});
  EXPECT_THAT(journal.body, HasSubstr("\"status\":417"));
  EXPECT_THAT(journal.body, HasSubstr("\"operation\":\"agents\""));
  EXPECT_THAT(journal.body, HasSubstr("\"refused\":\"expected no Expect but 100-continue"));
}

TEST(PlainHttpOnATlsPort, IsToldToUseHttps) {
  Refusals refusals;
  const Server server(echo, listening(refusals, {.tls = {.own_ca = true}}));
  for (const char* method : {"GET", "POST", "PATCH", "DELETE", "OPTIONS"}) {
    Wire wire(server.port());
    const WireReply reply =
        wire.ask(std::string(method) + " /a HTTP/1.1\r\nHost: localhost:81\r\n\r\n");
    EXPECT_EQ(reply.status, 400) << method;
    EXPECT_THAT(reply.body, HasSubstr("this port speaks HTTPS: use https://localhost:81"));
    EXPECT_EQ(wire.rest(), "");
    const RefusedRequest told = refusals.next();
    EXPECT_EQ(told.request.method, method);
    EXPECT_TRUE(told.misdirected);
  }
}

TEST(PlainHttpOnATlsPort, IsToldByWhateverTheRequestIs) {
  Refusals refusals;
  const Server server(echo, listening(refusals, {.tls = {.own_ca = true}}));
  for (const std::string& sent :
       {post("/a", std::string(100'000, 'x')), std::string("GET / HTTP/1.0\r\n\r\n"),
        std::string("HELLO\r\n")}) {
    const WireReply reply = Wire(server.port()).ask(sent);
    EXPECT_EQ(reply.status, 400);
    EXPECT_THAT(reply.body, HasSubstr("this port speaks HTTPS: use https://"));
  }
}

TEST(TlsOnAPlainPort, IsToldToUseHttp) {
  Refusals refusals;
  const Server server(echo, listening(refusals));
  EXPECT_FALSE(TlsWire(server.port(), make_identity().ca_pem).shake_hands());
  EXPECT_EQ(refusals.next().why,
            "expected plain HTTP on this port, got a TLS handshake; use http://, or start "
            "nairi-mock with --tls");
}

TEST(HandshakesThatFail, AreToldInWords) {
  Refusals refusals;
  const Server server(echo, listening(refusals, {.tls = {.own_ca = true}}));
  EXPECT_FALSE(TlsWire(server.port(), make_identity().ca_pem).shake_hands());
  EXPECT_THAT(refusals.next().why, HasSubstr("the client does not trust the certificate"));
  EXPECT_FALSE(TlsWire(server.port(), server.ca_pem(), TLS1_1_VERSION).shake_hands());
  EXPECT_THAT(refusals.next().why, HasSubstr("the client speaks no TLS 1.2 or newer"));
  Wire(server.port()).send("\x01\x02\x03\x04\x05\x06\x07\x08\x09");
  EXPECT_THAT(refusals.next().why, HasSubstr("the client sent something that is no TLS"));
  Wire(server.port()).send("\x16\x03\x01");
  const RefusedRequest told = refusals.next();
  EXPECT_THAT(told.why, StartsWith("the TLS handshake failed: the client ended the connection"));
  EXPECT_EQ(told.reply.status, 0);
  EXPECT_EQ(told.request.method, "");
}

TEST(HandshakesThatFail, ForAReasonThatNobodyKnowsSayWhatTheLibraryDoes) {
  EXPECT_EQ(handshake_failure(std::make_error_code(std::errc::no_buffer_space)),
            "the TLS handshake failed: the TLS library says \"No buffer space available\"");
}

TEST(HandshakesThatSucceed, AndAreFollowedByNothingAreToldToo) {
  Refusals refusals;
  const Server server(echo, listening(refusals, {.tls = {.own_ca = true}}));
  EXPECT_TRUE(TlsWire(server.port(), server.ca_pem()).shake_hands());
  EXPECT_EQ(refusals.next().why,
            "the client ended the connection without a request, perhaps as it does not trust the "
            "certificate");
}

TEST(HandshakesThatSucceed, AndAreFollowedByARequestAreNotTold) {
  Refusals refusals;
  Server server(echo, listening(refusals, {.tls = {.own_ca = true}}));
  {
    TlsWire client(server.port(), server.ca_pem());
    ASSERT_TRUE(client.shake_hands());
    client.send(get("/", "Connection: close\r\n"));
    client.rest();
  }
  server.stop();
  EXPECT_EQ(refusals.count(), 0U);
}

TEST(HandshakesThatStall, AreTold) {
  Refusals refusals;
  const Server server(
      echo, listening(refusals, {.tls = {.own_ca = true}, .request_timeout = milliseconds(20)}));
  EXPECT_EQ(Wire(server.port()).rest(), "");
  EXPECT_EQ(refusals.next().why, "the TLS handshake did not end within 20 ms");
}

}  // namespace
}  // namespace nairi::mock
