// What the journal keeps, and for whom.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "engine/worlds.h"
#include "text/hash.h"

namespace nairi::mock::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Json journal(Api& api, const std::string& query = "") {
  return api.control("GET", "/journal" + query).json();
}

TEST(Journal, TellsWhatTheServerSaw) {
  Play play(plain_world());
  play.api.start("bot", "hello");
  const Json entries = journal(play.api).at("entries");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].at("operation"), "start");
  EXPECT_EQ(entries[0].at("method"), "POST");
  EXPECT_EQ(entries[0].at("target"), "/api/public/v1/conversations/start");
  EXPECT_EQ(entries[0].at("status"), 200);
  EXPECT_THAT(entries[0].at("body").get<std::string>(), HasSubstr("hello"));
}

TEST(Journal, ShowsEachKeyItsOwnEntries) {
  Fake fake(plain_world(), with_token());
  Api(fake, "nr_mine").get("/agents");
  Api(fake, "nr_theirs").get("/agents");
  Api(fake, "").get("/agents");
  Api mine(fake, "nr_mine");
  EXPECT_EQ(journal(mine).at("entries").size(), 1U);
  Api admin(fake, "secret");
  EXPECT_EQ(journal(admin, "?all=true").at("entries").size(), 3U);
  Api nobody(fake, "nr_nobody");
  EXPECT_TRUE(journal(nobody).at("entries").empty());
}

TEST(Journal, HoldsRefusedCallsOfAKnownKey) {
  Play play(plain_world());
  play.api.get("/agents");
  play.fake.revoke("nr_test");
  play.api.get("/agents");
  const Json entries = journal(play.api).at("entries");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[1].at("status"), 401);
}

TEST(Journal, TellsWhatTheServerAnswered) {
  Play play(plain_world());
  play.fake.add_faults("nr_test", parse_faults(R"([{"at": "agents#2", "do": {
      "status": 503, "retry_after_s": 1, "delay_ms": 250}}])")
                                      .value());
  const std::string body = play.api.get("/agents").text;
  play.api.get("/agents");
  const Json entries = journal(play.api).at("entries");
  EXPECT_EQ(entries.at(0).at("reply_body"), body);
  EXPECT_EQ(entries.at(0).at("reply_bytes"), body.size());
  EXPECT_EQ(entries.at(0).at("reply_headers"), Json::array());
  EXPECT_EQ(entries.at(0).at("sending_ms"), 0);
  EXPECT_THAT(entries.at(1).at("reply_body").get<std::string>(), HasSubstr("error"));
  EXPECT_EQ(entries.at(1).at("reply_headers"),
            Json::array({{{"name", "Retry-After"}, {"value", "1"}}}));
  EXPECT_EQ(entries.at(1).at("sending_ms"), 250);
  const std::vector<SeenExchange> seen = play.fake.journal("nr_test");
  EXPECT_EQ(seen.at(0).reply_body, body);
  EXPECT_EQ(header_value(seen.at(1).reply_headers, "Retry-After"), "1");
  EXPECT_EQ(seen.at(1).headers.size(), 1U);
  EXPECT_EQ(seen.at(1).sending_ms, 250);
}

// The key stands across the place where the reply is cut.
TEST(Journal, RedactsRepliesBeforeItCutsThem) {
  Fake fake(plain_world());
  Api api(fake, "nr_s3cret");
  for (std::size_t padding = 3800; padding < 4100; ++padding) {
    const auto sent = api.start("bot", std::string(padding, 'x') + "nr_s3cret and nr_another");
    api.get("/messages/" + sent.message);
  }
  for (const SeenExchange& seen : fake.journal("nr_s3cret")) {
    EXPECT_LE(seen.reply_body.size(), 4096U);
    EXPECT_THAT(seen.reply_body, Not(HasSubstr("nr_s")));
    EXPECT_THAT(seen.reply_body, Not(HasSubstr("nr_a")));
  }
}

