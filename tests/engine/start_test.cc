// REFERENCE: POST /conversations/start.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/worlds.h"

namespace nairi::mock::testing {
namespace {

using ::testing::HasSubstr;

TEST(StartingAConversation, AnswersTheNewJobAndTheUserMessageToPoll) {
  Play play(plain_world());
  const Answer answer =
      play.api.post("/conversations/start", {{"agent_id", "bot"}, {"prompt", "hello"}});
  EXPECT_EQ(answer.status, 200);
  const Json json = answer.json();
  EXPECT_EQ(json.size(), 2U);
  const Json message = play.api.message(json.at("message_id"));
  EXPECT_EQ(message.at("role"), "user");
  EXPECT_EQ(message.at("content"), "hello");
  EXPECT_EQ(message.at("job_id"), json.at("job_id"));
}

TEST(StartingAConversation, NamesTheAgentBySlugOrById) {
  Play play(plain_world());
  const std::string id = play.api.get("/agents/acme%2Fops").json().at("id");
  for (const std::string& agent : {std::string("acme/ops"), id}) {
    EXPECT_EQ(
        play.api.post("/conversations/start", {{"agent_id", agent}, {"prompt", "hello"}}).status,
        200);
  }
  EXPECT_EQ(play.api.conversations("acme/ops").size(), 2U);
}

// What is wrong with a body, the body, and what the error must name.
struct BadBody {
  const char* name;
  const char* body;
  const char* says;
};
void PrintTo(const BadBody& bad, std::ostream* out) {
  *out << bad.body;
}
class BadStart : public ::testing::TestWithParam<BadBody> {};

TEST_P(BadStart, Is400AndSaysWhy) {
  Play play(plain_world());
  const Answer answer = play.api.call("POST", "/conversations/start", GetParam().body);
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.error_and_hint(), HasSubstr(GetParam().says));
  EXPECT_TRUE(play.api.conversations("bot").empty());
}

INSTANTIATE_TEST_SUITE_P(
    StartingAConversation, BadStart,
    ::testing::Values(
        BadBody{"MissingAgent", R"({"prompt": "x"})", "agent_id is required"},
        BadBody{"EmptyAgent", R"({"agent_id": "", "prompt": "x"})", "agent_id must not be empty"},
        BadBody{"AgentOfAnotherType", R"({"agent_id": 7, "prompt": "x"})",
                "agent_id must be a string, got the number 7"},
        BadBody{"MissingPrompt", R"({"agent_id": "bot"})", "prompt is required"},
        BadBody{"EmptyPrompt", R"({"agent_id": "bot", "prompt": ""})", "prompt must not be empty"},
        BadBody{"NullPrompt", R"({"agent_id": "bot", "prompt": null})",
                "prompt must be a string, got null"},
        BadBody{"PromptOfAnotherType", R"({"agent_id": "bot", "prompt": ["x"]})",
                "prompt must be a string, got an array"},
        BadBody{"AskModeOfAnotherType", R"({"agent_id": "bot", "prompt": "x", "ask_mode": "yes"})",
                "ask_mode must be true or false"},
        BadBody{"AttachmentsOfAnotherType",
                R"({"agent_id": "bot", "prompt": "x", "attachment_ids": "att_1"})",
                "attachment_ids must be an array"},
        BadBody{"NullAttachments", R"({"agent_id": "bot", "prompt": "x", "attachment_ids": null})",
                "attachment_ids must be an array"},
        BadBody{"AttachmentIdOfAnotherType",
                R"({"agent_id": "bot", "prompt": "x", "attachment_ids": [5]})",
                "attachment_ids must be an array of att_ ids, got the number 5"},
        BadBody{"MalformedAttachmentId",
                R"({"agent_id": "bot", "prompt": "x", "attachment_ids": ["att_1"]})",
                "invalid attachment id"},
        BadBody{"UnknownAttachmentId",
                R"({"agent_id": "bot", "prompt": "x",
                    "attachment_ids": ["att_01KP3SRTDEBBB61MF4T1X9BMVF"]})",
                "invalid attachment id"},
        BadBody{"MalformedAgentId", R"({"agent_id": "cci_1", "prompt": "x"})", "invalid agent id"},
        BadBody{"Empty", "", "body is empty"}, BadBody{"NotJson", "agent_id=bot", "not JSON"},
        BadBody{"Truncated", R"({"agent_id": "bot", )", "not JSON"},
        BadBody{"CommaAtTheEnd", R"({"agent_id": "bot", "prompt": "x",})", "not JSON"},
        BadBody{"NoComma", R"({"agent_id": "bot" "prompt": "x"})", "not JSON"},
        BadBody{"NoColon", R"({"agent_id": "bot", "prompt" "x"})", "not JSON"},
        BadBody{"NoEndOfAText", R"({"agent_id": "bot", "prompt": "x})", "not JSON"},
        BadBody{"NoEnd", R"({"agent_id": "bot", "prompt": "x")", "not JSON"},
        BadBody{"TextBehindAWord", R"({"agent_id": "bot", "ask_mode": truer, "prompt": "x"})",
                "not JSON"},
        BadBody{"Array", "[]", "must be a JSON object, got an array"},
        BadBody{"String", "\"bot\"", "must be a JSON object, got the text"},
        BadBody{"Null", "null", "must be a JSON object, got null"},
        BadBody{"TwoValues", R"({"agent_id": "bot", "prompt": "x"} {})", "not JSON"},
        BadBody{"InvalidUtf8", "{\"agent_id\": \"bot\", \"prompt\": \"\xC3\x28\"}", "not JSON"},
        BadBody{"LoneSurrogate", R"({"agent_id": "bot", "prompt": "\ud800"})", "not JSON"},
        BadBody{"RawControlCharacter", "{\"agent_id\": \"bot\", \"prompt\": \"a\nb\"}",
                "not JSON"}),
    [](const auto& parameter) { return parameter.param.name; });

