// What a fake thinks of those who call it, as values, text and JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <sstream>
#include <utility>

#include "engine/judged.h"
#include "engine/worlds.h"
#include "files.h"
#include "judge/judges.h"

namespace nairi::mock::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

FakeOptions judging(ClockMode clock = ClockMode::poll) {
  return {.clock = clock, .judge = true, .control_token = "secret"};
}

RuleOutcome outcome(const Verdicts& verdicts, std::string_view rule) {
  return verdicts.find(rule)->outcome;
}

Seen nowhere_seen() {
  return {.path = "/nowhere", .status = 404};
}

// Whether a client broke anything but SHOULDs.
std::vector<std::string> broken_musts(const Verdicts& verdicts) {
  std::vector<std::string> broken;
  for (const Verdict& verdict : verdicts.verdicts) {
    if (verdict.level == RuleLevel::must && verdict.outcome == RuleOutcome::broken) {
      broken.emplace_back(verdict.rule);
    }
  }
  return broken;
}

TEST(Rules, HaveEachAnIdOfItsOwnAndAPageThatSaysItsLevel) {
  const std::string page = nairi::tests::read_source("docs/rules.md");
  std::set<std::string_view> ids;
  std::size_t at = 0;
  for (const Rule& rule : rules()) {
    EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
    const std::string heading =
        "\n### " + std::string(rule.id) + "\n\n**" + std::string(to_string(rule.level)) + "**";
    const std::size_t found = page.find(heading);
    ASSERT_NE(found, std::string::npos) << rule.id;
    EXPECT_GT(found, at) << rule.id << " is not in the order of the table";
    at = found;
    EXPECT_THAT(page.substr(found, 300), HasSubstr(std::string(rule.sentence))) << rule.id;
    const std::string section = page.substr(found, page.find("\n#", found + 5) - found);
    if (rule.judged_by == JudgedBy::traffic && rule.level != RuleLevel::info) {
      EXPECT_THAT(section, HasSubstr("\n- Not judged: ")) << rule.id;
    }
    EXPECT_EQ(find_rule(rule.id), &rule);
  }
  EXPECT_EQ(find_rule("no-such-rule"), nullptr);
}

TEST(Verdicts, AreOneForEachRuleThatTrafficShowsInTheOrderOfTheRules) {
  const Verdicts verdicts = Judged().verdicts();
  std::vector<std::string_view> judged;
  std::vector<std::string_view> expected;
  for (const Verdict& verdict : verdicts.verdicts) judged.push_back(verdict.rule);
  for (const Rule& rule : rules()) {
    if (rule.judged_by == JudgedBy::traffic) expected.push_back(rule.id);
  }
  EXPECT_EQ(judged, expected);
}

TEST(Verdicts, OfAGoodClientBreakNothing) {
  Play play(plain_world(), judging());
  const Started turn = play.api.start("bot", "go");
  play.api.finish(turn.message);
  play.api.messages(turn.job);
  const Started next = play.api.continue_job(turn.job, "more");
  play.api.finish(next.message);
  const Verdicts verdicts = play.fake.verdicts("nr_test");
  EXPECT_THAT(broken_musts(verdicts), ::testing::IsEmpty());
  EXPECT_EQ(outcome(verdicts, "polls-until-terminal"), RuleOutcome::kept);
  EXPECT_EQ(verdicts.traffic.answers, 2U);
}

TEST(Verdicts, CatchAClientThatPollsOn) {
  Play play(plain_world(), judging());
  const Started turn = play.api.start("bot", "go");
  play.api.finish(turn.message);
  play.api.status(turn.message);
  play.api.status(turn.message);
  EXPECT_THAT(broken_musts(play.fake.verdicts("nr_test")),
              ::testing::ElementsAre("stops-after-terminal"));
}

TEST(Verdicts, DoNotDependOnTheJournal) {
  FakeOptions options = judging();
  options.journal_max_entries = 0;
  Play play(plain_world(), std::move(options));
  play.api.status(play.api.start("bot", "go").message);
  const Verdict verdict = *play.fake.verdicts("nr_test").find("polls-until-terminal");
  EXPECT_EQ(verdict.outcome, RuleOutcome::broken);
  EXPECT_EQ(verdict.evidence[0].number, 2U);
}

