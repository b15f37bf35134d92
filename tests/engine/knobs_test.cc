// What each knob of a ledger does. REFERENCE grades all of it as assumed, or as what only the
// agents' daemon is known to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "support/knob_values.h"
#include "worlds.h"

namespace nairi::mock::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr const char* kNowhere = "job_01KRK1V46BXS73CSNK2VR00000";

FakeOptions turned(const std::string& knob, const std::string& value,
                   ClockMode clock = ClockMode::poll) {
  return {.clock = clock, .fidelity = ledger_with({knob, value})};
}

// The built-in agents' replies, on a world of turns.
Play play(const std::string& knob, const std::string& value, const std::string& turns = "",
          ClockMode clock = ClockMode::poll) {
  return Play(world_with(turns), turned(knob, value, clock));
}

int status_of_start(Api& api, Json body) {
  body["agent_id"] = "bot";
  body["prompt"] = "go";
  return api.post("/conversations/start", body).status;
}

// A script that ends as `stage` says.
std::string ends_with(const std::string& stage) {
  return R"({"when": {}, "timeline": [{"status": "pending", "polls": 1}, )" + stage + "]}";
}

constexpr const char* kEndsTheJob =
    R"({"status": "completed", "reply": "Done.", "job_status": "completed"})";
constexpr const char* kFails = R"({"status": "failed", "error": "out of memory"})";

// A job that its first turn completed.
std::string ended_job(Api& api) {
  const Started started = api.start("bot", "go");
  EXPECT_EQ(api.finish(started.message), "completed");
  return started.job;
}

TEST(Knobs, GiveStartContinueAndUploadTheirStatus) {
  Play starts = play("start_status", "202");
  EXPECT_EQ(status_of_start(starts.api, {}), 202);
  Play continues = play("continue_status", "201");
  const Started started = continues.api.start("bot", "go");
  EXPECT_EQ(
      continues.api.post("/conversations/" + started.job + "/continue", {{"prompt", "on"}}).status,
      201);
  Play uploads = play("upload_status", "200");
  EXPECT_EQ(uploads.api.upload("a.txt", "a").status, 200);
}

TEST(KnobContinueEnded, RefusesWithStatusAndText) {
  Play it = play("continue_ended", R"({"status": 409, "error": "conversation is closed"})",
                 ends_with(kEndsTheJob));
  const Answer answer =
      it.api.post("/conversations/" + ended_job(it.api) + "/continue", {{"prompt", "more"}});
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.error(), "conversation is closed");
}

TEST(KnobContinueEnded, TakesAMessageThatStaysQueued) {
  Play it = play("continue_ended", R"({"status": 202})", ends_with(kEndsTheJob));
  const std::string job = ended_job(it.api);
  const Answer answer = it.api.post("/conversations/" + job + "/continue", {{"prompt", "more"}});
  ASSERT_EQ(answer.status, 202);
  const std::string message = answer.json().at("message_id");
  EXPECT_EQ(it.api.finish(message), "");
  EXPECT_EQ(it.api.status(message), "queued");
  EXPECT_EQ(it.api.job_status("bot", job), "completed");
  EXPECT_EQ(it.api.messages(job, "user").size(), 2U);
}

TEST(KnobContinueEnded, DoesNotBlameAClientThatWaitsInVain) {
  FakeOptions options = turned("continue_ended", R"({"status": 202})");
  options.judge = true;
  Play it(world_with(ends_with(kEndsTheJob)), std::move(options));
  const Started next = it.api.continue_job(ended_job(it.api), "more");
  EXPECT_EQ(it.api.status(next.message), "queued");
  EXPECT_FALSE(it.fake.verdicts_of_all().has_broken(RuleLevel::must));
}

TEST(KnobContinueAfterError, LeavesTheJobInErrorUntilThePromptSucceeds) {
  const std::string fails_first =
      R"({"when": {"turn": 1}, "timeline": [{"status": "pending"}, {"status": "failed",
          "error": "no"}]},)" +
      ends_with(R"({"status": "completed", "reply": "Yes."})");
  Play it = play("continue_after_error", R"("error")", fails_first);
  const Started started = it.api.start("bot", "go");
  EXPECT_EQ(it.api.finish(started.message), "failed");
  const Started again = it.api.continue_job(started.job, "again");
  EXPECT_EQ(it.api.job_status("bot", started.job), "error");
  EXPECT_EQ(it.api.finish(again.message), "completed");
  EXPECT_EQ(it.api.job_status("bot", started.job), "active");
}