TEST(StartingAConversation, TakesAnyFormOfJson) {
  Play play(plain_world());
  for (const char* body :
       {R"({"agent_id":"bot","prompt":"gr\u00fcn"})", R"({"agent_id":"bot","prompt":"grün"})",
        "\t{ \"prompt\" : \"grün\"\r\n, \"ask_mode\":true ,\"agent_id\": \"bot\" } \n",
        R"({"prompt":"blau","agent_id":"bot","prompt":"grün","x":{"y":[1e3,null]}})"}) {
    const Answer started = play.api.call("POST", "/conversations/start", body);
    ASSERT_EQ(started.status, 200) << body;
    EXPECT_EQ(play.api.message(started.json().at("message_id")).at("content"), "grün") << body;
  }
}

TEST(StartingAConversation, RawNulInTheBodyIs400) {
  Play play(plain_world());
  std::string body = R"({"agent_id": "bot", "prompt": "a?b"})";
  body[body.find('?')] = '\0';
  EXPECT_EQ(play.api.call("POST", "/conversations/start", body).status, 400);
}

TEST(StartingAConversation, EscapedNulInThePromptIsKept) {
  Play play(plain_world());
  const Answer answer =
      play.api.call("POST", "/conversations/start", R"({"agent_id": "bot", "prompt": "a\u0000b"})");
  ASSERT_EQ(answer.status, 200);
  const Json message = play.api.message(answer.json().at("message_id"));
  EXPECT_EQ(message.at("content").get<std::string>(), std::string("a\0b", 3));
}

TEST(StartingAConversation, NestingOf100000LevelsIs400) {
  Play play(plain_world());
  const std::string deep(100'000, '[');
  const Answer open = play.api.call("POST", "/conversations/start", deep);
  EXPECT_EQ(open.status, 400);
  EXPECT_THAT(open.hint(), HasSubstr("nests deeper than 100 levels"));
  const std::string closed =
      R"({"agent_id": "bot", "prompt": "x", "extra": )" + deep + std::string(100'000, ']') + "}";
  EXPECT_EQ(play.api.call("POST", "/conversations/start", closed).status, 400);
}

TEST(StartingAConversation, AMegabyteOfDigitsIs400) {
  Play play(plain_world());
  const std::string digits(1'000'000, '9');
  const Answer answer = play.api.call("POST", "/conversations/start",
                                      R"({"agent_id": "bot", "prompt": )" + digits + "}");
  EXPECT_EQ(answer.status, 400);
  EXPECT_LT(answer.text.size(), 500U);
}

TEST(StartingAConversation, UnknownFieldsAreIgnored) {
  Play play(plain_world());
  EXPECT_EQ(play.api
                .post("/conversations/start",
                      {{"agent_id", "bot"}, {"prompt", "x"}, {"later", {{"deep", 1}}}})
                .status,
            200);
}

TEST(StartingAConversation, OfAFieldThatComesTwiceTheLastCounts) {
  Play play(plain_world());
  const Answer answer = play.api.call("POST", "/conversations/start",
                                      R"({"agent_id": "bot", "prompt": "one", "prompt": "two"})");
  EXPECT_EQ(play.api.message(answer.json().at("message_id")).at("content"), "two");
}

TEST(StartingAConversation, UnknownAgentIs404) {
  Play play(plain_world());
  const Answer answer =
      play.api.post("/conversations/start", {{"agent_id", "nobody"}, {"prompt", "x"}});
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.error(), "agent not found");
  EXPECT_THAT(answer.hint(), HasSubstr("\"nobody\""));
}

TEST(StartingAConversation, TakesTenAttachmentsAndNoMore) {
  Play play(plain_world());
  const std::string file = play.api.upload("a.txt", "a").json().at("attachment_id");
  Json body = {{"agent_id", "bot"}, {"prompt", "x"}, {"attachment_ids", Json::array()}};
  for (int i = 0; i < 10; ++i) body["attachment_ids"].push_back(file);
  EXPECT_EQ(play.api.post("/conversations/start", body).status, 200);
  body["attachment_ids"].push_back(file);
  const Answer refused = play.api.post("/conversations/start", body);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.error(), "too many attachments");
  EXPECT_THAT(refused.hint(), HasSubstr("at most 10 ids, got 11"));
}

TEST(StartingAConversation, AForeignAttachmentIs400BeforeAnyMessageIsMade) {
  Fake fake(plain_world());
  Api mine(fake, "nr_mine");
  Api theirs(fake, "nr_theirs");
  const std::string file = theirs.upload("a.txt", "a").json().at("attachment_id");
  const Answer answer = mine.post(
      "/conversations/start", {{"agent_id", "bot"}, {"prompt", "x"}, {"attachment_ids", {file}}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_TRUE(mine.conversations("bot").empty());
}

TEST(StartingAConversation, AttachmentIdsAreEchoedOnTheUserMessage) {
  Play play(plain_world());
  const std::string file = play.api.upload("a.txt", "a").json().at("attachment_id");
  const Started with = play.api.start("bot", "x", {{"attachment_ids", {file}}});
  EXPECT_EQ(play.api.message(with.message).at("attachment_ids"), Json::array({file}));
  const Started without = play.api.start("bot", "x");
  EXPECT_FALSE(play.api.message(without.message).contains("attachment_ids"));
}

}  // namespace
}  // namespace nairi::mock::testing
