// Rules about single requests and lists: auth-on-every-call, encodes-path, valid-requests,
// user-agent, key-is-filled-in, known-parameters, reuses-connections and reads-all-pages.
#include <gtest/gtest.h>

#include <utility>

#include "engine/judged.h"

namespace nairi::mock::testing {
namespace {

constexpr const char* kAuth = "auth-on-every-call";
constexpr const char* kPath = "encodes-path";
constexpr const char* kShape = "valid-requests";
constexpr const char* kName = "user-agent";
constexpr const char* kConnections = "reuses-connections";
constexpr const char* kPages = "reads-all-pages";
constexpr const char* kKeyText = "key-is-filled-in";
constexpr const char* kQuery = "known-parameters";

RuleOutcome of_path(const std::string& path) {
  return Judged().see({.path = path}).outcome(kPath);
}

RuleOutcome of_start(const std::string& body, int status = 400) {
  return Judged()
      .see({.method = "POST", .path = "/conversations/start", .body = body, .status = status})
      .outcome(kShape);
}

TEST(Auth, IsNotSeenWithoutARequest) {
  EXPECT_EQ(Judged().outcome(kAuth), RuleOutcome::not_seen);
  EXPECT_EQ(Judged().see({}).outcome(kAuth), RuleOutcome::kept);
}

TEST(Auth, IsBrokenByARequestWithoutAKey) {
  EXPECT_EQ(Judged().see({}).see({.headers = {}}).outcome(kAuth), RuleOutcome::broken);
  EXPECT_EQ(Judged().see({.headers = {{"Authorization", "Basic eA=="}}}).outcome(kAuth),
            RuleOutcome::broken);
}

TEST(Auth, IsNotAskedOfOptionsNorOfAGlanceAtTheServer) {
  const Seen preflight{.method = "OPTIONS", .headers = {}, .status = 405};
  EXPECT_EQ(Judged().see(preflight).outcome(kAuth), RuleOutcome::not_seen);
  const Reply nothing{.status = 404, .body = {}};
  for (const char* target : {"/", "/favicon.ico", "/api/public/v1", "/api/public/v1/?x=1"}) {
    const Request glance{.method = "GET", .target = target};
    Judge judge({});
    judge.observe({.request = glance, .reply = nothing});
    EXPECT_EQ(judge.verdicts().find(kAuth)->outcome, RuleOutcome::not_seen) << target;
  }
}

TEST(Auth, IsBrokenByAKeyInTheUrlWhichIsNotShown) {
  for (const char* path :
       {"/agents?api_key=nr_secret-key", "/agents?k=nr_%73ecret-key", "/agents/nr_secret-key"}) {
    const Verdict verdict = Judged().see({.path = path}).verdict(kAuth);
    EXPECT_EQ(verdict.outcome, RuleOutcome::broken) << path;
    EXPECT_EQ(verdict.evidence[0].text.find("ecret-key"), std::string::npos)
        << verdict.evidence[0].text;
  }
}

TEST(Auth, APartOfALongerWordIsNoKey) {
  EXPECT_EQ(Judged().see({.path = "/agents/cnr_secret-keys"}).outcome(kAuth), RuleOutcome::kept);
}

TEST(Path, OfPlainIdsIsNotSeen) {
  EXPECT_EQ(of_path("/agents"), RuleOutcome::not_seen);
  EXPECT_EQ(of_path("/messages/cmsg_01KP3SRTDEBBB61MF4T1X9BMVF"), RuleOutcome::not_seen);
}

TEST(Path, OfASlugWithASlashIsKeptEncodedOrNot) {
  EXPECT_EQ(of_path("/agents/acme%2Fops"), RuleOutcome::kept);
  EXPECT_EQ(of_path("/agents/acme/ops"), RuleOutcome::kept);
  EXPECT_EQ(of_path("/agents/caf%C3%A9%20bar"), RuleOutcome::kept);
}

TEST(Path, IsBrokenByWhatShouldHaveBeenEncoded) {
  for (const char* path : {"/agents/a b", "/agents/caf\xC3\xA9", "/agents/a{b}", "/agents/50%",
                           "/agents/acme%252Fops", "/agents/a?b/conversations"}) {
    EXPECT_EQ(of_path(path), RuleOutcome::broken) << path;
  }
}

TEST(Shape, IsKeptByAGoodBodyEvenWhenItsValuesAreRefused) {
  EXPECT_EQ(of_start(R"({"agent_id": "bot", "prompt": "go"})", 200), RuleOutcome::kept);
  EXPECT_EQ(of_start(R"({"agent_id": "bot", "prompt": ""})"), RuleOutcome::kept);
  EXPECT_EQ(of_start(R"({"agent_id": "bot", "prompt": "x", "attachment_ids": ["gone"]})"),
            RuleOutcome::kept);
}

TEST(Shape, IsBrokenByABadOne) {
  for (const char* body :
       {"", "go", "[]", R"({"prompt": "go"})", R"({"agent_id": "bot", "prompt": 1})",
        R"({"agent_id": "bot", "prompt": "go", "ask_mode": null})",
        R"({"agent_id": "bot", "prompt": "go", "attachment_ids": [1]})"}) {
    EXPECT_EQ(of_start(body), RuleOutcome::broken) << body;
  }
  EXPECT_EQ(Judged()
                .see({.method = "POST", .path = "/attachments", .body = "x", .status = 400})
                .outcome(kShape),
            RuleOutcome::broken);
}

TEST(Shape, IsBrokenByABodyThatCamePacked) {
  Seen packed{.method = "POST", .path = "/conversations/start", .body = "\x1f\x8b", .status = 415};
  EXPECT_EQ(Judged().see(packed).outcome(kShape), RuleOutcome::kept);  // a 415 of another kind
  packed.headers.push_back({"Content-Encoding", "gzip"});
  const Verdict verdict = Judged().see(packed).verdict(kShape);
  EXPECT_EQ(verdict.outcome, RuleOutcome::broken);
  EXPECT_EQ(verdict.sentence, "a body came packed");
}

TEST(Shape, SaysWhatIsWrong) {
  Judged judged;
  judged.see({.method = "POST",
              .path = "/conversations/job_1/continue",
              .body = R"({"prompt": ["go"]})",
              .status = 400});
  EXPECT_EQ(judged.verdict(kShape).evidence[0].text,
            "POST /conversations/job_1/continue → 400 prompt is an array");
}

TEST(Shape, IsNotSeenInReads) {
  EXPECT_EQ(Judged().see({.status = 400}).outcome(kShape), RuleOutcome::not_seen);
}

TEST(Name, IsMissedWhenItIsNotThereOrEmpty) {
  EXPECT_EQ(Judged().outcome(kName), RuleOutcome::not_seen);
  EXPECT_EQ(Judged().see({}).outcome(kName), RuleOutcome::kept);
  EXPECT_EQ(Judged().see({.headers = {}}).outcome(kName), RuleOutcome::broken);
  EXPECT_EQ(Judged().see({.headers = {{"User-Agent", ""}}}).outcome(kName), RuleOutcome::broken);
}

Verdict of_key(const std::string& authorization) {
  return Judged().see({.headers = {{"Authorization", authorization}}}).verdict(kKeyText);
}

TEST(KeyText, OfARealKeyIsKept) {
  for (const char* key :
       {"nr_secret-key", "nr_AbC123_-=", "plainkey", "test", "nullable", "x", "nr_null"}) {
    EXPECT_EQ(of_key("Bearer " + std::string(key)).outcome, RuleOutcome::kept) << key;
  }
  EXPECT_EQ(of_key("bearer nr_secret-key").outcome, RuleOutcome::kept);
}

TEST(KeyText, OfNoBearerKeyIsNotSeen) {
  EXPECT_EQ(Judged().see({.headers = {}}).outcome(kKeyText), RuleOutcome::not_seen);
  EXPECT_EQ(of_key("Basic bnVsbA==").outcome, RuleOutcome::not_seen);
  EXPECT_EQ(of_key("Bearers null").outcome, RuleOutcome::not_seen);
}

TEST(KeyText, IsBrokenByWhatIsNoKey) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"Bearer undefined", "the key is no key but a word for none"},
      {"Bearer null", "the key is no key but a word for none"},
      {"Bearer None", "the key is no key but a word for none"},
      {"Bearer nil", "the key is no key but a word for none"},
      {"Bearer NaN", "the key is no key but a word for none"},
      {"Bearer NAIRI_API_KEY", "the key is no key but a word for none"},
      {"Bearer [object Object]", "the key was not filled in"},
      {"Bearer [object Promise]", "the key was not filled in"},
      {"Bearer ${NAIRI_API_KEY}", "the key was not filled in"},
      {"Bearer $NAIRI_API_KEY", "the key was not filled in"},
      {"Bearer {{ key }}", "the key was not filled in"},
      {"Bearer %NAIRI_API_KEY%", "the key was not filled in"},
      {"Bearer <your key>", "the key was not filled in"},
      {"Bearer \"nr_secret-key\"", "the key stands in quotes"},
      {"Bearer 'nr_secret-key'", "the key stands in quotes"},
      {"Bearer nr_secret-key'", "the key stands in quotes"},
      {"Bearer Bearer nr_secret-key", "\"Bearer\" stands there twice"},
      {"Bearer  nr_secret-key", "the key has blanks"},
      {"Bearer nr_secret-key ", "the key has blanks"},
      {"Bearer nr_secret key", "the key has blanks"},
      {"Bearer nr_secret-key\n", "the key has blanks"},
      {"Bearer ", "the key is empty"},
      {"Bearer", "the key is empty"},
      {"Bearer   ", "the key is empty"}};
  for (const auto& [sent, sentence] : mistakes) {
    const Verdict verdict = of_key(sent);
    EXPECT_EQ(verdict.outcome, RuleOutcome::broken) << sent;
    EXPECT_EQ(verdict.level, RuleLevel::should);
    EXPECT_EQ(verdict.sentence, sentence) << sent;
    EXPECT_EQ(verdict.evidence[0].text, "GET /agents → 200");
  }
}