TEST(Journal, IsDataForThoseWhoHoldTheFake) {
  Fake fake(plain_world());
  Api(fake, "nr_theirs").get("/agents");
  Api mine(fake, "nr_mine");
  fake.add_faults("nr_mine", parse_faults(R"([{"at": "start#1", "do": {"status": 503}}])").value());
  mine.send({.method = "POST",
             .target = "/api/public/v1/conversations/start?key=nr_mine",
             .headers = {{"Authorization", "Bearer nr_mine"}, {"X-Two", "2"}},
             .body = R"({"agent_id": "bot", "prompt": "Hello"})"});
  const std::vector<SeenExchange> seen = fake.journal("nr_mine");
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].number, 2U);
  EXPECT_EQ(seen[0].at, "2026-04-12T18:45:12.001Z");
  EXPECT_EQ(seen[0].operation, "start");
  EXPECT_EQ(seen[0].method, "POST");
  EXPECT_EQ(seen[0].target, "/api/public/v1/conversations/start?key=[redacted]");
  ASSERT_EQ(seen[0].headers.size(), 2U);
  EXPECT_EQ(seen[0].headers[0].value, "[redacted]");
  EXPECT_EQ(header_value(seen[0].headers, "x-two"), "2");
  EXPECT_EQ(seen[0].body, R"({"agent_id": "bot", "prompt": "Hello"})");
  EXPECT_EQ(seen[0].body_bytes, 38U);
  EXPECT_EQ(seen[0].status, 503);
  EXPECT_EQ(seen[0].fault, "start#1 status 503");
}

TEST(Journal, AsDataHoldsHintsRefusalsAndWhatWasNotLetIn) {
  Fake fake(plain_world(), {.listed_keys_only = true});
  Api stranger(fake, "nr_stranger");
  stranger.get("/agents/");
  stranger.get("/agents");
  fake.note_refused({.request = {.method = "GET",
                                 .target = "/x",
                                 .headers = {{"Authorization", "Bearer nr_stranger"}}},
                     .reply = {.status = 431, .body = {}},
                     .why = "expected less"});
  const std::vector<SeenExchange> seen = fake.journal("nr_stranger");
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_THAT(seen[0].hint, HasSubstr("the path ends in a slash"));
  EXPECT_EQ(seen[0].at, "");
  EXPECT_EQ(seen[1].status, 401);
  EXPECT_EQ(seen[1].refused, "");
  EXPECT_EQ(seen[2].refused, "expected less");
}

TEST(Journal, AsDataIsEmptyForKeysThatNeverCalledAndAfterAReset) {
  Play play(plain_world());
  play.api.get("/agents");
  EXPECT_EQ(play.fake.journal("nr_test").size(), 1U);
  EXPECT_TRUE(play.fake.journal("nr_nobody").empty());
  EXPECT_TRUE(play.fake.journal("").empty());
  play.fake.reset("nr_test");
  EXPECT_TRUE(play.fake.journal("nr_test").empty());
}

TEST(Journal, ShowsHeadersInTheOrderSentWhateverTheyHold) {
  Fake fake(plain_world());
  Api api(fake, "nr_test");
  api.send({.method = "GET",
            .target = "/api/public/v1/agents",
            .headers = {{"Authorization", "Bearer nr_test"},
                        {"X-Empty", ""},
                        {"X-Quoted", "a \"b\" \\"},
                        {"X-Binary", std::string("\0\x01\xFF", 3)},
                        {"X-Long", std::string(1000, 'x')}}});
  const Json headers = journal(api).at("entries").at(0).at("headers");
  EXPECT_EQ(headers, Json::array({{{"name", "Authorization"}, {"value", "[redacted]"}},
                                  {{"name", "X-Empty"}, {"value", ""}},
                                  {{"name", "X-Quoted"}, {"value", "a \"b\" \\"}},
                                  {{"name", "X-Binary"}, {"value", std::string("\0\x01\uFFFD", 5)}},
                                  {{"name", "X-Long"}, {"value", std::string(1000, 'x')}}}));
}

TEST(Journal, KeepsNoCredentials) {
  Fake fake(plain_world(), with_token());
  Api api(fake, "nr_s3cret");
  api.send({.method = "POST",
            .target = "/api/public/v1/conversations/start?api_key=nr_s3cret&other=nr_another",
            .headers = {{"Authorization", "Bearer nr_s3cret"},
                        {"X-Api-Key", "hush-key"},
                        {"Cookie", "hush-cookie"},
                        {"Proxy-Authorization", "hush-proxy"},
                        {"X-Debug", "key is nr_s3cret"}},
            .body = R"({"agent_id": "bot", "prompt": "my key is nr_s3cret"})"});
  const std::string text = journal(api).dump();
  EXPECT_THAT(text, HasSubstr("[redacted]"));
  EXPECT_THAT(text, HasSubstr("my key is [redacted]"));
  EXPECT_THAT(text, Not(HasSubstr("s3cret")));
  EXPECT_THAT(text, Not(HasSubstr("nr_another")));
  EXPECT_THAT(text, Not(HasSubstr("hush")));
}

