// What a client's run is judged by, and which rule is charged.
#include "harness/client/client_runner.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <utility>
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

// One try, and then nothing until the deadline.
ClientAnswer gives_up_in_time(const Json& job, const std::shared_ptr<Transport>& transport) {
  HttpRequest request{
      .method = "POST",
      .target = "/conversations/start",
      .headers = {{"Authorization", "Bearer " + job.at("api_key").get<std::string>()},
                  {"Content-Type", "application/json"},
                  {"User-Agent", "one-try"}},
      .time_limit = std::chrono::milliseconds(job.at("deadline_ms"))};
  request.body = Json{{"agent_id", job.at("agent_id")}, {"prompt", job.at("prompts").at(0)}}.dump();
  (void)transport->send(request);
  return {.kind = ClientAnswer::Kind::answered,
          .result = {{"outcome", "timeout"}},
          .how = {},
          .notes = {}};
}

TEST(ClientRun, IsPassedWhereItsDeadlineComesBeforeTheRuleOfTheCase) {
  for (const char* name : {"client/start-has-to-wait-too-long", "client/start-takes-too-long"}) {
    const ClientResult result = run(name, gives_up_in_time);
    EXPECT_EQ(result.result.verdict, CaseVerdict::passed) << name << ": " << result.result.reason;
  }
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

// Our client, which then writes something else where it was told to.
InProcessClient writing(const std::string& bytes) {
  return [bytes](const Json& job, const std::shared_ptr<Transport>& transport) {
    ClientAnswer answer = own_client(job, transport);
    std::ofstream(job.at("path").get<std::string>(), std::ios::binary) << bytes;
    return answer;
  };
}

TEST(ClientRun, OfADownloadIsJudgedByTheBytesOfTheFile) {
  EXPECT_EQ(run("client/downloads-a-file", own_client).result.verdict, CaseVerdict::passed);
  const ClientResult cut = run("client/downloads-a-file", writing("\xEF\xBB\xBF"));
  ASSERT_EQ(cut.result.mismatches.size(), 1U);
  EXPECT_EQ(cut.result.mismatches.front().part, "rule keeps-texts-as-they-are");
  EXPECT_EQ(cut.result.mismatches.front().pointer, "/file");
  EXPECT_EQ(run("client/downloads-an-empty-file", writing("0")).result.verdict,
            CaseVerdict::failed);
}

TEST(ClientRun, OfADownloadThatIsNotWrittenFails) {
  const ClientResult none =
      run("client/downloads-an-empty-file", answering({{"outcome", "completed"}}));
  EXPECT_EQ(none.result.verdict, CaseVerdict::failed);
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

// What the table says of a rule.
std::string outcome_of(const ClientResult& result, const std::string& rule) {
  const auto found = std::ranges::find(result.rules, rule, &RuleResult::rule);
  return found == result.rules.end() ? "" : std::string(mock::to_string(found->outcome));
}

std::vector<std::string> parts_of(const ClientResult& result) {
  std::vector<std::string> parts;
  for (const Mismatch& mismatch : result.result.mismatches) parts.push_back(mismatch.part);
  return parts;
}

// The origin and the path that a redirect leads to.
std::pair<std::string, std::string> target_of(const HttpReply& redirect) {
  const std::string url = *find_header(redirect, "Location");
  const std::size_t path = url.find('/', url.find("://") + 3);
  return {url.substr(0, path), url.substr(path)};
}

TEST(ARedirectThatGetsTheKey, BreaksTheRuleInTheTableToo) {
  const RemoteClient client = [](const Json& job) {
    const std::vector<HttpHeader> key{
        {"Authorization", "Bearer " + job.at("api_key").get<std::string>()}};
    const auto api = *HttpTransport::open(job.at("base_url").get<std::string>());
    const auto redirect =
        api->send({.method = "GET", .target = "/messages/cmsg_1", .headers = key});
    const auto [origin, path] = target_of(*redirect);
    const auto other = *HttpTransport::open(origin);
    EXPECT_TRUE(other->send({.method = "GET", .target = path, .headers = key}).has_value());
    return ClientAnswer{.result = {{"outcome", "error"}}, .how = {}, .notes = {}};
  };
  const ClientResult result =
      run_client_case(built_in("client/poll-is-redirected"), client, ClientCaseOptions{});
  EXPECT_THAT(parts_of(result), ::testing::Contains("rule auth-on-every-call"));
  EXPECT_EQ(outcome_of(result, "auth-on-every-call"), "broken");
}

TEST(AFailedCase, LeavesNoRuleOfItsResultKept) {
  const ClientResult wrong = run("lifecycle/completes", [](const Json& job, const auto& transport) {
    ClientAnswer answer = own_client(job, transport);
    answer.result["replies"] = Json::array({"Nobody said so, ever."});
    return answer;
  });
  EXPECT_THAT(parts_of(wrong), ::testing::ElementsAre("rule result-matches-terminal"));
  EXPECT_EQ(outcome_of(wrong, "result-matches-terminal"), "broken");
}

TEST(AWrongResult, IsPutDownToItsCauseAndNotToTheRuleOfTheCase) {
  const ClientResult wrong =
      run("client/answers-with-this-turn", [](const Json& job, const auto& transport) {
        ClientAnswer answer = own_client(job, transport);
        answer.result["replies"][1] = "my-agent heard:  And again";
        return answer;
      });
  EXPECT_THAT(parts_of(wrong), ::testing::ElementsAre("rule keeps-texts-as-they-are"));
  EXPECT_EQ(outcome_of(wrong, "reads-the-answer"), "");
}

// Our client, after it has slept.
InProcessClient sleeping(std::chrono::milliseconds time) {
  return [time](const Json& job, const std::shared_ptr<Transport>& transport) {
    transport->clock().sleep_for(time);
    return own_client(job, transport);
  };
}

TEST(ALateEnd, BreaksTheDeadlineAndSaysTheLimit) {
  const ClientResult late =
      run("client/turn-never-ends", sleeping(std::chrono::milliseconds(3321)));
  ASSERT_THAT(parts_of(late), ::testing::Contains("rule deadline-kept"));
  const auto mismatch =
      std::ranges::find(late.result.mismatches, "rule deadline-kept", &Mismatch::part);
  EXPECT_THAT(mismatch->wanted, ::testing::HasSubstr("within 3320 ms"));
  EXPECT_EQ(outcome_of(late, "deadline-kept"), "broken");
}

TEST(ATimeout, LongBeforeTheDeadlineIsATurnGivenUp) {
  const ClientResult early =
      run("client/turn-never-ends", [](const Json& job, const auto& transport) {
        Json hasty = job;
        hasty["deadline_ms"] = 400;
        return own_client(hasty, transport);
      });
  EXPECT_THAT(parts_of(early), ::testing::ElementsAre("rule polls-until-terminal"));
}

TEST(AnEndThatNoReplyShowed, IsATurnGivenUp) {
  const ClientResult early = run("lifecycle/completes", [](const Json& job, const auto& transport) {
    Json hasty = job;
    hasty["deadline_ms"] = 1;
    ClientAnswer answer = own_client(hasty, transport);
    answer.result["outcome"] = "failed";
    return answer;
  });
  EXPECT_THAT(parts_of(early), ::testing::Contains("rule polls-until-terminal"));
}

TEST(AListThatLacksAPlace, SaysWhich) {
  const ClientResult wrong =
      run("client/reads-all-pages", [](const Json& job, const auto& transport) {
        ClientAnswer answer = own_client(job, transport);
        answer.result["conversations"].erase(50);
        return answer;
      });
  EXPECT_THAT(parts_of(wrong), ::testing::ElementsAre("rule reads-all-pages"));
  EXPECT_EQ(wrong.result.mismatches.front().got, "119; 1 missing, first number 51");
}

TEST(AListThatWasFiltered, IsNoListThatWasNotReadToItsEnd) {
  const ClientResult wrong =
      run("client/conversations-of-every-status", [](const Json& job, const auto& transport) {
        const HttpRequest filtered{
            .method = "GET",
            .target = "/agents/" + percent_encode(job.at("agent_id").get<std::string>()) +
                      "/conversations?status=error&limit=100",
            .headers = {{"Authorization", "Bearer " + job.at("api_key").get<std::string>()}}};
        const Json page = Json::parse(transport->send(filtered)->body);
        ClientAnswer answer{.result = {{"outcome", "completed"}}, .how = {}, .notes = {}};
        for (const Json& one : page.at("conversations")) {
          answer.result["conversations"].push_back(one.at("id"));
        }
        return answer;
      });
  EXPECT_THAT(parts_of(wrong), ::testing::Contains("result"));
  EXPECT_THAT(wrong.result.mismatches.front().got,
              ::testing::HasSubstr("it asked for status=error"));
}

TEST(AListInAnotherOrder, SaysSo) {
  const ClientResult wrong =
      run("client/reads-all-pages", [](const Json& job, const auto& transport) {
        ClientAnswer answer = own_client(job, transport);
        std::reverse(answer.result["conversations"].begin(), answer.result["conversations"].end());
        return answer;
      });
  EXPECT_THAT(parts_of(wrong), ::testing::ElementsAre("result"));
  EXPECT_EQ(wrong.result.mismatches.front().wanted, "the order of the list");
}

}  // namespace
}  // namespace nairi::contracts
