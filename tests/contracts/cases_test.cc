// The cases as a user of nairi::contracts meets them.
#include "nairi/contracts/cases.h"

#include <gmock/gmock.h>

#include <map>
#include <stdexcept>
#include <string>

#include "nairi/mock/fake.h"
#include "nairi/mock/in_process.h"
#include "nairi/mock/world_file.h"

namespace nairi::contracts {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

const std::map<std::string, std::string> kStates{{"api_key", "nr_test"}, {"agent", "my-agent"}};

CaseReport run_with(const std::string& name, const std::map<std::string, std::string>& states) {
  mock::Fake fake(mock::default_world());
  return run_server_case(name, {.transport = nairi::mock::in_process(fake), .states = states});
}

// A server whose every answer is the same.
class OneAnswer : public Transport {
 public:
  Result<HttpReply> send(const HttpRequest&) override {
    return HttpReply{
        .status = 200, .headers = {{"Content-Type", "application/json"}}, .body = "{}"};
  }
};

std::string answers(const std::string& result) {
  return run_client_case("client/lists-agents",
                         [&](const std::string&, const auto&) { return result; })
      .text;
}

TEST(CaseNames, AreThoseOfTheirSide) {
  EXPECT_THAT(server_case_names("origins/*"),
              ElementsAre("origins/api", "origins/can-be-read", "origins/discord",
                          "origins/refused-first", "origins/slack", "origins/web"));
  EXPECT_THAT(client_case_names("client/lists*"), ElementsAre("client/lists-agents"));
  EXPECT_THAT(server_case_names(), Not(Contains("client/lists-agents")));
  EXPECT_THAT(client_case_names("nothing/*"), IsEmpty());
}

TEST(CaseNames, ThatAreMisspeltAreRefusedWithTheNearest) {
  const auto message = [](const auto& run) -> std::string {
    try {
      run();
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "(none)";
  };
  EXPECT_EQ(
      message([] { run_server_case("lifecycle/complets"); }),
      R"(no case for a server is called "lifecycle/complets"; did you mean "lifecycle/completes"?)");
  EXPECT_THAT(message([] { run_client_case("auth/missing-key", {}); }),
              StartsWith(R"(no case for a client is called "auth/missing-key")"));
}

TEST(ServerCases, ArePassedByTheFake) {
  const CaseReport report = run_server_case("lifecycle/completes");
  EXPECT_EQ(report.verdict, CaseVerdict::passed) << report.text;
  EXPECT_EQ(report.name, "lifecycle/completes");
  EXPECT_THAT(report.text, StartsWith("passed lifecycle/completes (seed)\n  REFERENCE: "));
  EXPECT_THAT(report.trace, HasSubstr("start> POST /conversations/start\n"));
}

TEST(ServerCases, AskAServerForWhatItHas) {
  EXPECT_EQ(run_with("lifecycle/completes", kStates).verdict, CaseVerdict::passed);
  const CaseReport report = run_with("origins/slack", kStates);
  EXPECT_EQ(report.verdict, CaseVerdict::not_checked);
  EXPECT_THAT(report.text,
              StartsWith("NOT CHECKED origins/slack (seed): no state for slack_job\n"));
}

TEST(ServerCases, AreFailedByAServerThatBreaksThem) {
  const CaseReport report = run_server_case(
      "lifecycle/completes", {.transport = std::make_shared<OneAnswer>(), .states = kStates});
  EXPECT_EQ(report.verdict, CaseVerdict::failed);
  EXPECT_THAT(report.text, HasSubstr("start: body /job_id (seed)\n      wanted "));
}

TEST(ClientCases, HaveTheJobAsText) {
  std::string job;
  run_client_case("client/lists-agents", [&](const std::string& text, const auto&) {
    job = text;
    return "{}";
  });
  EXPECT_THAT(job, HasSubstr(R"("op":"agents")"));
  EXPECT_THAT(job, Not(HasSubstr("base_url")));
}

TEST(ClientCases, JudgeTheResult) {
  EXPECT_THAT(answers(R"({"outcome": "completed", "agents": []})"),
              StartsWith("FAILED client/lists-agents"));
  EXPECT_THAT(answers(R"({"outcome": "unsupported"})"),
              StartsWith("NOT CHECKED client/lists-agents"));
  EXPECT_THAT(answers("agents: none"), HasSubstr(R"(expected one line of JSON with an "outcome")"));
}

TEST(ClientCases, TakeAnExceptionForACrash) {
  const CaseReport report =
      run_client_case("client/lists-agents", [](const std::string&, const auto&) -> std::string {
        throw std::runtime_error("no such table");
      });
  EXPECT_EQ(report.verdict, CaseVerdict::failed);
  EXPECT_THAT(report.text, HasSubstr("threw an exception: no such table"));
}

}  // namespace
}  // namespace nairi::contracts
