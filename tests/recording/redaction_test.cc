// What is taken out of recordings, whatever it is wrapped in, and what is left.
#include "harness/recorder/redaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "harness/cases/base64.h"
#include "harness/cases/values.h"

namespace nairi::contracts {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kKey = "s3cr3t/k\"y+\\1";

Redaction knowing(const std::string& key = kKey) {
  Redaction redaction = *Redaction::make({});
  redaction.learn({{"Authorization", "Bearer " + key}});
  return redaction;
}

std::string body_of(Redaction& redaction, const std::string& body) {
  bool left_out = false;
  return redaction.body(body, {}, left_out);
}

TEST(Redaction, GivesAKeyThePlaceholderThatItHas) {
  Redaction redaction = *Redaction::make({});
  EXPECT_EQ(redaction.learn({{"authorization", "bearer  one-key"}}), "key-1");
  EXPECT_EQ(redaction.learn({{"Authorization", "Bearer other-key"}}), "key-2");
  EXPECT_EQ(redaction.learn({{"Authorization", "Bearer one-key"}}), "key-1");
  EXPECT_EQ(redaction.learn({{"Accept", "*/*"}}), "");
  EXPECT_EQ(redaction.text("one-key, other-key"), "key-1, key-2");
}

TEST(Redaction, KeepsTheWordBeforeABearerKeyAlone) {
  const auto kept = [](const std::string& value) {
    const auto header = Redaction::kept_authorization({{"AUTHORIZATION", value}}, "key-1");
    return header ? header->name + ": " + header->value : "";
  };
  EXPECT_EQ(kept("Bearer secret"), "authorization: Bearer key-1");
  EXPECT_EQ(kept("bEARER  secret"), "authorization: bEARER key-1");
  EXPECT_EQ(kept("Basic c2VjcmV0"), "");
  EXPECT_EQ(kept("secret"), "");
  EXPECT_EQ(kept("secret secret"), "");
  EXPECT_FALSE(Redaction::kept_authorization({{"Authorization", "Bearer "}}, ""));
  EXPECT_FALSE(Redaction::kept_authorization({{"Accept", "*/*"}}, ""));
}

TEST(Redaction, FindsAKeyInWhateverItIsWrapped) {
  Redaction redaction = knowing();
  const std::vector<std::string> wrapped = {
      "is " + kKey + " here",
      R"({"a":"s3cr3t/k\"y+\\1"})",
      R"({"a":"\u00733cr3t\/k\"y\u002b\\1"})",
      "/agents/s3cr3t%2Fk%22y%2B%5C1?x=1",
      "x=%73%33%63%72%33%74%2fk%22y%2b%5c1",
      encode_base64(kKey),
      encode_base64("a" + kKey + "b"),
      encode_base64("ab" + kKey),
      "data:" + encode_base64("user:" + kKey),
      "7333637233742f6b22792b5c31",
      "7333637233742F6B22792B5C31",
  };
  for (const std::string& text : wrapped) {
    const std::string kept = body_of(redaction, text);
    EXPECT_THAT(kept, ::testing::AnyOf(HasSubstr("key-1"), HasSubstr("[redacted]"))) << text;
    EXPECT_THAT(kept, Not(HasSubstr("cr3t"))) << text;
  }
}

TEST(Redaction, KnowsKeysOfTheApiAndOfAgentsByTheirForm) {
  Redaction redaction = *Redaction::make({});
  for (const char* key : {"nr_live1", "ccagent_x-1", "eksecd_0", "nairid_abc="}) {
    const std::string kept = redaction.text("see " + std::string(key) + ".");
    EXPECT_THAT(kept, Not(HasSubstr(key)));
    EXPECT_THAT(kept, HasSubstr("see key-"));
    EXPECT_EQ(redaction.text("see " + std::string(key) + "."), kept);
  }
  EXPECT_EQ(redaction.text(encode_base64("{\"k\":\"nr_12345678\"}")), "[redacted]");
}

