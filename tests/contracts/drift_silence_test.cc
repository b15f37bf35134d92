// What looks like a contradiction and need not be one: other clients, things that are gone, values
// that nobody told of. Where the same is certain, it is told.
#include <gmock/gmock.h>

#include <ostream>
#include <string>
#include <vector>

#include "harness/cases/case_reader.h"
#include "harness/drift/drift.h"
#include "harness/drift/drift_report.h"
#include "told_recording.h"

namespace nairi::contracts::silence {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Expectations& case_expectations() {
  static const Expectations expectations(*built_in_cases());
  return expectations;
}

struct Traffic {
  std::string name;
  std::string told;
};

void PrintTo(const Traffic& traffic, std::ostream* out) {
  *out << traffic.name;
}

struct Judged {
  std::vector<std::string> contradictions;
  std::string report;
};

Judged judged(const std::string& told) {
  const Drift drift = find_drift({{"recording", told_recording(told)}}, case_expectations());
  Judged result{{}, text_report({.drift = drift, .recordings = {}})};
  for (const Observation* seen : drift.findings.of(Gravity::contradicts)) {
    result.contradictions.push_back(seen->id);
  }
  return result;
}

std::string error(int status, const std::string& text) {
  return "=> " + std::to_string(status) + R"( {"error": ")" + text + "\"}\n";
}

std::string message(const std::string& id, const std::string& role, const std::string& status,
                    const std::string& content, int created, int updated,
                    const std::string& more = "") {
  return R"({"id": ")" + id + R"(", "job_id": "{job}", "role": ")" + role + R"(", "status": ")" +
         status + R"(", "content": ")" + content + R"(", "created_at": "{+)" +
         std::to_string(created) + R"(}", "updated_at": "{+)" + std::to_string(updated) + "}\"" +
         more + "}";
}

std::string poll(const std::string& status, const std::string& more = "") {
  return "GET /messages/{m1} => 200 " + message("{m1}", "user", status, "Hi", 0, 100, more) + "\n";
}

std::string timeline(const std::string& messages, const std::string& query = "") {
  return "GET /conversations/{job}/messages" + query + R"( => 200 {"messages": [)" + messages +
         "]}\n";
}

std::string listed(const std::string& status, int updated = 100) {
  return R"({"id": "{job}", "status": ")" + status + R"(", "created_at": "{+0}", )" +
         R"("updated_at": "{+)" + std::to_string(updated) + "}\"}";
}

std::string list(const std::string& conversations, const std::string& query = "") {
  return "GET /agents/helper/conversations" + query + R"( => 200 {"conversations": [)" +
         conversations + "], \"next_cursor\": null}\n";
}

std::string refused_list(const std::string& query) {
  return list("") + "GET /agents/helper/conversations?" + query + " " + error(400, "bad query");
}

std::string agent(const std::string& id, const std::string& slug, const std::string& more = "") {
  return R"({"id": ")" + id + R"(", "agent_id": ")" + slug +
         R"(", "name": "Helper", "instances_count": 1, "is_self_hosted": false, )" +
         R"("created_at": "{+0}", "updated_at": "{+0}")" + more + "}";
}

const std::string kStart = R"(POST /conversations/start {"agent_id": "helper", "prompt": "Hi"} )"
                           R"(=> 200 {"job_id": "{job}", "message_id": "{m1}"})"
                           "\n";
const std::string kContinue = R"(POST /conversations/{job}/continue {"prompt": "On"} )";
const std::string kPrompt = message("{m1}", "user", "failed", "Hi", 0, 100);
const std::string kFailure =
    message("{m2}", "system", "completed", "nairid encountered error: no disk", 100, 100);
const std::string kFailed = kStart + poll("failed");
const std::string kAgent = "GET /agents/helper => 200 " + agent("{cci}", "helper") + "\n";
const std::string kMade = R"(POST /agents {"name": "Helper", "instances_count": 1} => 201 )" +
                          agent("cci_{no}", "helper", R"(, "description": "")") + "\n";
const std::string kBadChange = R"(PATCH /agents/helper {"instances_count": 0} )";

std::string envelope(const std::string& fields) {
  return message("{m2}", "progress", "completed",
                 R"({\"job_id\": \"{job}\", \"processed_message_id\": \"{m1}\", )"
                 R"(\"progress_type\": \"step\", \"summary\": \"x\")" +
                     fields + "}",
                 10, 10, R"(, "progress_type": "step")");
}

