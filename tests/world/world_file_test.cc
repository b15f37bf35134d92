#include "nairi/mock/world_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "test_files.h"

namespace nairi::mock {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

std::string first_mistake(const tl::expected<World, Diagnostics>& world) {
  return world ? "accepted" : to_string(world.error().front());
}

// Parses a world beside the fixtures; a mistake in it fails the test.
World world_of(std::string_view text) {
  auto world =
      parse_world(text, {.file = test::source_path("fixtures/worlds/world.json").string()});
  EXPECT_TRUE(world) << first_mistake(world);
  return world.value_or(World{});
}

Stage first_stage(std::string_view stages) {
  return world_of(R"({"turns": [{"timeline": [)" + std::string(stages) + "]}]}")
      .turns.at(0)
      .timeline.at(0);
}

// A folder of its own that goes away with the test.
class WorldFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "/world-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }

  fs::path folder_;
};

TEST(Worlds, MayBeEmpty) {
  const World world = world_of("{}");
  EXPECT_THAT(world.agents, IsEmpty());
  EXPECT_THAT(world.turns, IsEmpty());
}

TEST(Worlds, FreeKeysAreIgnored) {
  world_of(R"({"x-any": [1], "$schema": "s", "agents": [{"agent_id": "a", "x-note": {}}]})");
}

TEST(Agents, HaveDefaults) {
  const AgentSpec agent = world_of(R"({"agents": [{"agent_id": "acme/ops"}]})").agents.at(0);
  EXPECT_EQ(agent.agent_id, "acme/ops");
  EXPECT_EQ(agent.name, "acme/ops");
  EXPECT_EQ(agent.id, std::nullopt);
  EXPECT_EQ(agent.instances_count, 1);
  EXPECT_EQ(agent.description, std::nullopt);
  EXPECT_EQ(agent.system_prompt, std::nullopt);
  EXPECT_FALSE(agent.is_self_hosted);
  EXPECT_TRUE(agent.deployed);
}

TEST(Agents, HaveAllTheirFields) {
  const AgentSpec agent = world_of(R"({"agents": [
      {"agent_id": "a", "name": "A", "id": "cci_01KPAAAAAAAAAAAAAAAAAAAAAA", "instances_count": 3,
       "description": "d", "system_prompt": "s", "is_self_hosted": true, "deployed": false}]})")
                              .agents.at(0);
  EXPECT_EQ(agent.name, "A");
  EXPECT_EQ(agent.id, "cci_01KPAAAAAAAAAAAAAAAAAAAAAA");
  EXPECT_EQ(agent.instances_count, 3);
  EXPECT_EQ(agent.description, "d");
  EXPECT_EQ(agent.system_prompt, "s");
  EXPECT_TRUE(agent.is_self_hosted);
  EXPECT_FALSE(agent.deployed);
}

TEST(Jobs, HaveDefaults) {
  const JobSpec job =
      world_of(R"({"agents": [{"agent_id": "a"}], "jobs": [{"agent_id": "a"}]})").jobs.at(0);
  EXPECT_EQ(job.agent_id, "a");
  EXPECT_EQ(job.id, std::nullopt);
  EXPECT_EQ(job.origin, Origin::api);
  EXPECT_EQ(job.status, JobStatus::active);
  EXPECT_FALSE(job.ask_mode);
  EXPECT_EQ(job.created_at_ms, std::nullopt);
  EXPECT_EQ(job.updated_at_ms, std::nullopt);
}

TEST(Jobs, HaveAllTheirFields) {
  const JobSpec job = world_of(R"({"agents": [{"agent_id": "a"}], "jobs": [
      {"agent_id": "a", "id": "j_01KPAAAAAAAAAAAAAAAAAAAAAA", "origin": "discord",
       "status": "abandoned", "ask_mode": true, "created_at": "1970-01-01T00:00:01.5Z",
       "updated_at": "1970-01-01T02:00:02+02:00"}]})")
                          .jobs.at(0);
  EXPECT_EQ(job.id, "j_01KPAAAAAAAAAAAAAAAAAAAAAA");
  EXPECT_EQ(job.origin, Origin::discord);
  EXPECT_EQ(job.status, JobStatus::abandoned);
  EXPECT_TRUE(job.ask_mode);
  EXPECT_EQ(job.created_at_ms, 1500);
  EXPECT_EQ(job.updated_at_ms, 2000);
}