TEST(Journal, KeepsNoKeyInWhateverPlace) {
  Fake fake(plain_world());
  Api api(fake, "plainkey");
  api.get("/agents?key=plainkey");
  api.get("/agents?key=%70lainkey");
  api.call("POST", "/nowhere?key=plainkey", "plainkey");
  api.call("PUT", "/agents?key=plainkey", "plainkey");
  api.call("POST", "/conversations/start", std::string(4090, 'x') + "plainkey");
  api.send({.method = "GET",
            .target = "/api/public/v1/agents",
            .headers = {{"Authorization", "Bearer plainkey"}, {"X-Debug", "it is plainkey"}}});
  const Json entries = journal(api).at("entries");
  ASSERT_EQ(entries.size(), 6U);
  EXPECT_THAT(entries.dump(), Not(HasSubstr("lainkey")));
  EXPECT_THAT(entries[4].at("body").get<std::string>(), Not(HasSubstr("plain")));
}

TEST(Journal, ShowsAKeyItsOwnCallsOfPathsThatDoNotExist) {
  Play play(plain_world());
  play.api.get("/agents");
  play.api.get("/nowhere");
  play.api.call("PUT", "/agents");
  const Json entries = journal(play.api).at("entries");
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[1].at("status"), 404);
  EXPECT_EQ(entries[2].at("status"), 405);
}

TEST(Journal, HoldsWhatAKeyDidThatTheWorldDoesNotKnow) {
  Fake fake(plain_world(), {.listed_keys_only = true});
  Api stranger(fake, "nr_stranger");
  stranger.get("/agents");
  stranger.get("/nowhere");
  const Json entries = journal(stranger).at("entries");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].at("status"), 401);
  EXPECT_EQ(entries[0].at("operation"), "agents");
  EXPECT_FALSE(entries[0].contains("at"));  // it lives in no world's time
  EXPECT_EQ(entries[1].at("status"), 404);
  Api other(fake, "nr_other");
  EXPECT_TRUE(journal(other).at("entries").empty());
}

TEST(Journal, HoldsNothingThatIsASecretByItsName) {
  Play play(plain_world());
  Request request{
      .method = "GET",
      .target = "/api/public/v1/agents?api_key=q1&limit=5&Access-Token=q2&api%5Fke%79=q3"};
  request.headers = {{"Authorization", "Bearer nr_test"}, {"User-Agent", "mine"}};
  for (const char* name : {"X-Auth-Key", "Private-Token", "X-Client-Secret", "Apikey", "X_Session",
                           "X-Password", "X-Amz-Signature", "Authentication", "Cookie2"}) {
    request.headers.push_back({name, "h1"});
  }
  play.fake.handle(request);
  const Json entry = journal(play.api).at("entries").at(0);
  EXPECT_EQ(entry.at("target"),
            "/api/public/v1/agents?api_key=[redacted]&limit=5&Access-Token=[redacted]"
            "&api%5Fke%79=[redacted]");
  EXPECT_EQ(entry.dump().find("h1"), std::string::npos) << entry;
  EXPECT_NE(entry.dump().find("mine"), std::string::npos) << entry;
}

TEST(Journal, OfAKeyGoesOnWhenItIsLetIn) {
  Play play(plain_world());
  play.api.get("/nowhere");
  play.api.get("/agents");
  const Json entries = journal(play.api).at("entries");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].at("organization"), entries[1].at("organization"));
}

TEST(Journal, ForgetsAStrangerThatIsReset) {
  Play play(plain_world());
  play.api.get("/nowhere");
  play.fake.reset("nr_test");
  EXPECT_TRUE(journal(play.api).at("entries").empty());
  play.api.get("/nowhere");
  EXPECT_EQ(journal(play.api).at("entries").size(), 1U);
}