// clang-format off
const std::vector<Traffic>& sound_traffic() {
  static const std::vector<Traffic> all = {
    {"ATimeWithoutAZone", refused_list("updated_after=2026-11-12T18:45:00")},
    {"ATimeWithAPlus", refused_list("updated_after=2026-11-12T18:45:00+02:00")},
    {"ALeapSecond", refused_list("updated_after=2026-12-31T23:59:60Z")},
    {"AnUnknownParameter", refused_list("foo=bar&limit=5")},
    {"AStatusTwice", refused_list("status=active,active")},
    {"AnOffsetBeyondAll", refused_list("offset=4294967296")},
    {"ALimitWithASign", list("", "?limit=%2B5")},
    {"ALimitWithASpace", list("", "?limit=+5")},
    {"ALimitWithZeros", list("", "?limit=005")},
    {"StatusTwice", list(listed("active"), "?status=active&status=error") + list(listed("error", 200), "?status=active&status=error")},
    {"LimitTwice", list(listed("active") + R"(, {"id": "{job2}", "status": "active", "created_at": "{+0}", "updated_at": "{+0}"})", "?limit=1&limit=2")},
    {"ABadLimitTwice", list("", "?limit=0&limit=2")},
    {"RetryOfWhatHasEnded", kFailed + kContinue + error(400, "job is not active") + list(listed("completed", 200))},
    {"RetryOfWhatEndsLater", kFailed + list(listed("error")) + kContinue + error(400, "job is not active")},
    {"RetryWithAnotherKey", kFailed + "key-2: " + kContinue + error(404, "job not found") + list(listed("error"))},
    {"RetryWithoutMoney", kFailed + kContinue + error(402, "no credits") + list(listed("error"))},
    {"RetryWithBlanks", kFailed + R"(POST /conversations/{job}/continue {"prompt": "  "} )" + error(400, "prompt is required") + list(listed("error"))},
    {"RetryWithAnUnknownField", kFailed + R"(POST /conversations/{job}/continue {"prompt": "On", "mood": 1} )" + error(400, "unknown field") + list(listed("error"))},
    {"RetryOfALongPrompt", kFailed + R"(POST /conversations/{job}/continue {"prompt": ")" + std::string(20'000, 'x') + "\"} " + error(400, "too long") + list(listed("error"))},
    {"SomebodyElseContinued", kFailed + timeline(kPrompt + ", " + kFailure + ", " + message("{m3}", "user", "pending", "Hey", 120, 130)) + list(listed("active", 200))},
    {"SomebodyElseContinuedUnseen", kFailed + list(listed("active", 200))},
    {"SomebodyElseContinuedAndIsSeenLater", kFailed + list(listed("active", 200)) + timeline(kPrompt + ", " + kFailure + ", " + message("{m3}", "user", "pending", "Hey", 120, 130))},
    {"SomebodyElseWroteTheSame", kStart + kContinue + error(400, "no") + timeline(message("{m1}", "user", "completed", "Hi", 0, 100) + ", " + message("{m3}", "user", "completed", "Hey", 120, 130) + ", " + message("{m4}", "user", "pending", "On", 150, 150))},
    {"ASecondPromptWithAnotherKey", kStart + poll("pending") + "key-2: " + kContinue + error(404, "job not found") + poll("pending")},
    {"ASecondPromptWithoutMoney", kStart + poll("pending") + kContinue + error(402, "no credits") + poll("pending")},
    {"ASecondPromptWhileNothingRuns", kStart + poll("queued") + kContinue + error(400, "job is not active") + poll("pending")},
    {"AnAgentDeletedAndMadeAgain", kAgent + kStart + "DELETE /agents/helper => 204 \n" + kMade + list("")},
    {"AnAgentDeletedByItsId", kAgent + kStart + "DELETE /agents/{cci} => 204 \n" + kMade + list("")},
    {"AnAgentPerhapsDeleted", kAgent + kStart + "DELETE /agents/helper => lost\n" + list("")},
    {"AnAgentDeletedByOthers", kAgent + kStart + kMade + list("")},
    {"ASlugUnknownBetweenTwoAgents", kAgent + "GET /agents/helper " + error(404, "agent not found") + "GET /agents/helper => 200 " + agent("cci_{no}", "helper") + "\n" + list("")},
    {"ABadChangeOfADeletedAgent", kAgent + "DELETE /agents/helper => 204 \n" + kBadChange + error(404, "agent not found")},
    {"ABadChangeBeforeTheAgent", kBadChange + error(404, "agent not found") + kMade},
    {"ARenamedAgent", kAgent + R"(PATCH /agents/helper {"name": "Tutor"} => 200 )" + agent("{cci}", "tutor") + "\nGET /agents/helper " + error(404, "agent not found") + "GET /agents/tutor => 200 " + agent("{cci}", "tutor") + "\n"},
    {"ASlugInCapitals", "GET /agents/Helper => 200 " + agent("{cci}", "helper") + "\n"},
    {"AnAgentWithoutItsPrompt", kAgent + R"(PATCH /agents/helper {"system_prompt": "Be kind"} => 200 )" + agent("{cci}", "helper") + "\n"},
    {"AnAgentChangedByOthers", kAgent + "PATCH /agents/helper {} => 200 " + R"({"id": "{cci}", "agent_id": "helper", "name": "Helper", "instances_count": 3, "is_self_hosted": false, "created_at": "{+0}", "updated_at": "{+30}"})" "\n"},
    {"APartOfATimeline", kStart + timeline(message("{m1}", "user", "completed", "Hi", 0, 100)) + timeline("", "?role=assistant")},
    {"NoValueInAnEnvelope", kStart + timeline(message("{m1}", "user", "pending", "Hi", 0, 100) + ", " + envelope(R"(, \"tool_name\": \"\")"))},
    {"TheSameFileTwice", R"(POST /conversations/start {"agent_id": "helper", "prompt": "Hi", "attachment_ids": ["{att}", "{att}"]} => 200 {"job_id": "{job}", "message_id": "{m1}"})" "\n" + poll("pending", R"(, "attachment_ids": ["{att}"])")},
    {"AFileNameLikeAPath", R"(POST /attachments [form: dir/a.txt 2] => 201 {"attachment_id": "{att}"})" "\nGET /attachments/{att} => 200 " R"({"id": "{att}", "filename": "a.txt", "data": "YWI="})" "\n"},
    {"CostsThatComeLater", kStart + timeline(message("{m1}", "user", "completed", "Hi", 0, 100) + ", " + message("{m3}", "assistant", "completed", "Ho", 90, 90)) + timeline(message("{m1}", "user", "completed", "Hi", 0, 100) + ", " + message("{m3}", "assistant", "completed", "Ho", 90, 90, R"(, "cost_usd": 0.5, "input_tokens": 1, "output_tokens": 2, "cache_read_tokens": 3, "cache_write_tokens": 4, "model": "m")"))},
  };
  return all;
}
// clang-format on