TEST(KnobFirstStatus, IsSeenOnceBeforeTheScript) {
  Play it =
      play("first_status", R"("queued")", ends_with(R"({"status": "completed", "reply": "Hi."})"));
  const Started started = it.api.start("bot", "go");
  EXPECT_EQ(it.api.status(started.message), "queued");
  EXPECT_EQ(it.api.status(started.message), "pending");
  EXPECT_EQ(it.api.status(started.message), "completed");
}

TEST(KnobFirstStatus, LastsUntilTimeGoesByAndTheTurnEndsWhenItWould) {
  Play it = play("first_status", R"("queued")",
                 R"({"when": {}, "timeline": [{"status": "pending", "ms": 1000},
                     {"status": "completed", "reply": "Hi."}]})",
                 ClockMode::virtual_time);
  const Started started = it.api.start("bot", "go");
  EXPECT_EQ(it.api.status(started.message), "queued");
  it.fake.advance(1);
  EXPECT_EQ(it.api.status(started.message), "pending");
  it.fake.advance(999);
  EXPECT_EQ(it.api.status(started.message), "completed");
}

TEST(KnobFirstStatus, IsSeenInListsOnceTimeGoesBy) {
  Play it = play("first_status", R"("queued")",
                 R"({"when": {}, "timeline": [{"status": "pending", "ms": 10},
                     {"status": "completed", "job_status": "completed"}]})",
                 ClockMode::virtual_time);
  const Started started = it.api.start("bot", "go");
  it.fake.advance(1000);
  EXPECT_EQ(it.api.job_status("bot", started.job), "completed");
}

TEST(KnobFirstStatus, DoesNotBlameAClientForATurnThatHasNotBegun) {
  FakeOptions options = turned("first_status", R"("queued")");
  options.judge = true;
  Play it(plain_world(), std::move(options));
  const Started started = it.api.start("bot", "go");
  EXPECT_EQ(it.api.finish(started.message), "completed");
  EXPECT_FALSE(it.fake.verdicts_of_all().has_broken(RuleLevel::must));
}

TEST(KnobNextCursor, IsAbsentAtTheEndOnly) {
  Play it = play("next_cursor", R"("absent_at_end")");
  it.api.start("bot", "one");
  it.api.start("bot", "two");
  const Json first = it.api.get("/agents/bot/conversations?limit=1").json();
  ASSERT_TRUE(first.at("next_cursor").is_string());
  EXPECT_FALSE(it.api.get("/agents/bot/conversations").json().contains("next_cursor"));
}

TEST(KnobNextCursor, IsAbsent) {
  Play it = play("next_cursor", R"("absent")");
  it.api.start("bot", "one");
  it.api.start("bot", "two");
  EXPECT_FALSE(it.api.get("/agents/bot/conversations?limit=1").json().contains("next_cursor"));
}

TEST(KnobErrorTexts, ReplaceOurs) {
  Play it =
      play("error_texts", R"({"job not found": "no such \"job\"", "missing API key": "who?"})");
  const Answer unknown = it.api.get(std::string("/conversations/") + kNowhere + "/messages");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.error(), "no such \"job\"");
  EXPECT_EQ(it.api.get("/agents/nobody").error(), "agent not found");
  Api nobody(it.fake, "");
  EXPECT_EQ(nobody.get("/agents").error(), "who?");
}

TEST(KnobErrorTexts, LeaveFaultsAlone) {
  FakeOptions options = turned("error_texts", R"({"out of order": "never"})");
  Play it(world_of(R"({"agents": [], "faults": [{"at": "agents",
                       "do": {"status": 503, "error": "out of order"}}]})"),
          std::move(options));
  EXPECT_EQ(it.api.get("/agents").error(), "out of order");
}

