// What a client's run is judged by, and which rule is charged.
#include "harness/client_runner.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

#include "harness/case_reader.h"
#include "harness/own_client.h"

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
  return run_client_case(built_in(name), client, ClientOptions{});
}

TEST(ClientRun, OfOurClientIsPassed) {
  EXPECT_EQ(run("lifecycle/completes", own_client()).result.verdict, Verdict::passed);
}

TEST(ClientRun, ThatSendsNothingFailsAlsoWhereAnErrorIsExpected) {
  const ClientResult silent =
      run("client/start-is-reset", answering({{"outcome", "error"}, {"error", {{"status", 0}}}}));
  EXPECT_EQ(silent.result.verdict, Verdict::failed);
  ASSERT_EQ(silent.result.mismatches.size(), 1U);
  EXPECT_EQ(silent.result.mismatches.front().wanted, "at least one request");
}

TEST(ClientRun, OfAnUnsupportedJobIsNotChecked) {
  const InProcessClient unable = [](const Json&, const std::shared_ptr<Transport>&) {
    return ClientAnswer{
        .kind = ClientAnswer::Kind::unsupported, .result = {}, .how = {}, .notes = "no uploads"};
  };
  const ClientResult result = run("client/uploads-a-file", unable);
  EXPECT_EQ(result.result.verdict, Verdict::not_checked);
  EXPECT_THAT(result.result.reason, testing::HasSubstr("no uploads"));
}

TEST(ClientRun, ThatCrashedTellsItsLastWords) {
  const InProcessClient crashing = [](const Json&, const std::shared_ptr<Transport>&) {
    return ClientAnswer{.kind = ClientAnswer::Kind::broke,
                        .result = {},
                        .how = "crashed: exit code 3",
                        .notes = "oh no"};
  };
  const ClientResult result = run("lifecycle/completes", crashing);
  EXPECT_EQ(result.result.verdict, Verdict::failed);
  EXPECT_THAT(result.result.mismatches.front().got, testing::HasSubstr("oh no"));
}

}  // namespace
}  // namespace nairi::contracts
