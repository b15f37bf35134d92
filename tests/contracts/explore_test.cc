// Schedules that nobody wrote down: what they are, what they find, and how they are made short.
#include "harness/explore/explorer.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/cases/case_reader.h"
#include "harness/explore/shrink.h"
#include "harness/pages/lint.h"
#include "harness/selftest/broken_clients.h"

namespace nairi::contracts {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const InProcessClient& broken(const std::string& name) {
  const BrokenClients& all = broken_clients();
  return std::ranges::find(all, name, &BrokenClient::name)->client;
}

Exploration explored(const InProcessClient& client, std::uint64_t runs) {
  return explore(runs_of(client, {}), {.seed = 1, .runs = runs});
}

std::string text_of(const Schedule& schedule) {
  return schedule.dump(-1, ' ', true);
}

TEST(Schedules, AreTheSameOnEveryMachine) {
  EXPECT_EQ(text_of(make_schedule(1, 7)),
            R"({"faults":[{"at":"messages#3","do":{"error":"trouble 503","status":503}},)"
            R"({"at":"any","do":{"delay_ms":12}}],"turns":[{"prompt":"Ask 1","timeline":)"
            R"([{"polls":2,"status":"queued"},{"reply":"Answer 1","status":"completed"}]}]})");
}

TEST(Schedules, DifferFromOneAnother) {
  std::set<std::string> texts;
  for (std::uint64_t run = 1; run <= 50; ++run) {
    texts.insert(text_of(make_schedule(1, run)));
    texts.insert(text_of(make_schedule(2, run)));
  }
  EXPECT_GT(texts.size(), 95U);
}

TEST(Schedules, AreCasesWithoutMistakes) {
  for (std::uint64_t run = 1; run <= 300; ++run) {
    const auto contract_case = explored_case(make_schedule(3, run), "explore/seed-3");
    ASSERT_TRUE(contract_case) << text_of(make_schedule(3, run));
    EXPECT_THAT(lint_cases({*contract_case}), IsEmpty());
  }
}

TEST(Schedules, AskForEachPromptOnceAndForItsAnswer) {
  const Schedule schedule = Json::parse(R"({"faults": [], "turns": [
      {"prompt": "Ask 1", "timeline": [{"status": "completed"}]},
      {"prompt": "Ask 2", "timeline": [{"status": "completed", "reply": "Answer {{turn}}"}]},
      {"prompt": "Ask 2"}]})");
  const auto file = case_of(schedule, "mine");
  EXPECT_EQ(file["client"]["do"]["prompts"].dump(), R"(["Ask 1","Ask 2","Ask 2"])");
  EXPECT_EQ(file["client"]["expect"]["replies"].dump(),
            R"({"any_of":[[{"in":["",null]},"Answer 2","Answer 3"],["Answer 2","Answer 3"]]})");
}

TEST(Schedules, LetAClientGiveUpOnlyWhereSomethingBreaks) {
  Schedule schedule = Json::parse(R"({"faults": [{"at": "any", "do": {"delay_ms": 3}}], "turns": [
      {"prompt": "Ask 1", "timeline": [{"status": "completed", "reply": "Answer 1"}]}]})");
  EXPECT_EQ(case_of(schedule, "mine")["client"]["expect"].dump(),
            R"({"outcome":"completed","replies":["Answer 1"]})");
  schedule["faults"][0] = {{"at", "poll#1"}, {"do", {{"status", 503}, {"error", "away"}}}};
  const auto choices = case_of(schedule, "mine")["client"]["expect"]["any_of"];
  ASSERT_THAT(choices, SizeIs(3));
  EXPECT_EQ(choices[1]["outcome"], "error");
  EXPECT_EQ(choices[1]["error"].dump(),
            R"({"message":{"any_of":[{"contains":"away"}]},"status":{"in":[503]}})");
  EXPECT_EQ(choices[1]["replies"].dump(), R"({"any_of":[{"absent":true},[],["Answer 1"]]})");
  EXPECT_EQ(choices[2]["outcome"], "timeout");
}

// --- Shrinking ---------------------------------------------------------------------------------

TEST(Shrinking, LeavesWhatTheFailureNeeds) {
  const Schedule schedule = Json::parse(R"({"mutate": "additive", "ask_mode": true,
      "faults": [{"at": "any", "do": {"delay_ms": 3}},
                 {"at": "poll#3", "times": 2, "do": {"reset_after_bytes": 40}}],
      "turns": [{"prompt": "One", "timeline": [{"status": "completed"}]},
                {"prompt": "Two", "timeline": [
                  {"status": "pending", "polls": 7, "system": ["A notice"]},
                  {"status": "completed", "reply": "A long answer with a ! in it"}]}]})");
  const auto fails = [](const Schedule& it) {
    const std::string text = it.dump();
    return text.find("reset_after_bytes") != std::string::npos &&
           text.find('!') != std::string::npos;
  };
  EXPECT_EQ(text_of(shrink(schedule, fails, 1000)),
            R"({"faults":[{"at":"poll#1","do":{"reset_after_bytes":0}}],"turns":)"
            R"([{"prompt":"T","timeline":[{"reply":"!","status":"completed"}]}]})");
}