Verdict of_query(const std::string& query) {
  return Judged().see({.path = "/agents/bot/conversations" + query}).verdict(kQuery);
}

TEST(Parameters, ThatTheApiKnowsAreKept) {
  EXPECT_EQ(of_query("?status=active,error&updated_after=x&sort=x&limit=1&offset=0").outcome,
            RuleOutcome::kept);
  EXPECT_EQ(of_query("?curs%6Fr=c&").outcome, RuleOutcome::kept);
}

TEST(Parameters, ThatAreNotThereAreNotSeen) {
  EXPECT_EQ(of_query("").outcome, RuleOutcome::not_seen);
  EXPECT_EQ(of_query("?").outcome, RuleOutcome::not_seen);
  EXPECT_EQ(Judged().see({.path = "/nowhere?page=1", .status = 404}).outcome(kQuery),
            RuleOutcome::not_seen);
}

TEST(Parameters, ThatNobodyKnowsAreShown) {
  const std::pair<const char*, const char*> unknown[] = {
      {"?Limit=3", "\"Limit\"; did you mean \"limit\"?"},
      {"?status[]=active", "\"status[]\"; did you mean \"status\"?"},
      {"?page=1", "\"page\""},
      {"?limit=1&_=1712", "\"_\""}};
  for (const auto& [query, said] : unknown) {
    const Verdict verdict = of_query(query);
    EXPECT_EQ(verdict.outcome, RuleOutcome::broken) << query;
    EXPECT_EQ(verdict.level, RuleLevel::should);
    EXPECT_EQ(verdict.evidence_count, 1U);
    EXPECT_NE(verdict.evidence[0].text.find(said), std::string::npos) << verdict.evidence[0].text;
  }
}

