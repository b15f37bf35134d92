// Faults addressed at moments of the conversation: which call each strikes, whether the call takes
// effect, and what goes wrong with the reply on the wire (docs/worlds.md, "faults").
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/worlds.h"
#include "nairi/mock/cancellation.h"

namespace nairi::mock::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Ending = WireFault::Ending;

constexpr const char* kTurn = R"({"timeline": [{"status": "pending", "polls": 2},
                                               {"status": "completed", "reply": "done"}]})";

std::vector<FaultSpec> faults_of(const std::string& text) {
  auto faults = parse_faults(text);
  if (!faults) throw WorldError(faults.error());
  return *faults;
}

// A key with faults from the control API.
struct Struck : Play {
  explicit Struck(const std::string& faults, FakeOptions options = {})
      : Play(world_with(kTurn), std::move(options)) {
    const Answer answer = api.control("POST", "/faults", faults);
    EXPECT_EQ(answer.status, 200) << answer.text;
  }

  Reply raw(const std::string& method, const std::string& path, const std::string& body = "") {
    return fake.handle({.method = method,
                        .target = "/api/public/v1" + path,
                        .headers = {{"Authorization", "Bearer nr_test"}},
                        .body = body});
  }
  Reply start() {
    return raw("POST", "/conversations/start", R"({"agent_id": "bot", "prompt": "hi"})");
  }
  std::size_t conversations() { return api.conversations("bot").size(); }
  std::vector<int> poll_statuses(int polls) {
    const Started started = api.start("bot", "hi");
    std::vector<int> statuses;
    while (polls-- > 0) statuses.push_back(api.get("/messages/" + started.message).status);
    return statuses;
  }
};

