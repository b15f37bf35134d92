// REFERENCE: Agents.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/worlds.h"

namespace nairi::mock::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Agents, AreListedAsABareArray) {
  Play play(plain_world());
  const Json agents = play.api.get("/agents").json();
  ASSERT_TRUE(agents.is_array());
  ASSERT_EQ(agents.size(), 3U);
  EXPECT_EQ(agents[0].at("agent_id"), "bot");
}

TEST(Agents, HaveTheDocumentedFieldsAndNullWhereNothingIsDescribed) {
  Play play(world_of(R"({"agents": [
      {"agent_id": "a", "name": "A", "instances_count": 3, "is_self_hosted": true,
       "description": "Does it.", "system_prompt": "Be brief."}, {"agent_id": "b"}]})"));
  const Json full = play.api.get("/agents/a").json();
  EXPECT_EQ(full.at("name"), "A");
  EXPECT_EQ(full.at("agent_id"), "a");
  EXPECT_EQ(full.at("instances_count"), 3);
  EXPECT_EQ(full.at("description"), "Does it.");
  EXPECT_EQ(full.at("is_self_hosted"), true);
  EXPECT_EQ(full.at("system_prompt"), "Be brief.");
  EXPECT_TRUE(full.at("created_at").is_string());
  EXPECT_TRUE(full.at("updated_at").is_string());
  const Json bare = play.api.get("/agents/b").json();
  EXPECT_EQ(bare.at("name"), "b");
  EXPECT_TRUE(bare.at("description").is_null());
  EXPECT_TRUE(bare.at("system_prompt").is_null());
}

TEST(Agents, AreFoundByIdAndBySlugAlsoWithASlash) {
  Play play(plain_world());
  const Json raw = play.api.get("/agents/acme/ops").json();
  EXPECT_EQ(raw.at("agent_id"), "acme/ops");
  EXPECT_EQ(play.api.get("/agents/acme%2Fops").json(), raw);
  EXPECT_EQ(play.api.get("/agents/acme%2fops").json(), raw);
  EXPECT_EQ(play.api.get("/agents/" + raw.at("id").get<std::string>()).json(), raw);
}

TEST(Agents, UnknownOnesAre404OnEveryPath) {
  Play play(plain_world());
  EXPECT_EQ(play.api.get("/agents/nobody").status, 404);
  EXPECT_EQ(play.api.call("PATCH", "/agents/nobody", "{}").status, 404);
  EXPECT_EQ(play.api.call("DELETE", "/agents/nobody").status, 404);
  EXPECT_EQ(play.api.call("POST", "/agents/nobody/deploy").status, 404);
}

TEST(CreatingAnAgent, AnswersItWith201AndASlugMadeFromItsName) {
  Play play(plain_world());
  const Answer answer =
      play.api.post("/agents", {{"name", "Billing & Refunds!"}, {"instances_count", 2}});
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.json().at("name"), "Billing & Refunds!");
  EXPECT_EQ(answer.json().at("agent_id"), "billing-refunds");
  EXPECT_EQ(answer.json().at("instances_count"), 2);
  EXPECT_EQ(play.api.get("/agents/billing-refunds").json(), answer.json());
}

TEST(CreatingAnAgent, GivesEveryAgentASlugOfItsOwn) {
  Play play(plain_world());
  EXPECT_EQ(play.api.post("/agents", {{"name", "Bot"}}).json().at("agent_id"), "bot-2");
  EXPECT_EQ(play.api.post("/agents", {{"name", "BOT"}}).json().at("agent_id"), "bot-3");
  EXPECT_EQ(play.api.post("/agents", {{"name", "日本"}}).json().at("agent_id"), "agent");
}

TEST(CreatingAnAgent, GivesASlugThatAWorldMayName) {
  Play play(plain_world());
  const std::string most(180, 'x');
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"Billing & Refunds", "billing-refunds"},
      {"acme//dev", "acme/dev"},
      {"/a /b/ c-", "a/b/c"},
      {"a/-/d", "a/d"},
      {"--", "agent"},
      {std::string(300, 'x'), most},
      {std::string(300, 'X'), most + "-2"},
      {std::string(179, 'y') + "/y", std::string(179, 'y')}};
  Json agents = Json::array();
  for (const auto& [name, slug] : expected) {
    EXPECT_EQ(play.api.post("/agents", {{"name", name}}).json().at("agent_id"), slug);
    agents.push_back({{"agent_id", slug}, {"name", name}});
  }
  EXPECT_EQ(world_of(Json{{"agents", agents}}.dump()).agents.size(), expected.size());
}

