// REFERENCE: Basics.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/worlds.h"
#include "nairi/mock/cancellation.h"
#include "protocol/credentials.h"
#include "protocol/failure.h"

namespace nairi::mock::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

constexpr const char* kUlid = "[0-9A-HJKMNP-TV-Z]{26}";

TEST(Authorization, MissingKeyIs401) {
  Fake fake(plain_world());
  const Answer answer = Api(fake, "").get("/agents");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.error(), "missing API key");
  EXPECT_THAT(answer.hint(), HasSubstr("Authorization: Bearer"));
  EXPECT_NE(find_header(answer.headers, "WWW-Authenticate"), nullptr);
}

TEST(Authorization, AKeyMayEndInTheEqualsSignOfBase64) {
  Fake fake(plain_world());
  const std::string key = "nr_" + std::string(43, 'x') + "=";
  const Started turn = Api(fake, key).start("bot", "hello");
  EXPECT_EQ(Api(fake, key).get("/messages/" + turn.message).status, 200);
  EXPECT_EQ(Api(fake, key.substr(0, key.size() - 1)).get("/messages/" + turn.message).status, 404);
  EXPECT_EQ(redacted("got " + key + ".", ""), "got [redacted].");
}

// REFERENCE: Basics: requests in flight included. On the wire: InFlight.ARevokedKeyIs401.
TEST(Authorization, RevokingAKeyRefusesItsRequestsInFlight) {
  Play play(plain_world());
  const auto delayed = [&](Api& api, const std::string& key) {
    EXPECT_EQ(
        api.control("POST", "/faults", R"({"at": "agents", "do": {"delay_ms": 9000}})").status,
        200);
    return play.fake.handle(
        {.method = "GET",
         .target = "/api/public/v1/agents",
         .headers = {{"Authorization", "Bearer " + key}, {"X-Mock-Fidelity", "1"}}});
  };
  Api other(play.fake, "nr_other");
  const Reply revoked = delayed(play.api, "nr_test");
  const Reply kept = delayed(other, "nr_other");
  ASSERT_TRUE(revoked.cancellation && kept.cancellation);
  play.fake.revoke("nr_test");
  EXPECT_TRUE(revoked.cancellation->is_cancelled() && revoked.cancellation->is_revoked());
  EXPECT_FALSE(kept.cancellation->is_cancelled());
  ASSERT_NE(revoked.when_revoked, nullptr);
  EXPECT_EQ(revoked.when_revoked->status, 401);
  EXPECT_EQ(header_value(revoked.when_revoked->headers, "X-Mock-Fidelity"), "documented");
  EXPECT_EQ(play.api.get("/agents").status, 401);
}

TEST(Authorization, AKeyOfAnAgentIs401) {
  Fake fake(plain_world());
  for (const char* key : {"ccagent_01", "eksecd_01", "nairid_01"}) {
    EXPECT_EQ(Api(fake, key).get("/agents").status, 401) << key;
  }
}

TEST(Authorization, AnotherSchemeIs401) {
  Play play(plain_world());
  const Answer answer = play.api.send({.method = "GET",
                                       .target = "/api/public/v1/agents",
                                       .headers = {{"Authorization", "Basic nr_test"}}});
  EXPECT_EQ(answer.status, 401);
}

TEST(Authorization, EmptyKeyIs401) {
  Play play(plain_world());
  const Answer answer = play.api.send({.method = "GET",
                                       .target = "/api/public/v1/agents",
                                       .headers = {{"Authorization", "Bearer  "}}});
  EXPECT_EQ(answer.status, 401);
}

TEST(Authorization, HeaderNameAndSchemeAreComparedWithoutCase) {
  Play play(plain_world());
  const Answer answer = play.api.send({.method = "GET",
                                       .target = "/api/public/v1/agents",
                                       .headers = {{"aUTHORIZATION", "bEARER nr_test"}}});
  EXPECT_EQ(answer.status, 200);
}

