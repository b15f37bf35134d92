// Each watch: a sound recording shows nothing, and one that is broken in one way shows exactly
// that.
#include "harness/drift/drift.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "files.h"
#include "harness/cases/case_reader.h"
#include "harness/drift/comparison.h"
#include "harness/drift/drift_report.h"
#include "harness/pages/assumptions.h"
#include "harness/pages/reference.h"
#include "harness/watch/facts.h"
#include "harness/watch/replies.h"

namespace nairi::contracts {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Expectations& shipped_expectations() {
  static const Expectations expectations(*built_in_cases());
  return expectations;
}

const std::string kStoryJob = "job_01KRK1V46BXS73CSNK2VR35NPA";
const std::string kOtherJob = "job_01KRK1V46BXS73CSNK2VR35NPB";
const std::string kUser = "cmsg_01KRK1V46BXS73CSNK2VR35NPC";
const std::string kAnswer = "cmsg_01KRK1V46BXS73CSNK2VR35NPD";
const std::string kTool = "cmsg_01KRK1V46BXS73CSNK2VR35NPE";
const std::string kSecond = "cmsg_01KRK1V46BXS73CSNK2VR35NPF";
const std::string kSystem = "cmsg_01KRK1V46BXS73CSNK2VR35NPG";
const std::string kThird = "cmsg_01KRK1V46BXS73CSNK2VR35NPH";
const std::string kRefused = "cmsg_01KRK1V46BXS73CSNK2VR35NPN";
const std::string kFile = "att_01KRK1V46BXS73CSNK2VR35NPJ";
const std::string kOtherFile = "att_01KRK1V46BXS73CSNK2VR35NPK";
const std::string kAgent = "cci_01KRK1V46BXS73CSNK2VR35NPM";

std::string at(int second) {
  const std::string digits = std::to_string(second);
  return "2026-04-12T18:45:" + std::string(2 - digits.size(), '0') + digits + ".000Z";
}

Json message(const std::string& id, const std::string& role, const std::string& status,
             const std::string& content, int created, int updated) {
  return {{"id", id},
          {"job_id", kStoryJob},
          {"role", role},
          {"status", status},
          {"content", content},
          {"created_at", at(created)},
          {"updated_at", at(updated)}};
}

Json conversation(const std::string& id, const std::string& status, int created, int updated) {
  return {{"id", id}, {"status", status}, {"created_at", at(created)}, {"updated_at", at(updated)}};
}

Json agent_record() {
  return {{"id", kAgent},         {"name", "Helper"},   {"agent_id", "helper"},
          {"instances_count", 1}, {"description", ""},  {"is_self_hosted", false},
          {"created_at", at(1)},  {"updated_at", at(1)}};
}

// A call and what came of it, one after the other.
struct Called {
  std::string name;
  std::string method;
  std::string target;
  Json sent;
  int status = 200;
  Json body;
};

Json page(std::vector<Json> conversations) {
  return {{"conversations", std::move(conversations)}, {"next_cursor", nullptr}};
}

Json tool_message() {
  const Json envelope{{"job_id", kStoryJob},         {"processed_message_id", kUser},
                      {"progress_type", "tool_use"}, {"tool_name", "Bash"},
                      {"tool_status", "running"},    {"tool_use_id", "use-1"}};
  Json tool = message(kTool, "progress", "completed", envelope.dump(), 2, 2);
  tool.update({{"progress_type", "tool_use"},
               {"tool_name", "Bash"},
               {"tool_status", "running"},
               {"tool_use_id", "use-1"}});
  return tool;
}

Json answer_message() {
  Json answer = message(kAnswer, "assistant", "completed", "Done.", 3, 3);
  answer.update({{"cost_usd", 0.5},
                 {"input_tokens", 1},
                 {"output_tokens", 2},
                 {"cache_read_tokens", 3},
                 {"cache_write_tokens", 4},
                 {"model", "m"}});
  return answer;
}

Json user_message(const std::string& status, int updated) {
  Json user = message(kUser, "user", status, "Do it", 1, updated);
  user["attachment_ids"] = {kFile, kOtherFile};
  return user;
}

// A whole story: two files, a turn with them that completes, a second one that fails, and its
// retry.
std::vector<Called> story() {
  const Json second_failed = message(kSecond, "user", "failed", "And this", 5, 6);
  const Json system =
      message(kSystem, "system", "completed", "nairid encountered error: no disk", 6, 6);
  const Json first_turn = {user_message("completed", 4), tool_message(), answer_message()};
  Json both_turns = first_turn;
  both_turns.push_back(second_failed);
  both_turns.push_back(system);
  return {
      {"agents", "GET", "/agents", {}, 200, Json::array({agent_record()})},
      {"agent", "GET", "/agents/helper", {}, 200, agent_record()},
      {"agent-by-id", "GET", "/agents/" + kAgent, {}, 200, agent_record()},
      {"empty-change", "PATCH", "/agents/helper", Json::object(), 200, agent_record()},
      {"start",
       "POST",
       "/conversations/start",
       {{"agent_id", "helper"}, {"prompt", "Do it"}, {"attachment_ids", {kFile, kOtherFile}}},
       200,
       {{"job_id", kStoryJob}, {"message_id", kUser}}},
      {"queued", "GET", "/messages/" + kUser, {}, 200, user_message("queued", 1)},
      {"pending", "GET", "/messages/" + kUser, {}, 200, user_message("pending", 2)},
      {"running-timeline",
       "GET",
       "/conversations/" + kStoryJob + "/messages",
       {},
       200,
       {{"messages", {user_message("pending", 2), tool_message()}}}},
      {"completed", "GET", "/messages/" + kUser, {}, 200, user_message("completed", 4)},
      {"timeline",
       "GET",
       "/conversations/" + kStoryJob + "/messages",
       {},
       200,
       {{"messages", first_turn}}},
      {"answer", "GET", "/messages/" + kAnswer, {}, 200, answer_message()},
      {"refused",
       "POST",
       "/conversations/" + kStoryJob + "/continue",
       {{"prompt", "With a bad file"}, {"attachment_ids", {"att_1"}}},
       400,
       {{"error", "invalid attachment id"}}},
      {"continue",
       "POST",
       "/conversations/" + kStoryJob + "/continue",
       {{"prompt", "And this"}},
       200,
       {{"job_id", kStoryJob}, {"message_id", kSecond}}},
      {"failed", "GET", "/messages/" + kSecond, {}, 200, second_failed},
      {"failed-timeline",
       "GET",
       "/conversations/" + kStoryJob + "/messages",
       {},
       200,
       {{"messages", both_turns}}},
      {"list",
       "GET",
       "/agents/helper/conversations",
       {},
       200,
       page({conversation(kStoryJob, "error", 1, 6), conversation(kOtherJob, "completed", 0, 0)})},
      {"list-of-errors",
       "GET",
       "/agents/helper/conversations?status=error&limit=5",
       {},
       200,
       page({conversation(kStoryJob, "error", 1, 6)})},
      {"list-since",
       "GET",
       "/agents/helper/conversations?sort=updated_at_asc&updated_after=" + at(2),
       {},
       200,
       page({conversation(kStoryJob, "error", 1, 6)})},
      {"retry",
       "POST",
       "/conversations/" + kStoryJob + "/continue",
       {{"prompt", "Again"}},
       200,
       {{"job_id", kStoryJob}, {"message_id", kThird}}},
      {"third-runs",
       "GET",
       "/messages/" + kThird,
       {},
       200,
       message(kThird, "user", "pending", "Again", 7, 8)},
      {"no-key", "GET", "/agents", {}, 401, {{"error", "unauthorized"}}},
      {"bad-limit",
       "GET",
       "/agents/helper/conversations?limit=0",
       {},
       400,
       {{"error", "invalid limit"}}},
      {"unknown",
       "GET",
       "/messages/cmsg_01ARZ3NDEKTSV4RRFFQ69G5FAV",
       {},
       404,
       {{"error", "message not found"}}},
      {"slack",
       "POST",
       "/conversations/" + kOtherJob + "/continue",
       {{"prompt", "Hello"}},
       400,
       {{"error", "job is not an API job"}}},
      {"file",
       "GET",
       "/attachments/" + kFile,
       {},
       200,
       {{"id", kFile}, {"filename", "a.txt"}, {"data", "YWI="}}},
      {"no-rule",
       "GET",
       "/artifacts/rules/aar_01ARZ3NDEKTSV4RRFFQ69G5FAV",
       {},
       404,
       {{"error", "rule not found"}}},
      {"empty-schedule",
       "PATCH",
       "/scheduled-jobs/sj_01ARZ3NDEKTSV4RRFFQ69G5FAV",
       Json::object(),
       400,
       {{"error", "no fields to update"}}},
  };
}

RecordedExchange recorded(const Called& call, std::size_t index) {
  const auto begin = static_cast<std::int64_t>(index) * 1000;
  RecordedExchange exchange{.number = index + 1,
                            .key = call.name == "no-key" ? "" : "key-1",
                            .connection = 1,
                            .at = "2026-11-26T16:00:00.000Z",
                            .began_us = begin,
                            .ended_us = begin + 500,
                            .method = call.method,
                            .target = call.target,
                            .status = call.status};
  if (!call.sent.is_null()) {
    exchange.request_headers = {{"content-type", "application/json"}};
    exchange.request_body.kept = call.sent.dump();
  }
  exchange.reply_headers = {{"content-type", "application/json"}};
  exchange.reply_body.kept = call.body.dump();
  return exchange;
}

NamedRecording recorded(const std::vector<Called>& calls) {
  NamedRecording named{
      "recording",
      {.head = {.target = "http://service", .at = at(0), .by = "a test"}, .exchanges = {}}};
  for (std::size_t i = 0; i < calls.size(); ++i) {
    named.recording.exchanges.push_back(recorded(calls[i], i));
  }
  return named;
}

Drift drift_of(const std::vector<Called>& calls) {
  return find_drift({recorded(calls)}, shipped_expectations());
}

// Whether it is one of contracts/assumptions.json that has tests of its own, and no fact of ours
// about the same.
bool is_of_ledger(const std::string& id) {
  for (const char* ours : {"terminal-stays", "updated-not-before-created", "prompt-is-unchanged",
                           "padded-base64", "updated-at-moves"}) {
    if (id == ours) return false;
  }
  return Assumptions::built_in().find(id) != nullptr;
}

// Everything that is not as expected, by id.
std::vector<std::string> differences(const Drift& drift) {
  std::vector<std::string> ids;
  for (const auto& [id, seen] : drift.findings.all()) {
    if (seen.broken > 0 && !is_of_ledger(id)) ids.push_back(id);
  }
  return ids;
}

std::string report_of(const Drift& drift) {
  return text_report({.drift = drift, .recordings = {}});
}

TEST(ASoundRecording, ShowsNothing) {
  const Drift drift = drift_of(story());
  EXPECT_THAT(differences(drift), IsEmpty());
  EXPECT_EQ(drift.exchanges, story().size());
}

// One way in which the story is broken, and all that must be found then.
struct Breach {
  std::string name;
  std::string call;
  std::function<void(Called&)> change;
  std::vector<std::string> found;
};

void PrintTo(const Breach& breach, std::ostream* out) {
  *out << breach.name;
}

std::function<void(Called&)> put(const std::string& pointer, const Json& value) {
  return [=](Called& call) { call.body[Json::json_pointer(pointer)] = value; };
}

std::function<void(Called&)> drop(const std::string& pointer) {
  return [=](Called& call) {
    const Json::json_pointer at(pointer);
    Json& parent = call.body[at.parent_pointer()];
    if (parent.is_array()) {
      parent.erase(std::stoul(at.back()));
    } else {
      parent.erase(at.back());
    }
  };
}

std::function<void(Called&)> answer(int status, const std::string& error = "no") {
  return [=](Called& call) {
    call.status = status;
    call.body = {{"error", error}};
  };
}

void swap_messages(Called& call) {
  std::swap(call.body["messages"][1], call.body["messages"][2]);
}

const std::vector<Breach>& breaches() {
  static const std::vector<Breach> all{
      {"TimelineOutOfOrder",
       "timeline",
       swap_messages,
       {"messages/appended", "messages/oldest-first"}},
      {"MessageLostFromTheTimeline",
       "timeline",
       drop("/messages/1"),
       {"messages/appended", "messages/whole-timeline"}},
      {"PromptMissingFromTheTimeline",
       "failed-timeline",
       drop("/messages/3"),
       {"messages/whole-timeline"}},
      {"AnotherMessage",
       "answer",
       put("/id", kThird),
       {"messages/the-one-asked-for", "terminal-stays"}},
      {"AnotherTextAlone", "answer", put("/content", "Not done."), {"messages/reads-the-same"}},
      {"FieldMissingAlone",
       "completed",
       drop("/attachment_ids"),
       {"messages/attachments-echoed", "messages/reads-the-same"}},
      {"MessageOfAnotherJob",
       "timeline",
       put("/messages/2/job_id", kOtherJob),
       {"messages/of-its-job", "messages/reads-the-same"}},
      {"StatusGoesBack",
       "pending",
       [](Called& call) { call.body["status"] = "completed"; },
       {"messages/status-order", "terminal-stays"}},
      {"TerminalChanges",
       "timeline",
       put("/messages/0/status", "failed"),
       {"messages/failed-unanswered", "terminal-stays"}},
      {"UpdatedBeforeCreated",
       "third-runs",
       put("/updated_at", at(6)),
       {"updated-not-before-created"}},
      {"UpdatedGoesBack", "completed", put("/updated_at", at(1)), {"messages/updated-forward"}},
      {"CreatedChanges",
       "completed",
       put("/created_at", at(0)),
       {"messages/reads-the-same", "messages/updated-forward"}},
      {"NoUserMessage", "third-runs", put("/role", "assistant"), {"conversations/user-message"}},
      {"StartAnswersAKnownJob",
       "continue",
       [](Called& call) {
         call.target = "/conversations/start";
         call.sent["agent_id"] = "helper";
       },
       {"conversations/new-ids"}},
      {"ContinueAnswersAnotherJob",
       "retry",
       put("/job_id", kOtherJob),
       {"conversations/continues"}},
      {"ContinueAnswersAnOldMessage",
       "retry",
       put("/message_id", kAnswer),
       {"conversations/continues", "prompt-is-unchanged"}},
      {"PromptTrimmed", "third-runs", put("/content", "Again."), {"prompt-is-unchanged"}},
      {"FilesInAnotherOrder",
       "queued",
       put("/attachment_ids", {kOtherFile, kFile}),
       {"messages/attachments-in-order"}},
      {"FilesOfNobody",
       "third-runs",
       put("/attachment_ids", {kFile}),
       {"messages/attachments-echoed"}},
      {"FailedTurnHasAnAnswer",
       "failed-timeline",
       [](Called& call) { call.body["messages"][4]["role"] = "assistant"; },
       {"messages/failed-unanswered", "messages/failure-details"}},
      {"FailureWithoutDetails",
       "failed-timeline",
       drop("/messages/4"),
       {"messages/failure-details"}},
      {"FailureInOtherWords",
       "failed-timeline",
       put("/messages/4/content", "it broke"),
       {"messages/failure-text"}},
      {"ProgressFieldNotCopied",
       "timeline",
       drop("/messages/1/tool_name"),
       {"messages/reads-the-same", "progress/copied"}},
      {"ProgressPending",
       "running-timeline",
       put("/messages/1/status", "pending"),
       {"progress/status"}},
      {"UsageIncomplete",
       "answer",
       drop("/model"),
       {"messages/reads-the-same", "openapi Message.model"}},
      {"FieldNull",
       "third-runs",
       put("/attachment_ids", nullptr),
       {"fields/never-null Message.attachment_ids"}},
      {"NoMilliseconds",
       "third-runs",
       put("/created_at", "2026-04-12T18:45:07Z"),
       {"openapi Message.created_at"}},
      {"IdInLowerCase",
       "retry",
       put("/message_id", "cmsg_01krk1v46bxs73csnk2vr35nph"),
       {"openapi Turn.message_id"}},
      {"WrongTextForSlack",
       "slack",
       answer(400, "Job is not an API job"),
       {"conversations/not-an-api-job"}},
      {"RefusedPromptIsThere",
       "failed-timeline",
       put("/messages/3", message(kRefused, "user", "failed", "With a bad file", 5, 6)),
       {"conversations/refused-makes-nothing", "messages/whole-timeline"}},
      // That it is a contradiction, a later timeline would tell.
      {"ActiveAfterAFailure",
       "list",
       put("/conversations/0/status", "active"),
       {"updated-at-moves"}},
      {"ListOutOfOrder",
       "list",
       [](Called& call) {
         std::swap(call.body["conversations"][0], call.body["conversations"][1]);
       },
       {"list/sort"}},
      {"ListRepeats",
       "list",
       [](Called& call) { call.body["conversations"].push_back(call.body["conversations"][1]); },
       {"list/limit"}},
      {"ListIgnoresTheFilter",
       "list-of-errors",
       [](Called& call) {
         call.body["conversations"].push_back(conversation(kOtherJob, "completed", 0, 0));
       },
       {"list/status-filter"}},
      {"ListIgnoresTheTime",
       "list-since",
       [](Called& call) {
         call.body["conversations"] = {conversation(kOtherJob, "completed", 0, 0),
                                       conversation(kStoryJob, "error", 1, 6)};
       },
       {"list/updated-after"}},
      {"ListLacksAStartedJob", "list", drop("/conversations/0"), {"list/all-statuses"}},
      {"GoodQueryRefused", "list-of-errors", answer(400), {"list/good-query"}},
      {"AnotherAgent",
       "agent-by-id",
       put("/id", "cci_01KRK1V46BXS73CSNK2VR35NPZ"),
       {"agents/slug-or-id"}},
      {"AgentByIdUnknown", "agent-by-id", answer(404), {"agents/slug-or-id"}},
      {"EmptyChangeMovesTheTime",
       "empty-change",
       put("/updated_at", at(2)),
       {"agents/empty-change"}},
      {"NoPadding", "file", put("/data", "YWI"), {"padded-base64"}},
      {"RuleTextDiffers", "no-rule", answer(404, "Rule not found"), {"texts/rules"}},
      {"ScheduleTextDiffers", "empty-schedule", answer(400, "nothing"), {"texts/schedules"}},
      {"NoKeyLetIn",
       "no-key",
       [](Called& call) {
         call.status = 200;
         call.body = Json::array();
       },
       {"case auth/missing-key-agents list-agents"}},
      {"BadLimitIsNotFound",
       "bad-limit",
       answer(422),
       {"case list/bad-limit zero", "code 422 of conversations"}},
      {"UnknownMessageIsBad", "unknown", answer(400), {"case ids/unknown-message poll"}},
      {"ErrorIsNoText", "unknown", put("/error", 7), {"openapi Error.error"}},
      {"FieldAdded", "answer", put("/colour", "red"), {"field Message.colour"}},
      {"FieldAddedToErrors", "unknown", put("/code", "E7"), {"field Error.code"}},
      {"RoleAdded",
       "answer",
       put("/role", "critic"),
       {"messages/reads-the-same", "role \"critic\""}},
      {"StatusAdded", "pending", put("/status", "thinking"), {"status of a message \"thinking\""}},
      {"JobStatusAdded",
       "list",
       put("/conversations/1/status", "paused"),
       {"status of a conversation \"paused\""}},
      {"ProgressTypeAdded",
       "running-timeline",
       [](Called& call) {
         Json& tool = call.body["messages"][1];
         Json envelope = Json::parse(tool["content"].get<std::string>());
         envelope["progress_type"] = tool["progress_type"] = "dream";
         tool["content"] = envelope.dump();
       },
       {"messages/reads-the-same", "progress type \"dream\""}},
      {"CodeAdded",
       "refused",
       answer(403),
       {"case ids/bad-attachment-in-prompt continue-too-short", "code 403 of continue"}},
  };
  return all;
}

class ABrokenRecording : public testing::TestWithParam<Breach> {};

TEST_P(ABrokenRecording, ShowsThatAndNothingElse) {
  std::vector<Called> calls = story();
  const auto call = std::find_if(calls.begin(), calls.end(),
                                 [&](const Called& it) { return it.name == GetParam().call; });
  ASSERT_NE(call, calls.end());
  GetParam().change(*call);
  const Drift drift = drift_of(calls);
  EXPECT_EQ(differences(drift), GetParam().found) << report_of(drift);
}

INSTANTIATE_TEST_SUITE_P(Each, ABrokenRecording, testing::ValuesIn(breaches()),
                         [](const auto& breach) { return breach.param.name; });

// What the network or a proxy did says nothing of the service.
TEST(WhatIsNoAnswer, IsCountedAndNotJudged) {
  NamedRecording named = recorded(story());
  auto& exchanges = named.recording.exchanges;
  exchanges[5].ending = Ending::cut;
  exchanges[5].reply_body.kept.resize(20);
  exchanges[6].ending = Ending::reset;
  exchanges[7].ending = Ending::none;
  exchanges[7].status = 0;
  exchanges[8].ending = Ending::abandoned;
  exchanges[9].status = 502;
  exchanges[9].reply_headers = {{"content-type", "text/html"}};
  exchanges[9].reply_body.kept = "<html>Bad Gateway</html>";
  exchanges[10].status = 200;
  exchanges[10].reply_headers = {{"content-type", "text/html"}};
  exchanges[10].reply_body.kept = "<html>Sign in to the hotel's network</html>";
  const Drift drift = find_drift({named}, shipped_expectations());
  EXPECT_THAT(differences(drift), IsEmpty()) << report_of(drift);
  EXPECT_EQ(drift.findings.passed_over().size(), 7U);  // and what openapi.json does not have
}

TEST(TooManyRequests, AreACodeThatNobodyToldOf) {
  std::vector<Called> calls = story();
  calls[5].status = 429;
  calls[5].body = {{"error", "slow down"}};
  EXPECT_THAT(differences(drift_of(calls)), ElementsAre("code 429"));
}

// The reply that was asked for first came last.
TEST(RepliesThatOvertakeOneAnother, SayNothingOfWhatCameFirst) {
  NamedRecording named = recorded(story());
  auto& exchanges = named.recording.exchanges;
  RecordedExchange late = exchanges[5];  // the prompt is queued
  late.number = 99;
  late.ended_us = exchanges[8].ended_us + 1;  // by when another poll had seen it completed
  exchanges.insert(exchanges.begin() + 9, late);
  EXPECT_THAT(differences(find_drift({named}, shipped_expectations())), IsEmpty());
  late.began_us = exchanges[8].ended_us;
  exchanges[9] = late;
  const Drift drift = find_drift({named}, shipped_expectations());
  EXPECT_THAT(differences(drift), Contains("messages/status-order"));
}

TEST(AConversationThatBeganBefore, ContradictsNothing) {
  std::vector<Called> calls = story();
  calls.erase(calls.begin(), calls.begin() + 6);
  EXPECT_THAT(differences(drift_of(calls)), IsEmpty());
}

TEST(TwoRecordings, TellWhoMoved) {
  std::vector<Called> then = story();
  std::vector<Called> now = story();
  const auto called = [](std::vector<Called>& calls, const std::string& name) -> Called& {
    return *std::find_if(calls.begin(), calls.end(),
                         [&](const Called& it) { return it.name == name; });
  };
  called(then, "bad-limit").status = 422;
  called(now, "bad-limit").status = 409;
  called(then, "answer").body["colour"] = "red";
  called(now, "unknown").status = 400;
  called(then, "no-rule").body["error"] = "no";
  now.erase(
      std::remove_if(now.begin(), now.end(), [](const Called& it) { return it.name == "no-rule"; }),
      now.end());
  const Drift before = drift_of(then);
  const Drift after = drift_of(now);
  std::map<std::string, std::string> moves;
  for (const Moved& moved : compare(before.findings, after.findings)) {
    const Observation& seen = moved.now != nullptr ? *moved.now : *moved.then;
    moves[seen.id] = to_string(moved.move);
  }
  EXPECT_EQ(moves["case list/bad-limit zero"], "differs otherwise");
  EXPECT_EQ(moves["field Message.colour"], "agrees now");
  EXPECT_EQ(moves["case ids/unknown-message poll"], "differs now");
  EXPECT_EQ(moves["texts/rules"], "not seen");
}

TEST(EachFinding, QuotesWordsOfReferenceWithItsGrade) {
  const Drift drift = drift_of(story());
  int quoted = 0;
  for (const auto& [id, seen] : drift.findings.all()) {
    if (seen.why.empty()) {
      EXPECT_EQ(seen.source, Source::assumed) << id;
      continue;
    }
    const auto quote = Reference::built_in().find(seen.why);
    ASSERT_TRUE(quote) << id << ": " << quote.error();
    bool graded = id.starts_with("case ");  // lint looks at those
    for (const std::size_t statement : quote->statements) {
      graded = graded || Reference::built_in().statements()[statement].grades.contains(seen.source);
    }
    EXPECT_TRUE(graded) << id << " is " << to_string(seen.source) << ": " << seen.why;
    ++quoted;
  }
  EXPECT_GT(quoted, 30);
}

TEST(Reports, SayTheSameToPeopleAndPrograms) {
  std::vector<Called> calls = story();
  calls[5].body["colour"] = "<red> & `blue` | \x1b[31m";
  calls[9].body["messages"][2]["job_id"] = kOtherJob;
  const std::vector<NamedRecording> recordings{recorded(calls)};
  const Drift drift = find_drift(recordings, shipped_expectations());
  const DriftReport report{.drift = drift, .recordings = recordings};
  EXPECT_TRUE(fails(report));
  EXPECT_THAT(text_report(report), HasSubstr("CONTRADICTS messages/of-its-job (documented), once"));
  EXPECT_THAT(text_report(report), HasSubstr("ADDS field Message.colour, once"));
  const Json json = Json::parse(json_report(report));
  EXPECT_EQ(json.at("contradicts").size(), 1U);
  EXPECT_EQ(json.at("adds").at(0).at("id"), "field Message.colour");
  EXPECT_THAT(junit_report(report), HasSubstr("failures=\"1\""));
  EXPECT_THAT(junit_report(report), HasSubstr("&lt;red&gt; &amp;"));
  EXPECT_THAT(markdown_report(report), HasSubstr("'blue'"));
}

TEST(Strict, FailsForAdditionsToo) {
  std::vector<Called> calls = story();
  calls[5].body["colour"] = "red";
  const Drift drift = drift_of(calls);
  EXPECT_FALSE(fails({.drift = drift, .recordings = {}}));
  EXPECT_TRUE(fails({.drift = drift, .recordings = {}, .strict = true}));
}

TEST(WatchedPage, IsWhatDriftLooksFor) {
  EXPECT_EQ(nairi::tests::read_source("docs/watched.md"), watched_page(*built_in_cases()))
      << "write it anew: nairi-contract drift --list > docs/watched.md";
}

TEST(WatchedPage, KnowsEachWatch) {
  const std::string source = nairi::tests::read_source("contracts/harness/watch/facts.h");
  const std::string begin = "inline constexpr Fact k";
  std::size_t watches = 0;
  for (std::size_t at = source.find(begin); at != std::string::npos;
       at = source.find(begin, at + begin.size())) {
    ++watches;
  }
  EXPECT_EQ(facts::kAll.size(), watches);
}

TEST(WatchedPage, QuotesWordsThatReferenceHas) {
  for (const Fact* fact : facts::kAll) {
    if (fact->why.empty()) continue;
    EXPECT_TRUE(Reference::built_in().find(fact->why)) << fact->id;
  }
  for (const WordsOfReply& words : words_of_replies()) {
    EXPECT_TRUE(Reference::built_in().find(words.why)) << words.part;
  }
}

}  // namespace
}  // namespace nairi::contracts