TEST(Jobs, HaveMessages) {
  const auto messages = world_of(R"({"agents": [{"agent_id": "a"}], "jobs": [
      {"agent_id": "a", "messages": [
        {"id": "cmsg_01KPAAAAAAAAAAAAAAAAAAAAAA", "role": "user", "content": "Hi {{promt}}",
         "status": "failed", "attachments": ["attachments/Überweisung – März.txt"]},
        {"role": "progress", "progress": {"summary": "{{", "progress_type": "thinking"}},
        {"role": "assistant", "content": "", "usage": {"cost_usd": 1, "input_tokens": 2,
         "output_tokens": 3, "model": "m"}}]}]})")
                            .jobs.at(0)
                            .messages;
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(messages[0].id, "cmsg_01KPAAAAAAAAAAAAAAAAAAAAAA");
  EXPECT_EQ(messages[0].status, MessageStatus::failed);
  EXPECT_EQ(messages[0].content, "Hi {{promt}}");
  EXPECT_EQ(messages[0].attachments.at(0).filename, "Überweisung – März.txt");
  EXPECT_THAT(*messages[0].attachments.at(0).bytes, HasSubstr("42,00 €"));
  EXPECT_EQ(messages[1].role, Role::progress);
  EXPECT_THAT(messages[1].progress->fields, ElementsAre(Pair("summary", "{{")));
  EXPECT_EQ(messages[2].role, Role::assistant);
  EXPECT_EQ(messages[2].usage->output_tokens, 3);
  EXPECT_EQ(messages[2].usage->cache_read_tokens, 0);
}

TEST(Jobs, MayHaveFilesOnASystemMessageAndAnAnswerThatIsPending) {
  const auto messages = world_of(R"({"agents": [{"agent_id": "a"}], "jobs": [
      {"agent_id": "a", "messages": [
        {"role": "assistant", "content": "", "status": "pending"},
        {"role": "system", "content": "s", "attachments": ["attachments/receipt.pdf"]}]}]})")
                            .jobs.at(0)
                            .messages;
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].status, MessageStatus::pending);
  EXPECT_EQ(messages[1].attachments.at(0).filename, "receipt.pdf");
}

TEST(Jobs, HaveProgressOfAnyForm) {
  const auto messages = world_of(R"({"agents": [{"agent_id": "a"}], "jobs": [
      {"agent_id": "a", "ask_mode": true, "messages": [
        {"role": "progress", "progress": {"raw": "not {{JSON"}},
        {"role": "progress", "progress": {"progress_type": "tool_use", "ms": 3, "more": "{{m"}}
      ]}]})")
                            .jobs.at(0)
                            .messages;
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].progress->raw, "not {{JSON");
  EXPECT_THAT(messages[1].progress->fields, ElementsAre(Pair("more", "{{m")));
  EXPECT_THAT(messages[1].progress->literals, ElementsAre(Pair("ms", "3")));
}

TEST(Jobs, ToolIdsMayComeAgainInTheNextTurn) {
  const std::string tool = R"({"role": "progress", "progress": {"progress_type": "tool_use",
      "tool_use_id": "t", "tool_name": "Bash", "tool_input": "ls", "tool_status": "running"}})";
  const std::string user = R"({"role": "user", "content": "hi"})";
  const World world = world_of(R"({"agents": [{"agent_id": "a"}], "jobs": [{"agent_id": "a",
      "messages": [)" + user + "," +
                               tool + "," + user + "," + tool + "]}]}");
  EXPECT_EQ(world.jobs.at(0).messages.size(), 4U);
}

TEST(Keys, MayBeRevoked) {
  const auto keys = world_of(R"({"keys": [{"key": "nr_a"}, {"key": "b", "revoked": true}]})").keys;
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0].key, "nr_a");
  EXPECT_FALSE(keys[0].revoked);
  EXPECT_TRUE(keys[1].revoked);
}

TEST(Turns, MatchEverythingWithoutAWhen) {
  const TurnMatch when =
      world_of(R"({"turns": [{"timeline": [{"status": "completed"}]}]})").turns.at(0).when;
  EXPECT_EQ(when.agent_id, std::nullopt);
  EXPECT_EQ(when.prompt_equals, std::nullopt);
  EXPECT_EQ(when.turn, std::nullopt);
  EXPECT_EQ(when.ask_mode, std::nullopt);
}