TEST(FaultAddress, WithANumberStrikesThatOneCall) {
  Struck struck(R"({"at": "poll#2", "do": {"status": 503}})");
  EXPECT_THAT(struck.poll_statuses(4), ElementsAre(200, 503, 200, 200));
}

TEST(FaultAddress, WithANumberAndTimesStrikesThoseThatFollow) {
  Struck struck(R"({"at": "poll#2", "times": 2, "do": {"status": 503}})");
  EXPECT_THAT(struck.poll_statuses(4), ElementsAre(200, 503, 503, 200));
}

TEST(FaultAddress, WithoutANumberStrikesEveryCall) {
  Struck struck(R"({"at": "poll", "do": {"status": 500}})");
  EXPECT_THAT(struck.poll_statuses(3), ElementsAre(500, 500, 500));
}

TEST(FaultAddress, WithTimesAloneStrikesTheNextOnes) {
  Play play(world_with(kTurn));
  const Started started = play.api.start("bot", "hi");
  ASSERT_EQ(play.api.get("/messages/" + started.message).status, 200);
  play.fake.add_faults("nr_test",
                       faults_of(R"({"at": "poll", "times": 1, "do": {"status": 500}})"));
  EXPECT_EQ(play.api.get("/messages/" + started.message).status, 500);
  EXPECT_EQ(play.api.get("/messages/" + started.message).status, 200);
}

TEST(FaultAddress, OfAnyCountsEveryCallOfTheApi) {
  Struck struck(R"({"at": "any#3", "do": {"status": 500}})");
  EXPECT_EQ(struck.api.get("/agents").status, 200);
  EXPECT_EQ(struck.start().status, 200);
  EXPECT_EQ(struck.api.get("/agents/bot").status, 500);
}

TEST(FaultAddress, OfReadCountsPollsAndTimelines) {
  Struck struck(R"({"at": "read#3", "do": {"status": 500}})");
  const Started turn = struck.api.start("bot", "go");
  EXPECT_EQ(struck.api.get("/messages/" + turn.message).status, 200);
  EXPECT_EQ(struck.api.get("/agents").status, 200);
  EXPECT_EQ(struck.api.get("/conversations/" + turn.job + "/messages").status, 200);
  EXPECT_EQ(struck.api.get("/conversations/" + turn.job + "/messages").status, 500);
  EXPECT_EQ(struck.api.get("/messages/" + turn.message).status, 200);
}

TEST(FaultAddress, BehindAnotherCallStrikesOnlyWhatFollowsIt) {
  Struck struck(R"({"at": "read", "after": "start#2", "times": 2, "do": {"status": 503}})");
  EXPECT_THAT(struck.poll_statuses(2), ElementsAre(200, 200));
  EXPECT_THAT(struck.poll_statuses(3), ElementsAre(503, 503, 200));
}

TEST(FaultAddress, BehindACallOfItsOwnKindLeavesThatOne) {
  Struck struck(R"({"at": "any", "after": "poll", "do": {"status": 503}})");
  EXPECT_THAT(struck.poll_statuses(2), ElementsAre(200, 503));
}

TEST(FaultAddress, KnowsEveryOperation) {
  const std::vector<std::vector<std::string>> calls = {
      {"start", "POST", "/conversations/start"},
      {"poll", "GET", "/messages/x"},
      {"messages", "GET", "/conversations/x/messages"},
      {"continue", "POST", "/conversations/x/continue"},
      {"conversations", "GET", "/agents/x/conversations"},
      {"agents", "GET", "/agents"},
      {"agent", "GET", "/agents/x"},
      {"create_agent", "POST", "/agents"},
      {"update_agent", "PATCH", "/agents/x"},
      {"delete_agent", "DELETE", "/agents/x"},
      {"deploy", "POST", "/agents/x/deploy"},
      {"upload", "POST", "/attachments"},
      {"attachment", "GET", "/attachments/x"}};
  for (const auto& call : calls) {
    Struck struck(R"({"at": ")" + call[0] + R"(", "do": {"status": 418}})");
    EXPECT_EQ(struck.raw(call[1], call[2]).status, 418) << call[0];
  }
}

TEST(FaultAddress, IsCountedForEachKeyAlone) {
  Struck struck(R"({"at": "agents#1", "do": {"status": 500}})");
  EXPECT_EQ(Api(struck.fake, "nr_other").get("/agents").status, 200);
  EXPECT_EQ(struck.api.get("/agents").status, 500);
}

TEST(FaultAddress, DoesNotCountHead) {
  Struck struck(R"({"at": "agents#1", "do": {"status": 500}})");
  EXPECT_EQ(struck.raw("HEAD", "/agents").status, 200);
  EXPECT_EQ(struck.api.get("/agents").status, 500);
}

TEST(FaultAddress, OfTwoThatMatchTheFirstStrikes) {
  Struck struck(
      R"([{"at": "agents#1", "do": {"status": 500}}, {"at": "any", "do": {"status": 502}}])");
  EXPECT_EQ(struck.api.get("/agents").status, 500);
  EXPECT_EQ(struck.api.get("/agents").status, 502);
}

std::string struck_by_chance(std::uint64_t seed) {
  Struck struck(R"({"at": "agents", "rate": 0.5, "do": {"status": 500}})", {.seed = seed});
  std::string pattern;
  for (int i = 0; i < 64; ++i) pattern += struck.api.get("/agents").status == 500 ? 'x' : '.';
  return pattern;
}

TEST(FaultRate, IsAFunctionOfTheSeed) {
  EXPECT_EQ(struck_by_chance(1), struck_by_chance(1));
  EXPECT_NE(struck_by_chance(1), struck_by_chance(2));
  const std::string pattern = struck_by_chance(1);
  EXPECT_NEAR(static_cast<double>(std::count(pattern.begin(), pattern.end(), 'x')), 32, 16);
}

TEST(FaultStatus, IsAnsweredInsteadOfTheCall) {
  Struck struck(R"({"at": "start#1", "do": {"status": 503, "retry_after_s": 7, "error": "busy"}})");
  const Answer answer =
      struck.api.post("/conversations/start", {{"agent_id", "bot"}, {"prompt", "x"}});
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.error(), "busy");
  ASSERT_NE(find_header(answer.headers, "Retry-After"), nullptr);
  EXPECT_EQ(*find_header(answer.headers, "Retry-After"), "7");
  EXPECT_EQ(struck.conversations(), 0U);
}

TEST(FaultStatus, AtAPollIsNoRead) {
  Struck struck(R"({"at": "poll#2", "do": {"status": 503}})");
  const Started started = struck.api.start("bot", "hi");
  EXPECT_EQ(struck.api.status(started.message), "pending");
  EXPECT_EQ(struck.api.get("/messages/" + started.message).status, 503);
  EXPECT_EQ(struck.api.status(started.message), "pending");
  EXPECT_EQ(struck.api.status(started.message), "completed");
}

TEST(FaultStatus, MayComeAfterTheCallTookEffect) {
  Struck struck(R"({"at": "start#1", "do": {"status": 504, "executed": true}})");
  EXPECT_EQ(struck.start().status, 504);
  EXPECT_EQ(struck.conversations(), 1U);
}

// Retry-After and Date of the first call, in a world that speaks of 2026.
std::pair<std::string, std::string> dates_of(FakeOptions options) {
  Play play(world_with(kTurn, R"({"agent_id": "bot", "created_at": "2026-04-12T18:00:00Z"})"),
            std::move(options));
  play.fake.add_faults("nr_test",
                       faults_of(R"({"at": "agents", "do": {"status": 429, "retry_after_s": 90,
                                                            "retry_after_date": true}})"));
  const Answer answer = play.api.get("/agents");
  const std::string* until = find_header(answer.headers, "Retry-After");
  const std::string* date = find_header(answer.headers, "Date");
  return {until == nullptr ? "" : *until, date == nullptr ? "" : *date};
}

TEST(FaultRetryDate, CountsFromTheWorldsTime) {
  for (const ClockMode clock : {ClockMode::poll, ClockMode::virtual_time}) {
    const auto [until, date] = dates_of({.clock = clock});
    EXPECT_EQ(date, "Sun, 12 Apr 2026 18:45:12 GMT");
    EXPECT_EQ(until, "Sun, 12 Apr 2026 18:46:42 GMT");
  }
}

TEST(FaultRetryDate, CountsFromTheMachinesTimeUnderTheWallClock) {
  const auto [until, date] = dates_of({.clock = ClockMode::wall, .speed = 100, .wall_ms = [] {
                                         return std::int64_t{784'111'777'999};
                                       }});
  EXPECT_EQ(date, "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(until, "Sun, 06 Nov 1994 08:51:07 GMT");
}

TEST(FaultRetryDate, IsTheOnlyReplyThatHasADate) {
  Struck struck(R"({"at": "agents#1", "do": {"status": 429, "retry_after_s": 90}})");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(find_header(struck.raw("GET", "/agents").headers, "Date"), nullptr);
  }
}

TEST(FaultBody, IsThePageOfAProxyInsteadOfTheCall) {
  Struck struck(
      R"({"at": "start#1", "do": {"status": 502, "body": "<html>Bad Gateway</html>",
                                  "content_type": "text/html; charset=utf-8"}})");
  const Reply reply = struck.start();
  EXPECT_EQ(reply.status, 502);
  EXPECT_EQ(reply.body, "<html>Bad Gateway</html>");
  EXPECT_EQ(reply.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(struck.conversations(), 0U);
}

TEST(FaultBody, MayBeTheLoginPageOfA200) {
  Struck struck(R"({"at": "agents", "do": {"status": 200, "body": "<html>Log in</html>"}})");
  const Reply reply = struck.raw("GET", "/agents");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "<html>Log in</html>");
  EXPECT_EQ(reply.content_type, "text/html");
}

TEST(FaultBody, MayBeEmptyAndAskToWait) {
  Struck struck(R"({"at": "agents", "do": {"status": 503, "body": "", "retry_after_s": 3}})");
  const Reply reply = struck.raw("GET", "/agents");
  EXPECT_EQ(reply.body, "");
  ASSERT_NE(find_header(reply.headers, "Retry-After"), nullptr);
  EXPECT_EQ(*find_header(reply.headers, "Retry-After"), "3");
}

TEST(FaultRedirect, KeepsPathAndQuery) {
  Struck struck(R"({"at": "conversations", "do": {"redirect_to": "http://127.0.0.1:9"}})");
  const Reply reply = struck.raw("GET", "/agents/bot/conversations?limit=1");
  EXPECT_EQ(reply.status, 307);
  ASSERT_NE(find_header(reply.headers, "Location"), nullptr);
  EXPECT_EQ(*find_header(reply.headers, "Location"),
            "http://127.0.0.1:9/api/public/v1/agents/bot/conversations?limit=1");
}

TEST(FaultRedirect, ComesInsteadOfTheCallAndMayHaveAnotherStatus) {
  Struck struck(R"({"at": "start", "do": {"redirect_to": "http://127.0.0.1:9", "status": 302}})");
  EXPECT_EQ(struck.start().status, 302);
  EXPECT_EQ(struck.conversations(), 0U);
}

TEST(FaultMalformed, IsHalfOfTheAnswer) {
  Struck struck(R"({"at": "start", "do": {"malformed_json": true}})");
  const Reply reply = struck.start();
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, HasSubstr("job_"));
  EXPECT_FALSE(Json::accept(reply.body));
  EXPECT_EQ(struck.conversations(), 1U);
}

TEST(FaultReset, ComesAfterTheCallTookEffect) {
  Struck struck(R"({"at": "start#1", "do": {"reset_after_bytes": 17}})");
  const Reply reply = struck.start();
  EXPECT_EQ(reply.wire.ending, Ending::reset);
  EXPECT_EQ(reply.wire.after_bytes, 17);
  EXPECT_EQ(struck.start().wire.ending, Ending::whole);
  EXPECT_EQ(struck.conversations(), 2U);
}

TEST(FaultReset, MayComeInsteadOfTheCall) {
  Struck struck(R"({"at": "start#1", "do": {"reset_after_bytes": 0, "executed": false}})");
  EXPECT_EQ(struck.start().wire.ending, Ending::reset);
  EXPECT_EQ(struck.conversations(), 0U);
}

TEST(FaultTruncation, KeepsTheWholeBodyForItsLength) {
  Struck struck(R"({"at": "start", "do": {"truncate_after_bytes": 5}})");
  const Reply reply = struck.start();
  EXPECT_EQ(reply.wire.ending, Ending::truncated);
  EXPECT_EQ(reply.wire.after_bytes, 5);
  EXPECT_TRUE(Json::accept(reply.body));
}

TEST(FaultEmpty, ComesAfterTheCallTookEffect) {
  Struck struck(R"({"at": "start#1", "do": {"empty_response": true}})");
  EXPECT_EQ(struck.start().wire.ending, Ending::empty);
  EXPECT_EQ(struck.conversations(), 1U);
}

TEST(FaultDelay, GoesWithAnyOther) {
  Struck struck(
      R"({"at": "agents", "do": {"delay_ms": 800, "drip_bytes_per_s": 10, "status": 500}})");
  const Reply reply = struck.raw("GET", "/agents");
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.delay_ms, 800);
  EXPECT_EQ(reply.wire.drip_bytes_per_s, 10);
}

TEST(FaultEncoding, IsOnlyWrittenIntoTheReply) {
  Struck struck(R"({"at": "agents#1", "do": {"encode": "gzip", "truncate_after_bytes": 5}})");
  const Reply packed = struck.raw("GET", "/agents");
  EXPECT_EQ(packed.encode, Encoding::gzip);
  const Reply plain = struck.raw("GET", "/agents");
  EXPECT_EQ(plain.encode, Encoding::plain);
  EXPECT_EQ(packed.body, plain.body);
}

TEST(FaultDelay, IsCancelledByAReset) {
  Struck struck(R"({"at": "agents", "do": {"delay_ms": 800}})");
  const Reply reply = struck.raw("GET", "/agents");
  ASSERT_NE(reply.cancellation, nullptr);
  Api(struck.fake, "nr_other").control("POST", "/reset");
  EXPECT_FALSE(reply.cancellation->is_cancelled());
  struck.api.control("POST", "/reset");
  EXPECT_TRUE(reply.cancellation->is_cancelled());
}

TEST(CancellationTest, TellsThoseWhoListenOnce) {
  const auto cancellation = std::make_shared<Cancellation>();
  int told = 0;
  int not_told = 0;
  const auto listening = cancellation->listen([&] { ++told; });
  cancellation->listen([&] { ++not_told; }).reset();
  cancellation->cancel();
  cancellation->cancel();
  EXPECT_EQ(told, 1);
  EXPECT_EQ(not_told, 0);
  const auto late = cancellation->listen([&] { ++told; });
  EXPECT_EQ(told, 2);
}

TEST(Faults, OfTheWorldComeBackWithAReset) {
  World world = world_with(kTurn);
  world.faults = faults_of(R"({"at": "agents#1", "do": {"status": 500}})");
  Play play(std::move(world));
  EXPECT_EQ(play.api.get("/agents").status, 500);
  EXPECT_EQ(play.api.get("/agents").status, 200);
  play.fake.add_faults("nr_test", faults_of(R"({"at": "agents", "do": {"status": 502}})"));
  EXPECT_EQ(play.api.get("/agents").status, 502);
  play.api.control("POST", "/reset");
  EXPECT_EQ(play.api.get("/agents").status, 500);
  EXPECT_EQ(play.api.get("/agents").status, 200);
}

TEST(Faults, StandInTheJournal) {
  Struck struck(R"([{"at": "agents#2", "do": {"status": 429, "retry_after_s": 1, "delay_ms": 5}},
                    {"at": "any#3", "do": {"reset_after_bytes": 0, "executed": false}},
                    {"at": "any#4", "do": {"status": 502, "body": "<p>", "encode": "chunked"}},
                    {"at": "any#5", "do": {"status": 429, "retry_after_s": 1,
                                           "retry_after_date": true}}])");
  for (int i = 0; i < 5; ++i) struck.api.get("/agents");
  const Json entries = struck.api.control("GET", "/journal").json().at("entries");
  ASSERT_EQ(entries.size(), 5U);
  EXPECT_FALSE(entries[0].contains("fault"));
  EXPECT_EQ(entries[1].at("fault"), "agents#2 status 429, retry_after_s 1, delay_ms 5");
  EXPECT_EQ(entries[2].at("fault"), "agents#3 reset_after_bytes 0, executed false");
  EXPECT_EQ(entries[3].at("fault"),
            "agents#4 status 502, body 3 bytes of text/html, encode chunked");
  EXPECT_EQ(entries[4].at("fault"), "agents#5 status 429, retry_after_s 1, retry_after_date true");
}

TEST(Faults, AreRefusedForAllKeys) {
  Play play(plain_world(), {.control_token = "token"});
  const Answer answer = Api(play.fake, "token").control("POST", "/faults?all=true", "[]");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.error(), "faults strike one key: call with that key");
}

TEST(Faults, AreAtMostAThousandForAKey) {
  Play play(plain_world());
  std::vector<FaultSpec> many(1000);
  play.fake.add_faults("nr_test", many);
  EXPECT_THROW(play.fake.add_faults("nr_test", {FaultSpec{}}), std::invalid_argument);
  const Answer answer =
      play.api.control("POST", "/faults", R"({"at": "any", "do": {"status": 500}})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.error(), "a key may have 1000 faults, got 1 besides 1000");
}

TEST(Faults, AtNoOperationAreRefused) {
  Play play(plain_world());
  EXPECT_THROW(play.fake.add_faults("nr_test", {{.at = "pol"}}), std::invalid_argument);
  World world = plain_world();
  world.faults = {{.at = "pol"}};
  EXPECT_THROW(Fake(std::move(world)), std::invalid_argument);
}

TEST(Faults, BadOnesAreRefusedWithTheirPlace) {
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"x", "faults:1:1: not JSON"},
      {"3", "expected an object, got the number 3"},
      {R"({"do": {"status": 500}})", R"(missing required key "at")"},
      {R"({"at": "poll"})", R"(missing required key "do")"},
      {R"({"at": "pol", "do": {"status": 500}})",
       R"(faults:1:8: /at: no operation "pol"; did you mean "poll"?)"},
      {R"({"at": "poll#0", "do": {"status": 500}})", R"(such as "poll#3", got the text "poll#0")"},
      {R"([{"at": "poll", "do": {"staus": 500}}])",
       R"(faults:1:24: /0/do: unknown key "staus"; did you mean "status"?)"},
      {R"({"at": "poll", "do": {}})", "expected what to do"},
      {R"({"at": "poll", "do": {"status": 200}})", "expected an error from 400 to 599"},
      {R"({"at": "poll", "do": {"status": 201, "body": ""}})",
       "expected 200 or an error from 400 to 599"},
      {R"({"at": "poll", "do": {"status": 500, "malformed_json": true}})",
       R"("malformed_json" can't go with "status": a fault does one of them)"},
      {R"({"at": "poll", "do": {"malformed_json": false}})", "expected true, or leave it out"},
      {R"({"at": "poll", "do": {"delay_ms": 5, "retry_after_s": 1}})",
       R"(needs an error "status")"},
      {R"({"at": "poll", "do": {"redirect_to": "http://a/b"}})",
       "expected an origin without a path"},
      {R"({"at": "poll", "do": {"redirect_to": "http://a", "status": 500}})",
       R"(expected 301, 302, 303, 307 or 308 with "redirect_to")"},
      {R"({"at": "poll", "do": {"delay_ms": 5, "executed": false}})", "can be false only when"},
      {R"({"at": "poll", "do": {"empty_response": true, "drip_bytes_per_s": 1}})",
       "nothing is sent"},
      {R"({"at": "poll", "rate": 0, "do": {"delay_ms": 5}})",
       "expected a number above 0 and up to 1"},
      {R"({"at": "poll", "times": 0, "do": {"delay_ms": 5}})", "expected an integer from 1"},
  };
  Play play(plain_world());
  for (const auto& [text, message] : bad) {
    const Answer answer = play.api.control("POST", "/faults", text);
    EXPECT_EQ(answer.status, 400) << text;
    EXPECT_THAT(answer.error(), HasSubstr(message)) << text;
  }
  EXPECT_EQ(play.api.get("/agents").status, 200);
}

}  // namespace
}  // namespace nairi::mock::testing
