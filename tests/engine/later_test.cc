// What comes after the end of a turn (docs/worlds.md, "later"; REFERENCE: Messages, Job status).
// When it comes, and in which order, is assumed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/worlds.h"
#include "support/files.h"

namespace nairi::mock::testing {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> contents_of(const Json& messages) {
  std::vector<std::string> contents;
  for (const Json& message : messages) contents.push_back(message.at("content"));
  return contents;
}

std::string answered(const std::string& later, const std::string& when = "") {
  return "{" + when + R"("timeline": [{"status": "pending"},
      {"status": "completed", "reply": "re {{prompt}}", "later": [)" +
         later + "]}]}";
}

constexpr const char* kTwoNotices =
    R"({"polls": 2, "ms": 200, "system": ["one"]}, {"polls": 1, "ms": 50, "system": ["two"]})";

TEST(WhatComesLater, ComesAfterSoManyReadsOfTheJob) {
  Play play(world_with(answered(kTwoNotices)));
  const Started turn = play.api.start("bot", "go");
  std::vector<std::size_t> counts;
  for (int read = 0; read < 6; ++read) counts.push_back(play.api.messages(turn.job).size());
  EXPECT_THAT(counts, ElementsAre(1, 2, 2, 3, 4, 4));
  EXPECT_THAT(contents_of(play.api.messages(turn.job)), ElementsAre("go", "re go", "one", "two"));
}

TEST(WhatComesLater, ComesAfterReadsOfAnyMessageOfTheJob) {
  Play play(world_with(answered(kTwoNotices)));
  const Started turn = play.api.start("bot", "go");
  for (int read = 0; read < 4; ++read) play.api.status(turn.message);
  EXPECT_EQ(play.api.messages(turn.job).size(), 4U);
}

TEST(WhatComesLater, IsMissedByAClientThatStoppedAtTheEnd) {
  Play play(world_with(answered(kTwoNotices)));
  const Started turn = play.api.start("bot", "go");
  ASSERT_EQ(play.api.finish(turn.message), "completed");
  EXPECT_THAT(contents_of(play.api.messages(turn.job)), ElementsAre("go", "re go"));
}

TEST(WhatComesLater, MovesTheTimeOfThePollClock) {
  Play play(world_with(answered(R"({"polls": 3, "ms": 1000, "system": ["late"]})")));
  const Started turn = play.api.start("bot", "go");
  ASSERT_EQ(play.api.finish(turn.message), "completed");
  play.api.status(turn.message);
  play.api.status(turn.message);
  const Json messages = play.api.messages(turn.job);
  ASSERT_EQ(messages.size(), 3U);
  const std::string answered_at = messages[1].at("created_at");
  const std::string told_at = messages[2].at("created_at");
  EXPECT_EQ(answered_at, "2026-04-12T18:45:14.002Z");  // a millisecond for each request
  EXPECT_EQ(told_at, "2026-04-12T18:45:15.005Z");
}

TEST(WhatComesLater, ComesAfterSoManyMilliseconds) {
  Play play(world_with(answered(kTwoNotices)), {.clock = ClockMode::virtual_time});
  const Started turn = play.api.start("bot", "go");
  play.fake.advance(2199);
  EXPECT_EQ(play.api.messages(turn.job).size(), 2U);
  play.fake.advance(1);
  EXPECT_EQ(play.api.messages(turn.job).size(), 3U);
  play.fake.advance(1000);
  const Json messages = play.api.messages(turn.job);
  ASSERT_EQ(messages.size(), 4U);
  EXPECT_EQ(messages[2].at("created_at"), "2026-04-12T18:45:14.200Z");
  EXPECT_EQ(messages[3].at("created_at"), "2026-04-12T18:45:14.250Z");
}

TEST(WhatComesLater, ComesFasterWithSpeed) {
  std::int64_t now = 1'800'000'000'000;
  Play play(world_with(answered(kTwoNotices)),
            {.clock = ClockMode::wall, .speed = 10, .wall_ms = [&] { return now; }});
  const Started turn = play.api.start("bot", "go");
  now += 219;
  EXPECT_EQ(play.api.messages(turn.job).size(), 2U);
  now += 1;
  EXPECT_EQ(play.api.messages(turn.job).size(), 3U);
}

TEST(WhatComesLater, DoesNotHoldUpTheNextPrompt) {
  Play play(world_with(answered(R"({"polls": 2, "ms": 3000, "system": ["late {{prompt}}"]})",
                                R"("when": {"turn": 1}, )")));
  const Started one = play.api.start("bot", "one");
  ASSERT_EQ(play.api.finish(one.message), "completed");
  const Started two = play.api.continue_job(one.job, "two");
  EXPECT_EQ(play.api.status(two.message), "pending");
  EXPECT_EQ(play.api.status(two.message), "completed");
  EXPECT_THAT(contents_of(play.api.messages(one.job)),
              ElementsAre("one", "re one", "two", "late one", "You said: two"));
}

TEST(WhatComesLater, StandsInOrderOfTimeAmongTheStagesOfTheNextTurn) {
  Play play(world_with(answered(R"({"ms": 3000, "system": ["late {{turn}}"]})",
                                R"("when": {"turn": 1}, )") +
                       R"(, {"timeline": [{"status": "pending", "ms": 2000, "progress": [
                           {"progress_type": "step", "summary": "a"},
                           {"progress_type": "step", "summary": "b"}]},
                         {"status": "pending", "ms": 5000, "system": ["going on"]},
                         {"status": "completed", "reply": "done"}]})"),
            {.clock = ClockMode::virtual_time});
  const Started one = play.api.start("bot", "one");
  const Started two = play.api.continue_job(one.job, "two");
  play.fake.advance(60'000);
  std::vector<std::string> told;
  std::string before;
  for (const Json& message : play.api.messages(one.job)) {
    const std::string created_at = message.at("created_at");
    EXPECT_LE(before, created_at);
    before = created_at;
    told.push_back(message.at("role") == "progress" ? "step" : message.at("content"));
  }
  EXPECT_THAT(told,
              ElementsAre("one", "two", "re one", "step", "step", "going on", "late 1", "done"));
  EXPECT_EQ(play.api.status(two.message), "completed");
}

