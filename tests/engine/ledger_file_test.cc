// The reader of ledgers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "fidelity/knob_table.h"
#include "nairi/mock/fidelity.h"
#include "support/knob_values.h"

namespace nairi::mock::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A ledger of these statements.
std::string ledger(const std::string& statements) {
  return R"({"fidelity": 1, "service": "https://api.example", "statements": {)" + statements + "}}";
}

std::string knob(const std::string& turned) {
  return ledger(R"("start-status": {"verdict": "refuted", "refuted": {"count": 1,
      "first": "2026-11-25", "last": "2026-11-26"}, "knob": {)" +
                turned + "}}");
}

std::string mistakes_in(const std::string& text) {
  const auto read = parse_fidelity(text);
  return read ? "" : to_string(read.error(), "\n");
}

std::string hints_in(const std::string& text) {
  const auto read = parse_fidelity(text);
  return read ? to_string(read->hints, "\n") : mistakes_in(text);
}

TEST(LedgerFile, SaysWhatBecameOfEachStatement) {
  const auto read = parse_fidelity(ledger(R"(
      "start-status": {"verdict": "confirmed",
                       "confirmed": {"count": 12, "first": "2026-11-20", "last": "2026-11-26"}},
      "upload-status": {"verdict": "both",
                        "confirmed": {"count": 1, "first": "2026-11-20", "last": "2026-11-20"},
                        "refuted": {"count": 2, "first": "2026-11-21", "last": "2026-11-22",
                                    "example": {"recording": "recording", "exchange": 4,
                                                "expected": "201", "got": "200"}},
                        "knob": {"upload_status": 200}})"));
  ASSERT_TRUE(read) << to_string(read.error(), "\n");
  EXPECT_THAT(read->hints, IsEmpty());
  EXPECT_EQ(read->service, "https://api.example");
  EXPECT_EQ(read->knobs.upload_status, 200);
  EXPECT_EQ(read->statements.at("start-status"),
            (Settled{.verdict = SettledAs::confirmed, .confirmed_on = "2026-11-26"}));
  EXPECT_EQ(read->statements.at("upload-status"), (Settled{.verdict = SettledAs::both,
                                                           .confirmed_on = "2026-11-20",
                                                           .refuted_on = "2026-11-22",
                                                           .is_followed = true}));
}

TEST(LedgerFile, TellsOfMistakesWhereTheyStand) {
  EXPECT_EQ(mistakes_in("{"),
            "fidelity.json:1:2: not JSON: while parsing object key - unexpected end of input; "
            "expected string literal");
  EXPECT_EQ(mistakes_in("[]"), "fidelity.json:1:1: expected an object, got an array");
  EXPECT_THAT(mistakes_in("{}"), HasSubstr("missing required key \"fidelity\""));
  EXPECT_THAT(mistakes_in(R"({"fidelity": 1})"), HasSubstr("missing required key \"statements\""));
  EXPECT_THAT(mistakes_in(R"({"fidelity": "1", "statements": {}})"),
              HasSubstr("fidelity.json:1:14: /fidelity: expected an integer"));
  EXPECT_THAT(mistakes_in(ledger(R"("start-status": {})")),
              HasSubstr("/statements/start-status: missing required key \"verdict\""));
  EXPECT_THAT(mistakes_in(ledger(R"("start-status": {"verdict": "maybe"})")),
              HasSubstr(R"(expected "confirmed", "refuted" or "both", got the text "maybe")"));
  EXPECT_THAT(mistakes_in(ledger(R"("start-status": {"verdict": "confirmed"})")),
              HasSubstr("\"confirmed\" must say when it was"));
  EXPECT_THAT(mistakes_in(ledger(R"("start-status": {"verdict": "confirmed",
                  "confirmed": {"count": 1, "first": "2026-11-26", "last": "yesterday"}})")),
              HasSubstr(R"(expected a day such as "2026-11-26", got the text "yesterday")"));
}

TEST(LedgerFile, RefusesAValueOfAnotherType) {
  const auto refused = [](const std::string& turned) { return mistakes_in(knob(turned)); };
  EXPECT_THAT(refused(R"("start_status": "202")"),
              HasSubstr("/statements/start-status/knob/start_status: expected an integer"));
  EXPECT_THAT(refused(R"("first_status": 1)"), HasSubstr("expected a string, got the number 1"));
  EXPECT_THAT(refused(R"("other_origins_listed": "yes")"), HasSubstr("expected true or false"));
  EXPECT_THAT(refused(R"("continue_ended": 202)"), HasSubstr("expected an object"));
  EXPECT_THAT(refused(R"("continue_ended": {"state": 202})"),
              HasSubstr("unknown key \"state\"; did you mean \"status\"?"));
  EXPECT_THAT(refused(R"("error_texts": {"job not found": 1})"), HasSubstr("expected a string"));
  EXPECT_THAT(refused(R"("list_fields": "id")"), HasSubstr("expected an array"));
}

TEST(LedgerFile, MayNotChangeTheTextOfTheQuickstart) {
  EXPECT_THAT(mistakes_in(knob(R"("error_texts": {"job is not an API job": "no"})")),
              HasSubstr("is the quickstart's own text: it is no guess"));
}

TEST(LedgerFile, OfANewerVersionIsReadWithHints) {
  EXPECT_THAT(hints_in(R"({"fidelity": 2, "statements": {}})"),
              HasSubstr("the ledger has version 2, and this fake knows version 1"));
  EXPECT_THAT(hints_in(knob(R"("start_statuss": 202)")),
              HasSubstr("unknown knob \"start_statuss\"; did you mean \"start_status\"?"));
  EXPECT_THAT(hints_in(ledger(R"("start-stauts": {"verdict": "confirmed",
                  "confirmed": {"count": 1, "first": "2026-11-26", "last": "2026-11-26"}})")),
              HasSubstr("unknown statement \"start-stauts\"; did you mean \"start-status\"?"));
  EXPECT_THAT(hints_in(R"({"fidelity": 1, "statements": {}, "of": 1})"),
              HasSubstr("fidelity.json:1:35: unknown key \"of\""));
}

TEST(LedgerFile, TellsOfWhatTheFakeCannotPlay) {
  const auto told = [](const std::string& turned) {
    const auto read = parse_fidelity(knob(turned));
    EXPECT_FALSE(read->statements.at("start-status").is_followed) << turned;
    EXPECT_EQ(read->knobs, Knobs()) << turned;
    return to_string(read->hints, "\n");
  };
  EXPECT_THAT(told(R"("start_status": 500)"),
              HasSubstr("the fake can't play the number 500, only 200 to 299"));
  EXPECT_THAT(told(R"("first_status": "completed")"),
              HasSubstr(R"(expected "pending" or "queued", got the text "completed")"));
  EXPECT_THAT(told(R"("next_cursor": "empty")"), HasSubstr("\"null_at_end\""));
  EXPECT_THAT(told(R"("continue_ended": {"status": 301})"), HasSubstr("can't play"));
  EXPECT_THAT(told(R"("bad_query_status": 500)"), HasSubstr("only 2xx and 4xx"));
  EXPECT_THAT(told(R"("errors_per_failure": 3)"), HasSubstr("only 1 to 2"));
}

TEST(LedgerFile, OfSeveralTextsOfErrorsHasThemAll) {
  const auto entry = [](const std::string& id, const std::string& ours) {
    return "\"" + id + R"(": {"verdict": "refuted", "refuted": {"count": 1, "first": "2026-11-26",
        "last": "2026-11-26"}, "knob": {"error_texts": {")" +
           ours + R"(": "nope"}}})";
  };
  const auto read = parse_fidelity(ledger(entry("text-of-unknown-job", "job not found") + "," +
                                          entry("text-of-unknown-message", "message not found")));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->knobs.error_texts.size(), 2U);
}

