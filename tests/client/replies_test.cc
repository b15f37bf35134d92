// How answers are read: errors kept apart, unknown things passed through, wrong shapes named.
#include <gtest/gtest.h>

#include "scripted_transport.h"

namespace nairi::tests {
namespace {

class Replies : public ::testing::Test, protected Scripted {
 protected:
  Result<Message> message(const std::string& body) {
    server->reply(200, body);
    return client.message("cmsg_1");
  }
  Error wrong(const std::string& body) { return message(body).error(); }
};

TEST_F(Replies, ApiErrorKeepsStatusAndTextVerbatim) {
  server->reply(400, R"({"error":"job is not an API job","hint":1})");
  const Error error = client.continue_conversation("job_1", "hi").error();
  EXPECT_EQ(error.code, ErrorCode::api);
  EXPECT_EQ(error.status, 400);
  EXPECT_EQ(error.server_text, "job is not an API job");
  EXPECT_EQ(error.message,
            "POST /conversations/job_1/continue: the server answered 400: job is not an API job");
}

TEST_F(Replies, ApiErrorWithoutAnErrorTextKeepsItsStatus) {
  for (const char* body : {"", "<html>", R"({"error":5})", "[]"}) {
    server->reply(500, body);
    const Error error = client.agents().error();
    EXPECT_EQ(error.status, 500);
    EXPECT_EQ(error.server_text, "");
  }
}

TEST_F(Replies, TransportErrorHasNoStatus) {
  server->fail(ErrorCode::tls);
  const Error error = client.agents().error();
  EXPECT_EQ(error.code, ErrorCode::tls);
  EXPECT_EQ(error.status, 0);
  EXPECT_EQ(error.message, "GET /agents: scripted");
}

TEST_F(Replies, RedirectIsAnErrorThatNamesItsTarget) {
  server->reply(302, "", {{"Location", "https://evil.example/"}});
  const Error error = client.agents().error();
  EXPECT_EQ(error.code, ErrorCode::redirected);
  EXPECT_NE(error.message.find("https://evil.example/"), std::string::npos);
  EXPECT_EQ(server->requests.size(), 1U);
}

TEST_F(Replies, AnyStatusOf2xxIsGood) {
  server->reply(201, R"({"job_id":"job_1","message_id":"cmsg_1"})");
  const auto turn = client.start("my-agent", "hi");
  ASSERT_TRUE(turn);
  EXPECT_EQ(turn->job_id, "job_1");
  EXPECT_EQ(turn->message_id, "cmsg_1");
}

TEST_F(Replies, MessageIsReadWhole) {
  const auto read = message(
      R"({"id":"cmsg_1","job_id":"j_1","content":"ok","role":"assistant","status":"completed",)"
      R"("created_at":"2026-04-12T18:45:12.000Z","updated_at":"2026-04-12T18:45:13.000Z",)"
      R"("attachment_ids":["att_1"],"cost_usd":0.0123,"input_tokens":900,"output_tokens":41,)"
      R"("cache_read_tokens":1,"cache_write_tokens":2,"model":"m"})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->job_id, "j_1");
  EXPECT_EQ(read->updated_at, "2026-04-12T18:45:13.000Z");
  EXPECT_EQ(read->attachment_ids, std::vector<std::string>{"att_1"});
  ASSERT_TRUE(read->usage);
  EXPECT_DOUBLE_EQ(read->usage->cost_usd, 0.0123);
  EXPECT_EQ(read->usage->cache_write_tokens, 2);
  EXPECT_EQ(read->usage->model, "m");
}

TEST_F(Replies, UnknownFieldsRolesStatusesAndProgressTypesPassThrough) {
  const auto read =
      message(R"({"id":"x","job_id":"y","role":"oracle","status":"dreaming","progress_type":"hum",)"
              R"("mood":{"deep":[1]}})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->role, "oracle");
  EXPECT_EQ(read->status, "dreaming");
  EXPECT_EQ(read->progress_type, "hum");
  EXPECT_NE(read->raw_json.find(R"("mood":{"deep":[1]})"), std::string::npos);
}

TEST_F(Replies, NullCountsAsLeftOut) {
  const auto read =
      message(R"({"id":"x","job_id":"y","role":"user","status":"queued","content":null,)"
              R"("attachment_ids":null,"cost_usd":null,"tool_name":null})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->attachment_ids.empty());
  EXPECT_FALSE(read->usage);
  EXPECT_FALSE(read->tool_name);
}

TEST_F(Replies, MissingRequiredFieldIsNamed) {
  const Error error = wrong(R"({"id":"x","job_id":"y","role":"user"})");
  EXPECT_EQ(error.code, ErrorCode::malformed_reply);
  EXPECT_EQ(error.pointer, "/status");
  EXPECT_EQ(
      error.message,
      "GET /messages/cmsg_1: malformed reply at \"/status\": expected a non-empty string, came "
      "nothing");
}

TEST_F(Replies, WrongTypeIsNamedWithItsPlaceInTheList) {
  server->reply(200, R"({"messages":[)" + message_json("a", "user", "queued") +
                         R"(,{"id":7,"job_id":"y","role":"user","status":"queued"}]})");
  EXPECT_EQ(client.messages("job_1").error().pointer, "/messages/1/id");
  EXPECT_EQ(wrong(R"({"id":"x","job_id":"y","role":"u","status":"q","content":5})").pointer,
            "/content");
  EXPECT_EQ(
      wrong(R"({"id":"x","job_id":"y","role":"u","status":"q","attachment_ids":[5]})").pointer,
      "/attachment_ids");
  EXPECT_EQ(wrong("[]").pointer, "");
}

TEST_F(Replies, WhatIsNotWholeJsonIsMalformed) {
  for (const char* body :
       {"", "<html>", R"({"id":"x","job_)", "{} {}", "\xff", R"({"id":"\xff"})"}) {
    EXPECT_EQ(wrong(body).code, ErrorCode::malformed_reply) << body;
  }
}

TEST_F(Replies, BottomlessNestingIsMalformedAndNoCrash) {
  EXPECT_EQ(wrong(std::string(1'000'000, '[')).code, ErrorCode::malformed_reply);
}

TEST_F(Replies, NothingStandsBehindTheirEnd) {
  const std::string whole = R"({"id":"x","job_id":"y","role":"u","status":"q","content":""})";
  ASSERT_TRUE(message(whole));
  EXPECT_EQ(wrong(whole + std::string("\0{", 2)).code, ErrorCode::malformed_reply);
}

TEST_F(Replies, BracketsInTextAreNoNesting) {
  EXPECT_TRUE(message(R"({"id":"x","job_id":"y","role":"u","status":"q","content":"\")" +
                      std::string(1000, '[') + R"("})"));
}

TEST_F(Replies, AgentsMayHaveNullOrNoDescription) {
  server->reply(200, R"([{"id":"cci_1","agent_id":"acme/ops","name":"Ops","instances_count":2,)"
                     R"("description":null,"is_self_hosted":true},{"id":"cci_2","agent_id":"b"}])");
  const auto agents = client.agents();
  ASSERT_TRUE(agents);
  EXPECT_EQ(agents->at(0).agent_id, "acme/ops");
  EXPECT_EQ(agents->at(0).instances_count, 2);
  EXPECT_TRUE(agents->at(0).is_self_hosted);
  EXPECT_FALSE(agents->at(1).description);
}

TEST_F(Replies, AgentsMustBeAnArray) {
  server->reply(200, R"({"agents":[]})");
  EXPECT_EQ(client.agents().error().code, ErrorCode::malformed_reply);
}

}  // namespace
}  // namespace nairi::tests