TEST(Journal, OfStrangersIsBoundedAndMakesNoOrganizations) {
  Fake fake(plain_world(), {.max_organizations = 2, .control_token = "secret"});
  for (int i = 0; i < 100; ++i) Api(fake, "nr_" + std::to_string(i)).get("/nowhere");
  Api admin(fake, "secret");
  EXPECT_EQ(admin.control("GET", "/health").json().at("organizations"), 0);
  EXPECT_EQ(journal(admin, "?all=true").at("entries").size(), 100U);
  Api second(fake, "nr_1");
  EXPECT_EQ(journal(second).at("entries").size(), 1U);
  Api third(fake, "nr_2");  // one too many: it is with those of nobody
  EXPECT_TRUE(journal(third).at("entries").empty());
  EXPECT_EQ(third.get("/agents").status, 200);
}

TEST(Journal, HoldsTheHintForPeopleWithoutKeys) {
  Play play(plain_world());
  play.api.get("/agents/bott");
  play.api.get("/agents/nr_secret");
  const Json entries = journal(play.api).at("entries");
  EXPECT_EQ(entries[0].at("hint"),
            "the key's organization has no agent \"bott\"; did you mean \"bot\"?");
  EXPECT_THAT(entries[1].at("hint").get<std::string>(), HasSubstr("[redacted]"));
  EXPECT_THAT(entries[1].dump(), Not(HasSubstr("nr_secret")));
  play.api.get("/agents");
  EXPECT_FALSE(journal(play.api).at("entries")[2].contains("hint"));
}

TEST(Journal, HoldsWhatWasRefusedBeforeTheFakeCouldPlayIt) {
  Play play(plain_world());
  play.fake.note_refused({.request = {.method = "POST",
                                      .target = "/api/public/v1/attachments",
                                      .headers = {{"Authorization", "Bearer nr_test"}}},
                          .whole_head = true,
                          .reply = {.status = 413, .body = "{}"},
                          .why = "too large, nr_test"});
  const Json entries = journal(play.api).at("entries");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].at("status"), 413);
  EXPECT_EQ(entries[0].at("operation"), "upload");
  EXPECT_EQ(entries[0].at("refused"), "too large, [redacted]");
}

TEST(Journal, HoldsRefusalsWithoutAKeyForTheToken) {
  Fake fake(plain_world(), with_token());
  fake.note_refused({.reply = {.status = 400, .body = {}}, .why = "no HTTP"});
  fake.note_refused({.request = {.method = "GET", .target = "/x"},
                     .reply = {.status = 0, .body = {}},
                     .why = "gone"});
  fake.note_refused({.reply = {.status = 0, .body = {}}, .why = "the TLS handshake failed"});
  Api admin(fake, "secret");
  const Json entries = journal(admin, "?all=true").at("entries");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].at("status"), 400);
  EXPECT_EQ(entries[1].at("refused"), "gone");
  EXPECT_EQ(entries[1].at("status"), 0);
}

TEST(Journal, HoldsHeadersWithLineEnds) {
  Play play(plain_world());
  play.api.send({.method = "GET",
                 .target = "/api/public/v1/agents",
                 .headers = {{"X-Odd", "a\n\nb: c"}, {"", ""}}});
  const Json headers = journal(play.api).at("entries").at(0).at("headers");
  EXPECT_EQ(headers.at(0).at("value"), "a\n\nb: c");
}

TEST(Journal, IsARingThatCountsWhatItDropped) {
  Play play(plain_world(), {.journal_max_entries = 3});
  for (int i = 0; i < 5; ++i) play.api.get("/agents");
  const Json json = journal(play.api);
  EXPECT_EQ(json.at("dropped"), 2);
  ASSERT_EQ(json.at("entries").size(), 3U);
  EXPECT_EQ(json.at("entries")[0].at("number"), 3);
}