TEST(Parameters, OfOperationsThatHaveNoneAreShown) {
  for (const char* path : {"/agents?limit=10", "/messages/cmsg_1?wait=true"}) {
    EXPECT_EQ(Judged().see({.path = path}).outcome(kQuery), RuleOutcome::broken) << path;
  }
}

TEST(Parameters, ThatComeTwiceAreShown) {
  const Verdict verdict = of_query("?status=active&status=error");
  EXPECT_EQ(verdict.outcome, RuleOutcome::broken);
  EXPECT_EQ(verdict.sentence, "a query parameter came twice");
}

TEST(Parameters, ShowNoKey) {
  EXPECT_EQ(of_query("?nr_secret-key=1").evidence[0].text.find("secret"), std::string::npos);
}

Seen nowhere() {
  return {.path = "/nowhere",
          .headers = {},
          .status = 404,
          .reply_headers = {{"X-Mock-Hint", "nobody's"}}};
}

TEST(RequestsWithoutARoute, AreJudgedByTheRulesThatApplyToAny) {
  Judged judged;
  judged.see(nowhere()).see(nowhere());
  EXPECT_EQ(judged.outcome(kAuth), RuleOutcome::broken);
  EXPECT_EQ(judged.outcome(kName), RuleOutcome::broken);
  EXPECT_EQ(judged.outcome("no-retry-on-4xx"), RuleOutcome::broken);
  EXPECT_EQ(judged.outcome(kPath), RuleOutcome::not_seen);
  EXPECT_EQ(judged.outcome(kShape), RuleOutcome::not_seen);
  EXPECT_EQ(judged.outcome("polls-until-terminal"), RuleOutcome::not_seen);
}