// The texts of the job's system messages.
std::vector<std::string> system_texts(const std::string& knob, const std::string& value,
                                      const std::string& stage) {
  Play it = play(knob, value, ends_with(stage));
  const Started started = it.api.start("bot", "go");
  it.api.finish(started.message);
  std::vector<std::string> texts;
  for (const Json& message : it.api.messages(started.job, "system")) {
    texts.push_back(message.at("content"));
  }
  return texts;
}

TEST(KnobNotices, ComeAsMarkdown) {
  EXPECT_THAT(system_texts("notices", R"("markdown")",
                           R"({"status": "completed", "system": [
                               "Agent opened a pull request: https://git.example/pull/7",
                               "New commit added: 0123456789abcdef in #7", "Anything else"]})"),
              ElementsAre("Agent opened a [pull request](https://git.example/pull/7)",
                          "New commit added: [0123456](https://git.example/pull/7/commits/"
                          "0123456789abcdef) in [#7](https://git.example/pull/7)",
                          "Anything else"));
}

TEST(KnobNotices, ThatAreMarkdownStayAsTheyAre) {
  EXPECT_THAT(system_texts("notices", R"("markdown")", R"x({"status": "completed", "system": [
                  "Agent opened a [pull request](u)", "New commit added: [0123456](u)"]})x"),
              ElementsAre("Agent opened a [pull request](u)", "New commit added: [0123456](u)"));
}

TEST(KnobErrorsPerFailure, AddsALongerOneThatEndsInTheFirst) {
  const auto texts = system_texts("errors_per_failure", "2", kFails);
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_EQ(texts[0], "nairid encountered error: out of memory");
  EXPECT_GT(texts[1].size(), texts[0].size());
  EXPECT_THAT(texts[1], StartsWith("nairid encountered error: "));
  EXPECT_TRUE(texts[1].ends_with("out of memory"));
}

TEST(KnobErrorsPerFailure, LeavesTwoAlone) {
  EXPECT_THAT(
      system_texts("errors_per_failure", "2", R"({"status": "failed", "error": ["a", "b"]})"),
      ElementsAre("nairid encountered error: a", "nairid encountered error: b"));
}

TEST(KnobEndOrder, CompletesThePromptBeforeItsAnswerIsThere) {
  Play it = play("end_order", R"("completed_first")",
                 ends_with(R"({"status": "completed", "reply": "Hi."})"));
  const Started started = it.api.start("bot", "go");
  it.api.finish(started.message);
  const Json answer = it.api.messages(started.job, "assistant").at(0);
  EXPECT_LT(it.api.message(started.message).at("updated_at"), answer.at("created_at"));
}

TEST(KnobUnknown, GivesEachKindItsStatus) {
  const std::string none = "_01KRK1V46BXS73CSNK2VR00000";
  Play jobs = play("unknown_conversation_status", "400");
  EXPECT_EQ(jobs.api.get("/conversations/job" + none + "/messages").status, 400);
  EXPECT_EQ(jobs.api.post("/conversations/job" + none + "/continue", {{"prompt", "x"}}).status,
            400);
  EXPECT_EQ(jobs.api.get("/messages/cmsg" + none).status, 404);
  EXPECT_EQ(jobs.api.get("/attachments/att" + none).status, 404);
  Play files = play("unknown_attachment_status", "400");
  EXPECT_EQ(files.api.get("/attachments/att" + none).status, 400);
  EXPECT_EQ(files.api.get("/conversations/job" + none + "/messages").status, 404);
}

TEST(KnobUnknown, AgentHasItsStatusButWhereThatIsDocumented) {
  Play it = play("unknown_agent_status", "400");
  EXPECT_EQ(it.api.post("/conversations/start", {{"agent_id", "nobody"}, {"prompt", "x"}}).status,
            400);
  EXPECT_EQ(it.api.get("/agents/nobody").status, 400);
  EXPECT_EQ(it.api.call("DELETE", "/agents/nobody").status, 400);
  EXPECT_EQ(it.api.get("/agents/nobody/conversations").status, 404);
}

