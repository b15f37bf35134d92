// REFERENCE as statements: what is graded, and what a quote points at.
#include "harness/pages/reference.h"

#include <gmock/gmock.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace nairi::contracts {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kText = R"(# The API

| grade | meaning |
|---|---|
| **[S]** seed | what the seed says [S] |

## Basics
- Keys are secret [D]. Names are short
  and lower case [A].
- Every call is [logged](log.md) [S][C].
Nobody grades this.

### `GET /things/{id}` [S]
The one thing. Unknown: 404.

### `POST /things` [S: "made at once"; D]
Answers 201 [D: code; A: text], and a body.

## Notes
Nothing is said here.
)";

const Reference& reference() {
  static const Reference parsed{kText};
  return parsed;
}

using Grades = std::set<Source>;

std::vector<std::string> texts(const std::vector<std::size_t>& statements) {
  std::vector<std::string> all;
  for (const std::size_t index : statements) all.push_back(reference().statements()[index].text);
  return all;
}

std::vector<std::string> quoted(const std::string& why) {
  const auto quote = reference().find(why);
  return quote ? texts(quote->statements) : std::vector<std::string>{quote.error()};
}

TEST(Statements, AreTheWordsBeforeATag) {
  std::vector<std::string> all;
  for (const Statement& statement : reference().statements()) {
    all.push_back(statement.section + ": " + statement.text);
  }
  EXPECT_THAT(
      all,
      ElementsAre("Basics: - Keys are secret ", "Basics: Names are short and lower case ",
                  "Basics: - Every call is [logged](log.md) ",
                  "GET /things/{id}: The one thing. Unknown: 404.", "POST /things: Answers 201 "));
}

TEST(Statements, HaveTheGradesOfTheirTags) {
  std::vector<Grades> all;
  for (const Statement& statement : reference().statements()) all.push_back(statement.grades);
  EXPECT_THAT(all, ElementsAre(Grades{Source::documented}, Grades{Source::assumed},
                               Grades{Source::seed, Source::client}, Grades{Source::seed},
                               Grades{Source::documented, Source::assumed}));
}

TEST(Statements, OfASectionWithoutTagsHaveTheGradesOfItsHeading) {
  const Reference parsed("## Basics [S: \"made at once\"; D]\nMade.\n");
  ASSERT_EQ(parsed.statements().size(), 1U);
  EXPECT_EQ(parsed.statements()[0].grades, (Grades{Source::seed, Source::documented}));
}

TEST(Statements, HaveAllGradesOfATagWithoutRemarks) {
  const Reference parsed("## Basics\nMade [S; C; A].\n");
  ASSERT_EQ(parsed.statements().size(), 1U);
  EXPECT_EQ(parsed.statements()[0].grades, (Grades{Source::seed, Source::client, Source::assumed}));
}

TEST(Statements, OfTheProducerAndHintsAreTold) {
  const Reference parsed(
      "## Basics\nIt is sent [P]. It is kept [P; A: how long]. Or not [A; H: a day].\n");
  std::vector<Grades> all;
  for (const Statement& statement : parsed.statements()) all.push_back(statement.grades);
  EXPECT_THAT(all, ElementsAre(Grades{Source::producer}, Grades{Source::producer, Source::assumed},
                               Grades{Source::assumed}));
}

TEST(Statements, OfASectionThatIsGradedUnlessSaidOtherwiseAreItsItems) {
  const Reference parsed(R"(## Basics [D unless said otherwise]
Lists are bare.
- Rules: `GET`; creation, presumably `POST` [A]: `title`. Deletion: `DELETE`.
- Vaults: `POST`.
)");
  std::vector<std::string> all;
  for (const Statement& statement : parsed.statements()) {
    all.push_back(grades_text(statement) + ": " + statement.text);
  }
  EXPECT_THAT(all, ElementsAre("documented: Lists are bare.", "documented: - Rules: `GET`; ",
                               "assumed: creation, presumably `POST` ",
                               "documented: `title`. Deletion: `DELETE`.",
                               "documented: - Vaults: `POST`."));
}

TEST(AQuote, PointsAtTheStatementThatItStandsIn) {
  EXPECT_THAT(quoted("REFERENCE: Basics: Names are short"),
              ElementsAre("Names are short and lower case "));
  EXPECT_THAT(quoted("REFERENCE: GET /things/{id}: Unknown: 404"),
              ElementsAre("The one thing. Unknown: 404."));
}

TEST(AQuote, MayCrossLinesAndStatements) {
  EXPECT_THAT(quoted("REFERENCE: Basics: short and lower case [A]. - Every  call"),
              ElementsAre("Names are short and lower case ", "- Every call is [logged](log.md) "));
}

TEST(AQuote, OfASectionOrOfUngradedWordsPointsAtNothing) {
  EXPECT_THAT(quoted("REFERENCE: Basics"), IsEmpty());
  EXPECT_THAT(quoted("REFERENCE: Basics: Nobody grades this."), IsEmpty());
  EXPECT_THAT(quoted("REFERENCE: POST /things: and a body"), IsEmpty());
}

TEST(AQuote, MustStandInItsSection) {
  EXPECT_THAT(quoted("REFERENCE: Basics: Keys are public"),
              ElementsAre("the section \"Basics\" of REFERENCE does not say \"Keys are public\""));
  EXPECT_THAT(quoted("REFERENCE: Notes: Keys are secret"),
              ElementsAre("the section \"Notes\" of REFERENCE does not say \"Keys are secret\""));
}

TEST(AQuote, MustNameASection) {
  EXPECT_THAT(quoted("REFERENCE: Basic: Keys are secret"),
              ElementsAre("REFERENCE has no such section: \"Basic: Keys are secret\"; did you mean "
                          "\"Basics\"?"));
  EXPECT_THAT(quoted("REFERENCE: POST /things/{id}"),
              ElementsAre(::testing::StartsWith("REFERENCE has no such section")));
  EXPECT_THAT(quoted("Basics: Keys are secret"),
              ElementsAre("expected \"REFERENCE: <section>: <words>\", got \"Basics: Keys are "
                          "secret\""));
}

TEST(AQuote, IsNotOfWhatExplainsTheGrades) {
  EXPECT_THAT(quoted("REFERENCE: The API"),
              ElementsAre(::testing::StartsWith("REFERENCE has no such section")));
}

TEST(BuiltInReference, HasTheSectionsOfThePage) {
  const auto quote = Reference::built_in().find(
      "REFERENCE: GET /messages/{message_id}: Poll the user message until `status` is `completed` "
      "or `failed`");
  ASSERT_TRUE(quote) << quote.error();
  ASSERT_EQ(quote->statements.size(), 1U);
  EXPECT_EQ(Reference::built_in().statements()[quote->statements[0]].grades, Grades{Source::seed});
}

}  // namespace
}  // namespace nairi::contracts