TEST(Verdicts, KnowWhatTheClientDidNotGet) {
  Play play(plain_world(), judging());
  FaultSpec cut;
  cut.at = "start";
  cut.number = 1;
  cut.effect.reset_after_bytes = 10;
  play.fake.add_faults("nr_test", {cut});
  play.api.start("bot", "go");
  EXPECT_EQ(outcome(play.fake.verdicts("nr_test"), "no-blind-retry-of-post"), RuleOutcome::kept);
  play.api.start("bot", "go");
  EXPECT_EQ(outcome(play.fake.verdicts("nr_test"), "no-blind-retry-of-post"), RuleOutcome::broken);
}

TEST(Verdicts, OfEachKeyAreItsOwn) {
  Fake fake(plain_world(), judging());
  Api bad(fake, "nr_bad");
  bad.status(bad.start("bot", "go").message);
  Api(fake, "nr_good").get("/agents");
  EXPECT_EQ(outcome(fake.verdicts("nr_bad"), "polls-until-terminal"), RuleOutcome::broken);
  EXPECT_EQ(outcome(fake.verdicts("nr_good"), "polls-until-terminal"), RuleOutcome::not_seen);
  EXPECT_EQ(outcome(fake.verdicts_of_all(), "polls-until-terminal"), RuleOutcome::broken);
  EXPECT_EQ(fake.verdicts_of_all().traffic.requests, 3U);
}

TEST(Verdicts, UnderTheVirtualClockSpacingIsTheWorldsTime) {
  Play play(plain_world(), judging(ClockMode::virtual_time));
  const Started turn = play.api.start("bot", "go");
  play.api.status(turn.message);
  play.fake.advance(1000);
  play.api.status(turn.message);
  EXPECT_EQ(outcome(play.fake.verdicts("nr_test"), "polls-no-faster-than-asked"),
            RuleOutcome::kept);
  play.fake.advance(500);
  play.api.status(turn.message);
  EXPECT_EQ(outcome(play.fake.verdicts("nr_test"), "polls-no-faster-than-asked"),
            RuleOutcome::broken);
}

TEST(Verdicts, RealTimeCountsMoreThanTheWorlds) {
  Play play(plain_world(), judging());
  const Started turn = play.api.start("bot", "go");
  for (const std::int64_t us : {1'000'000, 1'500'000}) {
    play.api.send(
        {.method = "GET", .target = "/api/public/v1/messages/" + turn.message, .received_us = us});
  }
  EXPECT_EQ(outcome(play.fake.verdicts("nr_test"), "polls-no-faster-than-asked"),
            RuleOutcome::broken);
}

TEST(Verdicts, OfARequestWithoutAKeyAreThoseOfItsConnection) {
  Fake fake(plain_world(), judging());
  const auto call = [&](std::uint64_t connection, std::vector<Header> headers) {
    fake.handle({.method = "GET",
                 .target = "/api/public/v1/agents",
                 .headers = std::move(headers),
                 .connection = connection});
  };
  call(1, {{"Authorization", "Bearer nr_one"}});
  call(2, {{"Authorization", "Bearer nr_two"}});
  call(1, {});
  EXPECT_EQ(outcome(fake.verdicts("nr_one"), "auth-on-every-call"), RuleOutcome::broken);
  EXPECT_EQ(outcome(fake.verdicts("nr_two"), "auth-on-every-call"), RuleOutcome::kept);
}

TEST(Verdicts, OfARequestOfNobodyCountForAllTogether) {
  Fake fake(plain_world(), judging());
  Api(fake, "nr_test").get("/agents");
  Api(fake, "").get("/agents");
  EXPECT_EQ(outcome(fake.verdicts("nr_test"), "auth-on-every-call"), RuleOutcome::kept);
  EXPECT_EQ(outcome(fake.verdicts_of_all(), "auth-on-every-call"), RuleOutcome::broken);
}

TEST(Verdicts, OfARunThatAResetEndedStillCountForAllTogether) {
  Play play(plain_world(), judging());
  const Started turn = play.api.start("bot", "go");
  play.api.finish(turn.message);
  for (int i = 0; i < 2; ++i) play.api.status(turn.message);
  const std::uint64_t requests = play.fake.verdicts_of_all().traffic.requests;
  play.fake.reset("nr_test");
  play.api.get("/agents");
  EXPECT_EQ(outcome(play.fake.verdicts("nr_test"), "stops-after-terminal"), RuleOutcome::not_seen);
  EXPECT_EQ(outcome(play.fake.verdicts_of_all(), "stops-after-terminal"), RuleOutcome::broken);
  play.fake.reset_all();
  EXPECT_EQ(outcome(play.fake.verdicts_of_all(), "stops-after-terminal"), RuleOutcome::broken);
  EXPECT_EQ(play.fake.verdicts_of_all().traffic.requests, requests + 1);
}

