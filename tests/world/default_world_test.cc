#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "nairi/mock/world_file.h"
#include "test_files.h"

namespace nairi::mock {
namespace {

using ::testing::ElementsAre;

using ::testing::Optional;

bool has_job(const World& world, Origin origin, JobStatus status) {
  return std::ranges::any_of(world.jobs, [&](const JobSpec& job) {
    return job.origin == origin && job.status == status && job.id && !job.messages.empty();
  });
}

TEST(DefaultWorld, IsTheFileOfTheFixtures) {
  const World built_in = default_world();
  const World file = load_world(test::source_path("fixtures/worlds/default.json").string());
  EXPECT_EQ(built_in.agents.size(), file.agents.size());
  ASSERT_EQ(built_in.jobs.size(), file.jobs.size());
  for (std::size_t i = 0; i < file.jobs.size(); ++i)
    EXPECT_EQ(built_in.jobs[i].id, file.jobs[i].id);
  EXPECT_EQ(built_in.turns.size(), file.turns.size());
}

TEST(DefaultWorld, CarriesItsAttachments) {
  const std::string receipt =
      test::read_text(test::source_path("fixtures/attachments/receipt.pdf"));
  int found = 0;
  for (const TurnScript& turn : default_world().turns) {
    for (const File& file : turn.timeline.back().attachments) {
      EXPECT_EQ(file.filename, "receipt.pdf");
      EXPECT_EQ(*file.bytes, receipt);
      ++found;
    }
  }
  EXPECT_EQ(found, 1);
}

TEST(DefaultWorld, HasDeployedAgentsAndOneThatIsNot) {
  std::vector<std::string> deployed;
  std::vector<std::string> others;
  for (const AgentSpec& agent : default_world().agents) {
    (agent.deployed ? deployed : others).push_back(agent.agent_id);
  }
  EXPECT_THAT(deployed, ElementsAre("my-agent", "billing-agent", "acme/ops"));
  EXPECT_THAT(others, ElementsAre("sleepy-agent"));
}

TEST(DefaultWorld, HasAJobOfEachOriginAndStatus) {
  const World world = default_world();
  EXPECT_TRUE(has_job(world, Origin::slack, JobStatus::active));
  EXPECT_TRUE(has_job(world, Origin::discord, JobStatus::active));
  EXPECT_TRUE(has_job(world, Origin::web, JobStatus::active));
  EXPECT_TRUE(has_job(world, Origin::api, JobStatus::completed));
  EXPECT_TRUE(has_job(world, Origin::api, JobStatus::error));
  EXPECT_TRUE(has_job(world, Origin::api, JobStatus::abandoned));
}

TEST(DefaultWorld, HasAJobWithALegacyId) {
  const World world = default_world();
  EXPECT_TRUE(std::ranges::any_of(world.jobs, [](const JobSpec& job) {
    return job.id && job.id->starts_with("j_") && job.origin == Origin::api;
  }));
}

TEST(DefaultWorld, HasKeysOfWhichOneIsRevoked) {
  std::vector<std::string> revoked;
  for (const KeySpec& key : default_world().keys) {
    if (key.revoked) revoked.push_back(key.key);
  }
  EXPECT_THAT(revoked, ElementsAre("nr_revoked"));
}

TEST(DefaultWorld, EndsWithATurnForEveryPromptThatShowsAllKindsOfProgress) {
  const TurnScript turn = default_world().turns.back();
  EXPECT_EQ(turn.when.prompt_contains, std::nullopt);
  EXPECT_EQ(turn.when.agent_id, std::nullopt);
  ASSERT_EQ(turn.timeline.size(), 2U);
  EXPECT_EQ(turn.timeline[0].polls, 1);
  std::set<std::string> types;
  for (const Progress& progress : turn.timeline[0].progress) types.insert(progress.progress_type);
  EXPECT_THAT(types,
              ElementsAre("step", "subagent", "text", "thinking", "tool_heartbeat", "tool_use"));
  EXPECT_THAT(turn.timeline[1].reply, Optional(::testing::HasSubstr("{{prompt}}")));
}

TEST(DefaultWorld, OnlyItsLastTurnMatchesEverything) {
  World world = default_world();
  world.turns.pop_back();
  for (const TurnScript& turn : world.turns) {
    EXPECT_TRUE(turn.when.prompt_contains || turn.when.prompt_regex || turn.when.ask_mode ||
                turn.when.turn);
  }
}

TEST(DefaultWorld, ShowsEveryEndOfATurn) {
  std::set<std::string> ends;
  for (const TurnScript& turn : default_world().turns) {
    const Stage& last = turn.timeline.back();
    if (last.endless) ends.insert("never");
    if (last.status == MessageStatus::failed) ends.insert("failed");
    if (last.status == MessageStatus::completed) ends.insert(last.reply ? "reply" : "empty");
    if (last.job_status == JobStatus::completed) ends.insert("job completed");
  }
  EXPECT_THAT(ends, ElementsAre("empty", "failed", "job completed", "never", "reply"));
}

TEST(FixtureWorlds, AllLoad) {
  const auto files = test::files_in(test::source_path("fixtures/worlds"), ".json");
  EXPECT_GE(files.size(), 2U);
  for (const auto& file : files) EXPECT_NO_THROW(load_world(file.string()));
}

}  // namespace
}  // namespace nairi::mock