TEST(KnobForeign, TellsAnIdOfAnotherKeyFromOneThatIsNowhere) {
  Play it = play("foreign_id_status", "403");
  Api other(it.fake, "nr_other");
  const Started foreign = other.start("bot", "go");
  const std::string file = other.upload("a.txt", "a").json().at("attachment_id");
  EXPECT_EQ(it.api.get("/conversations/" + foreign.job + "/messages").status, 403);
  EXPECT_EQ(it.api.get("/messages/" + foreign.message).status, 403);
  EXPECT_EQ(it.api.get("/attachments/" + file).status, 403);
  EXPECT_EQ(it.api.get(std::string("/conversations/") + kNowhere + "/messages").status, 404);
  EXPECT_EQ(other.get("/conversations/" + foreign.job + "/messages").status, 200);
  const std::string agent = other.get("/agents/bot").json().at("id");
  EXPECT_EQ(it.api.get("/agents/" + agent).status, 403);
  EXPECT_EQ(it.api.get("/agents/" + agent + "/conversations").status, 404);
}

TEST(KnobOtherKind, GivesAnIdOfAnotherKindItsStatus) {
  Play it = play("other_kind_status", "404");
  const Started started = it.api.start("bot", "go");
  EXPECT_EQ(it.api.get("/messages/" + started.job).status, 404);
  EXPECT_EQ(it.api.get("/conversations/" + started.message + "/messages").status, 404);
  EXPECT_EQ(it.api.get("/messages/cmsg_bad").status, 400);
}

TEST(KnobUnknownFields, AreRefused) {
  Play it = play("unknown_fields", R"("refused")");
  EXPECT_EQ(status_of_start(it.api, {{"ask_mode", true}, {"attachment_ids", Json::array()}}), 200);
  EXPECT_EQ(status_of_start(it.api, {{"colour", "red"}}), 400);
  const Started started = it.api.start("bot", "go");
  const auto refused = [&](const std::string& method, const std::string& path, const Json& body) {
    return it.api.call(method, path, body.dump()).status == 400;
  };
  EXPECT_TRUE(refused("POST", "/conversations/" + started.job + "/continue",
                      {{"prompt", "x"}, {"ask_mode", true}}));
  EXPECT_TRUE(refused("POST", "/agents", {{"name", "x"}, {"x", 1}}));
  EXPECT_TRUE(refused("PATCH", "/agents/bot", {{"x", 1}}));
  EXPECT_TRUE(refused("POST", "/agents/bot/deploy", {{"x", 1}}));
  EXPECT_EQ(it.api.call("POST", "/agents/bot/deploy").status, 202);
}

TEST(KnobSchemeCase, IsExact) {
  Play it = play("scheme_case", R"("exact")");
  const auto with = [&](const std::string& value) {
    return it.api
        .send({.method = "GET",
               .target = "/api/public/v1/agents",
               .headers = {{"authorization", value}}})
        .status;
  };
  EXPECT_EQ(with("Bearer nr_test"), 200);
  EXPECT_EQ(with("bearer nr_test"), 401);
}

TEST(KnobEleventhAttachment, HasItsStatus) {
  const auto status = [](const std::string& value) {
    Play it = play("eleventh_attachment_status", value);
    const Json id = it.api.upload("a.txt", "a").json().at("attachment_id");
    EXPECT_EQ(status_of_start(it.api, {{"attachment_ids", std::vector<Json>(10, id)}}), 200);
    return status_of_start(it.api, {{"attachment_ids", std::vector<Json>(11, id)}});
  };
  EXPECT_EQ(status("413"), 413);
  EXPECT_EQ(status("404"), 404);
}

TEST(KnobUpload, OfTooMuchAndOfNothingHasItsStatus) {
  Play large = play("too_large_status", "400");
  EXPECT_EQ(large.api.upload("a.bin", std::string(50 * 1024 * 1024 + 1, 'a')).status, 400);
  Play missing = play("missing_file_status", "422");
  EXPECT_EQ(missing.api
                .send({.method = "POST",
                       .target = "/api/public/v1/attachments",
                       .headers = {{"Content-Type", "multipart/form-data; boundary=XX"}},
                       .body = "--XX--\r\n"})
                .status,
            422);
}

