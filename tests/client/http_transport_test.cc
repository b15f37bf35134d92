#include "nairi/http_transport.h"

#include <gtest/gtest.h>

#include "loopback_server.h"

namespace nairi::tests {
namespace {

using std::chrono::milliseconds;

std::string reply_of(const std::string& body, const std::string& head = "HTTP/1.1 200 OK") {
  return head +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

HttpRequest get(const std::string& target) {
  return {.method = "GET", .target = target, .headers = {{"Authorization", "Bearer nr_test"}}};
}

std::shared_ptr<HttpTransport> transport_to(const LoopbackServer& server,
                                            HttpOptions options = {}) {
  return HttpTransport::open(server.url(), std::move(options)).value();
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(HttpTransports, RequestCarriesPathAndHeadersAsGiven) {
  LoopbackServer server({{{reply_of("[]")}}});
  const auto reply = transport_to(server)->send(get("/agents/acme%2Fops?status=a%2Cb"));
  server.stop();
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->body, "[]");
  EXPECT_EQ(*find_header(*reply, "content-type"), "application/json");
  const std::string& request = server.requests.at(0);
  EXPECT_TRUE(request.starts_with("GET /api/public/v1/agents/acme%2Fops?status=a%2Cb HTTP/1.1\r\n"))
      << request;
  EXPECT_EQ(count(request, "Authorization: Bearer nr_test\r\n"), 1U);
  EXPECT_EQ(count(request, "\r\nHost: 127.0.0.1:"), 1U);
  EXPECT_EQ(count(request, "Content-Length"), 0U);
}

TEST(HttpTransports, BodyIsSentWithItsLengthAndTypeOnce) {
  LoopbackServer server({{{reply_of("{}")}}});
  const auto reply = transport_to(server)->send({.method = "POST",
                                                 .target = "/conversations/start",
                                                 .headers = {{"Content-Type", "application/json"}},
                                                 .body = R"({"prompt":"hi"})"});
  server.stop();
  ASSERT_TRUE(reply) << reply.error().message;
  const std::string& request = server.requests.at(0);
  EXPECT_EQ(count(request, "Content-Length: 15\r\n"), 1U);
  EXPECT_EQ(count(request, "Content-Type: application/json\r\n"), 1U);
  EXPECT_TRUE(request.ends_with("\r\n\r\n{\"prompt\":\"hi\"}")) << request;
}

TEST(HttpTransports, ConnectionIsUsedAgain) {
  LoopbackServer server({{{reply_of("1"), reply_of("2"), reply_of("3")}}});
  const auto transport = transport_to(server);
  for (const char* body : {"1", "2", "3"}) EXPECT_EQ(transport->send(get("/x"))->body, body);
  server.stop();
  EXPECT_EQ(server.connections, 1U);
}

TEST(HttpTransports, ErrorStatusesAreReplies) {
  LoopbackServer server({{{reply_of(R"({"error":"no"})", "HTTP/1.1 404 Not Found")}}});
  const auto reply = transport_to(server)->send(get("/x"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 404);
  EXPECT_EQ(reply->body, R"({"error":"no"})");
}

TEST(HttpTransports, TruncatedBodyIsALostConnection) {
  LoopbackServer server({{{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":"}}});
  const auto reply = transport_to(server)->send(get("/x"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::connection_lost);
}

TEST(HttpTransports, TruncatedChunkedBodyIsALostConnection) {
  LoopbackServer server({{{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"id\""}}});
  EXPECT_EQ(transport_to(server)->send(get("/x")).error().code, ErrorCode::connection_lost);
}

TEST(HttpTransports, ResetIsALostConnection) {
  LoopbackServer server({{.replies = {"HTTP/1.1 200"}, .reset = true}});
  EXPECT_EQ(transport_to(server)->send(get("/x")).error().code, ErrorCode::connection_lost);
}

TEST(HttpTransports, CloseWithoutAnAnswerIsALostConnection) {
  LoopbackServer server({{{""}}});
  EXPECT_EQ(transport_to(server)->send(get("/x")).error().code, ErrorCode::connection_lost);
}

TEST(HttpTransports, RefusedConnectionIsToldApart) {
  LoopbackServer server({});
  const auto transport = transport_to(server);
  server.stop();
  const auto reply = transport->send(get("/x"));
  EXPECT_EQ(reply.error().code, ErrorCode::connection_failed);
  EXPECT_EQ(reply.error().message, "nothing listens on " + server.url() + ": is the fake running?");
}

TEST(HttpTransports, HostWithoutAnAddressIsToldApart) {
  // A label of more than 63 letters needs no look-up to be no host.
  const std::string url = "http://" + std::string(64, 'a') + ".localhost:4747";
  const auto reply = HttpTransport::open(url).value()->send(get("/x"));
  EXPECT_EQ(reply.error().code, ErrorCode::connection_failed);
  EXPECT_EQ(reply.error().message, "there is no such host: " + url);
}

TEST(HttpTransports, ServerThatClosesAtOncePerhapsSpeaksTls) {
  LoopbackServer server({{{""}}});
  const auto reply = transport_to(server)->send(get("/x"));
  EXPECT_EQ(reply.error().message,
            "the connection to " + server.url() +
                " broke before the whole answer came, and nothing of it did; if it speaks TLS, it "
                "has an https:// URL");
}

TEST(HttpTransports, NewConnectionReplacesOneThatTheServerClosed) {
  LoopbackServer server({{{reply_of("1")}}, {{reply_of("2")}}});
  const auto transport = transport_to(server);
  EXPECT_EQ(transport->send(get("/x"))->body, "1");
  auto second = transport->send(get("/x"));
  // The close may arrive while the second request is under way; then the client's retry is due.
  if (!second) second = transport->send(get("/x"));
  EXPECT_EQ(second->body, "2");
}

TEST(HttpTransports, RedirectIsNotFollowed) {
  LoopbackServer elsewhere({{{reply_of("stolen")}}});
  LoopbackServer server({{{"HTTP/1.1 302 Found\r\nLocation: " + elsewhere.url() +
                           "/\r\nContent-Length: 0\r\n\r\n"}}});
  const auto reply = transport_to(server)->send(get("/x"));
  elsewhere.stop();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 302);
  EXPECT_EQ(elsewhere.connections, 0U);
}

TEST(HttpTransports, TooLargeReplyIsRefused) {
  LoopbackServer server({{{reply_of(std::string(1000, 'x'))}}});
  const auto reply = transport_to(server, {.max_reply_bytes = 999})->send(get("/x"));
  EXPECT_EQ(reply.error().code, ErrorCode::malformed_reply);
}

TEST(HttpTransports, ReplyOfExactlyTheLimitIsTaken) {
  LoopbackServer server({{{reply_of(std::string(1000, 'x'))}}});
  EXPECT_TRUE(transport_to(server, {.max_reply_bytes = 1000})->send(get("/x")));
}

TEST(HttpTransports, SilenceIsATimeout) {
  LoopbackServer silent({});  // the kernel takes the connection, and nobody ever answers
  const auto transport = transport_to(silent, {.read_timeout = milliseconds(1)});
  EXPECT_EQ(transport->send(get("/x")).error().code, ErrorCode::timed_out);
}

TEST(HttpTransports, TimeLimitOfARequestIsATimeoutToo) {
  LoopbackServer silent({});
  HttpRequest request = get("/x");
  request.time_limit = milliseconds(1);
  const auto reply = transport_to(silent)->send(request);
  EXPECT_EQ(reply.error().code, ErrorCode::timed_out);
  EXPECT_EQ(reply.error().message, "no whole answer came within 1 ms");
}

TEST(HttpTransports, TimeLimitHoldsWhileAHeadDrips) {
  LoopbackServer server({{.replies = {"HTTP/1.1 200 OK\r\nX-Long: a"}, .drips = true}});
  HttpRequest request = get("/x");
  request.time_limit = milliseconds(50);
  EXPECT_EQ(transport_to(server)->send(request).error().code, ErrorCode::timed_out);
}

TEST(HttpTransports, TimeLimitHoldsAfterAnInterimReply) {
  LoopbackServer server({{.replies = {"HTTP/1.1 103 Early Hints\r\n\r\nH"}, .drips = true}});
  HttpRequest request = get("/x");
  request.time_limit = milliseconds(50);
  EXPECT_EQ(transport_to(server)->send(request).error().code, ErrorCode::timed_out);
}

TEST(HttpTransports, ConnectionIsUsedAgainAfterATimeLimitThatDidNotCome) {
  LoopbackServer server({{{reply_of("1"), reply_of("2")}}});
  const auto transport = transport_to(server);
  HttpRequest request = get("/x");
  request.time_limit = std::chrono::hours(1);
  EXPECT_EQ(transport->send(request)->body, "1");
  EXPECT_EQ(transport->send(request)->body, "2");
  server.stop();
  EXPECT_EQ(server.connections, 1U);
}

TEST(HttpTransports, StopEndsAnExchangeThatWaitsForItsAnswer) {
  std::stop_source source;
  LoopbackServer server(
      {{.replies = {"H"}, .on_request = [&] { source.request_stop(); }, .drips = true}});
  HttpRequest request = get("/x");
  request.stop = source.get_token();
  EXPECT_EQ(transport_to(server)->send(request).error().code, ErrorCode::cancelled);
}

TEST(HttpTransports, NothingIsSentAfterAStop) {
  LoopbackServer server({{{reply_of("1")}}});
  std::stop_source source;
  source.request_stop();
  HttpRequest request = get("/x");
  request.stop = source.get_token();
  EXPECT_EQ(transport_to(server)->send(request).error().code, ErrorCode::cancelled);
  server.stop();
  EXPECT_EQ(server.connections, 0U);
}

// --- Interim replies (RFC 9110, 15.2) -----------------------------------------------------------

constexpr const char* kHints = "HTTP/1.1 103 Early Hints\r\nLink: </x.css>; rel=preload\r\n\r\n";

TEST(InterimReplies, ArePassedOver) {
  for (const std::string& interim :
       {std::string(kHints), std::string("HTTP/1.1 100 Continue\r\n\r\n"),
        std::string("HTTP/1.1 102 Processing\r\n\r\n") + kHints + kHints,
        std::string("HTTP/1.1 100 Continue\r\n\r\n") + kHints,
        std::string(kHints) + "HTTP/1.1 100 Continue\r\n\r\n"}) {
    LoopbackServer server({{.replies = {interim + reply_of("{}"), "rest"}}});
    const auto reply = transport_to(server)->send(get("/x"));
    ASSERT_TRUE(reply) << interim << reply.error().message;
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->body, "{}");
    EXPECT_EQ(*find_header(*reply, "content-type"), "application/json");
    EXPECT_EQ(find_header(*reply, "link"), nullptr);
  }
}

TEST(InterimReplies, ErrorsComeThroughAfterThem) {
  LoopbackServer server(
      {{.replies = {kHints + reply_of(R"({"error":"no"})", "HTTP/1.1 404 Not Found"), "rest"}}});
  const auto reply = transport_to(server)->send(get("/x"));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 404);
  EXPECT_EQ(reply->body, R"({"error":"no"})");
}

TEST(InterimReplies, ABodyInChunksIsReadAfterThem) {
  LoopbackServer server(
      {{.replies = {std::string(kHints) +
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "2;x=y\r\n{\"\r\n0A\r\nid\": \"\r\n\"}\r\n0\r\nX: y\r\n\r\n",
                    "rest"}}});
  const auto reply = transport_to(server)->send(get("/x"));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->body, "{\"id\": \"\r\n\"}");
}

TEST(InterimReplies, ABodyWithoutALengthEndsWithTheConnection) {
  LoopbackServer server({{{std::string(kHints) + "HTTP/1.1 200 OK\r\n\r\nwhole"}}});
  const auto reply = transport_to(server)->send(get("/x"));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->body, "whole");
}