TEST(Authorization, EveryEndpointWantsAKey) {
  Fake fake(plain_world());
  Api nobody(fake, "");
  EXPECT_EQ(nobody.post("/conversations/start", Json::object()).status, 401);
  EXPECT_EQ(nobody.get("/messages/x").status, 401);
  EXPECT_EQ(nobody.get("/conversations/x/messages").status, 401);
  EXPECT_EQ(nobody.post("/conversations/x/continue", Json::object()).status, 401);
  EXPECT_EQ(nobody.get("/agents/bot").status, 401);
  EXPECT_EQ(nobody.get("/agents/bot/conversations").status, 401);
  EXPECT_EQ(nobody.post("/agents/bot/deploy", Json::object()).status, 401);
  EXPECT_EQ(nobody.get("/attachments/x").status, 401);
  EXPECT_EQ(nobody.upload("a", "b").status, 401);
}

TEST(Authorization, RevokedKeyIs401AtOnceAlsoForConversationsInFlight) {
  Play play(plain_world());
  const Started turn = play.api.start("bot", "hello");
  ASSERT_EQ(play.api.get("/messages/" + turn.message).status, 200);
  play.fake.revoke("nr_test");
  EXPECT_EQ(play.api.get("/messages/" + turn.message).status, 401);
  EXPECT_EQ(play.api.get("/conversations/" + turn.job + "/messages").status, 401);
}

TEST(Authorization, KeyThatTheWorldRevokesIs401) {
  Fake fake(world_of(R"({"agents": [], "keys": [{"key": "nr_gone", "revoked": true}]})"));
  EXPECT_EQ(Api(fake, "nr_gone").get("/agents").status, 401);
}

TEST(Authorization, OnlyListedKeysAreLetInWhenAsked) {
  Fake fake(world_of(R"({"agents": [], "keys": [{"key": "nr_in"}]})"), {.listed_keys_only = true});
  EXPECT_EQ(Api(fake, "nr_in").get("/agents").status, 200);
  EXPECT_EQ(Api(fake, "nr_out").get("/agents").status, 401);
}

TEST(Errors, AreAnObjectWithErrorTextAndJsonContentType) {
  Fake fake(plain_world());
  const Reply reply = fake.handle({.method = "GET", .target = "/api/public/v1/agents"});
  EXPECT_EQ(reply.content_type, "application/json");
  const Json json = Json::parse(reply.body);
  ASSERT_EQ(json.size(), 1U);
  EXPECT_TRUE(json.at("error").is_string());
}

TEST(Ids, AreAPrefixAndAnUpperCaseUlid) {
  Play play(plain_world());
  const Started turn = play.api.start("bot", "hello");
  EXPECT_THAT(turn.job, MatchesRegex(std::string("job_") + kUlid));
  EXPECT_THAT(turn.message, MatchesRegex(std::string("cmsg_") + kUlid));
  const std::string agent = play.api.get("/agents/bot").json().at("id");
  EXPECT_THAT(agent, MatchesRegex(std::string("cci_") + kUlid));
  const std::string file = play.api.upload("a.txt", "a").json().at("attachment_id");
  EXPECT_THAT(file, MatchesRegex(std::string("att_") + kUlid));
}

TEST(Ids, OlderConversationsUseAnotherPrefix) {
  Play play(world_with("", R"({"id": "j_01KP3SRTDEBBB61MF4T1X9BMVF", "agent_id": "bot",
                               "messages": [{"role": "user", "content": "hi"}]})"));
  const Json messages = play.api.messages("j_01KP3SRTDEBBB61MF4T1X9BMVF");
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].at("job_id"), "j_01KP3SRTDEBBB61MF4T1X9BMVF");
  EXPECT_EQ(play.api.get("/conversations/job_01KP3SRTDEBBB61MF4T1X9BMVF/messages").status, 404);
  const Started next = play.api.continue_job("j_01KP3SRTDEBBB61MF4T1X9BMVF", "more");
  EXPECT_EQ(next.job, "j_01KP3SRTDEBBB61MF4T1X9BMVF");
}

// What is wrong with an id, and the id.
using BadId = std::pair<const char*, const char*>;
class MalformedId : public ::testing::TestWithParam<BadId> {};

