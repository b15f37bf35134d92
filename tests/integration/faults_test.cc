// What networks really do, met by the client: pages of proxies, dates to wait for, packed replies.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nairi/mock/in_process.h"
#include "nairi/mock/world_file.h"
#include "reached.h"

namespace nairi::tests {
namespace {

using namespace std::chrono_literals;

constexpr const char* kWait =
    R"({"at": "agents#1", "do": {"status": 503, "retry_after_s": 30, "retry_after_date": true}})";
constexpr const char* kPage =
    R"({"at": "agents", "do": {"status": 502, "body": "<html>Bad Gateway</html>"}})";
constexpr const char* kLogin =
    R"({"at": "agents", "do": {"status": 200, "body": "<html>Log in</html>"}})";

void strike(mock::Fake& fake, const std::string& faults) {
  fake.add_faults("nr_test", *mock::parse_faults(faults));
}

TEST(RetryDate, IsWaitedForByAClientThatDoesNotKnowTheWorldsTime) {
  for (const mock::ClockMode clock : {mock::ClockMode::poll, mock::ClockMode::virtual_time}) {
    mock::Fake fake(mock::default_world(), {.clock = clock});
    strike(fake, kWait);
    const auto transport = nairi::mock::in_process(fake);
    EXPECT_TRUE(Client(transport, {.api_key = "nr_test"}).agents());
    EXPECT_EQ(transport->clock().now(), 30s);
  }
}

TEST(RetryDate, IsWaitedForOverHttp) {
  Reached reached(Way::http);
  strike(reached.fake(), kWait);
  const auto time = std::make_shared<SkippedTime>();
  EXPECT_TRUE(Client(reached.transport(), {.api_key = "nr_test", .clock = time}).agents());
  EXPECT_EQ(time->now(), 30s);
}

TEST(RetryDate, IsJudgedByTheTimeThatTheClientWaited) {
  constexpr const char* kRule = "retry-after";
  for (const auto& [pause, outcome] :
       {std::pair{30s, mock::RuleOutcome::kept}, std::pair{2s, mock::RuleOutcome::broken}}) {
    mock::Fake fake(mock::default_world(), {.clock = mock::ClockMode::virtual_time, .judge = true});
    strike(fake, kWait);
    const auto transport = nairi::mock::in_process(fake);
    const Client hasty(transport, {.api_key = "nr_test", .retry = {.max_attempts = 1}});
    EXPECT_FALSE(hasty.agents());
    transport->clock().sleep_for(pause);
    EXPECT_TRUE(hasty.agents());
    EXPECT_EQ(fake.verdicts("nr_test").find(kRule)->outcome, outcome) << pause.count();
  }
}

class Pages : public ::testing::TestWithParam<Way> {};

TEST_P(Pages, AreErrorsOfTheirStatus) {
  Reached reached(GetParam());
  strike(reached.fake(), kPage);
  const auto agents = reached.client().agents();
  ASSERT_FALSE(agents);
  EXPECT_EQ(agents.error().status, 502);
}

TEST_P(Pages, With200AreNoAnswerOfTheApi) {
  Reached reached(GetParam());
  strike(reached.fake(), kLogin);
  const auto agents = reached.client().agents();
  ASSERT_FALSE(agents);
  EXPECT_EQ(agents.error().code, ErrorCode::malformed_reply) << error_of(agents);
}

INSTANTIATE_TEST_SUITE_P(Ways, Pages, ::testing::Values(Way::in_process, Way::http),
                         [](const auto& way) {
                           return way.param == Way::http ? "OverHttp" : "InProcess";
                         });

// Bodies of some replies of a fake, by a server that packs them as it is told.
std::vector<std::string> bodies_by(mock::Encoding encoding) {
  mock::Fake fake(mock::default_world());
  const mock::Server server(fake, {.encode = encoding});
  const auto transport = open_http(server);
  std::vector<std::string> bodies;
  for (const char* target : {"/agents", "/agents/billing-agent/conversations", "/nonsense"}) {
    const auto reply = transport->send({.method = "GET",
                                        .target = target,
                                        .headers = {{"Authorization", "Bearer nr_test"}},
                                        .body = {}});
    bodies.push_back(reply ? reply->body : error_of(reply));
  }
  const Client client = client_of(transport);
  bodies.push_back(finish(client, client.start(kBilling, "Refund it")).text());
  const auto file = client.upload("a.txt", std::string(200'000, 'x'));
  bodies.push_back(client.attachment(*file).value().data);
  return bodies;
}

TEST(PackedReplies, SayTheSameToTheClient) {
  const auto plain = bodies_by(mock::Encoding::plain);
  EXPECT_EQ(bodies_by(mock::Encoding::chunked), plain);
  EXPECT_EQ(bodies_by(mock::Encoding::gzip), plain);
}

}  // namespace
}  // namespace nairi::tests