// A turn that was looked at once, at that time, before `reset` was done to its key.
RuleOutcome left_before(const std::function<void(Play&)>& reset) {
  Play play(plain_world(), judging());
  const Started turn = play.api.start("bot", "go");
  play.api.send({.method = "GET",
                 .target = "/api/public/v1/messages/" + turn.message,
                 .received_us = 1'000'000});
  reset(play);
  EXPECT_EQ(outcome(play.fake.verdicts("nr_test"), "polls-until-terminal"), RuleOutcome::not_seen);
  return outcome(play.fake.verdicts_of_all(), "polls-until-terminal");
}

// A request to the control API, such as "POST /reset", at that time.
std::function<void(Play&)> controlling(const std::string& request, std::int64_t at_us) {
  const std::size_t blank = request.find(' ');
  return [=](Play& play) {
    play.fake.handle({.method = request.substr(0, blank),
                      .target = "/__mock" + request.substr(blank + 1),
                      .headers = {{"Authorization", "Bearer nr_test"}},
                      .received_us = at_us});
  };
}

TEST(Verdicts, DoNotBlameAClientForATurnThatAResetTookAway) {
  const auto not_judged = RuleOutcome::not_judged;
  EXPECT_EQ(left_before([](Play& play) { play.fake.reset("nr_test"); }), not_judged);
  EXPECT_EQ(left_before([](Play& play) { play.fake.reset_all(); }), not_judged);
  EXPECT_EQ(left_before([](Play& play) { play.fake.put_world("nr_test", plain_world()); }),
            not_judged);
  for (const std::string path : {"POST /reset", "DELETE /world"}) {
    EXPECT_EQ(left_before(controlling(path, 11'000'000)), not_judged) << path;
    EXPECT_EQ(left_before(controlling(path, 11'001'000)), RuleOutcome::broken) << path;
  }
}

// What is said of a client that saw a turn once and went away.
std::string left_in(ClockMode clock, const std::string& agent, bool in_suite = false) {
  FakeOptions options = judging(clock);
  options.judging.in_suite = in_suite;
  const std::string endless =
      R"({"when": {"agent_id": "acme/ops"}, "timeline": [{"status": "pending"}]})";
  Play play(world_with(endless), std::move(options));
  play.api.status(play.api.start(agent, "go").message);
  return play.fake.verdicts("nr_test").find("polls-until-terminal")->sentence;
}

TEST(Verdicts, DoNotBlameAClientForATurnThatCanNotEnd) {
  const std::string left = "not judged: a turn was left that could not end: ";
  const std::string abandoned = "a message was abandoned before it was completed or failed";
  EXPECT_EQ(left_in(ClockMode::poll, "sleepy"), left + "its agent is not deployed");
  EXPECT_EQ(left_in(ClockMode::poll, "acme/ops"), left + "its script has no end");
  EXPECT_EQ(left_in(ClockMode::poll, "bot"), abandoned);
  EXPECT_EQ(left_in(ClockMode::virtual_time, "bot"),
            left + "the virtual clock was not moved since the prompt");
  EXPECT_EQ(left_in(ClockMode::virtual_time, "bot", true), abandoned);
}

TEST(Verdicts, DoNotBlameAClientWhoseTurnWaitsBehindOneThatCanNotEnd) {
  Play play(plain_world(), judging());
  const Started turn = play.api.start("sleepy", "go");
  play.api.messages(play.api.continue_job(turn.job, "more").job);
  play.api.messages(turn.job);
  EXPECT_EQ(outcome(play.fake.verdicts("nr_test"), "polls-until-terminal"),
            RuleOutcome::not_judged);
}

TEST(Verdicts, SeeNothingWhereNobodyJudges) {
  Play play(plain_world());
  play.api.status(play.api.start("bot", "go").message);
  EXPECT_EQ(outcome(play.fake.verdicts("nr_test"), "polls-until-terminal"), RuleOutcome::not_seen);
  const Answer answer = play.api.control("GET", "/verdicts");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.error(), HasSubstr("--judge warn"));
}