TEST_P(MalformedId, Is400) {
  Play play(plain_world());
  const std::string id = GetParam().second;
  EXPECT_EQ(play.api.get("/messages/cmsg_" + id).status, 400);
  EXPECT_EQ(play.api.get("/conversations/job_" + id + "/messages").status, 400);
  EXPECT_EQ(play.api.get("/conversations/j_" + id + "/messages").status, 400);
  EXPECT_EQ(play.api.get("/attachments/att_" + id).status, 400);
  EXPECT_EQ(play.api.get("/agents/cci_" + id).status, 400);
  EXPECT_EQ(play.api.post("/conversations/job_" + id + "/continue", {{"prompt", "x"}}).status, 400);
}

INSTANTIATE_TEST_SUITE_P(Ids, MalformedId,
                         ::testing::Values(BadId{"TooShort", "01KP3SRTDEBBB61MF4T1X9BMV"},
                                           BadId{"TooLong", "01KP3SRTDEBBB61MF4T1X9BMVFF"},
                                           BadId{"LowerCase", "01kp3srtdebbb61mf4t1x9bmvf"},
                                           BadId{"LetterOutsideTheAlphabet",
                                                 "01KP3SRTDEBBB61MF4T1X9BMVU"},
                                           BadId{"Over128Bits", "81KP3SRTDEBBB61MF4T1X9BMVF"},
                                           BadId{"EncodedSlash", "01KP3SRTDEBBB61MF4T1X9BM%2F"},
                                           BadId{"EncodedNul", "01KP3SRTDEBBB61MF4T1X9BMV%00"}),
                         [](const auto& parameter) { return parameter.param.first; });

TEST(Ids, WrongPrefixIs400) {
  Play play(plain_world());
  EXPECT_EQ(play.api.get("/messages/job_01KP3SRTDEBBB61MF4T1X9BMVF").status, 400);
  EXPECT_EQ(play.api.get("/conversations/cmsg_01KP3SRTDEBBB61MF4T1X9BMVF/messages").status, 400);
  EXPECT_EQ(play.api.get("/attachments/cmsg_01KP3SRTDEBBB61MF4T1X9BMVF").status, 400);
}

TEST(Ids, WrongPrefixIs400WhenContinuingAndOnAgentPaths) {
  Play play(plain_world());
  const std::string message = "cmsg_01KP3SRTDEBBB61MF4T1X9BMVF";
  EXPECT_EQ(play.api.post("/conversations/" + message + "/continue", {{"prompt", "x"}}).status,
            400);
  EXPECT_EQ(play.api.get("/agents/cci_01KP3SRTDEBBB61MF4T1X9BMV/conversations").status, 400);
  EXPECT_EQ(play.api.call("POST", "/agents/cci_1/deploy").status, 400);
  EXPECT_EQ(play.api.call("PATCH", "/agents/cci_1", "{}").status, 400);
  EXPECT_EQ(play.api.call("DELETE", "/agents/cci_1").status, 400);
}

TEST(Ids, HostileBytesAreRefusedAndNotRead) {
  Play play(plain_world());
  std::string bytes;
  for (int i = 0; i < 70; ++i) bytes += "%80";  // UTF-8 that only continues
  EXPECT_EQ(play.api.get("/agents/" + bytes).status, 404);
  EXPECT_EQ(play.api.get("/messages/" + bytes).status, 400);
  EXPECT_EQ(play.api.get("/agents/bot/conversations?limit=" + bytes).status, 400);
  EXPECT_EQ(
      play.api.post("/conversations/job_01KP3SRTDEBBB61MF4T1X9BMVF/continue", {{"prompt", "x"}})
          .status,
      404);
}

TEST(Ids, UnknownOnesAre404) {
  Play play(plain_world());
  EXPECT_EQ(play.api.get("/messages/cmsg_01KP3SRTDEBBB61MF4T1X9BMVF").status, 404);
  EXPECT_EQ(play.api.get("/conversations/job_01KP3SRTDEBBB61MF4T1X9BMVF/messages").status, 404);
  EXPECT_EQ(play.api.get("/attachments/att_01KP3SRTDEBBB61MF4T1X9BMVF").status, 404);
  EXPECT_EQ(play.api.get("/agents/cci_01KP3SRTDEBBB61MF4T1X9BMVF").status, 404);
}