TEST(LedgerFile, ThatCannotBeReadIsNamed) {
  const auto read = read_fidelity("/nowhere/fidelity.json");
  ASSERT_FALSE(read);
  EXPECT_EQ(to_string(read.error(), "\n"),
            "/nowhere/fidelity.json: can't read the ledger: there is no such file");
}

TEST(LedgerFile, TurnsEachKnobAndShowsHowItStands) {
  std::set<std::string> turned;
  for (const KnobValue& value : knob_values()) {
    const Fidelity read = ledger_with(value);
    EXPECT_NE(read.knobs, Knobs()) << value.knob << " " << value.value;
    EXPECT_TRUE(read.statements.at("start-status").is_followed) << value.knob;
    EXPECT_EQ(nlohmann::json::parse(knob_value(value.knob, read.knobs)),
              nlohmann::json::parse(value.value))
        << value.knob;
    turned.insert(value.knob);
  }
  for (const std::string_view name : knob_names()) {
    EXPECT_TRUE(turned.contains(std::string(name))) << name << " is missing in knob_values()";
  }
}

TEST(Guesses, ThatActOnAKnobNameOneThatThereIs) {
  ASSERT_FALSE(assumptions().empty());
  for (const Assumption& assumption : assumptions()) {
    EXPECT_TRUE(assumption.source == "assumed" || assumption.source == "producer") << assumption.id;
    EXPECT_EQ(assumption.knob.empty(), assumption.value.empty()) << assumption.id;
  }
}

TEST(Guesses, AreConfirmedByTheLastDayOnWhichTheFakeWasRight) {
  EXPECT_EQ(confirmed_on({}), "");
  EXPECT_EQ(confirmed_on({.verdict = SettledAs::confirmed, .confirmed_on = "2026-11-26"}),
            "2026-11-26");
  EXPECT_EQ(confirmed_on({.verdict = SettledAs::refuted, .refuted_on = "2026-11-26"}), "");
  EXPECT_EQ(confirmed_on(
                {.verdict = SettledAs::refuted, .refuted_on = "2026-11-26", .is_followed = true}),
            "2026-11-26");
  const Settled both{
      .verdict = SettledAs::both, .confirmed_on = "2026-11-20", .refuted_on = "2026-11-26"};
  EXPECT_EQ(confirmed_on(both), "");
}

}  // namespace
}  // namespace nairi::mock::testing