TEST(Verdicts, AreServedToTheirKeyAndToTheToken) {
  Fake fake(plain_world(), judging());
  Api api(fake, "nr_mine");
  api.status(api.start("bot", "go").message);
  Api(fake, "nr_other").get("/agents");
  const Json mine = api.control("GET", "/verdicts").json();
  EXPECT_EQ(mine.at("traffic").at("requests"), 2);
  const Json& first = mine.at("verdicts").at(0);
  EXPECT_EQ(first.at("rule"), "polls-until-terminal");
  EXPECT_EQ(first.at("level"), "MUST");
  EXPECT_EQ(first.at("outcome"), "broken");
  EXPECT_EQ(first.at("page"), "docs/rules.md#polls-until-terminal");
  EXPECT_EQ(first.at("evidence_count"), 1);
  EXPECT_EQ(first.at("evidence").at(0).at("number"), 2);
  EXPECT_EQ(first.at("evidence").at(0).at("at"), "2026-04-12T18:45:12.002Z");
  EXPECT_THAT(first.at("evidence").at(0).at("exchange").get<std::string>(),
              HasSubstr("→ 200 pending"));
  const Json all = Api(fake, "secret").control("GET", "/verdicts?all=true").json();
  EXPECT_EQ(all.at("traffic").at("requests"), 3);
}

TEST(Verdicts, AsTextFitIntoEightyColumnsAndShowNoKey) {
  Judged judged;
  judged.see({.path = "/agents/" + std::string(200, 'x') + "?key=nr_secret-key"}).start();
  for (int i = 0; i < 9; ++i) judged.poll("completed");
  const std::string text = to_text(judged.verdicts());
  EXPECT_THAT(text, HasSubstr("MUST    broken      stops-after-terminal\n"));
  EXPECT_THAT(text, HasSubstr("          #5 GET /messages/cmsg_1 → 200 completed\n"));
  EXPECT_THAT(text, HasSubstr("          and 2 more\n"));
  EXPECT_THAT(text, Not(HasSubstr("secret")));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto bytes_in_between =
        std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) == 0x80; });
    EXPECT_LE(static_cast<std::ptrdiff_t>(line.size()) - bytes_in_between, 80) << line;
  }
}

TEST(Verdicts, SayWhatHadNoRouteAndWhatCouldNotBePlayed) {
  Fake fake(plain_world(), judging());
  Api api(fake);
  for (int i = 0; i < 3; ++i) api.get("/api/public/v1/agents");
  fake.note_refused({.request = {.method = "GET", .target = "/api/public/v1/agents"},
                     .reply = {.status = 414, .body = {}},
                     .why = "expected a request line of at most 16384 bytes, got a longer one"});
  const std::string text = to_text(fake.verdicts_of_all());
  EXPECT_THAT(text, HasSubstr("\n3 requests had no route, such as:\n"
                              "          GET /api/public/v1/api/public/v1/agents → 404\n"
                              "          the prefix /api/public/v1 stands there twice; the nearest "
                              "route is GET\n          /api/public/v1/agents\n"));
  EXPECT_THAT(text, HasSubstr("\n1 request could not be played:\n"
                              "          GET /agents → 414\n"
                              "          expected a request line of at most 16384 bytes, got a "
                              "longer one\n"));
  EXPECT_THAT(text, HasSubstr("\nnothing was checked: no request was for an operation of the "
                              "API\n"));
  const Json json = Json::parse(to_json(fake.verdicts_of_all()));
  EXPECT_EQ(json.at("unrouted").at("count"), 3);
  EXPECT_EQ(json.at("unrouted").at("example"), "GET /api/public/v1/api/public/v1/agents → 404");
  EXPECT_EQ(json.at("unrouted").at("hint"),
            "the prefix /api/public/v1 stands there twice; the nearest route is GET "
            "/api/public/v1/agents");
  EXPECT_EQ(json.at("refused").at("count"), 1);
  EXPECT_EQ(json.at("traffic").at("played"), 0);
}

TEST(Verdicts, OfNothingSayThatNothingWasChecked) {
  const Verdicts nothing = Judged().verdicts();
  EXPECT_FALSE(nothing.has_tested());
  EXPECT_THAT(to_text(nothing), HasSubstr("\nnothing was checked: no request came\n"));
  const Verdicts something = Judged().see({}).verdicts();
  EXPECT_TRUE(something.has_tested());
  EXPECT_THAT(to_text(something), Not(HasSubstr("nothing was checked")));
  EXPECT_THAT(to_text(something), Not(HasSubstr("had no route")));
}