TEST(Journal, IsBoundedInBytes) {
  Play play(plain_world(), {.journal_max_bytes = 20'000});
  for (int i = 0; i < 10; ++i) play.api.start("bot", std::string(100'000, 'x'));
  const Json json = journal(play.api);
  EXPECT_GT(json.at("dropped"), 0);
  EXPECT_LT(json.dump().size(), 40'000U);
  EXPECT_EQ(json.at("entries").back().at("body_bytes"), 100'000 + 30);
}

TEST(Journal, ForgetsAKeyThatIsReset) {
  Play play(plain_world());
  play.api.get("/agents");
  play.fake.reset("nr_test");
  play.api.get("/agents");
  EXPECT_EQ(journal(play.api).at("entries").size(), 1U);
}

TEST(Journal, HoldsUnknownPathsForTheToken) {
  Fake fake(plain_world(), with_token());
  Api(fake, "nr_x").get("/nowhere");
  Api admin(fake, "secret");
  const Json entries = journal(admin, "?all=true").at("entries");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].at("status"), 404);
  EXPECT_EQ(entries[0].at("operation"), "");
}

TEST(Journal, ThatIsFullTakesFromTheKeyThatHoldsMost) {
  Fake fake(plain_world(), {.journal_max_entries = 10});
  Api quiet(fake, "nr_quiet");
  Api chatty(fake, "nr_chatty");
  for (int i = 0; i < 3; ++i) quiet.get("/agents");
  for (int i = 0; i < 100; ++i) chatty.get("/agents");
  EXPECT_EQ(journal(quiet).at("entries").size(), 3U);
  EXPECT_EQ(journal(quiet).at("dropped"), 0);
  EXPECT_EQ(journal(chatty).at("entries").size(), 7U);
  EXPECT_EQ(journal(chatty).at("dropped"), 93);
  EXPECT_EQ(journal(chatty).at("entries")[6].at("number"), 103);
}

TEST(Journal, TakesLargeEntriesForMoreThanSmallOnes) {
  Fake fake(plain_world(), {.journal_max_bytes = 60'000});
  Api small(fake, "nr_small");
  Api large(fake, "nr_large");
  for (int i = 0; i < 20; ++i) {
    small.get("/agents");
    large.start("bot", std::string(4000, 'x'));
  }
  EXPECT_EQ(journal(small).at("dropped"), 0);
  EXPECT_GT(journal(large).at("dropped"), 0);
}

TEST(Journal, OfAllHasEverybodysEntriesInTheirOrder) {
  Fake fake(plain_world(), {.journal_max_entries = 4, .control_token = "secret"});
  Api one(fake, "nr_one");
  Api other(fake, "nr_other");
  for (int i = 0; i < 4; ++i) {
    one.get("/agents");
    other.get("/agents");
  }
  Api admin(fake, "secret");
  const Json json = journal(admin, "?all=true");
  std::vector<int> numbers;
  for (const Json& entry : json.at("entries")) numbers.push_back(entry.at("number"));
  EXPECT_THAT(numbers, ElementsAre(5, 6, 7, 8));
  EXPECT_EQ(json.at("dropped"), 4);
}

TEST(Journal, OfAKeyThatWasResetHasDroppedNothing) {
  Play play(plain_world(), {.journal_max_entries = 3});
  for (int i = 0; i < 5; ++i) play.api.get("/agents");
  play.fake.reset("nr_test");
  play.api.get("/agents");
  EXPECT_EQ(journal(play.api).at("dropped"), 0);
}

// Twenty keys call, and are reset, in no order.
TEST(Journal, ThatIsFullTakesFromNobodyElseWhateverWasCalled) {
  constexpr std::size_t kKeys = 20;
  constexpr std::size_t kRoom = 60;
  Fake fake(plain_world(), {.journal_max_entries = kRoom});
  const auto name = [](std::size_t key) { return "nr_" + std::to_string(10 + key); };
  std::vector<std::size_t> held(kKeys, 0);
  int drops = 0;
  std::uint64_t random = 7;
  for (int call = 0; call < 1000; ++call) {
    random = mix(random);
    const std::size_t key = std::min(random % kKeys, (random >> 32) % kKeys);
    if (call % 50 == 0) {
      fake.reset(name(key));
      held[key] = 0;
    }
    Api(fake, name(key)).get("/agents");
    ++held[key];
    const std::size_t most = *std::max_element(held.begin(), held.end());
    const bool is_full = std::accumulate(held.begin(), held.end(), std::size_t{0}) > kRoom;
    std::size_t losers = 0;
    for (std::size_t i = 0; i < kKeys; ++i) {
      const std::size_t now = fake.journal(name(i)).size();
      if (now == held[i]) continue;
      ASSERT_EQ(now + 1, most);
      held[i] = now;
      ++losers;
    }
    ASSERT_EQ(losers, is_full ? 1U : 0U);
    drops += is_full ? 1 : 0;
  }
  EXPECT_GT(drops, 100);
}

}  // namespace
}  // namespace nairi::mock::testing