TEST(Ids, MayBePercentEncoded) {
  Play play(plain_world());
  const Started turn = play.api.start("bot", "hello");
  std::string encoded = turn.message;
  encoded.replace(encoded.find('_'), 1, "%5F");
  EXPECT_EQ(play.api.get("/messages/" + encoded).status, 200);
}

TEST(Times, AreRfc3339UtcWithMilliseconds) {
  Play play(plain_world());
  const Json message = play.api.message(play.api.start("bot", "hello").message);
  const char* form = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z";
  EXPECT_THAT(message.at("created_at").get<std::string>(), MatchesRegex(form));
  EXPECT_THAT(message.at("updated_at").get<std::string>(), MatchesRegex(form));
}

TEST(Organizations, DoNotSeeEachOther) {
  Fake fake(plain_world());
  Api mine(fake, "nr_mine");
  Api theirs(fake, "nr_theirs");
  const Started turn = mine.start("bot", "hello");
  const std::string file = mine.upload("a.txt", "a").json().at("attachment_id");
  EXPECT_EQ(theirs.get("/messages/" + turn.message).status, 404);
  EXPECT_EQ(theirs.get("/conversations/" + turn.job + "/messages").status, 404);
  EXPECT_EQ(theirs.post("/conversations/" + turn.job + "/continue", {{"prompt", "x"}}).status, 404);
  EXPECT_EQ(theirs.get("/attachments/" + file).status, 404);
  EXPECT_TRUE(theirs.conversations("bot").empty());
  EXPECT_EQ(mine.conversations("bot").size(), 1U);
}

TEST(Organizations, ChangingAnAgentChangesItForItsOwnOnly) {
  Fake fake(plain_world());
  Api mine(fake, "nr_mine");
  Api theirs(fake, "nr_theirs");
  ASSERT_EQ(mine.call("DELETE", "/agents/bot").status, 204);
  EXPECT_EQ(mine.get("/agents/bot").status, 404);
  EXPECT_EQ(theirs.get("/agents/bot").status, 200);
}

TEST(Organizations, AreBoundedInNumber) {
  Fake fake(plain_world(), {.max_organizations = 2});
  EXPECT_EQ(Api(fake, "nr_1").get("/agents").status, 200);
  EXPECT_EQ(Api(fake, "nr_2").get("/agents").status, 200);
  const Answer refused = Api(fake, "nr_3").get("/agents");
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.error(), HasSubstr("POST /__mock/reset"));
  fake.reset("nr_1");
  EXPECT_EQ(Api(fake, "nr_3").get("/agents").status, 200);
}

// REFERENCE: Basics, of those that are documented.
TEST(ErrorTexts, AreShortAndTheHintSaysTheRest) {
  Play play(plain_world());
  const Answer message = play.api.get("/messages/cmsg_01KP3SRTDEBBB61MF4T1X9BMVF");
  EXPECT_EQ(message.error(), "message not found");
  EXPECT_THAT(message.hint(), HasSubstr("\"cmsg_01KP3SRTDEBBB61MF4T1X9BMVF\""));
  EXPECT_EQ(play.api.get("/messages/cmsg_1").error(), "invalid message id");
  EXPECT_EQ(play.api.get("/conversations/job_1/messages").error(), "invalid job id");
  EXPECT_EQ(play.api.get("/attachments/att_01KP3SRTDEBBB61MF4T1X9BMVF").error(),
            "attachment not found");
  const Answer agent = play.api.get("/agents/bott");
  EXPECT_EQ(agent.error(), "agent not found");
  EXPECT_EQ(agent.hint(), "the key's organization has no agent \"bott\"; did you mean \"bot\"?");
}

TEST(Hints, AreOneLineOfAscii) {
  EXPECT_EQ(
      *find_header(error_reply({400, "invalid", "a \"\xC3\xA4\"\n\\\xFF"}).headers, kHintHeader),
      R"(a "\u00e4"\n\\ufffd)");
  EXPECT_EQ(find_header(error_reply({400, "invalid"}).headers, kHintHeader), nullptr);
}

