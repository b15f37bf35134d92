// The client and the server on one machine: connections, and what happens when one side goes.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>

#include "nairi/mock/world_file.h"
#include "reached.h"

namespace nairi::tests {
namespace {

using nlohmann::json;

// The numbers of the connections that the fake's journal has seen for the key "nr_test".
std::multiset<int> connections_of(mock::Fake& fake) {
  const mock::Reply journal = fake.handle({.method = "GET",
                                           .target = "/__mock/journal",
                                           .headers = {{"Authorization", "Bearer nr_test"}}});
  std::multiset<int> numbers;
  const json document = json::parse(journal.body);
  for (const json& entry : document.at("entries")) {
    numbers.insert(entry.at("connection").get<int>());
  }
  return numbers;
}

class Connections : public ::testing::TestWithParam<Way> {};

TEST_P(Connections, AreUsedAgain) {
  Reached reached(GetParam());
  const Client client = reached.client();
  finish(client, client.start(kBilling, "Refund it"));
  client.upload("a.txt", std::string(100'000, 'x'));
  client.message("cmsg_nonsense");  // an error does not end the connection either
  client.agents();
  const auto numbers = connections_of(reached.fake());
  EXPECT_EQ(numbers.size(), 9U);
  EXPECT_EQ(std::set<int>(numbers.begin(), numbers.end()).size(), 1U);
}

TEST_P(Connections, OfTwoClientsAreTwo) {
  Reached reached(GetParam());
  reached.client().agents();
  reached.client().agents();
  const auto numbers = connections_of(reached.fake());
  EXPECT_EQ(std::set<int>(numbers.begin(), numbers.end()).size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(Ways, Connections, ::testing::Values(Way::http, Way::https),
                         [](const auto& way) {
                           return way.param == Way::http ? "OverHttp" : "OverHttps";
                         });

TEST(Https, WithoutTheCaIsATlsErrorAndTheServerGoesOn) {
  Reached reached(Way::https);
  const auto refused = client_of(open_http(reached.server())).agents();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::tls) << error_of(refused);
  const auto trusted = reached.client().agents();
  EXPECT_TRUE(trusted) << error_of(trusted);
  EXPECT_EQ(connections_of(reached.fake()).size(), 1U);
}

TEST(Https, OfAnotherServerIsNotTrusted) {
  Reached ours(Way::https);
  Reached theirs(Way::https);
  const TemporaryFolder folder;
  write_file(folder / "ca.pem", theirs.server().ca_pem());
  const auto refused = client_of(open_http(ours.server(), folder / "ca.pem")).agents();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::tls) << error_of(refused);
}

TEST(Servers, InOneProcessNeverMeet) {
  Reached one(Way::http, {.seed = 1});
  Reached other(Way::http, {.seed = 2});
  EXPECT_NE(one.server().port(), other.server().port());
  const auto turn = one.client().start("acme/ops", "Only here");
  EXPECT_TRUE(other.client().conversations("acme/ops")->conversations.empty());
  EXPECT_EQ(other.client().message(turn->message_id).error().status, 404);
  one.server().stop();
  EXPECT_TRUE(other.client().agents());
}

TEST(Server, ThatStopsBetweenTwoPollsIsAConnectionError) {
  Reached reached(Way::http);
  const Client client = reached.client();
  const auto turn = client.start("my-agent", "This never ends");
  int polls = 0;
  const auto waited = client.wait(*turn, {.on_poll = [&](const Message&) {
    if (++polls == 3) reached.server().stop();
  }});
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, ErrorCode::connection_failed) << error_of(waited);
  EXPECT_EQ(polls, 3);
}

// A server that has every request for an hour.
class SlowServer {
 public:
  mock::Server& server() { return server_; }
  int requests() const { return requests_; }
  // Returns when a request is there.
  void wait_for_request() { arrived_.get_future().wait(); }

 private:
  std::promise<void> arrived_;
  std::atomic<int> requests_ = 0;
  mock::Server server_{mock::Server::Handler([this](const mock::Request&) {
    if (++requests_ == 1) arrived_.set_value();
    return mock::Reply{.body = "{}", .delay_ms = 3'600'000};
  })};
};

TEST(Server, ThatStopsInsteadOfAnsweringGetsNoPostTwice) {
  SlowServer slow;
  const Client client = client_of(open_http(slow.server()));
  auto turn = std::async(std::launch::async, [&] { return client.start("a", "Pay the invoice"); });
  slow.wait_for_request();
  slow.server().stop();
  const auto lost = turn.get();
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::connection_lost) << error_of(lost);
  EXPECT_EQ(slow.requests(), 1);
}

TEST(Server, ThatIsStartedAnewOnItsPortGetsThePostOnce) {
  mock::Fake fake(mock::default_world());
  std::optional<mock::Server> server(std::in_place, fake);
  const std::uint16_t port = server->port();
  const Client client = client_of(open_http(*server));
  ASSERT_TRUE(client.agents());
  server.reset();
  server.emplace(fake, mock::ServerOptions{.port = port});
  const auto turn = client.start("acme/ops", "Once");  // on a connection that is dead by now
  ASSERT_TRUE(turn) << error_of(turn);
  EXPECT_EQ(client.conversations("acme/ops")->conversations.size(), 1U);
}

}  // namespace
}  // namespace nairi::tests
