// What a client's run is judged by, and which rule is charged.
#include "harness/client/client_runner.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

#include "harness/cases/case_reader.h"
#include "nairi/http_transport.h"

namespace nairi::contracts {
namespace {

Case built_in(const std::string& name) {
  const auto cases = *built_in_cases();
  return *std::find_if(cases.begin(), cases.end(), [&](const Case& it) { return it.name == name; });
}

InProcessClient answering(const Json& result) {
  return [result](const Json&, const std::shared_ptr<Transport>&) {
    return ClientAnswer{
        .kind = ClientAnswer::Kind::answered, .result = result, .how = {}, .notes = {}};
  };
}

ClientResult run(const std::string& name, const InProcessClient& client) {
  return run_client_case(built_in(name), client, ClientCaseOptions{});
}

TEST(ClientRun, OfOurClientIsPassed) {
  EXPECT_EQ(run("lifecycle/completes", own_client).result.verdict, CaseVerdict::passed);
}

TEST(ClientRun, ThatSendsNothingFailsAlsoWhereAnErrorIsExpected) {
  const ClientResult silent =
      run("client/start-is-reset", answering({{"outcome", "error"}, {"error", {{"status", 0}}}}));
  EXPECT_EQ(silent.result.verdict, CaseVerdict::failed);
  ASSERT_EQ(silent.result.mismatches.size(), 1U);
  EXPECT_EQ(silent.result.mismatches.front().wanted, "at least one request");
}

TEST(ClientRun, OfAnUnsupportedJobIsNotChecked) {
  const InProcessClient unable = [](const Json&, const std::shared_ptr<Transport>&) {
    return ClientAnswer{
        .kind = ClientAnswer::Kind::unsupported, .result = {}, .how = {}, .notes = "no uploads"};
  };
  const ClientResult result = run("client/uploads-a-file", unable);
  EXPECT_EQ(result.result.verdict, CaseVerdict::not_checked);
  EXPECT_THAT(result.result.reason, ::testing::HasSubstr("no uploads"));
}

TEST(ClientRun, ThatCrashedTellsItsLastWords) {
  const InProcessClient crashing = [](const Json&, const std::shared_ptr<Transport>&) {
    return ClientAnswer{.kind = ClientAnswer::Kind::broke,
                        .result = {},
                        .how = "crashed: exit code 3",
                        .notes = "oh no"};
  };
  const ClientResult result = run("lifecycle/completes", crashing);
  EXPECT_EQ(result.result.verdict, CaseVerdict::failed);
  EXPECT_THAT(result.result.mismatches.front().got, ::testing::HasSubstr("oh no"));
}

TEST(ClientRun, HasATraceOfItsExchanges) {
  const std::vector<TraceEntry> trace = run("client/start-is-reset", own_client).result.trace;
  ASSERT_EQ(trace.size(), 1U);
  EXPECT_EQ(trace[0].step, "#1");
  EXPECT_EQ(trace[0].request, "POST /conversations/start (at 0 ms)");
  EXPECT_THAT(trace[0].sent, ::testing::HasSubstr("\"prompt\":"));
  EXPECT_EQ(trace[0].status, 0);
  EXPECT_NE(trace[0].mishap, "");
}

TEST(ClientRun, HasATraceWithTheStatusThatTheClientGot) {
  const auto trace = run("client/unknown-status-is-not-the-end", own_client).result.trace;
  ASSERT_GT(trace.size(), 1U);
  EXPECT_THAT(trace[1].received, ::testing::HasSubstr("\"status\":\"scheduled\""));
}

TEST(ClientRun, OverHttpHasATraceWithItsMishapsAndWhatTheClientSaid) {
  Case contract_case = built_in("lifecycle/completes");
  contract_case.faults = {{.number = 1, .effect = {.reset_after_bytes = 0}}};
  const RemoteClient client = [](const Json& job) {
    const auto transport = *HttpTransport::open(job.at("base_url").get<std::string>());
    const HttpRequest request{
        .method = "GET",
        .target = "/agents",
        .headers = {{"Authorization", "Bearer " + job.at("api_key").get<std::string>()}}};
    EXPECT_FALSE(transport->send(request).has_value());
    return ClientAnswer{
        .kind = ClientAnswer::Kind::broke, .result = {}, .how = "", .notes = "asked"};
  };
  const CaseResult result = run_client_case(contract_case, client, ClientCaseOptions{}).result;
  ASSERT_EQ(result.trace.size(), 1U);
  EXPECT_EQ(result.trace[0].request, "GET /agents (at 0 ms)");
  EXPECT_EQ(result.trace[0].mishap, "reset after 0 bytes");
  EXPECT_EQ(result.notes, "asked");
}

}  // namespace
}  // namespace nairi::contracts
