// What stands around the API: browsers' pages of other origins, and bodies that come packed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "engine/worlds.h"
#include "protocol/cors.h"

namespace nairi::mock::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kPage = "http://localhost:5173";
constexpr const char* kAgents = "/api/public/v1/agents";

class BrowserPages : public ::testing::Test {
 protected:
  Answer ask(const std::string& method, const std::string& target, std::vector<Header> headers) {
    return api_.send({.method = method, .target = target, .headers = std::move(headers)});
  }
  Answer preflight(const std::string& target, const std::string& origin) {
    return ask("OPTIONS", target,
               {{"Origin", origin},
                {"Access-Control-Request-Method", "GET"},
                {"Access-Control-Request-Headers", "authorization,x-mine"}});
  }
  static std::string field(const Answer& answer, const char* name) {
    return std::string(header_value(answer.headers, name));
  }

  Fake fake_{plain_world(), {.cors_origins = {"https://app.test", kPage}}};
  Api api_{fake_};
};

TEST_F(BrowserPages, OfAnAllowedOriginGetLeave) {
  const Answer leave = preflight(kAgents, kPage);
  EXPECT_EQ(leave.status, 204);
  EXPECT_EQ(leave.text, "");
  EXPECT_EQ(field(leave, "Access-Control-Allow-Origin"), kPage);
  EXPECT_EQ(field(leave, "Access-Control-Allow-Methods"), "GET, HEAD, POST, PATCH, DELETE");
  EXPECT_EQ(field(leave, "Access-Control-Allow-Headers"), "authorization,x-mine");
  EXPECT_EQ(field(leave, "Vary"), "Origin");
}

TEST_F(BrowserPages, OfAnAllowedOriginMayReadRepliesAndErrors) {
  for (const char* target : {kAgents, "/api/public/v1/messages/x", "/nothing"}) {
    const Answer answer = ask("GET", target, {{"Origin", kPage}});
    EXPECT_EQ(field(answer, "Access-Control-Allow-Origin"), kPage) << target;
    EXPECT_EQ(field(answer, "Vary"), "Origin") << target;
    EXPECT_THAT(field(answer, "Access-Control-Expose-Headers"), HasSubstr("Retry-After")) << target;
    EXPECT_THAT(field(answer, "Access-Control-Expose-Headers"), HasSubstr("X-Mock-Hint")) << target;
  }
}

TEST_F(BrowserPages, OfOtherOriginsGetNone) {
  for (const char* origin : {"http://localhost:5174", "https://localhost:5173", "null"}) {
    const Answer refused = preflight(kAgents, origin);
    EXPECT_EQ(refused.status, 403) << origin;
    EXPECT_THAT(refused.hint(), HasSubstr(std::string("\"") + origin + "\": let its calls"));
    EXPECT_EQ(field(refused, "Access-Control-Allow-Origin"), "") << origin;
    const Answer unread = ask("GET", kAgents, {{"Origin", origin}});
    EXPECT_EQ(unread.status, 200);
    EXPECT_EQ(field(unread, "Access-Control-Allow-Origin"), "") << origin;
  }
}

TEST_F(BrowserPages, NeverGetLeaveForTheControlApi) {
  EXPECT_EQ(preflight("/__mock/reset", kPage).status, 403);
  for (const char* target : {"/__mock/health", "/__mock/nothing"}) {
    const Answer answer = ask("GET", target, {{"Origin", kPage}, {"Host", "localhost:4747"}});
    EXPECT_EQ(field(answer, "Access-Control-Allow-Origin"), "") << target;
  }
}

TEST_F(BrowserPages, AskingForLeaveIsNobodysCall) {
  preflight(kAgents, kPage);
  preflight("/nothing", "http://elsewhere.test");
  EXPECT_THAT(api_.control("GET", "/journal").json().at("entries"), IsEmpty());
}

TEST_F(BrowserPages, AnOptionsThatAsksForNoLeaveIsAnotherMethod) {
  EXPECT_EQ(ask("OPTIONS", kAgents, {{"Origin", kPage}}).status, 405);
}

TEST(WithoutOrigins, NoPageGetsLeaveAndNoReplySpeaksOfThem) {
  Play play(plain_world());
  const auto ask = [&](const char* method) {
    return play.api.send(
        {.method = method,
         .target = kAgents,
         .headers = {{"Origin", kPage}, {"Access-Control-Request-Method", "GET"}}});
  };
  EXPECT_EQ(ask("OPTIONS").status, 403);
  EXPECT_THAT(ask("GET").headers, IsEmpty());
}

TEST(Origins, AreSchemeHostAndPort) {
  for (const char* origin : {"http://localhost:5173", "https://app.test", "null", "app://x"}) {
    EXPECT_TRUE(is_origin(origin)) << origin;
  }
  for (const char* text : {"", "*", "localhost:5173", "http://", "http://a/", "http://a/b", "://a",
                           "http://*.test", "http://a, http://b"}) {
    EXPECT_FALSE(is_origin(text)) << text;
    EXPECT_THROW(Fake(plain_world(), {.cors_origins = {text}}), std::invalid_argument) << text;
  }
}

class PackedBodies : public ::testing::Test {
 protected:
  Answer send(const std::string& coding, const std::string& body,
              const std::string& target = "/api/public/v1/conversations/start") {
    return play_.api.send({.method = "POST",
                           .target = target,
                           .headers = {{"Content-Encoding", coding}},
                           .body = body});
  }
  Play play_{plain_world()};
};

TEST_F(PackedBodies, AreRefusedByTheNameOfTheirCoding) {
  for (const char* coding : {"gzip", "BR", "identity, zstd"}) {
    const Answer refused = send(coding, "\x1F\x8B");
    EXPECT_EQ(refused.status, 415);
    EXPECT_EQ(refused.error(), "unsupported content encoding");
    EXPECT_EQ(refused.hint(), std::string("the body is packed with \"") + coding +
                                  "\": send it as it is, without Content-Encoding");
    EXPECT_EQ(header_value(refused.headers, "Accept-Encoding"), "identity");
  }
}

TEST_F(PackedBodies, AreRefusedByTheControlApiToo) {
  EXPECT_EQ(send("gzip", "\x1F\x8B", "/__mock/jobs").status, 415);
}

TEST_F(PackedBodies, AreLookedAtAfterTheKey) {
  Api nobody(play_.fake, "");
  const Answer refused = nobody.send({.method = "POST",
                                      .target = "/api/public/v1/agents",
                                      .headers = {{"Content-Encoding", "gzip"}},
                                      .body = "x"});
  EXPECT_EQ(refused.status, 401);
}

TEST_F(PackedBodies, AreThoseThatAreThereAndPacked) {
  const std::string body = R"({"agent_id": "bot", "prompt": "hi"})";
  EXPECT_EQ(send("identity", body).status, 200);
  EXPECT_EQ(send("", body).status, 200);
  EXPECT_EQ(send("gzip", "").status, 400);
}

TEST(Paths, AreTakenAsTheyAreWritten) {
  Play play(plain_world());
  for (const char* target :
       {"//api/public/v1/agents", "/api/public/v1//agents", "/api/public/v1/%61gents"}) {
    const Answer answer = play.api.send({.method = "GET", .target = target});
    EXPECT_EQ(answer.status, 404) << target;
    EXPECT_THAT(answer.error(), HasSubstr("the nearest is GET /api/public/v1/agents")) << target;
  }
  EXPECT_EQ(play.api.get("/agents/%62ot").status, 200);  // REFERENCE: Agents: or as %2F
}

}  // namespace
}  // namespace nairi::mock::testing