TEST(RequestsWithoutARoute, AreCountedAndTheFirstIsShownAsItIs) {
  const Verdicts verdicts = Judged().see(nowhere()).see(nowhere()).verdicts();
  EXPECT_EQ(verdicts.unrouted.count, 2U);
  EXPECT_EQ(verdicts.unrouted.example, "GET /api/public/v1/nowhere → 404");
  EXPECT_EQ(verdicts.unrouted.hint, "nobody's");
  EXPECT_EQ(verdicts.refused.count, 0U);
  EXPECT_FALSE(verdicts.has_tested());
  EXPECT_TRUE(Judged().see(nowhere()).see({}).verdicts().has_tested());
}

// What was refused before the fake could play it.
Seen refused(int status, const std::string& why = "expected something else") {
  return {.path = "/agents/bot", .status = status, .refusal = why};
}

TEST(RequestsThatWereRefused, BreakARuleWhenTheirFormIsToBlame) {
  for (const int status : {400, 415, 417, 501, 505}) {
    const Verdict verdict = Judged().see(refused(status)).verdict(kShape);
    EXPECT_EQ(verdict.outcome, RuleOutcome::broken) << status;
    EXPECT_EQ(verdict.evidence[0].text,
              "GET /agents/bot → " + std::to_string(status) + " expected something else");
  }
  for (const int status : {408, 413, 414, 431, 500, 503}) {
    EXPECT_EQ(Judged().see(refused(status)).outcome(kShape), RuleOutcome::not_seen) << status;
  }
}

TEST(RequestsThatWereRefused, BreakThePathsRuleWhereNoHttpCarriesThePath) {
  for (const char* path : {"/agents/my bot", "/agents/caf\xC3\xA9", "/nowhere/a b"}) {
    Seen seen = refused(400);
    seen.path = path;
    seen.whole_head = false;
    const Judged judged = std::move(Judged().see(seen));
    EXPECT_EQ(judged.outcome(kPath), RuleOutcome::broken) << path;
    EXPECT_EQ(judged.outcome(kShape), RuleOutcome::not_seen) << path;
    EXPECT_EQ(judged.outcome(kAuth), RuleOutcome::not_seen) << path;
  }
}