TEST(Turns, HaveAllMatchers) {
  const TurnMatch when = world_of(R"({"agents": [{"agent_id": "a"}], "turns": [{"when":
      {"agent_id": "a", "prompt": {"equals": "e", "contains": "c", "regex": "r"}, "turn": 2,
       "ask_mode": false, "has_attachments": true}, "timeline": [{"status": "completed"}]}]})")
                             .turns.at(0)
                             .when;
  EXPECT_EQ(when.agent_id, "a");
  EXPECT_EQ(when.prompt_equals, "e");
  EXPECT_EQ(when.prompt_contains, "c");
  EXPECT_EQ(when.prompt_regex, "r");
  EXPECT_EQ(when.turn, 2);
  EXPECT_EQ(when.ask_mode, false);
  EXPECT_EQ(when.has_attachments, true);
}

TEST(Stages, LastOnePollOrTwoSecondsByDefault) {
  const Stage stage = first_stage(R"({"status": "pending"}, {"status": "completed"})");
  EXPECT_EQ(stage.polls, 1);
  EXPECT_EQ(stage.ms, 2000);
  EXPECT_FALSE(stage.endless);
}

TEST(Stages, LastTwoSecondsForEachPollByDefault) {
  EXPECT_EQ(first_stage(R"({"status": "queued", "polls": 3}, {"status": "completed"})").ms, 6000);
}

TEST(Stages, DurationsOfTheClocksAreIndependent) {
  const Stage stage =
      first_stage(R"({"status": "queued", "polls": 0, "ms": 5}, {"status": "completed"})");
  EXPECT_EQ(stage.polls, 0);
  EXPECT_EQ(stage.ms, 5);
}

TEST(Stages, ALastOneThatIsNotTerminalIsEndless) {
  EXPECT_TRUE(first_stage(R"({"status": "pending"})").endless);
  EXPECT_FALSE(first_stage(R"({"status": "completed"})").endless);
}

TEST(Stages, SeveralOfOneStatusMayFollow) {
  first_stage(R"({"status": "queued"}, {"status": "queued"}, {"status": "pending"},
                 {"status": "pending"}, {"status": "failed", "error": "e"})");
}

TEST(Stages, CompletedOnesHaveAnOutcome) {
  const Stage stage = first_stage(R"({"status": "completed", "reply": "", "system": ["s"],
      "attachments": ["attachments/receipt.pdf"], "job_status": "completed", "reason": "r",
      "usage": {"cost_usd": 0.5, "input_tokens": 1, "output_tokens": 2, "cache_read_tokens": 3,
                "cache_write_tokens": 4, "model": "m"}})");
  EXPECT_EQ(stage.reply, "");
  EXPECT_THAT(stage.system, ElementsAre("s"));
  EXPECT_EQ(stage.attachments.at(0).filename, "receipt.pdf");
  EXPECT_TRUE(stage.attachments.at(0).bytes->starts_with("%PDF-"));
  EXPECT_EQ(stage.job_status, JobStatus::completed);
  EXPECT_EQ(stage.reason, "r");
  EXPECT_EQ(stage.usage->cost_usd, 0.5);
  EXPECT_EQ(stage.usage->cache_write_tokens, 4);
  EXPECT_EQ(stage.usage->model, "m");
}

TEST(Stages, MayHaveSeveralErrorsAndWhatComesLater) {
  const Stage stage = first_stage(R"({"status": "failed", "error": ["a", "b"],
      "job_status": "abandoned", "later": [
        {"polls": 3, "system": ["s"]},
        {"ms": 200, "progress": [{"progress_type": "step", "summary": "p"}],
         "job_status": "completed", "reason": "r"}]})");
  EXPECT_THAT(stage.errors, ElementsAre("a", "b"));
  EXPECT_EQ(stage.job_status, JobStatus::abandoned);
  ASSERT_EQ(stage.later.size(), 2U);
  EXPECT_EQ(stage.later[0].polls, 3);
  EXPECT_EQ(stage.later[0].ms, 6000);
  EXPECT_THAT(stage.later[0].system, ElementsAre("s"));
  EXPECT_EQ(stage.later[0].job_status, std::nullopt);
  EXPECT_EQ(stage.later[1].polls, 1);
  EXPECT_EQ(stage.later[1].ms, 200);
  EXPECT_EQ(stage.later[1].progress.size(), 1U);
  EXPECT_EQ(stage.later[1].job_status, JobStatus::completed);
  EXPECT_EQ(stage.later[1].reason, "r");
}

TEST(Stages, MayAbandonTheJob) {
  EXPECT_EQ(first_stage(R"({"status": "completed", "job_status": "abandoned"})").job_status,
            JobStatus::abandoned);
}