TEST(WhatComesLater, OfTheOlderTurnComesFirst) {
  for (const ClockMode clock : {ClockMode::poll, ClockMode::virtual_time}) {
    Play play(world_with(R"({"timeline": [{"status": "completed", "later": [
                  {"polls": 1, "ms": 500, "system": ["late {{turn}}"]}]}]})"),
              {.clock = clock});
    const Started one = play.api.start("bot", "one");
    play.api.continue_job(one.job, "two");
    play.api.messages(one.job);
    play.fake.advance(1000);
    EXPECT_THAT(contents_of(play.api.messages(one.job)),
                ElementsAre("one", "two", "late 1", "late 2"));
  }
}

TEST(WhatComesLater, AfterNoTimeIsThereWithTheEnd) {
  for (const ClockMode clock : {ClockMode::poll, ClockMode::virtual_time}) {
    Play play(world_with(R"({"timeline": [{"status": "completed", "reply": "ok", "later": [
                  {"polls": 0, "ms": 0, "system": ["a"]}, {"polls": 0, "ms": 0, "system": ["b"]},
                  {"polls": 9, "ms": 9000, "system": ["c"]}]}]})"),
              {.clock = clock});
    const Started turn = play.api.start("bot", "go");
    EXPECT_THAT(contents_of(play.api.messages(turn.job)), ElementsAre("go", "ok", "a", "b"));
  }
}

TEST(WhatComesLater, MayEndTheJob) {
  Play play(world_with(answered(R"({"polls": 2, "job_status": "completed",
                                   "reason": "Thread is inactive"})")));
  const Started turn = play.api.start("bot", "go");
  ASSERT_EQ(play.api.finish(turn.message), "completed");
  EXPECT_EQ(play.api.job_status("bot", turn.job), "active");
  play.api.status(turn.message);
  EXPECT_EQ(play.api.job_status("bot", turn.job), "completed");
  EXPECT_EQ(contents_of(play.api.messages(turn.job)).back(), "Job complete - Thread is inactive");
}

TEST(WhatComesLater, MayAbandonTheJobUnderTheVirtualClock) {
  Play play(world_with(answered(R"({"ms": 600000, "job_status": "abandoned"})")),
            {.clock = ClockMode::virtual_time});
  const Started turn = play.api.start("bot", "go");
  play.fake.advance(2000 + 599'999);
  EXPECT_EQ(play.api.job_status("bot", turn.job), "active");
  play.fake.advance(1);
  EXPECT_EQ(play.api.job_status("bot", turn.job), "abandoned");
}

TEST(WhatComesLater, MayBeProgress) {
  Play play(world_with(answered(R"({"polls": 0, "progress": [
      {"progress_type": "step", "summary": "late"}]})")));
  const Started turn = play.api.start("bot", "go");
  play.api.finish(turn.message);
  const Json last = play.api.messages(turn.job).back();
  EXPECT_EQ(last.at("progress_type"), "step");
  const Json envelope = Json::parse(last.at("content").get<std::string>());
  EXPECT_EQ(envelope.at("processed_message_id"), turn.message);
}

TEST(WhatComesLater, ComesAfterAFailureToo) {
  Play play(world_with(R"({"timeline": [{"status": "failed", "error": "e", "later": [
      {"job_status": "active"}]}]})"));
  const Started turn = play.api.start("bot", "go");
  EXPECT_EQ(play.api.job_status("bot", turn.job), "error");
  play.api.status(turn.message);
  EXPECT_EQ(play.api.job_status("bot", turn.job), "active");
}