TEST(Routes, UnknownPathIs404AndNamesTheNearest) {
  Play play(plain_world());
  const Answer answer = play.api.get("/message/cmsg_01KP3SRTDEBBB61MF4T1X9BMVF");
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(answer.error(), StartsWith("no route GET \"/api/public/v1/message/cmsg_"));
  EXPECT_THAT(answer.error(), HasSubstr("GET /api/public/v1/messages/{message_id}"));
}

TEST(Routes, PathWithoutThePrefixNamesTheOneWithIt) {
  Play play(plain_world());
  const Answer answer = play.api.send({.method = "POST", .target = "/conversations/start"});
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(answer.error(), HasSubstr("POST /api/public/v1/conversations/start"));
}

// A path without a route, and what is said of it.
struct Slip {
  const char* method;
  const char* target;
  const char* hint;
};

TEST(Routes, AreFoundWhateverTheSlip) {
  constexpr Slip kSlips[] = {
      {"GET", "/api/public/v1/api/public/v1/agents",
       "the prefix /api/public/v1 stands there twice; the nearest route is GET "
       "/api/public/v1/agents"},
      {"GET", "/proxy/api/public/v1/agents",
       "something stands before the prefix /api/public/v1; the nearest route is GET "
       "/api/public/v1/agents"},
      {"POST", "/agents",
       "the prefix /api/public/v1 is missing; the nearest route is POST /api/public/v1/agents"},
      {"GET", "/v1/agents/bot/conversations",
       "the prefix /api/public/v1 is missing; the nearest route is GET "
       "/api/public/v1/agents/{agent_id}/conversations"},
      {"GET", "/API/Public/v1/agents",
       "the prefix /api/public/v1 is not in lower case; the nearest route is GET "
       "/api/public/v1/agents"},
      {"GET", "/api/public/v1agents",
       "a slash is missing after the prefix /api/public/v1; the nearest route is GET "
       "/api/public/v1/agents"},
      {"GET", "/api/public/v1/agents/",
       "the path ends in a slash; the nearest route is GET /api/public/v1/agents"},
      {"GET", "/api/public/v1/agents/bot/",
       "the path ends in a slash; the nearest route is GET /api/public/v1/agents/{agent_id}"},
      {"GET", "/api/public/v1/agents/bot/conversations/",
       "the path ends in a slash; the nearest route is GET "
       "/api/public/v1/agents/{agent_id}/conversations"},
      {"POST", "/api/public/v1/conversations/start/",
       "the path ends in a slash; the nearest route is POST /api/public/v1/conversations/start"},
      {"GET", "/api/public/v1//agents",
       "two slashes stand side by side (is an id empty?); the nearest route is GET "
       "/api/public/v1/agents"},
      {"GET", "/api/public/v1/agents//conversations",
       "two slashes stand side by side (is an id empty?); the nearest route is GET "
       "/api/public/v1/agents/{agent_id}"},
      {"GET", "/api/public/v1/Agents",
       "the path is not in lower case; the nearest route is GET /api/public/v1/agents"},
      {"POST", "/api/public/v1/Conversations/Start/",
       "the path ends in a slash, and the path is not in lower case; the nearest route is POST "
       "/api/public/v1/conversations/start"},
      {"POST", "/api/public/v1/start",
       "/conversations is missing; the nearest route is POST /api/public/v1/conversations/start"},
      {"GET", "/api/public/v1/job_01KP3SRTDEBBB61MF4T1X9BMVF/messages",
       "/conversations is missing; the nearest route is GET "
       "/api/public/v1/conversations/{job_id}/messages"},
      {"POST", "/api/public/v1/job_01KP3SRTDEBBB61MF4T1X9BMVF/continue",
       "/conversations is missing; the nearest route is POST "
       "/api/public/v1/conversations/{job_id}/continue"},
      {"POST", "/start",
       "the prefix /api/public/v1 is missing, and /conversations is missing; the nearest route is "
       "POST /api/public/v1/conversations/start"},
      {"GET", "/api/public/v1",
       "the base URL alone is no route; the nearest route is GET "
       "/api/public/v1/agents"},
      {"GET", "/",
       "the base URL alone is no route; the nearest route is GET /api/public/v1/agents"},
      {"POST", "/api/public/v1/conversation/start",
       "the nearest route is POST /api/public/v1/conversations/start"},
      {"POST", "/api/public/v1/attachment", "the nearest route is POST /api/public/v1/attachments"},
      {"GET", "/api/public/v1/conversations/job_01KP3SRTDEBBB61MF4T1X9BMVF",
       "the nearest route is GET /api/public/v1/conversations/{job_id}/messages"},
      {"PATCH", "/api/public/v1/agent/bot",
       "the nearest route is PATCH /api/public/v1/agents/{agent_id}"},
      {"GET", "/__mock/jurnal", "the nearest route is GET /__mock/journal"},
      {"POST", "/__mock/rest", "the nearest route is POST /__mock/reset"},
      {"PUT", "/__mock/wor", "the nearest route is PUT /__mock/world"},
  };
  Play play(plain_world());
  for (const auto& [method, target, hint] : kSlips) {
    const Answer answer = play.api.send({.method = method, .target = target});
    EXPECT_EQ(answer.status, 404) << target;
    EXPECT_EQ(answer.hint(), hint) << method << " " << target;
  }
}

