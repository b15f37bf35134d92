// PUT and DELETE /__mock/world: a key with a world of its own (docs/control.md).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "engine/worlds.h"

namespace nairi::mock::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* kOwn = R"({"agents": [{"agent_id": "own"}], "turns": [
    {"timeline": [{"status": "completed", "reply": "my own"}]}]})";

std::string first_agent(Api& api) {
  return api.get("/agents").json().at(0).at("agent_id");
}

TEST(OwnWorld, IsThatOfItsKeyAlone) {
  Play play(plain_world());
  Api other(play.fake, "nr_other");
  ASSERT_EQ(play.api.control("PUT", "/world", kOwn).status, 200);
  const Started started = play.api.start("own", "hi");
  EXPECT_EQ(play.api.messages(started.job, "assistant").at(0).at("content"), "my own");
  EXPECT_EQ(first_agent(other), "bot");
}

TEST(OwnWorld, ReplacesWhatTheKeyHad) {
  Play play(plain_world());
  const Started started = play.api.start("bot", "hi");
  play.api.control("PUT", "/world", kOwn);
  EXPECT_EQ(play.api.get("/messages/" + started.message).status, 404);
  EXPECT_EQ(play.api.control("GET", "/journal").json().at("entries").size(), 1U);
}

TEST(OwnWorld, StaysAfterAReset) {
  Play play(plain_world(), {.control_token = "token"});
  play.fake.put_world("nr_test", world_of(kOwn));
  play.fake.reset("nr_test");
  EXPECT_EQ(first_agent(play.api), "own");
  Api(play.fake, "token").control("POST", "/reset?all=true");
  EXPECT_EQ(first_agent(play.api), "own");
}

TEST(OwnWorld, MayBeDeleted) {
  Play play(plain_world());
  play.api.control("PUT", "/world", kOwn);
  EXPECT_EQ(first_agent(play.api), "own");
  EXPECT_EQ(play.api.control("DELETE", "/world").status, 200);
  EXPECT_EQ(first_agent(play.api), "bot");
}

TEST(OwnWorld, HasFaults) {
  Play play(plain_world());
  play.api.control("PUT", "/world", R"({"faults": [{"at": "agents", "do": {"status": 500}}]})");
  EXPECT_EQ(play.api.get("/agents").status, 500);
}

TEST(OwnWorld, WithAMistakeIsRefusedAndChangesNothing) {
  Play play(plain_world());
  const Started started = play.api.start("bot", "hi");
  const Answer answer = play.api.control("PUT", "/world", "{\n  \"agnets\": []}");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.error(), R"(world:2:3: unknown key "agnets"; did you mean "agents"?)");
  EXPECT_EQ(play.api.get("/messages/" + started.message).status, 200);
}

TEST(OwnWorld, HasNoFiles) {
  Play play(plain_world());
  const Answer answer = play.api.control("PUT", "/world", R"({"turns": [{"timeline": [
      {"status": "completed", "reply": "", "attachments": ["world.json"]}]}]})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.error(), HasSubstr("files can only be named in a world file"));
}

TEST(OwnWorld, CountsAsKeptUntilItIsDeleted) {
  const std::string own = kOwn;
  Play play(plain_world(), {.max_kept_bytes = 2 * own.size() - 1});
  Api other(play.fake, "nr_other");
  EXPECT_EQ(play.api.control("PUT", "/world", own).status, 200);
  EXPECT_EQ(play.api.control("PUT", "/world", own).status, 200);  // replaces the first
  EXPECT_EQ(other.control("PUT", "/world", own).status, 503);
  play.api.control("DELETE", "/world");
  EXPECT_EQ(other.control("PUT", "/world", own).status, 200);
}

TEST(OwnWorld, ThatIsTooLargeIsRefusedAndChangesNothing) {
  const std::string own = kOwn;
  const std::size_t organization = 2000;  // more than a key with one conversation occupies
  Play play(plain_world(), {.max_kept_bytes = own.size() + organization});
  ASSERT_EQ(play.api.control("PUT", "/world", own).status, 200);
  const Started started = play.api.start("own", "hi");
  const std::string larger = own + std::string(organization + 1, ' ');
  EXPECT_EQ(play.api.control("PUT", "/world", larger).status, 503);
  EXPECT_EQ(first_agent(play.api), "own");
  EXPECT_EQ(play.api.get("/messages/" + started.message).status, 200);
}

TEST(OwnWorld, MayTakeTheRoomOfWhatItReplaces) {
  const std::string own = kOwn;
  Play play(plain_world(), {.max_kept_bytes = own.size() + 3000});
  ASSERT_EQ(play.api.control("PUT", "/world", own).status, 200);
  play.api.start("own", std::string(1500, 'x'));
  const std::string larger = own + std::string(2500, ' ');
  EXPECT_EQ(play.api.control("PUT", "/world", larger).status, 200);
}

TEST(OwnWorld, IsOneOfABoundedNumber) {
  Play play(plain_world(), {.max_organizations = 1});
  play.fake.put_world("nr_test", world_of(kOwn));
  play.fake.put_world("nr_test", world_of(kOwn));
  EXPECT_THROW(play.fake.put_world("nr_other", world_of(kOwn)), std::invalid_argument);
}

TEST(CommonWorld, MayBeReplacedForAllKeys) {
  Play play(plain_world(), {.listed_keys_only = false, .control_token = "token"});
  play.api.control("PUT", "/world", R"({"agents": [{"agent_id": "mine"}]})");
  Api other(play.fake, "nr_other");
  EXPECT_EQ(first_agent(other), "bot");
  const std::string common =
      R"({"agents": [{"agent_id": "common"}], "keys": [{"key": "nr_gone", "revoked": true}]})";
  ASSERT_EQ(Api(play.fake, "token").control("PUT", "/world?all=true", common).status, 200);
  EXPECT_EQ(first_agent(play.api), "common");
  EXPECT_EQ(first_agent(other), "common");
  EXPECT_EQ(Api(play.fake, "nr_gone").get("/agents").status, 401);
  EXPECT_THAT(play.fake.states(), HasSubstr("common"));
}

TEST(CommonWorld, TakesTheControlToken) {
  Play play(plain_world(), {.control_token = "token"});
  EXPECT_EQ(play.api.control("PUT", "/world?all=true", kOwn).status, 403);
  EXPECT_EQ(Api(play.fake, "token").control("DELETE", "/world?all=true").status, 400);
}

}  // namespace
}  // namespace nairi::mock::testing