TEST(KnobProgressStatus, IsPending) {
  Play it = play("progress_status", R"("pending")",
                 R"({"when": {}, "timeline": [{"status": "pending", "progress": [
                     {"progress_type": "text", "text_delta": "Hm"}]}, {"status": "completed"}]})");
  const Started started = it.api.start("bot", "go");
  EXPECT_EQ(it.api.messages(started.job, "progress").at(0).at("status"), "pending");
}

// A job from Slack, of "bot".
constexpr const char* kFromSlack =
    R"({"id": "job_01KRK1V46BXS73CSNK2VR35NPJ", "agent_id": "bot", "origin": "slack",
        "messages": [{"role": "user", "content": "Hello"}]})";

TEST(KnobOtherOrigins, AreNotListed) {
  Play it(world_with("", kFromSlack), turned("other_origins_listed", "false"));
  const Started started = it.api.start("bot", "go");
  const Json listed = it.api.conversations("bot");
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed.at(0).at("id"), started.job);
  EXPECT_EQ(it.api.messages(kSlackJob).size(), 1U);
}

TEST(KnobOtherOrigins, CannotBeRead) {
  Play it(world_with("", kFromSlack), turned("other_origin_timeline", R"("refused")"));
  const Answer answer = it.api.get(std::string("/conversations/") + kSlackJob + "/messages");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.error(), "job is not an API job");
}

TEST(KnobUndeployed, FailsTheMessage) {
  Play it = play("undeployed", R"("failed")");
  const Started started = it.api.start("sleepy", "go");
  EXPECT_EQ(it.api.finish(started.message), "failed");
  EXPECT_EQ(it.api.job_status("sleepy", started.job), "error");
  EXPECT_THAT(it.api.messages(started.job, "system").at(0).at("content").get<std::string>(),
              StartsWith("nairid encountered error: "));
  const Started other = it.api.start("bot", "go");
  EXPECT_EQ(it.api.finish(other.message), "completed");
}

TEST(KnobBadQuery, HasItsStatusOrIsIgnored) {
  Play refused = play("bad_query_status", "422");
  EXPECT_EQ(refused.api.get("/agents/bot/conversations?sort=up").status, 422);
  EXPECT_EQ(refused.api.get("/agents/bot/conversations?updated_after=now").status, 422);
  EXPECT_EQ(refused.api.get("/agents/bot/conversations?limit=0").status, 400);
  Play ignored = play("bad_query_status", "200");
  EXPECT_EQ(ignored.api.get("/agents/bot/conversations?sort=up").status, 200);
  EXPECT_EQ(ignored.api.get("/agents/bot/conversations?updated_after=now").status, 200);
}

TEST(KnobListFields, LeaveOutWhatTheServiceDoes) {
  Play it = play("list_fields", R"(["id", "status", "updated_at"])");
  it.api.start("bot", "go");
  EXPECT_FALSE(it.api.conversations("bot").at(0).contains("created_at"));
}

TEST(Knobs, OfNoLedgerAreTheGuesses) {
  EXPECT_EQ(Fidelity().knobs, Knobs());
  EXPECT_EQ(FakeOptions().fidelity, Fidelity());
}

// What a reply says that it rests on, and which guesses were noted.
class OfALedger : public ::testing::Test {
 protected:
  static Fidelity settled(const std::string& id, Settled how) {
    Fidelity fidelity;
    fidelity.statements[id] = std::move(how);
    return fidelity;
  }
  static std::string told(const Fidelity& fidelity, const std::string& path) {
    Play it(plain_world(), {.fidelity = fidelity});
    const Answer answer = it.api.send({.method = "GET",
                                       .target = "/api/public/v1" + path,
                                       .headers = {{"X-Mock-Fidelity", "1"}}});
    return std::string(header_value(answer.headers, "X-Mock-Fidelity"));
  }
  const std::string unknown = std::string("/conversations/") + kNowhere + "/messages";
};