TEST(Redaction, KnowsHeadersThatHoldCredentials) {
  for (const char* name : {"X-Api-Key", "api-key", "X-Auth-Token", "Proxy-Authorization",
                           "X-Session-Id", "X-Amz-Security-Token", "X-My-Secret"}) {
    Redaction redaction = *Redaction::make({});
    redaction.learn({{name, "value-of-it"}});
    EXPECT_EQ(redaction.text("a value-of-it b"), "a key-1 b") << name;
    EXPECT_FALSE(Redaction::is_kept_header(name)) << name;
  }
}

TEST(Redaction, TakesAllOutOfAHeaderThatIsNamedAsASecret) {
  Redaction redaction = *Redaction::make({});
  EXPECT_EQ(redaction.header({"X-Auth", "hunter42"}), "key-1");
  EXPECT_EQ(redaction.header({"X-Session", "token hunter42"}), "token key-1");
  EXPECT_EQ(redaction.header({"x-api-key", "ab"}), "key-2");
  EXPECT_EQ(redaction.header({"User-Agent", "ab of hunter42"}), "ab of key-1");
  EXPECT_EQ(redaction.header({"X-Token", ""}), "");
  EXPECT_EQ(redaction.header({"Authorization", "[redacted]"}), "[redacted]");
  EXPECT_EQ(redaction.target("/a?secret=[redacted]&token=key-1"),
            "/a?secret=[redacted]&token=key-1");
  EXPECT_EQ(redaction.header({"Cookie", "a=flag; b=hunter4242"}), "a=flag; b=key-3");
}

TEST(Redaction, KnowsCookiesAndPasswordsByTheirValues) {
  Redaction redaction = *Redaction::make({});
  redaction.learn({{"Cookie", "theme=1; sid=abcdefgh12"},
                   {"Set-Cookie", "other=ijklmnop34; Path=/long/path; HttpOnly"},
                   {"Authorization", "Basic " + encode_base64("me:my-password!!")}});
  EXPECT_THAT(redaction.text("abcdefgh12 ijklmnop34 my-password!!"),
              ::testing::MatchesRegex("key-. key-. key-."));
  EXPECT_EQ(redaction.text("1 /long/path"), "1 /long/path");
}

TEST(Redaction, KnowsParametersAndFieldsByTheirNames) {
  Redaction redaction = *Redaction::make({});
  EXPECT_EQ(redaction.target("/a?limit=2&api_key=zz&access_token=yy"),
            "/a?limit=2&api_key=key-1&access_token=key-2");
  EXPECT_EQ(body_of(redaction, R"({"refresh_token" : "q", "password":"w", "input_tokens":1})"),
            R"({"refresh_token" : "key-3", "password":"key-4", "input_tokens":1})");
  EXPECT_EQ(redaction.text("https://s3/x?X-Amz-Signature=abc123&a=b"),
            "https://s3/x?X-Amz-Signature=key-5&a=b");
}

TEST(Redaction, LeavesTextsAsTheyAre) {
  Redaction redaction = knowing();
  for (const std::string text :  // NOLINT(performance-for-range-copy)
       {R"({"a":[1,2.50,"\u00e4\/"],"b":"x%20y"})", "50 % of it, 100%25 sure", "\xff\x00 binary",
        "/agents/01ARZ3NDEKTSV4RRFFQ69G5FAV/conversations?limit=2&cursor=abc%3D",
        "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="}) {
    EXPECT_EQ(body_of(redaction, text), text);
  }
}

TEST(Redaction, LeavesLettersThatAKeyOfThreeHas) {
  Redaction redaction = knowing("abc");
  EXPECT_EQ(redaction.text("abc"), "abc");
  Redaction four = knowing("abcd");
  EXPECT_EQ(four.text("abcd abcde"), "key-1 abcde");
}

TEST(Redaction, FindsTheBeginningOfAKeyWhereATextIsCut) {
  Redaction redaction = knowing("a-long-key");
  EXPECT_EQ(redaction.text("it is a-long-k"), "it is key-1");
}

TEST(Redaction, TakesOutWhatTheUserSays) {
  Redaction redaction = *Redaction::make({"cust-[0-9]+", "(?i)acme"});
  EXPECT_EQ(body_of(redaction, R"({"a":"\u0063ust-12","b":"ACME"})"),
            R"({"a":"[redacted]","b":"[redacted]"})");
  const auto wrong = Redaction::make({"("});
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error(), HasSubstr("expected a regular expression of RE2, got \"(\": "));
}