// Order of a terminal stage: REFERENCE: Messages, "Order at the end of a turn".
TEST(EndOfATurn, ShowsTheAnswerBeforeNoticesAndTheCompletionOfTheJob) {
  Play play(world_with(R"({"timeline": [{"status": "completed", "reply": "ok", "system": ["notice"],
      "progress": [{"progress_type": "step", "summary": "s"}],
      "job_status": "completed", "reason": "r"}]})"));
  const Started turn = play.api.start("bot", "go");
  std::vector<std::string> roles;
  for (const Json& message : play.api.messages(turn.job)) roles.push_back(message.at("role"));
  EXPECT_THAT(roles, ElementsAre("user", "progress", "assistant", "system", "system"));
  EXPECT_EQ(contents_of(play.api.messages(turn.job)).back(), "Job complete - r");
}

TEST(EndOfATurn, ShowsTheFailureBehindTheNoticesSoThatItIsTheNewest) {
  Play play(world_with(R"({"timeline": [
      {"status": "failed", "error": "declined", "system": ["notice"]}]})"));
  const Started turn = play.api.start("bot", "go");
  EXPECT_THAT(contents_of(play.api.messages(turn.job)),
              ElementsAre("go", "notice", "nairid encountered error: declined"));
}

TEST(EndOfATurn, HasAMessageForEachError) {
  Play play(world_with(R"({"timeline": [
      {"status": "failed", "error": ["no {{prompt}}", "it failed: no {{prompt}}"]}]})"));
  const Started turn = play.api.start("bot", "go");
  EXPECT_THAT(contents_of(play.api.messages(turn.job)),
              ElementsAre("go", "nairid encountered error: no go",
                          "nairid encountered error: it failed: no go"));
}

TEST(EndOfATurn, LeavesTheJobOfAFailedTurnAsTheScriptSays) {
  for (const std::string status : {"active", "completed", "error", "abandoned"}) {
    Play play(world_with(R"({"timeline": [{"status": "failed", "error": "e", "job_status": ")" +
                         status + "\"}]}"));
    const Started turn = play.api.start("bot", "go");
    EXPECT_EQ(play.api.job_status("bot", turn.job), status);
  }
}

TEST(EndOfATurn, MayLeaveTheJobInErrorAfterAnAnswer) {
  Play play(world_with(
      R"({"timeline": [{"status": "completed", "reply": "ok", "job_status": "error"}]})"));
  const Started turn = play.api.start("bot", "go");
  EXPECT_EQ(play.api.job_status("bot", turn.job), "error");
}

// A turn whose assistant message is seen while it is made. Assumed: no source says that there are
// such.
std::string drafted(const std::string& end, const std::string& more = "") {
  return R"({"timeline": [
      {"status": "pending", "messages": [
        {"role": "assistant", "status": "pending", "content": "Working on {{prompt}}"})" +
         more + "]}, " + end + "]}";
}

TEST(Drafts, AreSeenPendingAndBecomeTheReply) {
  Play play(world_with(drafted(R"({"status": "completed", "reply": "{{prompt}}: done"})")));
  const Started turn = play.api.start("bot", "go");
  const Json draft = play.api.messages(turn.job, "assistant").at(0);
  EXPECT_EQ(draft.at("status"), "pending");
  EXPECT_EQ(draft.at("content"), "Working on go");
  ASSERT_EQ(play.api.finish(turn.message), "completed");
  const Json messages = play.api.messages(turn.job, "assistant");
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].at("id"), draft.at("id"));
  EXPECT_EQ(messages[0].at("status"), "completed");
  EXPECT_EQ(messages[0].at("content"), "go: done");
  EXPECT_GT(messages[0].at("updated_at"), draft.at("updated_at"));
  EXPECT_EQ(messages[0].at("created_at"), draft.at("created_at"));
}

