// What is sent for each call.
#include <gtest/gtest.h>

#include "scripted_transport.h"

namespace nairi::tests {
namespace {

class Requests : public ::testing::Test, protected Scripted {
 protected:
  const HttpRequest& sent() const { return server->requests.back(); }
  std::string header(const std::string& name) const {
    for (const HttpHeader& one : sent().headers) {
      if (one.name == name) return one.value;
    }
    return "none";
  }
};

TEST_F(Requests, KeyIsInTheHeaderAndNowhereElse) {
  (void)client.agents();
  EXPECT_EQ(header("Authorization"), "Bearer nr_test");
  EXPECT_EQ(header("User-Agent").substr(0, 10), "nairi-cpp/");
  EXPECT_EQ(sent().target.find("nr_test"), std::string::npos);
}

TEST_F(Requests, StartSendsOnlyWhatIsSet) {
  (void)client.start("billing-agent", "Say \"hi\"");
  EXPECT_EQ(sent().method + " " + sent().target, "POST /conversations/start");
  EXPECT_EQ(sent().body, R"({"agent_id":"billing-agent","prompt":"Say \"hi\""})");
  EXPECT_EQ(header("Content-Type"), "application/json");
  (void)client.start("a", "b", {.ask_mode = true, .attachment_ids = {"att_1"}});
  EXPECT_EQ(sent().body,
            R"({"agent_id":"a","prompt":"b","ask_mode":true,"attachment_ids":["att_1"]})");
}

TEST_F(Requests, ContinueNamesTheJobInThePath) {
  (void)client.continue_conversation("job_1", "And?", {.attachment_ids = {"att_1"}});
  EXPECT_EQ(sent().target, "/conversations/job_1/continue");
  EXPECT_EQ(sent().body, R"({"prompt":"And?","attachment_ids":["att_1"]})");
}

TEST_F(Requests, PathSegmentsArePercentEncoded) {
  (void)client.agent("acme/ops");
  EXPECT_EQ(sent().target, "/agents/acme%2Fops");
  (void)client.message("a b?c#d%é..~");
  EXPECT_EQ(sent().target, "/messages/a%20b%3Fc%23d%25%C3%A9..~");
  (void)client.deploy_agent("acme/ops", {.update_config_only = true});
  EXPECT_EQ(sent().target, "/agents/acme%2Fops/deploy");
  EXPECT_EQ(sent().body, R"({"update_config_only":true})");
}

TEST_F(Requests, IdThatWouldNameAnotherPathIsRefused) {
  for (const char* id : {"", ".", ".."}) {
    EXPECT_EQ(client.message(id).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(client.delete_agent(id).error().code, ErrorCode::invalid_argument);
  }
  EXPECT_TRUE(server->requests.empty());
}

TEST_F(Requests, UnusableKeyIsRefusedUnsent) {
  for (const char* key : {"", "nr_a\n", "nr_a\r\nX: y", "nr a", "nr_\xc3\xa9"}) {
    const Client other(server, {.api_key = key});
    const Error error = other.agents().error();
    EXPECT_EQ(error.code, ErrorCode::invalid_argument);
  }
  EXPECT_TRUE(server->requests.empty());
}

TEST_F(Requests, TextThatIsNotUtf8IsRefusedUnsent) {
  EXPECT_EQ(client.start("a", "\xff").error().code, ErrorCode::invalid_argument);
  EXPECT_TRUE(server->requests.empty());
}

TEST_F(Requests, AgentsAreCreatedChangedDeployedAndDeleted) {
  const std::string agent = R"({"id":"cci_1","agent_id":"ops","name":"Ops"})";
  server->reply(201, agent).reply(200, agent).reply(202, R"({"status":"queued"})").reply(204, "");
  EXPECT_EQ(client.create_agent({.name = "Ops"})->agent_id, "ops");
  EXPECT_EQ(sent().body, R"({"name":"Ops","instances_count":1})");
  EXPECT_TRUE(client.update_agent("ops", {.instances_count = 3, .description = "d"}));
  EXPECT_EQ(sent().method, "PATCH");
  EXPECT_EQ(sent().body, R"({"instances_count":3,"description":"d"})");
  EXPECT_EQ(client.deploy_agent("ops"), "queued");
  EXPECT_TRUE(client.delete_agent("ops"));
  EXPECT_EQ(sent().method + " " + sent().target, "DELETE /agents/ops");
}

}  // namespace
}  // namespace nairi::tests