TEST(Redaction, LeavesOutAFieldThatIsAFilesContent) {
  Redaction redaction = *Redaction::make({});
  bool left_out = false;
  EXPECT_EQ(redaction.body(R"({"name":"a", "data": "QUJD", "x":1})", {.without = "data"}, left_out),
            R"({"name":"a", "data": "", "x":1})");
  EXPECT_TRUE(left_out);
  EXPECT_EQ(redaction.body(R"({"data":"QUJD)", {.without = "data"}, left_out), R"({"data":"")");
}

TEST(Redaction, FindsSecretsOfEveryTypeAndInEveryPlaceOfJson) {
  Redaction redaction = *Redaction::make({});
  const std::string kept = body_of(
      redaction,
      R"({"password":12345678,"tokens":["tok-aaaa",{"x":"tok-bbbb"},87654321],"db_pwd":"pw-cccc",)"
      R"("passphrase":"pw-dddd","auth":{"user":"us-eeee","n":true},"input_tokens":1234,)"
      R"("again":"of tok-bbbb","same":12345678,"content":"{\"token\":\"tok-ffff\",\"a\":1}"})");
  EXPECT_THAT(kept, Not(::testing::ContainsRegex("(tok|pw|us)-[a-f]|12345678|87654321")));
  EXPECT_THAT(kept, HasSubstr(R"("input_tokens":1234,)"));
  EXPECT_THAT(kept, HasSubstr(R"("n":true)"));
  EXPECT_TRUE(Json::accept(kept)) << kept;
  EXPECT_THAT(body_of(redaction, R"({"password":"pw-gggg)"), Not(HasSubstr("gggg")));
  bool left_out = false;
  EXPECT_THAT(redaction.body(R"({"value":"hidden-1","key":"K"})", {.secret = "value"}, left_out),
              ::testing::MatchesRegex(R"(."value":"key-[0-9]+","key":"K".)"));
}

TEST(Redaction, FindsSecretsInFormsUrlsAndWideCharacters) {
  Redaction redaction = *Redaction::make({"cust-[0-9]+"});
  EXPECT_EQ(body_of(redaction, "pwd=hidden-1&a=b"), "pwd=key-1&a=b");
  EXPECT_EQ(redaction.text("see https://me:hidden-2@host/x"), "see https://me:key-2@host/x");
  redaction.learn({{"Authorization", "Bearer long-key-3"}});
  std::string wide;
  for (const char c : std::string("long-key-3")) wide += {c, '\0'};
  EXPECT_EQ(redaction.text(encode_base64(wide)), "[redacted]");
  EXPECT_THAT(body_of(redaction, Json(wide).dump()), HasSubstr("key-3"));
  EXPECT_EQ(redaction.text(encode_base64(encode_base64("a:long-key-3"))), "[redacted]");
  EXPECT_EQ(redaction.text(encode_base64("for cust-4242")), "[redacted]");
  redaction.learn({{"Set-Cookie", "a=hidden%2Bfour; Path=/\nb=\"hidden-five\"; Path=/"}});
  EXPECT_THAT(redaction.text("hidden+four hidden%2Bfour hidden-five"), Not(HasSubstr("hidden")));
}

TEST(Redaction, LeavesWhatEveryTextOfTheApiHas) {
  Redaction redaction = *Redaction::make({});
  const std::string id = "job_01ARZ3NDEKTSV4RRFFQ69G5FAV";
  redaction.learn({{"Cookie", "a=completed; b=assistant; c=tool_heartbeat; d=" + id +
                                  "; e=2026-11-12T18:45:00.010Z; f=87654321"},
                   {"X-Session", "false"},
                   {"X-Token", "user"}});
  redaction.learn_secret("2026");
  const std::string text = R"({"role":"user","status":"completed","b":false,"r":"assistant",)"
                           R"("t":"tool_heartbeat","j":")" +
                           id + R"(","at":"2026-11-12T18:45:00.010Z","n":87654321.5})";
  EXPECT_EQ(body_of(redaction, text), text);
}

}  // namespace
}  // namespace nairi::contracts
