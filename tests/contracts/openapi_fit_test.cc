// All that the fake answers, and all that is asked of it here, fits contracts/openapi.json.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "harness/cases/values.h"
#include "harness/openapi/openapi.h"
#include "support/api.h"

namespace nairi::contracts {
namespace {

using mock::testing::Json;

// Joined, for a message.
std::string told(const Violations& violations) {
  std::string text;
  for (const Violation& violation : violations) {
    text += violation.pointer + ": wanted " + violation.wanted + ", got " + violation.got + "\n";
  }
  return text;
}

// A caller whose every exchange is checked on both sides.
class OpenApiFit : public ::testing::Test {
 protected:
  // `expected` is the status; a request that must be refused need not fit.
  Json call(int expected, std::string method, const std::string& path, std::string body = {},
            std::string type = "application/json") {
    const ApiOperation* operation = api_.find(method, path.substr(0, path.find('?')));
    EXPECT_NE(operation, nullptr) << method << ' ' << path;
    if (operation == nullptr) return {};
    if (expected < 300) {
      EXPECT_EQ(told(api_.check_request(*operation, path, type, body)), "") << path;
    }
    const mock::Reply reply = fake_.handle(
        {.method = std::move(method),
         .target = "/api/public/v1" + path,
         .headers = {{"Authorization", "Bearer " + key_}, {"Content-Type", std::move(type)}},
         .body = std::move(body)});
    EXPECT_EQ(reply.status, expected) << path << '\n' << reply.body;
    EXPECT_EQ(told(api_.check_reply(*operation, reply.status,
                                    reply.body.empty() ? "" : reply.content_type, reply.body)),
              "")
        << path << '\n'
        << reply.body;
    return reply.body.empty() ? Json() : Json::parse(reply.body);
  }
  Json get(const std::string& path) { return call(200, "GET", path); }
  Json post(int expected, const std::string& path, const Json& body) {
    return call(expected, "POST", path, body.dump());
  }

  // Reads until the turn is over, and then its whole timeline, which it gives back.
  Json play(const Json& turn) {
    constexpr int kMostPolls = 100;
    const std::string message = turn.at("message_id");
    for (int poll = 0; poll < kMostPolls; ++poll) {
      const std::string status = get("/messages/" + message).at("status");
      if (status == "completed" || status == "failed") break;
    }
    return get("/conversations/" + turn.at("job_id").get<std::string>() + "/messages")
        .at("messages");
  }
  Json start(const std::string& prompt, const std::string& agent = "my-agent") {
    return post(200, "/conversations/start", {{"agent_id", agent}, {"prompt", prompt}});
  }
  Json upload(int expected, const std::string& part) {
    return call(expected, "POST", "/attachments",
                "--XX\r\nContent-Disposition: form-data; name=\"" + part +
                    "\"; filename=\"a.txt\"\r\n\r\nhello\r\n--XX--\r\n",
                "multipart/form-data; boundary=XX");
  }