TEST(CreatingAnAgent, GivesNoSlugThatLooksLikeARoute) {
  Play play(plain_world());
  for (const char* name : {"Foo/Conversations", "foo/deploy"}) {
    const std::string slug = play.api.post("/agents", {{"name", name}}).json().at("agent_id");
    EXPECT_EQ(play.api.get("/agents/" + slug).status, 200) << slug;
  }
}

TEST(CreatingAnAgent, OfANameThatManyHaveGetsTheNextNumber) {
  Play play(plain_world());
  std::string last;
  for (int i = 0; i < 1000; ++i) {
    last = play.api.post("/agents", {{"name", "same"}}).json().at("agent_id");
  }
  EXPECT_EQ(last, "same-1000");
}

TEST(CreatingAnAgent, BadFieldsAre400) {
  Play play(plain_world());
  const auto refused = [&](const char* body, const char* says) {
    const Answer answer = play.api.call("POST", "/agents", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_THAT(answer.error_and_hint(), HasSubstr(says));
  };
  refused("{}", "name is required");
  refused(R"({"name": ""})", "name must not be empty");
  refused(R"({"name": 1})", "name must be a string");
  refused(R"({"name": "a", "instances_count": 0})",
          "instances_count must be an integer of at least 1");
  refused(R"({"name": "a", "instances_count": -1})", "got the number -1");
  refused(R"({"name": "a", "instances_count": 1.5})", "instances_count");
  refused(R"({"name": "a", "instances_count": "1"})", "instances_count");
  refused(R"({"name": "a", "instances_count": null})", "instances_count");
  refused(R"({"name": "a", "instances_count": 18446744073709551615})", "instances_count");
  refused(R"({"name": "a", "description": 1})", "description must be a string or null");
  EXPECT_EQ(play.api.get("/agents").json().size(), 3U);
}

TEST(CreatingAnAgent, OfATakenNameHasTheFirstFreeNumberInItsSlug) {
  Play play(plain_world());
  const auto slug = [&] {
    return play.api.post("/agents", {{"name", "New one"}}).json().at("agent_id").get<std::string>();
  };
  EXPECT_THAT((std::vector<std::string>{slug(), slug(), slug(), slug()}),
              ElementsAre("new-one", "new-one-2", "new-one-3", "new-one-4"));
  play.api.call("DELETE", "/agents/new-one-3");
  EXPECT_EQ(slug(), "new-one-3");
  EXPECT_EQ(slug(), "new-one-5");
}

TEST(CreatingAnAgent, PicksUpNoWorkBeforeItIsDeployed) {
  Play play(plain_world());
  const std::string slug = play.api.post("/agents", {{"name", "New"}}).json().at("agent_id");
  const Started turn = play.api.start(slug, "go");
  EXPECT_EQ(play.api.finish(turn.message), "");
  const Answer deployed = play.api.post("/agents/" + slug + "/deploy", Json::object());
  EXPECT_EQ(deployed.status, 202);
  EXPECT_TRUE(deployed.json().at("status").is_string());
  EXPECT_EQ(play.api.finish(turn.message), "completed");
}

TEST(DeployingAnAgent, WithConfigOnlyStartsNothing) {
  Play play(plain_world());
  const Started turn = play.api.start("sleepy", "go");
  EXPECT_EQ(play.api.post("/agents/sleepy/deploy", {{"update_config_only", true}}).status, 202);
  EXPECT_EQ(play.api.finish(turn.message), "");
}

TEST(DeployingAnAgent, BadBodyIs400) {
  Play play(plain_world());
  EXPECT_EQ(play.api.post("/agents/bot/deploy", {{"update_config_only", "yes"}}).status, 400);
  EXPECT_EQ(play.api.call("POST", "/agents/bot/deploy", "[]").status, 400);
}

TEST(Agents, EveryPathTakesTheirIdOrTheirSlugRawOrEncoded) {
  Play play(plain_world());
  const std::string id = play.api.get("/agents/acme/ops").json().at("id");
  for (const std::string& agent : {id, std::string("acme/ops"), std::string("acme%2Fops")}) {
    EXPECT_EQ(play.api.get("/agents/" + agent).status, 200);
    EXPECT_EQ(play.api.get("/agents/" + agent + "/conversations").status, 200);
    EXPECT_EQ(play.api.call("POST", "/agents/" + agent + "/deploy").status, 202);
    EXPECT_EQ(play.api.call("PATCH", "/agents/" + agent, "{}").status, 200);
    EXPECT_EQ(play.api.call("DELETE", "/agents/" + agent).status, 204);
    play.fake.reset("nr_test");
  }
}

TEST(DeployingAnAgent, Answers202WithAStatus) {
  Play play(plain_world());
  const Answer answer = play.api.call("POST", "/agents/bot/deploy");
  EXPECT_EQ(answer.status, 202);
  EXPECT_TRUE(answer.json().at("status").is_string());
}

TEST(DeployingAnAgent, WorksForASlugWithASlash) {
  Play play(plain_world());
  EXPECT_EQ(play.api.call("POST", "/agents/acme/ops/deploy").status, 202);
  EXPECT_EQ(play.api.call("POST", "/agents/acme%2Fops/deploy").status, 202);
}

TEST(ChangingAnAgent, KeepsWhatIsNotNamedAndTheSlug) {
  Play play(world_of(R"({"agents": [{"agent_id": "a", "description": "Old."}]})"));
  const Answer answer =
      play.api.call("PATCH", "/agents/a",
                    R"({"name": "New name", "instances_count": 4, "system_prompt": "Hm."})");
  EXPECT_EQ(answer.status, 200);
  const Json agent = play.api.get("/agents/a").json();
  EXPECT_EQ(agent.at("name"), "New name");
  EXPECT_EQ(agent.at("agent_id"), "a");
  EXPECT_EQ(agent.at("instances_count"), 4);
  EXPECT_EQ(agent.at("description"), "Old.");
  EXPECT_EQ(agent.at("system_prompt"), "Hm.");
  EXPECT_GT(agent.at("updated_at"), agent.at("created_at"));
  play.api.call("PATCH", "/agents/a", R"({"description": null})");
  EXPECT_TRUE(play.api.get("/agents/a").json().at("description").is_null());
}

TEST(ChangingAnAgent, BadFieldsAre400AndChangeNothing) {
  Play play(plain_world());
  const Json before = play.api.get("/agents/bot").json();
  for (const char* body : {R"({"name": ""})", R"({"name": "x", "instances_count": 0})",
                           R"({"name": "x", "description": 1})", "", "[]"}) {
    EXPECT_EQ(play.api.call("PATCH", "/agents/bot", body).status, 400) << body;
  }
  EXPECT_EQ(play.api.get("/agents/bot").json(), before);
}

TEST(ChangingAnAgent, WithNothingChangesNothing) {
  Play play(plain_world());
  const Json before = play.api.get("/agents/bot").json();
  const Answer answer = play.api.call("PATCH", "/agents/bot", "{}");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json(), before);
  EXPECT_EQ(play.api.call("PATCH", "/agents/bot", R"({"unknown": 1})").json(), before);
  EXPECT_EQ(play.api.get("/agents/bot").json(), before);
}

