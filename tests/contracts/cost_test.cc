// What a run costs, and which cases are worth it.
#include "harness/server/cost.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "harness/cases/case_reader.h"

namespace nairi::contracts {
namespace {

using ::testing::ElementsAre;

Step step(std::string method, std::string path, Json status) {
  Step made;
  made.id = "step";
  made.call.method = std::move(method);
  made.call.path = std::move(path);
  made.reply.status = std::move(status);
  return made;
}

Step start(Json status = "2xx") {
  return step("POST", "/conversations/start", std::move(status));
}

Case named(std::string name, std::vector<Step> steps, std::vector<std::string> why = {}) {
  Case made;
  made.name = std::move(name);
  made.steps = std::move(steps);
  made.why = std::move(why);
  return made;
}

std::vector<std::string> frugal(std::vector<Case> cases, std::size_t most) {
  std::vector<std::string> names;
  for (const Case& it : frugal_cases(std::move(cases), most)) names.push_back(it.name);
  return names;
}

TEST(TheCostOfCases, CountsWhatIsDoneAndNotWhatHasToBeRefused) {
  const Case it =
      named("it", {start(), start(200), start({{"in", {202, 404}}}), start(400), start("4xx"),
                   start({{"min", 400}}), step("POST", "/conversations/{job}/continue", "2xx"),
                   step("POST", "/conversations/{job}/continue", 400), step("POST", "/agents", 201),
                   step("POST", "/agents", 400), step("GET", "/agents", 200)});
  const Cost cost = cost_of(it);
  EXPECT_EQ(cost.conversations, 3U);
  EXPECT_EQ(cost.prompts, 4U);
  EXPECT_EQ(cost.agents, 1U);
  EXPECT_FALSE(cost.changes_others);
}

TEST(TheCostOfCases, CountsAStartOfWhichNoStatusIsExpected) {
  EXPECT_EQ(cost_of(named("it", {start(nullptr)})).conversations, 1U);
}

TEST(TheCostOfCases, CountsAStartThatIsRefusedByAGuess) {
  EXPECT_EQ(cost_of(named("it", {start({{"in", {400}}, {"source", "assumed"}})})).conversations,
            1U);
  Case guess = named("it", {start(400)});
  EXPECT_EQ(cost_of(guess).conversations, 0U);
  guess.source = Source::assumed;
  EXPECT_EQ(cost_of(guess).conversations, 1U);
}

TEST(TheCostOfCases, CountsFilesThatAreRefusedTooAsTheyAreSent) {
  Step upload = step("POST", "/attachments", 400);
  upload.call.multipart = {{.name = "file", .filename = "a", .text = "abc"},
                           {.name = "b", .filename = {}, .text = {}, .size = 10}};
  const Cost cost = cost_of(named("it", {upload, upload}));
  EXPECT_EQ(cost.files, 2U);
  EXPECT_EQ(cost.file_bytes, 26U);
}

TEST(TheCostOfCases, KnowsTheSizeOfContentThatIsMade) {
  Step upload = step("POST", "/attachments", "2xx");
  upload.call.multipart = {{.name = "file", .filename = "a", .text = "{long_file}"}};
  EXPECT_EQ(cost_of(named("it", {upload})).file_bytes, 3U << 20);
}

TEST(TheCostOfCases, TellsWhatChangesWhatTheCaseDidNotMake) {
  Case others = named("it", {step("POST", "/conversations/{error_job}/continue", "2xx")});
  others.given = {{"error_job", {}}};
  EXPECT_TRUE(cost_of(others).changes_others);
  others.steps.front().reply.status = 400;
  EXPECT_FALSE(cost_of(others).changes_others);
  EXPECT_TRUE(cost_of(named("it", {step("PATCH", "/agents/{agent}", 200)})).changes_others);
  EXPECT_TRUE(cost_of(named("it", {step("POST", "/agents/{agent}/deploy", 202)})).changes_others);
  EXPECT_FALSE(cost_of(named("it", {step("DELETE", "/agents/cci_1", 404)})).changes_others);
}

TEST(TheCostOfCases, IsSaidInWords) {
  EXPECT_EQ(
      in_words(Cost{.conversations = 1, .prompts = 2, .agents = 3, .files = 1, .file_bytes = 5}),
      "1 conversation, 2 prompts, 3 agents, 1 file of 5 bytes");
}

TEST(TheCostOfCases, NamesNothingThatIsNotMade) {
  EXPECT_EQ(in_words(Cost{}), "nothing");
  EXPECT_EQ(in_words(Cost{.files = 2, .file_bytes = 0}), "2 files of 0 bytes");
  EXPECT_EQ(in_words(Cost{.agents = 1}), "1 agent");
}

TEST(TheCostOfCases, FitsALineOfATerminal) {
  constexpr std::size_t kColumns = 80;
  const auto cases = built_in_cases();
  ASSERT_TRUE(cases);
  const std::string said = in_words(total_cost(*cases));
  EXPECT_GT(said.size(), 40U) << said;
  EXPECT_LE(std::string("nairi-contract: ").size() + said.size(), kColumns) << said;
}

TEST(FrugalCases, AreThoseThatBeginNoneThenThoseThatCheckTheMostForAConversation) {
  const std::vector<Case> cases = {
      named("one-for-one", {start()}, {"a"}),
      named("two-known-for-one", {start()}, {"free", "b"}),
      named("three-for-two", {start(), start()}, {"c", "d", "e"}),
      named("two-for-one", {start()}, {"c", "d"}),
      named("free", {start(400)}, {"free"}),
  };
  EXPECT_THAT(frugal(cases, 0), ElementsAre("free"));
  EXPECT_THAT(frugal(cases, 1), ElementsAre("two-for-one", "free"));
  EXPECT_THAT(frugal(cases, 2), ElementsAre("one-for-one", "two-for-one", "free"));
  EXPECT_THAT(frugal(cases, 9), ElementsAre("one-for-one", "two-known-for-one", "three-for-two",
                                            "two-for-one", "free"));
}

TEST(FrugalCases, MakeNoAgentChangeNothingOfOthersAndSendSmallFiles) {
  Step upload = step("POST", "/attachments", "2xx");
  upload.call.multipart = {{.name = "file", .filename = "a", .text = {}, .size = 65'537}};
  EXPECT_THAT(
      frugal({named("agent", {step("POST", "/agents", 201)}),
              named("change", {step("PATCH", "/agents/{agent}", 200)}), named("file", {upload})},
             9),
      ElementsAre());
}

// So the built-in cases, whoever adds to them.
TEST(FrugalCases, OfThoseThatShipKeepWhatTheyPromise) {
  const auto all = built_in_cases();
  ASSERT_TRUE(all);
  for (const std::size_t most : {0U, 1U, 3U, 10U}) {
    const auto chosen = frugal_cases(*all, most);
    const Cost cost = total_cost(chosen);
    EXPECT_EQ(cost.conversations, most);
    EXPECT_EQ(cost.agents, 0U);
    EXPECT_FALSE(cost.changes_others);
    EXPECT_GT(chosen.size(), 20U);
  }
  EXPECT_GT(total_cost(*all).conversations, 100U);
}

}  // namespace
}  // namespace nairi::contracts
