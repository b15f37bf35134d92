#include <gtest/gtest.h>

#include "scripted_transport.h"

namespace nairi::tests {
namespace {

class Timeline : public ::testing::Test, protected Scripted {
 protected:
  std::vector<Message> read(const std::vector<std::string>& messages) {
    server->reply(200, timeline_json(messages));
    return client.messages("job_1").value();
  }
  static std::vector<std::string> ids(const std::vector<Message>& messages) {
    std::vector<std::string> found;
    for (const Message& message : messages) found.push_back(message.id);
    return found;
  }
  using Ids = std::vector<std::string>;
};

TEST_F(Timeline, VisibleLeavesOutProgressAndKeepsTheOrder) {
  const auto messages = read(
      {message_json("a", "user", "completed"), message_json("b", "progress", "completed"),
       message_json("c", "assistant", "completed"), message_json("d", "narrator", "completed")});
  EXPECT_EQ(ids(visible(messages)), (Ids{"a", "c", "d"}));
}

TEST_F(Timeline, AnswerOfAnEarlierTurnIsNotTheAnswerOfThisOne) {
  const auto messages = read({message_json("u1", "user", "completed", "", 1, 3),
                              message_json("a1", "assistant", "completed", "", 3),
                              message_json("u2", "user", "completed", "", 4, 6),
                              message_json("a2", "assistant", "completed", "", 6)});
  EXPECT_EQ(ids(messages_of_turn(messages, "u1")), Ids{"a1"});
  EXPECT_EQ(ids(messages_of_turn(messages, "u2")), Ids{"a2"});
}

TEST_F(Timeline, EmptyTurnAfterAnAnsweredOneHasNoAnswer) {
  const auto messages = read({message_json("u1", "user", "completed", "", 1, 3),
                              message_json("a1", "assistant", "completed", "", 3),
                              message_json("u2", "user", "completed", "", 4, 6)});
  EXPECT_TRUE(messages_of_turn(messages, "u2").empty());
}

TEST_F(Timeline, PromptThatQueuesBehindARunningTurnDoesNotTakeItsAnswer) {
  const auto messages = read({message_json("u1", "user", "completed", "", 1, 4),
                              message_json("u2", "user", "pending", "", 2),
                              message_json("a1", "assistant", "completed", "", 4)});
  EXPECT_EQ(ids(messages_of_turn(messages, "u1")), Ids{"a1"});
  EXPECT_TRUE(messages_of_turn(messages, "u2").empty());
}

TEST_F(Timeline, AnswersOfQueuedPromptsAreToldApartByTime) {
  const auto messages = read({message_json("u1", "user", "completed", "", 1, 4),
                              message_json("u2", "user", "completed", "", 2, 8),
                              message_json("a1", "assistant", "completed", "", 4),
                              message_json("a2", "assistant", "completed", "", 8)});
  EXPECT_EQ(ids(messages_of_turn(messages, "u1")), Ids{"a1"});
  EXPECT_EQ(ids(messages_of_turn(messages, "u2")), Ids{"a2"});
}

TEST_F(Timeline, AnswerBehindAnEmptyTurnOfTheSameTimeIsNotItsAnswer) {
  const auto messages = read({message_json("u1", "user", "completed", "", 1, 1),
                              message_json("u2", "user", "completed", "", 1, 1),
                              message_json("a2", "assistant", "completed", "", 1)});
  EXPECT_TRUE(messages_of_turn(messages, "u1").empty());
  EXPECT_EQ(ids(messages_of_turn(messages, "u2")), Ids{"a2"});
}

TEST_F(Timeline, ProgressOfQueuedPromptsIsToldApartByItsEnvelope) {
  const std::string envelope =
      R"({\"progress_type\":\"step\",\"processed_message_id\":\"u2\",\"summary\":\"x\"})";
  const auto messages = read({message_json("u1", "user", "completed", "", 1, 9),
                              message_json("u2", "user", "pending", "", 2),
                              message_json("p", "progress", "completed", envelope, 3)});
  EXPECT_EQ(ids(messages_of_turn(messages, "u2")), Ids{"p"});
}

TEST_F(Timeline, UnknownMessageHasNoTurn) {
  EXPECT_TRUE(messages_of_turn(read({message_json("u1", "user", "pending")}), "u9").empty());
}

TEST_F(Timeline, ProgressEnvelopeIsRead) {
  const std::string envelope =
      R"({\"progress_type\":\"tool_use\",\"tool_name\":\"Bash\",\"tool_status\":\"running\",\"new\":1})";
  const auto progress =
      read_progress(read({message_json("p", "progress", "completed", envelope)}).front());
  ASSERT_TRUE(progress);
  EXPECT_EQ(progress->tool_name, "Bash");
  EXPECT_EQ(progress->summary, std::nullopt);
  EXPECT_NE(progress->raw_json.find("\"new\":1"), std::string::npos);
}

TEST_F(Timeline, BrokenProgressEnvelopeIsMalformed) {
  const auto messages = read({message_json("p", "progress", "completed", "Running"),
                              message_json("a", "assistant", "completed", "{}")});
  EXPECT_EQ(read_progress(messages[0]).error().code, ErrorCode::malformed_reply);
  EXPECT_EQ(read_progress(messages[1]).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace nairi::tests