  const OpenApi& api_ = OpenApi::built_in();
  mock::Fake fake_{mock::default_world()};
  std::string key_ = "nr_test";
};

TEST_F(OpenApiFit, HoldsForAConversationWithProgressOfEveryType) {
  const Json turn = start("hello");
  std::set<std::string> types;
  for (const Json& message : play(turn)) {
    if (message.contains("progress_type")) types.insert(message.at("progress_type"));
  }
  EXPECT_THAT(types, ::testing::ElementsAre("step", "subagent", "text", "thinking",
                                            "tool_heartbeat", "tool_use"));
  play(post(200, "/conversations/" + turn.at("job_id").get<std::string>() + "/continue",
            {{"prompt", "order 7"}}));
}

TEST_F(OpenApiFit, HoldsForUsageAndFilesOfTheAgent) {
  const Json messages = play(start("Refund cus_123", "billing-agent"));
  EXPECT_TRUE(messages.back().contains("cost_usd"));
  const std::string file = messages.back().at("attachment_ids").at(0);
  EXPECT_EQ(get("/attachments/" + file).at("filename"), "receipt.pdf");
}

TEST_F(OpenApiFit, HoldsForTurnsThatFailSayNothingOrEndTheJob) {
  for (const char* prompt : {"Please fail", "Say nothing", "Open a pull request", "slow"}) {
    play(start(prompt));
  }
  play(post(200, "/conversations/start",
            {{"agent_id", "acme/ops"}, {"prompt", "why"}, {"ask_mode", true}}));
}

TEST_F(OpenApiFit, HoldsForJobsOfEveryOrigin) {
  const Json states = Json::parse(fake_.states());
  for (const char* name : {"slack_job", "discord_job", "web_job", "legacy_job", "error_job"}) {
    get("/conversations/" + states.at(name).get<std::string>() + "/messages");
  }
  for (const char* name : {"slack_job", "discord_job", "web_job", "completed_job"}) {
    post(400, "/conversations/" + states.at(name).get<std::string>() + "/continue",
         {{"prompt", "go"}});
  }
}

TEST_F(OpenApiFit, HoldsForAttachmentsBothWays) {
  const std::string id = upload(201, "file").at("attachment_id");
  EXPECT_EQ(get("/attachments/" + id).at("data"), "aGVsbG8=");
  play(post(200, "/conversations/start",
            {{"agent_id", "my-agent"}, {"prompt", "read it"}, {"attachment_ids", {id}}}));
}

TEST_F(OpenApiFit, HoldsForEachWayToListConversations) {
  start("one");
  for (const char* query :
       {"", "?status=active,error&limit=1", "?updated_after=2026-04-12T18:45:12.000Z",
        "?updated_after=2026-04-12T18:45:12%2B02:00&sort=updated_at_asc", "?limit=100&offset=3",
        "?unknown=1"}) {
    get("/agents/my-agent/conversations" + std::string(query));
  }
  const std::string cursor = get("/agents/my-agent/conversations?limit=2").at("next_cursor");
  get("/agents/my-agent/conversations?limit=2&cursor=" + percent_encode(cursor));
  get("/agents/acme%2Fops/conversations");
  get("/agents/acme/ops/conversations");
}

TEST_F(OpenApiFit, HoldsForTheLifeOfAnAgent) {
  const Json agent =
      post(201, "/agents", {{"name", "Ops"}, {"instances_count", 2}, {"description", "d"}});
  const std::string path = "/agents/" + agent.at("id").get<std::string>();
  get("/agents");
  get(path);
  call(202, "POST", path + "/deploy");
  post(202, path + "/deploy", {{"update_config_only", true}});
  call(200, "PATCH", path, R"({"name": "Operations", "system_prompt": null})");
  call(204, "DELETE", path);
  call(404, "GET", path);
}

TEST_F(OpenApiFit, HoldsForEveryError) {
  const std::string unknown = "01KPQWTVDY7JDAGDYQBYNK6BQ9";
  post(400, "/conversations/start", {{"agent_id", "my-agent"}});
  post(404, "/conversations/start", {{"agent_id", "nobody"}, {"prompt", "go"}});
  call(400, "GET", "/messages/cmsg_1");
  call(404, "GET", "/messages/cmsg_" + unknown);
  call(404, "GET", "/conversations/job_" + unknown + "/messages");
  post(404, "/conversations/job_" + unknown + "/continue", {{"prompt", "go"}});
  call(400, "GET", "/agents/my-agent/conversations?limit=0");
  call(404, "GET", "/agents/nobody/conversations");
  post(400, "/agents", {{"name", "Ops"}, {"instances_count", 0}});
  call(404, "DELETE", "/agents/nobody");
  upload(400, "other");
  call(400, "GET", "/attachments/att_1");
  call(404, "GET", "/attachments/att_" + unknown);
}

TEST_F(OpenApiFit, HoldsForARevokedKeyOnEveryOperation) {
  key_ = "nr_revoked";
  for (const ApiOperation& operation : api_.operations()) {
    call(401, operation.method, operation.path);
  }
}

}  // namespace
}  // namespace nairi::contracts