TEST(Stages, AReplyThatIsNotThereIsNone) {
  EXPECT_EQ(first_stage(R"({"status": "completed"})").reply, std::nullopt);
}

TEST(ProgressOfAStage, HasItsFieldsInTheAnsweredOrder) {
  const Stage stage = first_stage(R"({"status": "pending", "progress": [
      {"tool_input": "i", "tool_status": "running", "tool_description": "d", "tool_name": "n",
       "tool_use_id": "t", "progress_type": "tool_use"},
      {"tool_output": "o", "tool_status": "error", "parent_tool_use_id": "t", "tool_name": "n",
       "tool_use_id": "t", "progress_type": "tool_use"}]})");
  ASSERT_EQ(stage.progress.size(), 2U);
  EXPECT_EQ(stage.progress[0].progress_type, "tool_use");
  EXPECT_THAT(
      stage.progress[0].fields,
      ElementsAre(Pair("tool_use_id", "t"), Pair("tool_name", "n"), Pair("tool_description", "d"),
                  Pair("tool_input", "i"), Pair("tool_status", "running")));
  EXPECT_THAT(
      stage.progress[1].fields,
      ElementsAre(Pair("tool_use_id", "t"), Pair("parent_tool_use_id", "t"), Pair("tool_name", "n"),
                  Pair("tool_status", "error"), Pair("tool_output", "o")));
}

TEST(ProgressOfAStage, TextMayLeadUpToATemplate) {
  first_stage(R"({"status": "pending", "progress": [
      {"progress_type": "text", "text_delta": " You said: "},
      {"progress_type": "text", "text_delta": "{{prompt}} "}]},
      {"status": "completed", "reply": "You said: {{prompt}}"})");
}

TEST_F(WorldFiles, AreJoinedInOrder) {
  const auto world = read_worlds(
      {write("a.json",
             R"({"turns": [{"when": {"agent_id": "b"}, "timeline": [{"status": "pending"}]}],
                           "agents": [{"agent_id": "a"}]})"),
       write("b.json", R"({"agents": [{"agent_id": "b"}], "jobs": [{"agent_id": "a"}],
                           "turns": [{"timeline": [{"status": "completed"}]}]})")});
  ASSERT_TRUE(world) << first_mistake(world);
  ASSERT_EQ(world->agents.size(), 2U);
  EXPECT_EQ(world->agents[1].agent_id, "b");
  EXPECT_EQ(world->jobs.at(0).agent_id, "a");
  ASSERT_EQ(world->turns.size(), 2U);
  EXPECT_TRUE(world->turns[0].timeline[0].endless);
}

TEST_F(WorldFiles, MayNotRepeatEachOther) {
  const std::string a = write("a.json", R"({"agents": [{"agent_id": "a"}]})");
  const std::string b = write("b.json", R"({"agents": [{"agent_id": "a"}]})");
  EXPECT_EQ(first_mistake(read_worlds({a, b})), b + ":1:26: /agents/0/agent_id: duplicate \"a\": " +
                                                    a + ": /agents/0/agent_id has it already");
}

std::string unusual(int times) {
  std::string progress;
  for (int i = 0; i < times; ++i) {
    progress += std::string(i == 0 ? "" : ", ") + R"({"progress_type": "new"})";
  }
  return R"({"turns": [{"timeline": [{"status": "pending", "progress": [)" + progress + "]}]}]}";
}

TEST_F(WorldFiles, HaveHintsThatNameTheFile) {
  const std::string a = write("a.json", unusual(1));
  const std::string b = write("b.json", unusual(2));
  const auto checked = check_worlds({a, b});
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->world.turns.size(), 2U);
  ASSERT_EQ(checked->hints.size(), 3U);
  EXPECT_EQ(checked->hints[0].file, a);
  EXPECT_EQ(checked->hints[2].file, b);
  EXPECT_TRUE(read_worlds({a, b}));
}

TEST_F(WorldFiles, HaveNoMoreThanFiftyHintsAndAllTheirContents) {
  const auto checked = check_worlds({write("a.json", unusual(52))});
  ASSERT_TRUE(checked);
  ASSERT_EQ(checked->hints.size(), 51U);
  EXPECT_EQ(checked->hints.back().message, "more hints are not shown: the limit is 50");
  EXPECT_EQ(checked->world.turns.at(0).timeline.at(0).progress.size(), 52U);
}