TEST(ChangingAnAgent, AnEmptySystemPromptIsNotTheDefaultOne) {
  Play play(plain_world());
  const auto prompt_after = [&](const char* body) {
    return play.api.call("PATCH", "/agents/bot", body).json().at("system_prompt");
  };
  EXPECT_EQ(prompt_after(R"({"system_prompt": "Be exact."})"), "Be exact.");
  EXPECT_EQ(prompt_after(R"({"name": "Bot"})"), "Be exact.");
  EXPECT_EQ(prompt_after(R"({"system_prompt": ""})"), "");
  EXPECT_EQ(prompt_after(R"({"system_prompt": null})"), nullptr);
}

TEST(CreatingAnAgent, WithoutADescriptionHasAnEmptyOne) {
  Play play(plain_world());
  const Json agent = play.api.post("/agents", {{"name", "New"}}).json();
  EXPECT_EQ(agent.at("description"), "");
  EXPECT_TRUE(agent.at("system_prompt").is_null());
}

TEST(DeletingAnAgent, Answers204AndForgetsItButNotItsConversations) {
  Play play(plain_world());
  const Started turn = play.api.start("bot", "go");
  const Answer answer = play.api.call("DELETE", "/agents/bot");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.text, "");
  EXPECT_EQ(play.api.get("/agents/bot").status, 404);
  EXPECT_EQ(play.api.get("/agents").json().size(), 2U);
  EXPECT_EQ(play.api.finish(turn.message), "completed");
}

}  // namespace
}  // namespace nairi::mock::testing