TEST(Shrinking, TriesSoOftenAndNoMore) {
  int tries = 0;
  const auto never = [&](const Schedule&) { return ++tries, false; };
  const Schedule schedule = make_schedule(1, 2);
  EXPECT_EQ(shrink(schedule, never, 7), schedule);
  EXPECT_EQ(tries, 7);
}

// --- Exploring ---------------------------------------------------------------------------------

struct Found {
  std::string client;  // of the self-test
  std::string kind;
  std::uint64_t runs;
};

class ABrokenClient : public ::testing::TestWithParam<Found> {};

TEST_P(ABrokenClient, IsFoundAndItsFailureMadeShort) {
  const Exploration found = explored(broken(GetParam().client), GetParam().runs);
  const auto discovery = std::ranges::find(found.discoveries, GetParam().kind, &Discovery::kind);
  ASSERT_NE(discovery, found.discoveries.end());
  EXPECT_THAT(found.unstable, IsEmpty());
  EXPECT_LE(discovery->schedule.flatten().size(), 9U) << text_of(discovery->schedule);
  // The file that is printed shows it again.
  const auto again = parse_case(discovery->file, discovery->name + ".json");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->name, discovery->name);
  const ClientResult result = run_client_case(*again, broken(GetParam().client), {});
  EXPECT_EQ(result.result.mismatches.front().part, discovery->result.mismatches.front().part);
}

INSTANTIATE_TEST_SUITE_P(
    OfTheSelfTest, ABrokenClient,
    ::testing::Values(Found{"takes queued for the end", "rule polls-until-terminal", 30},
                      Found{"polls on after the end", "rule stops-after-terminal", 5},
                      Found{"takes an unknown status for the end", "result completed", 30},
                      Found{"tries a refused request again", "rule no-retry-on-4xx", 200},
                      Found{"sends a POST again after a reset", "rule no-blind-retry-of-post", 60},
                      Found{"starts over for a follow-up", "rule continues-the-same-job", 60},
                      Found{"takes failed for success", "result completed", 60},
                      Found{"answers with the first reply again", "rule reads-the-answer", 60},
                      Found{"knows all roles", "result error", 60},
                      Found{"expects ids to begin with job_", "result error", 60},
                      Found{"takes a broken answer for an empty one", "result completed", 60}),
    [](const auto& test) {
      std::string name = test.param.client;
      std::ranges::replace_if(
          name, [](char c) { return std::isalnum(c) == 0; }, '_');
      return name;
    });

TEST(Exploring, PassesAGoodClient) {
  const Exploration found = explored(own_client, 100);
  EXPECT_EQ(found.runs, 100U);
  EXPECT_THAT(found.discoveries, IsEmpty());
}

TEST(Exploring, TellsOfEachKindOnce) {
  const Exploration found = explored(broken("polls on after the end"), 20);
  ASSERT_THAT(found.discoveries, SizeIs(1));
  EXPECT_GT(found.discoveries.front().seen, 10U);
}

TEST(Exploring, DoesNotHoldAgainstAClientWhatDoesNotComeAgain) {
  std::set<std::string> met;
  const InProcessClient moody = [&](const Json& job, const std::shared_ptr<Transport>& transport) {
    ClientAnswer answer = own_client(job, transport);
    if (met.insert(job.at("id")).second) answer.result["outcome"] = "none of yours";
    return answer;
  };
  const Exploration found = explored(moody, 3);
  EXPECT_THAT(found.discoveries, IsEmpty());
  EXPECT_EQ(found.unstable, (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST(Exploring, CountsWhatAClientDoesNotSupport) {
  const InProcessClient unable = [](const Json&, const std::shared_ptr<Transport>&) {
    return ClientAnswer{
        .kind = ClientAnswer::Kind::unsupported, .result = {}, .how = {}, .notes = {}};
  };
  const Exploration found = explored(unable, 5);
  EXPECT_EQ(found.runs, 5U);
  EXPECT_EQ(found.unchecked, 5U);
}

TEST(Exploring, FindsTheSameWithSeveralJobs) {
  const auto kinds = [](int jobs) {
    std::string all;
    const Exploration found = explore(runs_of(broken("takes failed for success"), {}),
                                      {.seed = 1, .runs = 40, .jobs = jobs});
    for (const Discovery& one : found.discoveries) all += one.name + text_of(one.schedule) + "\n";
    return all;
  };
  EXPECT_NE(kinds(1), "");
  EXPECT_EQ(kinds(1), kinds(3));
}

TEST(Exploring, EndsWhenItIsToldTo) {
  std::stop_source stop;
  std::atomic<int> runs = 0;
  const InProcessClient client = [&](const Json& job, const std::shared_ptr<Transport>& transport) {
    if (++runs == 2) stop.request_stop();
    return broken("polls on after the end")(job, transport);
  };
  const Exploration found =
      explore(runs_of(client, {}), {.seed = 1, .runs = 50, .stop = stop.get_token()});
  EXPECT_EQ(found.runs, 2U);
  EXPECT_EQ(runs, 2);
  ASSERT_THAT(found.discoveries, SizeIs(1));  // as it was found
  EXPECT_THAT(found.discoveries.front().file, HasSubstr(found.discoveries.front().name));
}

}  // namespace
}  // namespace nairi::contracts