TEST(InterimReplies, NoContentNeedsNoBody) {
  LoopbackServer server(
      {{.replies = {std::string(kHints) + "HTTP/1.1 204 No Content\r\n\r\n", "x"}}});
  const auto reply = transport_to(server)->send(get("/x"));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 204);
}

TEST(InterimReplies, ACutReplyAfterThemIsALostConnection) {
  for (const char* cut :
       {"", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"}) {
    LoopbackServer server({{{std::string(kHints) + cut}}});
    EXPECT_EQ(transport_to(server)->send(get("/x")).error().code, ErrorCode::connection_lost)
        << cut;
  }
}

TEST(InterimReplies, GarbageAfterThemIsMalformed) {
  for (const char* garbage : {"hello\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
                              "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"}) {
    LoopbackServer server({{.replies = {std::string(kHints) + garbage, "rest"}}});
    EXPECT_EQ(transport_to(server)->send(get("/x")).error().code, ErrorCode::malformed_reply)
        << garbage;
  }
}

TEST(InterimReplies, TheLimitOfAReplyHoldsAfterThem) {
  LoopbackServer server({{.replies = {kHints + reply_of(std::string(1000, 'x')), "rest"}}});
  const auto reply = transport_to(server, {.max_reply_bytes = 999})->send(get("/x"));
  EXPECT_EQ(reply.error().code, ErrorCode::malformed_reply);
}

TEST(InterimReplies, AnotherProtocolIsRefusedAtOnce) {
  LoopbackServer server({{.replies = {"HTTP/1.1 101 Switching Protocols\r\n\r\n", "rest"}}});
  EXPECT_EQ(transport_to(server)->send(get("/x")).error().code, ErrorCode::malformed_reply);
}

TEST(HttpTransports, RequestsOfSeveralThreadsRunAtTheSameTime) {
  LoopbackServer server({{{reply_of("1")}}, {{reply_of("1")}}}, /*together=*/true);
  const auto transport = transport_to(server);
  std::thread other([&] { EXPECT_TRUE(transport->send(get("/x"))); });
  EXPECT_TRUE(transport->send(get("/x")));
  other.join();
  server.stop();
  EXPECT_EQ(server.connections, 2U);
}

TEST(HttpTransports, UnreadableCaFileIsRefused) {
  for (const char* file : {"/nonexistent", "/", "/dev/null"}) {
    const auto transport = HttpTransport::open("https://x", {.ca_file = file});
    ASSERT_FALSE(transport) << file;
    EXPECT_EQ(transport.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(transport.error().message.find("CA file " + std::string(file) + ": expected "), 0U)
        << transport.error().message;
  }
}

TEST(HttpTransports, PlainServerIsNoTlsServer) {
  LoopbackServer server({{.replies = {}, .greeting = reply_of("1")}});
  const std::string url = "https" + server.url().substr(4);
  const auto reply = HttpTransport::open(url).value()->send(get("/x"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::tls);
  EXPECT_EQ(reply.error().message, url + " does not speak TLS: has it an http:// URL?");
}

}  // namespace
}  // namespace nairi::tests