class SoundTraffic : public testing::TestWithParam<Traffic> {};

TEST_P(SoundTraffic, ContradictsNothing) {
  const Judged all = judged(GetParam().told);
  EXPECT_THAT(all.contradictions, IsEmpty()) << all.report;
}

INSTANTIATE_TEST_SUITE_P(Each, SoundTraffic, testing::ValuesIn(sound_traffic()),
                         [](const auto& traffic) { return traffic.param.name; });

TEST(ARefusedRetry, ContradictsWhenTheConversationIsStillInError) {
  const Judged all =
      judged(kFailed + kContinue + error(400, "job is not active") + list(listed("error")));
  EXPECT_THAT(all.contradictions, ElementsAre("conversations/retry")) << all.report;
}

TEST(AnActiveConversationAfterAFailure, ContradictsWhenNobodyElseContinuedIt) {
  const Judged all =
      judged(kFailed + list(listed("active", 100)) + timeline(kPrompt + ", " + kFailure));
  EXPECT_THAT(all.contradictions, ElementsAre("conversations/error-after-failure")) << all.report;
}

TEST(ASecondPrompt, ContradictsWhenItIsRefusedWhileATurnRuns) {
  const Judged all =
      judged(kStart + poll("pending") + kContinue + error(400, "busy") + poll("pending"));
  EXPECT_THAT(all.contradictions, ElementsAre("conversations/second-prompt")) << all.report;
}

TEST(AListWithoutAConversation, ContradictsWhenAnotherAgentWasMade) {
  const Judged all =
      judged(kAgent + kStart + R"(POST /agents {"name": "Tutor", "instances_count": 1} => 201 )" +
             R"({"id": "cci_{no}", "agent_id": "tutor", "name": "Tutor", )"
             R"("instances_count": 1, "is_self_hosted": false, )"
             R"("created_at": "{+0}", "updated_at": "{+0}"})"
             "\n" +
             list(""));
  EXPECT_THAT(all.contradictions, ElementsAre("list/all-statuses")) << all.report;
}

TEST(AWordThatIsNoStatus, ContradictsWhenItIsTaken) {
  EXPECT_THAT(judged(list("", "?status=Active")).contradictions.size(), 1U);
  EXPECT_THAT(judged(list("", "?status=active,")).contradictions.size(), 1U);
}

TEST(AnAgentThatIsThere, ContradictsWhenItsSlugIsUnknownMeanwhile) {
  const Judged all =
      judged(kAgent + kAgent + "GET /agents/helper " + error(404, "agent not found") + kAgent);
  EXPECT_THAT(all.contradictions, ElementsAre("agents/slug-or-id")) << all.report;
}

}  // namespace
}  // namespace nairi::contracts::silence
