// The documented conversation and what surrounds it, through the client: in process, over HTTP and
// over HTTPS.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "reached.h"

namespace nairi::tests {
namespace {

class Conversation : public ::testing::TestWithParam<Way> {
 protected:
  Reached reached{GetParam()};
  Client client = reached.client();
};

TEST_P(Conversation, OfTheQuickstartIsHeldToItsEnd) {
  const auto turn = client.start(kBilling, "Refund the failed charge");
  ASSERT_TRUE(turn) << error_of(turn);
  std::vector<std::string> statuses;
  const auto done = client.wait(
      *turn, {.on_poll = [&](const Message& user) { statuses.push_back(user.status); }});
  ASSERT_TRUE(done) << error_of(done);
  EXPECT_EQ(statuses, (std::vector<std::string>{"queued", "pending", "pending", "completed"}));
  EXPECT_EQ(done->text(), "Refunded cus_123 as asked: \"Refund the failed charge\"");
  ASSERT_EQ(done->replies.size(), 1U);
  ASSERT_TRUE(done->replies[0].usage);
  EXPECT_EQ(done->replies[0].usage->output_tokens, 41);

  const auto timeline = client.messages(turn->job_id);
  ASSERT_TRUE(timeline) << error_of(timeline);
  EXPECT_EQ(timeline->size(), 5U);
  ASSERT_EQ(visible(*timeline).size(), 2U);
  EXPECT_EQ(visible(*timeline)[0].id, turn->message_id);
}

TEST_P(Conversation, FollowUpHasTheContextOfEarlierTurns) {
  const auto first = client.start(kBilling, "Refund the failed charge");
  finish(client, first);
  const auto second = client.continue_conversation(first->job_id, "And mail the receipt");
  EXPECT_EQ(finish(client, second).text(),
            "After \"Refund the failed charge\" I said: Refunded cus_123 as asked: "
            "\"Refund the failed charge\"");
  EXPECT_EQ(second->job_id, first->job_id);
}

TEST_P(Conversation, FromSlackIsRefusedWithTheExactText) {
  const auto refused = client.continue_conversation(kSlackJob, "Hello");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::api);
  EXPECT_EQ(refused.error().status, 400);
  EXPECT_EQ(refused.error().server_text, "job is not an API job");
}

TEST_P(Conversation, FailedTurnTellsWhy) {
  const auto outcome = finish(client, client.start("my-agent", "Please fail"));
  EXPECT_FALSE(outcome.completed());
  EXPECT_EQ(outcome.failure, "nairid encountered error: card declined");
  EXPECT_TRUE(outcome.replies.empty());
}

TEST_P(Conversation, FailedOneGoesOnWithTheNextPrompt) {
  const auto failed = client.start("my-agent", "Please fail");
  finish(client, failed);
  const auto retried = client.continue_conversation(failed->job_id, "Again");
  EXPECT_EQ(finish(client, retried).text(), "my-agent heard: Again");
}

TEST_P(Conversation, AskModeRunsNoTools) {
  const auto turn = client.start("my-agent", "Which tools?", {.ask_mode = true});
  EXPECT_EQ(finish(client, turn).text(), "Without running a tool: you asked \"Which tools?\"");
  const auto timeline = client.messages(turn->job_id);
  ASSERT_TRUE(timeline);
  std::set<std::string> types;
  for (const Message& message : *timeline) types.insert(message.progress_type.value_or(""));
  EXPECT_EQ(types, (std::set<std::string>{"", "text", "thinking"}));
}

TEST_P(Conversation, CarriesFilesBothWays) {
  const std::string bytes("PK\0\r\n--\xff\xfe", 9);
  const auto sent = client.upload("Überweisung \"März\".zip", bytes);
  ASSERT_TRUE(sent) << error_of(sent);
  const auto turn = client.start(kBilling, "Refund this", {.attachment_ids = {*sent}});
  const Outcome outcome = finish(client, turn);
  EXPECT_EQ(outcome.message.attachment_ids, std::vector<std::string>{*sent});
  const auto back = client.attachment(*sent);
  ASSERT_TRUE(back) << error_of(back);
  EXPECT_EQ(back->filename, "Überweisung \"März\".zip");
  EXPECT_EQ(back->data, bytes);

  ASSERT_EQ(outcome.replies.at(0).attachment_ids.size(), 1U);
  const auto receipt = client.attachment(outcome.replies[0].attachment_ids[0]);
  ASSERT_TRUE(receipt) << error_of(receipt);
  EXPECT_EQ(receipt->filename, "receipt.pdf");
  EXPECT_EQ(receipt->data, read_source("fixtures/attachments/receipt.pdf"));
}

TEST_P(Conversation, WalksVisitEachOnceAlthoughTheyChange) {
  std::vector<std::string> started;
  for (int i = 0; i < 12; ++i) {
    started.push_back(client.start("acme/ops", "Prompt " + std::to_string(i))->job_id);
  }
  std::vector<std::string> visited;
  const auto walked = client.walk_conversations("acme/ops", {.sort = "updated_at_asc", .limit = 5},
                                                [&](const nairi::Conversation& conversation) {
                                                  visited.push_back(conversation.id);
                                                  client.messages(started.back());
                                                  return true;
                                                });
  ASSERT_TRUE(walked) << error_of(walked);
  EXPECT_EQ(visited.size(), started.size());
  EXPECT_EQ(std::set<std::string>(visited.begin(), visited.end()).size(), started.size());
}

TEST_P(Conversation, ChangesAfterAWatermarkAreFound) {
  const auto turn = client.start("acme/ops", "One");
  finish(client, turn);
  finish(client, client.start("acme/ops", "Two"));
  const auto all = client.changed_conversations("acme/ops");
  ASSERT_TRUE(all) << error_of(all);
  EXPECT_EQ(all->conversations.size(), 2U);
  finish(client, client.continue_conversation(turn->job_id, "Three"));
  const auto changed = client.changed_conversations("acme/ops", all->watermark);
  ASSERT_TRUE(changed) << error_of(changed);
  ASSERT_EQ(changed->conversations.size(), 1U);
  EXPECT_EQ(changed->conversations[0].id, turn->job_id);
}

TEST_P(Conversation, AgentsAreMadeChangedDeployedAndDeleted) {
  const auto made = client.create_agent({.name = "Night Watch", .instances_count = 2});
  ASSERT_TRUE(made) << error_of(made);
  EXPECT_TRUE(made->id.starts_with("cci_"));
  const auto changed = client.update_agent(made->agent_id, {.description = "Sleeps by day"});
  ASSERT_TRUE(changed) << error_of(changed);
  EXPECT_EQ(changed->description, "Sleeps by day");
  EXPECT_EQ(client.agent(made->id)->instances_count, 2);
  const auto deployed = client.deploy_agent(made->agent_id);
  ASSERT_TRUE(deployed) << error_of(deployed);
  EXPECT_TRUE(finish(client, client.start(made->agent_id, "Hello")).completed());
  const auto deleted = client.delete_agent(made->agent_id);
  ASSERT_TRUE(deleted) << error_of(deleted);
  EXPECT_EQ(client.agent(made->agent_id).error().status, 404);
}

TEST_P(Conversation, SlugsWithASlashAreReached) {
  const auto agent = client.agent("acme/ops");
  ASSERT_TRUE(agent) << error_of(agent);
  EXPECT_EQ(agent->agent_id, "acme/ops");
  EXPECT_EQ(client.agents()->size(), 4U);
}

TEST_P(Conversation, KeysNeverMeet) {
  const auto turn = client.start("my-agent", "Mine");
  const Client other = reached.client("nr_other");
  EXPECT_EQ(other.message(turn->message_id).error().status, 404);
  EXPECT_EQ(reached.client("nr_revoked").agents().error().status, 401);
}

// Once, not every way: parsing that much JSON takes seconds without optimization.
TEST(Attachment, OfFiftyMegabytesGoesBothWays) {
  Reached reached(Way::http);
  const Client client = reached.client();
  std::string bytes(std::size_t{50} << 20, 'x');
  bytes.front() = bytes.back() = '\0';
  const auto sent = client.upload("large.bin", bytes);
  ASSERT_TRUE(sent) << error_of(sent);
  const auto back = client.attachment(*sent);
  ASSERT_TRUE(back) << error_of(back);
  EXPECT_TRUE(back->data == bytes);  // not EXPECT_EQ, which would print them
}

std::string way_name(const ::testing::TestParamInfo<Way>& way) {
  constexpr const char* kNames[] = {"InProcess", "OverHttp", "OverHttps"};
  return kNames[static_cast<std::size_t>(way.param)];
}

INSTANTIATE_TEST_SUITE_P(Ways, Conversation,
                         ::testing::Values(Way::in_process, Way::http, Way::https), way_name);

}  // namespace
}  // namespace nairi::tests
