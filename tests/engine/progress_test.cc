// REFERENCE: Progress envelope.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/worlds.h"

namespace nairi::mock::testing {
namespace {

using ::testing::ElementsAre;

constexpr const char* kAllTypes = R"({"timeline": [{"status": "pending", "polls": 1, "progress": [
    {"progress_type": "thinking", "summary": "Reading"},
    {"progress_type": "step", "summary": "One of two"},
    {"progress_type": "tool_use", "tool_use_id": "toolu_1", "tool_name": "Bash",
     "tool_description": "Look", "tool_input": "ls", "tool_status": "running"},
    {"progress_type": "tool_heartbeat", "tool_name": "Bash", "tool_status": "running",
     "summary": "Running for 12s..."},
    {"progress_type": "tool_use", "tool_use_id": "toolu_1", "tool_name": "Bash",
     "tool_status": "completed", "tool_output": "a.txt"},
    {"progress_type": "subagent", "summary": "Searching", "tool_status": "running"},
    {"progress_type": "tool_use", "tool_use_id": "toolu_2", "parent_tool_use_id": "toolu_1",
     "tool_name": "Grep", "tool_input": "x", "tool_status": "running"},
    {"progress_type": "tool_use", "tool_use_id": "toolu_2", "parent_tool_use_id": "toolu_1",
     "tool_name": "Grep", "tool_status": "error", "tool_output": "none"},
    {"progress_type": "text", "text_delta": "You "},
    {"progress_type": "text", "text_delta": "said {{prompt}}"}]},
  {"status": "completed", "reply": "You said {{prompt}}."}]})";

std::vector<Json> all_progress(Api& api, const Started& turn) {
  api.finish(turn.message);
  return api.messages(turn.job, "progress");
}

TEST(ProgressMessages, ComeInAllSixTypes) {
  Play play(world_with(kAllTypes));
  std::vector<std::string> types;
  for (const Json& message : all_progress(play.api, play.api.start("bot", "hi"))) {
    types.push_back(message.at("progress_type"));
  }
  EXPECT_THAT(types, ElementsAre("thinking", "step", "tool_use", "tool_heartbeat", "tool_use",
                                 "subagent", "tool_use", "tool_use", "text", "text"));
}

TEST(ProgressMessages, HaveAnEnvelopeAsTextForTheirContent) {
  Play play(world_with(kAllTypes));
  const Started turn = play.api.start("bot", "hi");
  for (const Json& message : all_progress(play.api, turn)) {
    ASSERT_TRUE(message.at("content").is_string());
    const Json envelope = Json::parse(message.at("content").get<std::string>());
    EXPECT_EQ(envelope.at("job_id"), turn.job);
    EXPECT_EQ(envelope.at("processed_message_id"), turn.message);
    EXPECT_EQ(envelope.at("progress_type"), message.at("progress_type"));
  }
}

TEST(ProgressMessages, RepeatTheToolFieldsOfTheEnvelopeWhenPresent) {
  Play play(world_with(kAllTypes));
  for (const Json& message : all_progress(play.api, play.api.start("bot", "hi"))) {
    const Json envelope = Json::parse(message.at("content").get<std::string>());
    for (const char* field : {"tool_use_id", "parent_tool_use_id", "tool_name", "tool_status"}) {
      ASSERT_EQ(message.contains(field), envelope.contains(field)) << field;
      if (envelope.contains(field)) {
        EXPECT_EQ(message.at(field), envelope.at(field));
      }
    }
    for (const char* field : {"summary", "tool_input", "tool_output", "text_delta"}) {
      EXPECT_FALSE(message.contains(field)) << field;
    }
  }
}

TEST(ProgressMessages, OfOneToolUseShareItsIdFromRunningToItsEnd) {
  Play play(world_with(kAllTypes));
  const auto progress = all_progress(play.api, play.api.start("bot", "hi"));
  EXPECT_EQ(progress[2].at("tool_status"), "running");
  EXPECT_EQ(progress[4].at("tool_status"), "completed");
  EXPECT_EQ(progress[2].at("tool_use_id"), progress[4].at("tool_use_id"));
  EXPECT_EQ(progress[7].at("tool_status"), "error");
  EXPECT_EQ(progress[7].at("parent_tool_use_id"), "toolu_1");
}

TEST(ProgressMessages, TheTextDeltasAreAPrefixOfTheAnswer) {
  Play play(world_with(kAllTypes));
  const Started turn = play.api.start("bot", "hi");
  std::string joined;
  for (const Json& message : all_progress(play.api, turn)) {
    const Json envelope = Json::parse(message.at("content").get<std::string>());
    joined += envelope.value("text_delta", "");
  }
  EXPECT_EQ(joined, "You said hi");
  const std::string answer = play.api.messages(turn.job, "assistant").at(0).at("content");
  EXPECT_TRUE(answer.starts_with(joined));
}

TEST(ProgressMessages, TextDeltasMayHaveWhiteSpaceAtBothEnds) {
  Play play(world_with(R"({"timeline": [{"status": "pending", "progress": [
      {"progress_type": "text", "text_delta": "\n You "},
      {"progress_type": "text", "text_delta": "said \n"}]},
      {"status": "completed", "reply": "You said it"}]})"));
  const auto progress = all_progress(play.api, play.api.start("bot", "hi"));
  ASSERT_EQ(progress.size(), 2U);
  const Json envelope = Json::parse(progress[0].at("content").get<std::string>());
  EXPECT_EQ(envelope.at("text_delta"), "\n You ");
}

