// Rows of docs/assumptions.md that no contract case and no other test holds.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nairi/mock/fake.h"
#include "nairi/mock/world_file.h"

namespace {

using nlohmann::json;

struct Answer {
  int status = 0;
  json body;
};

class Assumed : public testing::Test {
 protected:
  Answer call(const std::string& method, const std::string& path, const std::string& body = "",
              const std::string& key = "Bearer nr_test") {
    const nairi::mock::Reply reply = fake_.handle({.method = method,
                                                   .target = "/api/public/v1" + path,
                                                   .headers = {{"Authorization", key}},
                                                   .body = body});
    return {reply.status, reply.body.empty() ? json() : json::parse(reply.body)};
  }
  Answer get(const std::string& path) { return call("GET", path); }
  Answer start(const std::string& body) { return call("POST", "/conversations/start", body); }
  std::string started(const std::string& agent = "bot") {
    return start(R"({"prompt": "Hello", "agent_id": ")" + agent + "\"}").body.at("job_id");
  }
  std::vector<std::string> listed(const std::string& query) {
    std::vector<std::string> ids;
    const Answer answer = get("/agents/bot/conversations" + query);
    for (const json& job : answer.body.at("conversations")) ids.push_back(job.at("id"));
    return ids;
  }

  // The virtual clock stands still: all that happens has the same time.
  nairi::mock::Fake fake_{nairi::mock::parse_world(R"({
      "agents": [{"agent_id": "bot"}],
      "jobs": [{"agent_id": "bot", "origin": "slack"}, {"agent_id": "bot", "origin": "discord"},
               {"agent_id": "bot", "origin": "web"}],
      "turns": [{"timeline": [{"status": "pending", "ms": 1000}, {"status": "completed"}]}]})")
                              .value(),
                          {.clock = nairi::mock::ClockMode::virtual_time}};
};

TEST_F(Assumed, ChecksComeInOrder) {
  EXPECT_EQ(call("GET", "/nothing", "", "none").status, 404);
  EXPECT_EQ(call("PUT", "/agents", "", "none").status, 405);
  EXPECT_EQ(call("POST", "/conversations/job_bad/continue", "{", "none").status, 401);
  EXPECT_EQ(call("GET", "/agents/nobody/conversations?limit=0").status, 404);
  const std::string unknown = "job_01ARZ3NDEKTSV4RRFFQ69G5FAV";
  EXPECT_EQ(call("POST", "/conversations/" + unknown + "/continue", "{").status, 404);
}

TEST_F(Assumed, TheContentTypeOfJsonDoesNotMatter) {
  const nairi::mock::Reply reply =
      fake_.handle({.method = "POST",
                    .target = "/api/public/v1/conversations/start",
                    .headers = {{"Authorization", "Bearer nr_test"}, {"Content-Type", "text/csv"}},
                    .body = R"({"agent_id": "bot", "prompt": "Hello"})"});
  EXPECT_EQ(reply.status, 200);
}

TEST_F(Assumed, AFaultWithoutATextSaysItsStatusInWords) {
  const auto world =
      nairi::mock::parse_world(R"({"faults": [{"at": "agents", "do": {"status": 503}}]})");
  fake_.add_faults("nr_test", world.value().faults);
  EXPECT_EQ(get("/agents").body.at("error"), "service unavailable");
}

TEST_F(Assumed, AnIdOfAnotherKindIsASlugOfNobody) {
  const std::string job = started();
  EXPECT_EQ(get("/agents/" + job).status, 404);
  EXPECT_EQ(start(R"({"prompt": "Hello", "agent_id": ")" + job + "\"}").status, 404);
}

TEST_F(Assumed, APromptOfBlanksIsAPrompt) {
  const Answer begun = start(R"({"agent_id": "bot", "prompt": " \n"})");
  EXPECT_EQ(begun.status, 200);
  EXPECT_EQ(get("/messages/" + begun.body.at("message_id").get<std::string>()).body.at("content"),
            " \n");
}

TEST_F(Assumed, AnUnknownAgentComesBeforeABadAttachment) {
  EXPECT_EQ(start(R"({"agent_id": "nobody", "prompt": "Hello", "attachment_ids": ["bad"]})").status,
            404);
  EXPECT_EQ(start(R"({"agent_id": "bot", "prompt": "Hello", "attachment_ids": ["bad"]})").status,
            400);
}

TEST_F(Assumed, AJobIsUpdatedByEachChange) {
  started();
  const auto updated = [&] {
    return get("/agents/bot/conversations?limit=1&sort=updated_at_desc")
        .body.at("conversations")[0]
        .at("updated_at")
        .get<std::string>();
  };
  const std::string at_first = updated();
  fake_.advance(999);
  EXPECT_EQ(updated(), at_first);
  fake_.advance(1);
  EXPECT_GT(updated(), at_first);
}

TEST_F(Assumed, JobsOfEveryOriginAreListed) {
  EXPECT_EQ(listed("").size(), 3U);
}

TEST_F(Assumed, JobsOfTheSameTimeKeepTheirOrder) {
  const std::string first = started();
  const std::string second = started();
  const auto ascending = listed("?sort=created_at_asc");
  const auto descending = listed("?sort=created_at_desc");
  ASSERT_EQ(ascending.size(), 5U);
  EXPECT_EQ(ascending[3], first);
  EXPECT_EQ(ascending[4], second);
  EXPECT_EQ(descending, std::vector(ascending.rbegin(), ascending.rend()));
}

TEST_F(Assumed, ACursorDecidesWhatIsWalked) {
  const auto all = listed("?sort=created_at_asc");
  EXPECT_EQ(get("/agents/bot/conversations?sort=created_at_asc&limit=1").body.at("next_cursor"),
            "walk+1/1=");
  EXPECT_EQ(listed("?sort=created_at_desc&status=error&cursor=walk%2B1%2F1%3D"),
            std::vector(all.begin() + 1, all.end()));
}

TEST_F(Assumed, ASlugIsNeverLikeARoute) {
  const auto slug = [&](const std::string& name) {
    return call("POST", "/agents", R"({"name": ")" + name + "\"}").body.at("agent_id");
  };
  EXPECT_EQ(slug("Sales/Conversations"), "sales/conversations-agent");
  EXPECT_EQ(slug("Sales/Deploy"), "sales/deploy-agent");
}

TEST_F(Assumed, ConversationsOutliveTheirAgent) {
  const std::string job = started();
  EXPECT_EQ(call("DELETE", "/agents/bot").status, 204);
  EXPECT_EQ(get("/conversations/" + job + "/messages").status, 200);
}

TEST_F(Assumed, JsonNestsAHundredLevels) {
  const auto nested = [](std::size_t levels) {  // the object itself is the first
    return R"({"agent_id": "bot", "prompt": "Hello", "x": )" + std::string(levels - 1, '[') +
           std::string(levels - 1, ']') + "}";
  };
  EXPECT_EQ(start(nested(100)).status, 200);
  EXPECT_EQ(start(nested(101)).status, 400);
}

}  // namespace
