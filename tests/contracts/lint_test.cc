// The set of cases that ships is sound and leaves nothing out; a set that is not is found out.
#include "harness/pages/lint.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

#include "files.h"
#include "harness/cases/case_reader.h"

namespace nairi::contracts {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<Case>& built_in() {
  static const std::vector<Case> cases = *built_in_cases();
  return cases;
}

// One of the cases that ship.
Case case_called(const std::string& name) {
  const auto found = std::find_if(built_in().begin(), built_in().end(),
                                  [&](const Case& it) { return it.name == name; });
  return found == built_in().end() ? Case{} : *found;
}

TEST(TheBuiltInCases, HaveNoMistakes) {
  EXPECT_THAT(lint_cases(built_in()), IsEmpty());
}

TEST(TheBuiltInCases, LeaveNoGap) {
  EXPECT_THAT(cover(built_in(), built_in_remarks()).gaps, IsEmpty());
}

TEST(Lint, KnowsTheNameOfAFile) {
  Case renamed = case_called("lifecycle/completes");
  renamed.name = "lifecycle/complete";
  EXPECT_THAT(lint_cases({renamed}), ElementsAre(HasSubstr("got the name \"lifecycle/complete\"")));
}

TEST(Lint, KnowsWhatReferenceSays) {
  Case invented = case_called("lifecycle/completes");
  invented.why = {"REFERENCE: Basics: Keys are public"};
  EXPECT_THAT(lint_cases({invented}), Contains(HasSubstr("does not say \"Keys are public\"")));
}

TEST(Lint, KnowsTheGradeOfWhatIsQuoted) {
  Case graded_up = case_called("lifecycle/completes");
  graded_up.source = Source::client;
  EXPECT_THAT(lint_cases({graded_up}), ElementsAre(HasSubstr("graded client")));
}

TEST(Lint, KnowsWhatTheApiAnswers) {
  Case impossible = case_called("lifecycle/completes");
  impossible.steps.back().reply.json = {{"messages", {{"each", {{"role", "robot"}}}}}};
  EXPECT_THAT(lint_cases({impossible}),
              ElementsAre(HasSubstr("openapi.json does not allow the text \"robot\"")));
}

TEST(Lint, KnowsRulesThatNobodyCanBreak) {
  Case never_begun = case_called("client/start-has-to-wait-too-long");
  ASSERT_TRUE(never_begun.client);
  never_begun.client->rules.emplace_back("sends-a-prompt-once");
  EXPECT_THAT(lint_cases({never_begun}),
              ElementsAre(HasSubstr("can put the rule sends-a-prompt-once to the test")));
  never_begun.faults.front().number = 1;
  EXPECT_THAT(lint_cases({never_begun}), IsEmpty());
}

TEST(Coverage, MissesWhatNoCaseChecks) {
  std::vector<Case> fewer = built_in();
  std::erase_if(fewer, [](const Case& it) { return !it.name.starts_with("lifecycle/"); });
  EXPECT_THAT(cover(fewer, built_in_remarks()).gaps,
              Contains(HasSubstr("no case has create_agent")));
  EXPECT_THAT(cover(fewer, built_in_remarks()).gaps, Contains(HasSubstr("no case checks Agents")));
}

TEST(Coverage, WantsNoExcuseForWhatACaseChecks) {
  const std::string why = case_called("lifecycle/completes").why.front();
  EXPECT_THAT(cover(built_in(), {{{why, "nobody can see it"}}, {}}).gaps,
              Contains(HasSubstr("unobservable.json excuses what a case checks")));
}

TEST(Coverage, WantsExcusesForWhatReferenceSays) {
  EXPECT_THAT(cover(built_in(), {{{"REFERENCE: Basics: Keys are public", "because"}}, {}}).gaps,
              Contains(HasSubstr("unobservable.json: the section \"Basics\"")));
}

// A quote of grade P that no case has.
constexpr const char* kOnlyTheDaemon =
    "REFERENCE: Messages: A turn that gave an answer can also fail when its work can't be "
    "committed";

std::vector<std::string> gaps_with(const std::vector<ShownByWorld>& worlds) {
  Remarks remarks = built_in_remarks();
  std::erase_if(remarks.excuses, [](const Excuse& it) { return it.why == kOnlyTheDaemon; });
  remarks.worlds = worlds;
  return cover(built_in(), remarks).gaps;
}

TEST(Coverage, CountsWhatTheTurnsOfAWorldSay) {
  const auto about =
      Contains(HasSubstr("no case checks Messages: \"A turn that gave an answer can also fail"));
  EXPECT_THAT(gaps_with({}), about);
  const ShownByWorld world =
      read_shown("fixtures/worlds/daemon.json",
                 R"({"turns": [{"when": {}, "timeline": []}, {"x-why": [")" +
                     std::string(kOnlyTheDaemon) + R"("]}, {"x-why": "REFERENCE: Basics"}]})");
  EXPECT_THAT(world.why, ElementsAre(kOnlyTheDaemon, "REFERENCE: Basics"));
  EXPECT_THAT(gaps_with({world}), ::testing::Not(about));
}

TEST(Coverage, KnowsWhatReferenceSaysOfWorlds) {
  EXPECT_THAT(gaps_with({{"fixtures/worlds/daemon.json", {"REFERENCE: Basics: Keys are public"}}}),
              Contains(HasSubstr("fixtures/worlds/daemon.json: the section \"Basics\"")));
}

TEST(FidelityPage, IsWhatTheCasesSay) {
  EXPECT_EQ(nairi::tests::read_source("docs/fidelity.md"),
            fidelity_page(built_in(), built_in_remarks()))
      << "write it anew: nairi-contract fidelity > docs/fidelity.md";
}

}  // namespace
}  // namespace nairi::contracts