TEST(ProgressMessages, AreThemselvesCompleted) {
  Play play(world_with(kAllTypes));
  for (const Json& message : all_progress(play.api, play.api.start("bot", "hi"))) {
    EXPECT_EQ(message.at("status"), "completed");
  }
}

TEST(ProgressMessages, CanBeReadOneByOne) {
  Play play(world_with(kAllTypes));
  const Json message = all_progress(play.api, play.api.start("bot", "hi")).at(3);
  EXPECT_EQ(play.api.message(message.at("id")), message);
}

// Ask mode is an instruction to the agent, which may not follow it.
TEST(ProgressMessages, InAskModeShowToolsThatTheScriptHas) {
  Play play(world_with(kAllTypes));
  std::vector<std::string> types;
  for (const Json& message :
       all_progress(play.api, play.api.start("bot", "hi", {{"ask_mode", true}}))) {
    types.push_back(message.at("progress_type"));
  }
  EXPECT_THAT(types, ElementsAre("thinking", "step", "tool_use", "tool_heartbeat", "tool_use",
                                 "subagent", "tool_use", "tool_use", "text", "text"));
}

TEST(ProgressMessages, InAskModeHaveNoToolsInTheDefaultWorld) {
  Play play(default_world());
  for (const char* prompt : {"Hello", "Refund cus_123", "Open a pull request", "slow", "order 7"}) {
    const Started turn = play.api.start("billing-agent", prompt, {{"ask_mode", true}});
    play.api.continue_job(turn.job, prompt);
    for (int read = 0; read < 30; ++read) play.api.status(turn.message);
    EXPECT_FALSE(play.api.messages(turn.job, "progress").empty()) << prompt;
    for (const Json& message : play.api.messages(turn.job, "progress")) {
      EXPECT_FALSE(message.contains("tool_name")) << message;
    }
  }
}

TEST(ProgressMessages, MayHaveOtherTypesAndFields) {
  Play play(world_with(R"({"timeline": [{"status": "completed", "progress": [
      {"progress_type": "plan", "zeal": "{{prompt}}", "a \"b\"": "c", "took_ms": 12.5,
       "last": true, "tool_status": "odd", "summary": "s"}]}]})"));
  const Json message = play.api.messages(play.api.start("bot", "hi").job, "progress").at(0);
  EXPECT_EQ(message.at("progress_type"), "plan");
  EXPECT_EQ(message.at("tool_status"), "odd");
  EXPECT_FALSE(message.contains("zeal"));
  Json envelope = Json::parse(message.at("content").get<std::string>());
  envelope.erase("job_id");
  envelope.erase("processed_message_id");
  EXPECT_EQ(envelope, Json::parse(R"({"progress_type": "plan", "zeal": "hi", "a \"b\"": "c",
      "took_ms": 12.5, "last": true, "tool_status": "odd", "summary": "s"})"));
}

TEST(ProgressMessages, MayHaveAContentThatIsNotJson) {
  Play play(world_with(R"({"timeline": [{"status": "completed", "progress": [
      {"raw": "not JSON: {{prompt}}"},
      {"raw": "{", "progress_type": "text", "tool_name": "Bash"}]}]})"));
  const auto messages = play.api.messages(play.api.start("bot", "hi").job, "progress");
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].at("content"), "not JSON: hi");
  EXPECT_FALSE(messages[0].contains("progress_type"));
  EXPECT_EQ(messages[1].at("content"), "{");
  EXPECT_EQ(messages[1].at("progress_type"), "text");
  EXPECT_EQ(messages[1].at("tool_name"), "Bash");
}

TEST(ProgressMessages, AreSpreadOverThePollsOfTheirStage) {
  Play play(world_with(R"({"timeline": [{"status": "pending", "polls": 3, "progress": [
      {"progress_type": "step", "summary": "1"}, {"progress_type": "step", "summary": "2"},
      {"progress_type": "step", "summary": "3"}]}, {"status": "completed"}]})"));
  const Started turn = play.api.start("bot", "hi");
  EXPECT_EQ(play.api.messages(turn.job, "progress").size(), 1U);
  EXPECT_EQ(play.api.messages(turn.job, "progress").size(), 2U);
  EXPECT_EQ(play.api.messages(turn.job, "progress").size(), 3U);
}

TEST(ProgressMessages, AreSpreadOverTheTimeOfTheirStage) {
  Play play(world_with(R"({"timeline": [{"status": "pending", "ms": 900, "progress": [
      {"progress_type": "step", "summary": "1"}, {"progress_type": "step", "summary": "2"},
      {"progress_type": "step", "summary": "3"}]}, {"status": "completed"}]})"),
            {.clock = ClockMode::virtual_time});
  const Started turn = play.api.start("bot", "hi");
  EXPECT_EQ(play.api.messages(turn.job, "progress").size(), 1U);
  play.fake.advance(299);
  EXPECT_EQ(play.api.messages(turn.job, "progress").size(), 1U);
  play.fake.advance(1);
  EXPECT_EQ(play.api.messages(turn.job, "progress").size(), 2U);
  play.fake.advance(1000);
  const auto progress = play.api.messages(turn.job, "progress");
  ASSERT_EQ(progress.size(), 3U);
  EXPECT_EQ(progress[0].at("created_at"), "2026-04-12T18:45:12.000Z");
  EXPECT_EQ(progress[1].at("created_at"), "2026-04-12T18:45:12.300Z");
  EXPECT_EQ(progress[2].at("created_at"), "2026-04-12T18:45:12.600Z");
}

}  // namespace
}  // namespace nairi::mock::testing