TEST(Drafts, TakeTheFilesAndTheUsageOfTheReply) {
  Play play(world_of(R"({"agents": [{"agent_id": "bot"}], "turns": [)" +
                     drafted(R"({"status": "completed", "reply": "ok", "usage": {"cost_usd": 1,
                         "input_tokens": 2, "output_tokens": 3, "model": "m"}})") +
                     "]}"));
  const Started turn = play.api.start("bot", "go");
  ASSERT_EQ(play.api.finish(turn.message), "completed");
  EXPECT_EQ(play.api.messages(turn.job, "assistant").at(0).at("model"), "m");
}

TEST(Drafts, EndAsATurnWithoutAReplyDoes) {
  for (const std::string end :
       {R"({"status": "failed", "error": "e"})", R"({"status": "completed"})"}) {
    Play play(world_with(drafted(end)));
    const Started turn = play.api.start("bot", "go");
    const std::string status = play.api.finish(turn.message);
    const Json messages = play.api.messages(turn.job, "assistant");
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages[0].at("status"), status);
    EXPECT_EQ(messages[0].at("content"), "Working on go");
  }
}

TEST(Drafts, OfSeveralTheNewestBecomesTheReply) {
  Play play(
      world_with(drafted(R"({"status": "completed", "reply": "done"})",
                         R"(, {"role": "assistant", "status": "queued", "content": "two"})")));
  const Started turn = play.api.start("bot", "go");
  ASSERT_EQ(play.api.finish(turn.message), "completed");
  const Json messages = play.api.messages(turn.job, "assistant");
  EXPECT_THAT(contents_of(messages), ElementsAre("Working on go", "done"));
  for (const Json& message : messages) EXPECT_EQ(message.at("status"), "completed");
}

TEST(Drafts, AreNoPreviousReply) {
  Play play(world_with(
      drafted(R"({"status": "completed", "reply": "{{turn}} after \"{{previous.reply}}\""})")));
  const Started first = play.api.start("bot", "go");
  ASSERT_EQ(play.api.finish(first.message), "completed");
  const Started second = play.api.continue_job(first.job, "on");
  ASSERT_EQ(play.api.finish(second.message), "completed");
  EXPECT_EQ(play.api.messages(first.job, "assistant").at(1).at("content"),
            R"(2 after "1 after """)");
}

TEST(FurtherMessages, StandWhereTheirStagePutsThem) {
  Play play(world_with(R"({"timeline": [
      {"status": "pending", "messages": [{"role": "assistant", "content": "first"}]},
      {"status": "completed", "reply": "answer", "system": ["notice"],
       "messages": [{"role": "assistant", "content": "and {{turn}} more"}],
       "later": [{"polls": 2, "messages": [{"role": "assistant", "content": "late"}]}]}]})"));
  const Started turn = play.api.start("bot", "go");
  ASSERT_EQ(play.api.finish(turn.message), "completed");
  EXPECT_THAT(contents_of(play.api.messages(turn.job)),
              ElementsAre("go", "first", "answer", "notice", "and 1 more"));
  EXPECT_EQ(contents_of(play.api.messages(turn.job)).back(), "late");
}

TEST(FurtherMessages, OfTheSystemMayHaveFiles) {
  auto world = parse_world(R"({"agents": [{"agent_id": "bot"}], "turns": [{"timeline": [
      {"status": "pending"},
      {"status": "completed", "reply": "ok", "messages": [
        {"role": "system", "content": "Report of {{prompt}}",
         "attachments": ["attachments/receipt.pdf"]}]}]}]})",
                           {.file = tests::source_path("fixtures/worlds/a.json").string()});
  ASSERT_TRUE(world) << world.error().front().message;
  Play play(std::move(*world));
  const Started turn = play.api.start("bot", "go");
  ASSERT_EQ(play.api.finish(turn.message), "completed");
  const Json notice = play.api.messages(turn.job, "system").at(0);
  EXPECT_EQ(notice.at("content"), "Report of go");
  const std::string id = notice.at("attachment_ids").at(0);
  EXPECT_EQ(play.api.get("/attachments/" + id).json().at("filename"), "receipt.pdf");
}

}  // namespace
}  // namespace nairi::mock::testing