TEST(RequestsThatWereRefused, AreNotBlamedForWhatWasNotRead) {
  Seen seen = refused(431);
  seen.headers = {};
  seen.whole_head = false;
  const Judged judged = std::move(Judged().see(seen));
  EXPECT_EQ(judged.outcome(kAuth), RuleOutcome::not_seen);
  EXPECT_EQ(judged.outcome(kName), RuleOutcome::not_seen);
  seen.whole_head = true;
  EXPECT_EQ(Judged().see(seen).outcome(kAuth), RuleOutcome::broken);
}

TEST(RequestsThatWereRefused, MustNotComeAgainAsTheyWere) {
  const Seen bad = refused(400, "expected one Host field");
  EXPECT_EQ(Judged().see(bad).see(bad).outcome("no-retry-on-4xx"), RuleOutcome::broken);
  EXPECT_EQ(Judged().see(bad).see(refused(400, "expected x")).outcome("no-retry-on-4xx"),
            RuleOutcome::kept);
  EXPECT_EQ(Judged().see(refused(503)).see(refused(503)).outcome("no-blind-retry-of-post"),
            RuleOutcome::not_seen);
}

TEST(RequestsThatWereRefused, DoNotSpeakAgainstTheirConnections) {
  Judged judged;
  for (std::uint64_t connection = 1; connection < 9; ++connection) {
    Seen seen = refused(413);
    seen.connection = connection;
    judged.see(seen);
  }
  EXPECT_EQ(judged.outcome(kConnections), RuleOutcome::not_seen);
}

TEST(RequestsThatWereRefused, AreCountedAndTheFirstIsShownWithoutKeys) {
  const Verdicts verdicts =
      Judged().see(refused(413, "got nr_secret-key")).see(refused(400)).verdicts();
  EXPECT_EQ(verdicts.refused.count, 2U);
  EXPECT_EQ(verdicts.refused.example, "GET /agents/bot → 413");
  EXPECT_EQ(verdicts.refused.hint, "got [redacted]");
  EXPECT_EQ(verdicts.unrouted.count, 0U);
  EXPECT_FALSE(verdicts.has_tested());
}

TEST(RequestsThatWereRefused, ForTheirPortOrAsNoRequestsAtAllAreOnlyCounted) {
  Seen misdirected = refused(400);
  misdirected.headers = {};
  misdirected.misdirected = true;
  Seen rubbish = refused(400);
  rubbish.method = "";
  const Judged judged = std::move(Judged().see(misdirected).see(rubbish));
  EXPECT_EQ(judged.verdicts().refused.count, 2U);
  EXPECT_EQ(judged.verdicts().traffic.requests, 2U);
  EXPECT_EQ(judged.outcome(kAuth), RuleOutcome::not_seen);
  EXPECT_EQ(judged.outcome(kShape), RuleOutcome::not_seen);
}

RuleOutcome of_connections(std::initializer_list<std::uint64_t> connections,
                           bool in_suite = false) {
  Judged judged({.in_suite = in_suite});
  for (const std::uint64_t connection : connections) judged.see({.connection = connection});
  return judged.outcome(kConnections);
}

TEST(Connections, AreUsedAgain) {
  EXPECT_EQ(of_connections({1, 2, 3, 1, 4}), RuleOutcome::kept);
}

TEST(Connections, OfProgramsOfAFewRequestsEachAreNotJudged) {
  EXPECT_EQ(of_connections({1, 2, 3, 4}), RuleOutcome::not_judged);
  EXPECT_EQ(of_connections({1, 2, 3, 4}, true), RuleOutcome::broken);
}

// What is said of looks at a turn, each on a connection of its own, with such pauses.
Verdict of_looks(std::int64_t pause_ms, int looks) {
  Judged judged;
  for (int i = 0; i < looks; ++i) {
    judged.poll("pending",
                {.at_ms = i * pause_ms, .connection = static_cast<std::uint64_t>(i + 1)});
  }
  return judged.verdict(kConnections);
}

