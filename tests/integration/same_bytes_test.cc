// The same seed and the same calls: the same replies to the byte, whatever the way.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "reached.h"

namespace nairi::tests {
namespace {

using Replies = std::vector<std::string>;

class Recorder : public Transport {
 public:
  explicit Recorder(std::shared_ptr<Transport> way) : way_(std::move(way)) {}

  Result<HttpReply> send(const HttpRequest& request) override {
    auto reply = way_->send(request);
    if (!reply) return reply;
    const std::string* type = find_header(*reply, "Content-Type");
    replies.push_back(request.method + " " + request.target + " " + std::to_string(reply->status) +
                      " " + (type == nullptr ? "-" : *type) + " " + reply->body);
    return reply;
  }

  Replies replies;

 private:
  std::shared_ptr<Transport> way_;
};

// A conversation with a bit of everything, and every reply to it.
Replies replies_by(Way way, std::uint64_t seed = 7) {
  Reached reached(way, {.seed = seed});
  const auto recorder = std::make_shared<Recorder>(reached.transport());
  const Client client = client_of(recorder);
  const auto file = client.upload("a.txt", "some bytes");
  const auto turn = client.start(kBilling, "Refund it", {.attachment_ids = {file.value()}});
  finish(client, turn);
  finish(client, client.continue_conversation(turn->job_id, "Wirklich? \u20ac"));
  finish(client, client.start("acme/ops", "Please fail"));
  client.continue_conversation(kSlackJob, "Hello");
  client.conversations(kBilling, {.limit = 2});
  client.create_agent({.name = "New"});
  client.delete_agent("new");
  client.message("cmsg_nonsense");
  client.attachment(*file);
  return recorder->replies;
}

TEST(SameSeedAndCalls, GiveTheSameBytesInProcessAndOverHttp) {
  const Replies in_process = replies_by(Way::in_process);
  EXPECT_GE(in_process.size(), 20U);
  EXPECT_EQ(in_process, replies_by(Way::http));
  EXPECT_EQ(in_process, replies_by(Way::https));
}

TEST(SameSeedAndCalls, AnotherSeedGivesOtherBytes) {
  EXPECT_NE(replies_by(Way::in_process), replies_by(Way::in_process, 8));
}

}  // namespace
}  // namespace nairi::tests