TEST(Routes, NoSlugBeginsOrEndsInASlash) {
  Play play(plain_world());
  EXPECT_THAT(play.api.get("/agents/bot/").error(), StartsWith("no route GET "));
  EXPECT_THAT(play.api.get("/agents//bot").error(), StartsWith("no route GET "));
  EXPECT_EQ(play.api.call("DELETE", "/agents/bot/").status, 404);
  EXPECT_EQ(play.api.get("/agents/bot").status, 200);
  EXPECT_EQ(play.api.get("/agents/acme/ops").status, 200);
}

TEST(Routes, WrongMethodIs405WithAllow) {
  Play play(plain_world());
  const Answer one = play.api.call("DELETE", "/messages/x");
  EXPECT_EQ(one.status, 405);
  EXPECT_EQ(header_value(one.headers, "Allow"), "GET, HEAD");
  EXPECT_EQ(one.hint(), "the path takes GET, HEAD");
  EXPECT_EQ(header_value(play.api.call("PUT", "/agents/bot").headers, "Allow"),
            "GET, HEAD, PATCH, DELETE");
  EXPECT_EQ(play.api.get("/conversations/start").status, 405);
  EXPECT_EQ(play.api.call("POST", "/agents/bot/conversations").status, 405);
}

TEST(Routes, HeadAnswersLikeGetButIsNoPoll) {
  Play play(plain_world());
  const Started turn = play.api.start("bot", "hello");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(play.api.call("HEAD", "/messages/" + turn.message).status, 200);
  }
  EXPECT_EQ(play.api.status(turn.message), "pending");
}

TEST(Responses, HoldNoNullWhereAFieldIsLeftOut) {
  Fake fake(default_world());
  Api api(fake);
  std::size_t seen = 0;
  for (const char* prompt : {"hello", "Refund cus_123", "Please fail", "open a pull request"}) {
    const Started turn = api.start("billing-agent", prompt);
    api.finish(turn.message);
    for (const Json& message : api.messages(turn.job)) {
      for (const auto& [name, value] : message.items()) EXPECT_FALSE(value.is_null()) << name;
      ++seen;
    }
  }
  EXPECT_GT(seen, 20U);
}

TEST(Responses, OfConversationsAndAgentsHoldTimesToo) {
  Play play(plain_world());
  play.api.start("bot", "hello");
  const char* form = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z";
  for (const Json& json :
       {play.api.conversations("bot").at(0), play.api.get("/agents/bot").json()}) {
    EXPECT_THAT(json.at("created_at").get<std::string>(), MatchesRegex(form));
    EXPECT_THAT(json.at("updated_at").get<std::string>(), MatchesRegex(form));
  }
}

}  // namespace
}  // namespace nairi::mock::testing