TEST_F(OfALedger, AReplyTellsTheDayOnWhichItsGuessWasConfirmed) {
  EXPECT_EQ(told({}, unknown), "assumed");
  EXPECT_EQ(told(settled("unknown-conversation",
                         {.verdict = SettledAs::confirmed, .confirmed_on = "2026-11-26"}),
                 unknown),
            "confirmed 2026-11-26");
  EXPECT_EQ(told(settled("unknown-attachment",
                         {.verdict = SettledAs::confirmed, .confirmed_on = "2026-11-26"}),
                 unknown),
            "assumed");
}

TEST_F(OfALedger, AReplyTellsThatItsGuessWasRefutedUnlessTheFakeFollows) {
  EXPECT_EQ(told(settled("unknown-conversation",
                         {.verdict = SettledAs::refuted, .refuted_on = "2026-11-26"}),
                 unknown),
            "assumed, refuted 2026-11-26");
  EXPECT_EQ(
      told(ledger_with({"unknown_conversation_status", "400"}, "unknown-conversation"), unknown),
      "confirmed 2026-11-26");
}

TEST_F(OfALedger, AReplyIsJudgedByOurTextOfItsError) {
  Fidelity fidelity = settled("unknown-conversation",
                              {.verdict = SettledAs::confirmed, .confirmed_on = "2026-11-26"});
  fidelity.knobs.error_texts["job not found"] = "gone";
  EXPECT_EQ(told(fidelity, unknown), "confirmed 2026-11-26");
}

TEST_F(OfALedger, ErrorsOfOneStatusRestOnDifferentThings) {
  EXPECT_EQ(told({}, "/agents/bot/conversations?sort=up"), "assumed");
  EXPECT_EQ(told({}, "/agents/bot/conversations?limit=0"), "documented");
  EXPECT_EQ(told({}, "/agents/nobody/conversations"), "documented");
  EXPECT_EQ(told({}, "/agents/nobody"), "assumed");
  EXPECT_EQ(told({}, "/messages/cmsg_bad"), "documented");
  EXPECT_EQ(told({}, std::string("/messages/") + kNowhere), "assumed");
}

TEST_F(OfALedger, EachGuessIsNotedWithItsFirstExchangeAndItsCount) {
  std::vector<std::string> first;
  Play it(plain_world(), {.only_confirmed = true, .on_guess = [&](const Reliance& reliance) {
                            first.push_back(reliance.statement);
                          }});
  it.api.get("/agents");
  it.api.get(unknown);
  it.api.get("/agents/nobody");
  it.api.get(unknown);
  it.api.call("HEAD", "/agents");
  EXPECT_EQ(to_text(it.fake.reliances()),
            "The run relied on 3 guesses that nobody has confirmed:\n"
            "  unknown-conversation: 2 times, first in exchange 2 (messages, 404)\n"
            "  unknown-agent-id: once, in exchange 3 (agent, 404)\n"
            "  HEAD agents 200: once, in exchange 5 (HEAD agents, 200)\n");
  EXPECT_THAT(first, ElementsAre("unknown-conversation", "unknown-agent-id", "HEAD agents 200"));
}

TEST_F(OfALedger, WhatIsConfirmedIsNoGuessAnyMore) {
  Play it(plain_world(),
          {.fidelity = settled("unknown-conversation",
                               {.verdict = SettledAs::confirmed, .confirmed_on = "2026-11-26"}),
           .only_confirmed = true});
  it.api.get(unknown);
  EXPECT_THAT(it.fake.reliances(), IsEmpty());
}

TEST_F(OfALedger, WhatIsRefutedIsNotedSo) {
  Play it(plain_world(),
          {.fidelity = settled("unknown-conversation",
                               {.verdict = SettledAs::refuted, .refuted_on = "2026-11-26"}),
           .only_confirmed = true});
  it.api.get(unknown);
  EXPECT_EQ(to_text(it.fake.reliances()),
            "The run relied on a guess that nobody has confirmed:\n"
            "  unknown-conversation: once, in exchange 1 (messages, 404); the service does "
            "otherwise: 2026-11-26\n");
}

TEST_F(OfALedger, NothingIsNotedUnlessAskedFor) {
  Play it(plain_world());
  it.api.get(unknown);
  EXPECT_THAT(it.fake.reliances(), IsEmpty());
}

}  // namespace
}  // namespace nairi::mock::testing