TEST(Connections, AreNotUsedAgainByAClientThatOpensOneForEachPoll) {
  const Verdict verdict = of_looks(2000, 4);
  EXPECT_EQ(verdict.outcome, RuleOutcome::broken);
  EXPECT_EQ(verdict.sentence, "each poll came on a connection of its own");
  EXPECT_EQ(verdict.evidence_count, 3U);
  EXPECT_EQ(of_looks(2000, 3).outcome, RuleOutcome::not_seen);
}

TEST(Connections, ThatIdleBetweenTwoPollsMayBeClosed) {
  EXPECT_EQ(of_looks(3999, 9).outcome, RuleOutcome::broken);
  EXPECT_EQ(of_looks(4000, 9).outcome, RuleOutcome::not_judged);
}

TEST(Connections, OfFewRequestsAndOfNoneAreNotSeen) {
  EXPECT_EQ(of_connections({1, 2, 3}), RuleOutcome::not_seen);
  EXPECT_EQ(of_connections({0, 0, 0, 0, 0}), RuleOutcome::not_seen);
}

TEST(Connections, ThatWereCutDoNotCount) {
  Judged judged;
  for (std::uint64_t i = 1; i < 9; ++i) judged.see({.delivered = i > 5, .connection = i});
  EXPECT_EQ(judged.outcome(kConnections), RuleOutcome::not_seen);
}

Seen page(const std::string& query, const std::string& next) {
  return {.path = "/agents/bot/conversations" + query,
          .reply = R"({"conversations": [], "next_cursor": )" + next + "}"};
}

TEST(Pages, AreReadByCursorOrOffset) {
  for (const char* next : {"?cursor=c1", "?offset=50", "?updated_after=2026-04-12T18:45:12.000Z"}) {
    EXPECT_EQ(Judged().see(page("", "\"c1\"")).see(page(next, "null")).outcome(kPages),
              RuleOutcome::kept);
  }
}

TEST(Pages, AreMissedByAClientThatReadsTheFirstAgainOrStopsInTheMiddle) {
  EXPECT_EQ(Judged().see(page("", "\"c1\"")).see(page("", "\"c1\"")).outcome(kPages),
            RuleOutcome::broken);
  EXPECT_EQ(Judged().see(page("", "\"c1\"")).see(page("?cursor=c1", "\"c2\"")).outcome(kPages),
            RuleOutcome::broken);
}

TEST(Pages, EndForWhoGoesByOffsetWithAShortOne) {
  EXPECT_EQ(Judged().see(page("?limit=2&offset=0", "\"c1\"")).outcome(kPages),
            RuleOutcome::not_seen);
  EXPECT_EQ(Judged().see(page("?limit=2", "\"c1\"")).outcome(kPages), RuleOutcome::broken);
}

TEST(Pages, EndWithACursorThatLeadsToItself) {
  EXPECT_EQ(Judged().see(page("", "\"c1\"")).see(page("?cursor=c1", "\"c1\"")).outcome(kPages),
            RuleOutcome::kept);
}

TEST(Pages, ThatAreTheOnlyOnesAreNotSeen) {
  EXPECT_EQ(Judged().see(page("", "\"c1\"")).see(page("", "null")).outcome(kPages),
            RuleOutcome::not_seen);  // the rest went away before the page was read again
  EXPECT_EQ(Judged().see(page("", "null")).outcome(kPages), RuleOutcome::not_seen);
}

TEST(Pages, MustBeReadOnlyByAClientThatWasToldSo) {
  EXPECT_EQ(Judged().see(page("", "\"c1\"")).verdict(kPages).level, RuleLevel::info);
  EXPECT_EQ(Judged({.in_suite = true}).see(page("", "\"c1\"")).verdict(kPages).level,
            RuleLevel::must);
}

}  // namespace
}  // namespace nairi::mock::testing