TEST(Verdicts, HoldRequestsWithoutARouteForTheirKeyToo) {
  Fake fake(plain_world(), judging());
  Api(fake, "nr_lost").get("/nowhere");
  EXPECT_EQ(fake.verdicts("nr_lost").unrouted.count, 1U);
  EXPECT_EQ(fake.verdicts("nr_lost").find("auth-on-every-call")->outcome, RuleOutcome::kept);
  EXPECT_EQ(fake.verdicts("nr_other").unrouted.count, 0U);
}

TEST(Verdicts, OfAKeyThatIsNotLetInAreItsOwn) {
  FakeOptions options = judging();
  options.listed_keys_only = true;
  Fake fake(plain_world(), std::move(options));
  Api(fake, "nr_stranger").get("/agents");
  Api(fake, "nr_stranger").get("/agents");
  EXPECT_EQ(outcome(fake.verdicts("nr_stranger"), "no-retry-on-4xx"), RuleOutcome::broken);
  EXPECT_EQ(outcome(fake.verdicts("nr_other"), "no-retry-on-4xx"), RuleOutcome::not_seen);
  fake.reset("nr_stranger");
  EXPECT_EQ(outcome(fake.verdicts("nr_stranger"), "no-retry-on-4xx"), RuleOutcome::not_seen);
  EXPECT_EQ(outcome(fake.verdicts_of_all(), "no-retry-on-4xx"), RuleOutcome::broken);
}

TEST(Verdicts, AreNoneOfWhoDrivesTheFake) {
  Fake fake(plain_world(), judging());
  Api api(fake);
  api.control("GET", "/jurnal");
  api.control("POST", "/journal");
  fake.note_refused({.request = {.method = "PUT", .target = "/__mock/world"},
                     .whole_head = true,
                     .reply = {.status = 413, .body = {}},
                     .why = "too much"});
  EXPECT_EQ(fake.verdicts_of_all().traffic.requests, 0U);
  EXPECT_TRUE(api.control("GET", "/journal").json().at("entries").empty());
}

TEST(Verdicts, AreNoneOfAClientThatWentAway) {
  Fake fake(plain_world(), judging());
  const RefusedRequest gone{.request = {.method = "GET", .target = "/api/public/v1/agents"},
                            .reply = {.status = 0, .body = {}},
                            .why = "it went away"};
  fake.note_refused(gone);
  EXPECT_EQ(fake.verdicts_of_all().traffic.requests, 0U);
}

TEST(MergedVerdicts, AddUpWhatCameToNothing) {
  const Verdicts one = Judged().see(nowhere_seen()).see({}).verdicts();
  const Verdicts all = merged(merged(Judged().verdicts(), one), one);
  EXPECT_EQ(all.unrouted.count, 2U);
  EXPECT_EQ(all.unrouted.example, "GET /api/public/v1/nowhere → 404");
  EXPECT_EQ(all.traffic.played, 2U);
}

TEST(Verdicts, ShowNoControlCharacters) {
  const Verdict verdict =
      Judged().see({.path = "/agents/a\x1b[31m\n", .headers = {}}).verdict("auth-on-every-call");
  EXPECT_EQ(verdict.evidence[0].text, R"(GET /agents/a\x1b[31m\x0a → 200)");
}

TEST(MergedVerdicts, AreBrokenWhenOneIsAndKeptWhenOneIs) {
  const Verdicts broken = Judged().start().poll("pending").verdicts();
  const Verdicts kept = Judged().start().poll("completed").verdicts();
  const Verdicts nothing = Judged().verdicts();
  const auto both = [](const Verdicts& one, const Verdicts& other) {
    return outcome(merged(one, other), "polls-until-terminal");
  };
  EXPECT_EQ(both(kept, broken), RuleOutcome::broken);
  EXPECT_EQ(both(broken, kept), RuleOutcome::broken);
  EXPECT_EQ(both(nothing, kept), RuleOutcome::kept);
  EXPECT_EQ(both(nothing, nothing), RuleOutcome::not_seen);
  EXPECT_EQ(merged(broken, broken).find("polls-until-terminal")->evidence_count, 2U);
  EXPECT_EQ(merged(kept, kept).find("polls-per-answer")->sentence,
            "1.0 on average, at most 1; turns that ended: 2");
}

}  // namespace
}  // namespace nairi::mock::testing