TEST_F(WorldFiles, WithMistakesHaveNoHints) {
  const auto checked = check_worlds({write("a.json", unusual(1)), write("b.json", R"({"a": 1})")});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().size(), 1U);
}

TEST_F(WorldFiles, AreAllReported) {
  const auto world =
      read_worlds({write("a.json", "{"), write("b.json", "["), write("c.json", "{}")});
  ASSERT_FALSE(world);
  EXPECT_EQ(world.error().size(), 2U);
}

TEST_F(WorldFiles, ThatAreNotThereAreReportedWithoutALine) {
  const std::string path = (folder_ / "none.json").string();
  EXPECT_EQ(first_mistake(read_worlds({path})),
            path + ": can't read the world file: there is no such file");
}

TEST_F(WorldFiles, LoadWorldThrowsAllMistakes) {
  const std::string path = write("a.json", R"({"agents": 1, "jobs": 2})");
  try {
    load_world(path);
    FAIL() << "accepted";
  } catch (const WorldError& error) {
    EXPECT_EQ(error.diagnostics().size(), 2U);
    EXPECT_EQ(std::string(error.what()),
              path + ":1:12: /agents: expected an array, got the number 1\n" + path +
                  ":1:23: /jobs: expected an array, got the number 2");
  }
}

TEST_F(WorldFiles, NameAttachmentsRelativeToTheirFolder) {
  write("files/note.txt", "hello");
  const World world = load_world(write("a.json", R"({"turns": [{"timeline": [
      {"status": "completed", "reply": "", "attachments": ["files/../files/note.txt"]}]}]})"));
  const File& file = world.turns.at(0).timeline.at(0).attachments.at(0);
  EXPECT_EQ(file.filename, "note.txt");
  EXPECT_EQ(*file.bytes, "hello");
}

TEST_F(WorldFiles, TakeAttachmentsOfFiftyMegabytesAndNotOneByteMore) {
  const std::string world = write("a.json", R"({"turns": [{"timeline": [
      {"status": "completed", "reply": "", "attachments": ["big"]}]}]})");
  const std::string big = write("big", "");
  fs::resize_file(big, 50U << 20);
  EXPECT_TRUE(read_worlds({world}));
  fs::resize_file(big, (50U << 20) + 1);
  EXPECT_THAT(first_mistake(read_worlds({world})), HasSubstr("it is larger than 52428800 bytes"));
}

TEST(ParseJob, ReadsAJobOfAKnownAgent) {
  const auto job = parse_job(R"({"agent_id": "a", "origin": "slack",
      "messages": [{"role": "user", "content": "hi"}]})",
                             {"a"});
  ASSERT_TRUE(job);
  EXPECT_EQ(job->origin, Origin::slack);
  EXPECT_EQ(job->messages.at(0).content, "hi");
}

TEST(ParseJob, RefusesAnUnknownAgent) {
  const auto job = parse_job(R"({"agent_id": "biling"})", {"a", "billing"});
  ASSERT_FALSE(job);
  EXPECT_EQ(to_string(job.error().at(0)),
            "job:1:14: /agent_id: no agent \"biling\" in this world; did you mean \"billing\"?");
}

TEST(ParseJob, RefusesWhatIsNotJson) {
  const auto job = parse_job("", {});
  ASSERT_FALSE(job);
  EXPECT_EQ(job.error().at(0).line, 1);
}

TEST(ParseJob, ReadsNoFiles) {
  const auto job = parse_job(R"({"agent_id": "a", "messages": [
      {"role": "user", "content": "hi", "attachments": ["hostname"]}]})",
                             {"a"});
  ASSERT_FALSE(job);
  EXPECT_THAT(job.error().at(0).message, HasSubstr("files can only be named in a world file"));
}

TEST(Words, OfTheApiGoBothWays) {
  EXPECT_EQ(to_string(Role::progress), "progress");
  EXPECT_EQ(role_from("assistant"), Role::assistant);
  EXPECT_EQ(to_string(MessageStatus::queued), "queued");
  EXPECT_EQ(message_status_from("failed"), MessageStatus::failed);
  EXPECT_EQ(to_string(JobStatus::abandoned), "abandoned");
  EXPECT_EQ(job_status_from("error"), JobStatus::error);
  EXPECT_EQ(to_string(Origin::web), "web");
  EXPECT_EQ(origin_from("discord"), Origin::discord);
}

TEST(Words, AreCaseSensitive) {
  EXPECT_EQ(job_status_from("Active"), std::nullopt);
}

}  // namespace
}  // namespace nairi::mock
