// Rules about single requests and lists: auth-on-every-call, encodes-path, valid-requests,
// user-agent, reuses-connections and reads-all-pages.
#include <gtest/gtest.h>

#include "engine/judged.h"

namespace nairi::mock::testing {
namespace {

constexpr const char* kAuth = "auth-on-every-call";
constexpr const char* kPath = "encodes-path";
constexpr const char* kShape = "valid-requests";
constexpr const char* kName = "user-agent";
constexpr const char* kConnections = "reuses-connections";
constexpr const char* kPages = "reads-all-pages";

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

RuleOutcome of_connections(std::initializer_list<std::uint64_t> connections) {
  Judged judged;
  for (const std::uint64_t connection : connections) judged.see({.connection = connection});
  return judged.outcome(kConnections);
}

TEST(Connections, AreUsedAgain) {
  EXPECT_EQ(of_connections({1, 2, 3, 1, 4}), RuleOutcome::kept);
}

TEST(Connections, AreNotUsedAgainByAClientThatAlwaysOpensANewOne) {
  EXPECT_EQ(of_connections({1, 2, 3, 4}), RuleOutcome::broken);
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
