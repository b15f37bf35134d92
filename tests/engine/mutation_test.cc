// FakeOptions::mutate_additive: what a service may add at any time (docs/worlds.md, "Additive
// changes"). Everything that was there stays as it is.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/worlds.h"

namespace nairi::mock::testing {
namespace {

constexpr const char* kToolTurn = R"({"timeline": [
    {"status": "pending", "progress": [{"progress_type": "step", "summary": "thinking"}]},
    {"status": "completed", "reply": "done"}]})";

struct Mutated : Play {
  explicit Mutated(std::uint64_t seed = 1, bool mutate = true)
      : Play(world_with(kToolTurn), {.seed = seed, .mutate_additive = mutate}) {
    started = api.start("bot", "hi");
    api.finish(started.message);
  }
  Started started;
  std::string timeline() { return api.get("/conversations/" + started.job + "/messages").text; }
};

std::vector<std::string> keys_in_order(const std::string& object) {
  std::vector<std::string> keys;
  const auto json = nlohmann::ordered_json::parse(object);
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  return keys;
}

// Whether `whole` holds all of `part`, in lists in the same order.
bool holds(const Json& whole, const Json& part) {
  if (part.is_object()) {
    return std::all_of(part.items().begin(), part.items().end(), [&](const auto& member) {
      return whole.contains(member.key()) && holds(whole.at(member.key()), member.value());
    });
  }
  if (!part.is_array()) return whole == part;
  std::size_t found = 0;
  for (const Json& element : whole) {
    if (found < part.size() && holds(element, part[found])) ++found;
  }
  return found == part.size();
}

TEST(AdditiveChanges, KeepAllThatWasThere) {
  Mutated plain(1, false);
  Mutated mutated;
  const std::vector<std::string> paths = {"/messages/" + plain.started.message,
                                          "/conversations/" + plain.started.job + "/messages",
                                          "/agents", "/agents/bot/conversations", "/agents/nobody"};
  for (const std::string& path : paths) {
    const Json before = plain.api.get(path).json();
    const Json after = mutated.api.get(path).json();
    EXPECT_TRUE(holds(after, before)) << after << before;
    EXPECT_NE(after, before) << path;
  }
}

TEST(AdditiveChanges, AddAFieldToEachObjectAndReorderKeys) {
  Mutated plain(1, false);
  Mutated mutated;
  const std::string path = "/messages/" + plain.started.message;
  const auto before = keys_in_order(plain.api.get(path).text);
  auto after = keys_in_order(mutated.api.get(path).text);
  EXPECT_EQ(after.size(), before.size() + 1);
  std::erase_if(after, [](const std::string& key) { return key.starts_with("x_new_"); });
  EXPECT_EQ(after.size(), before.size());
  EXPECT_NE(after, before);
  const Json agents = mutated.api.get("/agents").json();
  for (const Json& agent : agents) EXPECT_NE(agent.dump().find("x_new_"), std::string::npos);
}

TEST(AdditiveChanges, BringAnUnknownRoleAndAnUnknownProgressTypeBeforeTheAnswer) {
  Mutated mutated;
  const Json messages = Json::parse(mutated.timeline()).at("messages");
  ASSERT_EQ(messages.size(), 5U);  // prompt, step, two that are new, answer
  EXPECT_EQ(messages[0].at("role"), "user");
  EXPECT_EQ(messages[2].at("role"), "progress");
  EXPECT_EQ(messages[2].at("progress_type"), "telemetry");
  EXPECT_EQ(messages[3].at("role"), "reviewer");
  EXPECT_EQ(messages[4].at("role"), "assistant");
  std::set<std::string> ids;
  for (const Json& message : messages) ids.insert(message.at("id"));
  EXPECT_EQ(ids.size(), messages.size());
}

TEST(AdditiveChanges, CanBeReadAlone) {
  Mutated mutated;
  const Json messages = Json::parse(mutated.timeline()).at("messages");
  ASSERT_EQ(messages.size(), 5U);
  for (const Json& message : messages) {
    EXPECT_TRUE(holds(mutated.api.message(message.at("id")), message)) << message;
  }
  EXPECT_EQ(mutated.api.get("/messages/cmsg_01KRK1V46BXS73CSNK2VR35NPJ").status, 404);
}

TEST(AdditiveChanges, AreAFunctionOfTheSeed) {
  EXPECT_EQ(Mutated(1).timeline(), Mutated(1).timeline());
  EXPECT_NE(keys_in_order(Mutated(1).api.get("/agents/bot").text),
            keys_in_order(Mutated(2).api.get("/agents/bot").text));
}

TEST(AdditiveChanges, SpareTheControlApi) {
  Mutated mutated;
  EXPECT_EQ(mutated.api.control("POST", "/reset").text, R"({"status":"ok"})");
}

}  // namespace
}  // namespace nairi::mock::testing
