// contracts/assumptions.json is read strictly, and has an entry for every guess of REFERENCE.
#include "harness/pages/assumptions.h"

#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <ostream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "files.h"
#include "harness/pages/reference.h"

namespace nairi::contracts::guesses {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

bool fits_schema(const Json& document) {
  static const auto schema = [] {
    static const Json text = Json::parse(tests::read_source("contracts/assumptions.schema.json"));
    auto parsed = std::make_unique<valijson::Schema>();
    valijson::SchemaParser().populateSchema(Adapter(text), *parsed);
    return parsed;
  }();
  return valijson::Validator().validate(*schema, Adapter(document), nullptr);
}

Json shipped() {
  return Json::parse(tests::read_source("contracts/assumptions.json"));
}

TEST(AssumptionsFile, FitsItsSchemaAndReferenceAndLeavesNoGuessOut) {
  EXPECT_TRUE(fits_schema(shipped()));
  EXPECT_THAT(lint_assumptions(Assumptions::built_in()), IsEmpty());
}

TEST(AssumptionsFile, MustQuoteEveryGuessOfReference) {
  int guesses = 0;
  for (const Assumption& left_out : Assumptions::built_in().all) {
    Assumptions fewer = Assumptions::built_in();
    const auto quoted = Reference::built_in().find(left_out.why)->statements;
    std::erase_if(fewer.all, [&](const Assumption& it) {
      const auto others = Reference::built_in().find(it.why)->statements;
      return std::find_first_of(others.begin(), others.end(), quoted.begin(), quoted.end()) !=
             others.end();
    });
    const auto mistakes = lint_assumptions(fewer);
    const Statement& first = Reference::built_in().statements()[quoted.front()];
    const bool is_guess =
        first.grades.contains(Source::assumed) || first.grades.contains(Source::producer);
    if (!is_guess) continue;
    ++guesses;
    EXPECT_THAT(mistakes, Contains(HasSubstr(first.text))) << left_out.id;
  }
  EXPECT_GE(guesses, 50);
}

Assumptions with(const Assumption& changed) {
  Assumptions assumptions = Assumptions::built_in();
  assumptions.all.push_back(changed);
  return assumptions;
}

TEST(AssumptionsFile, MustQuoteReferenceWordByWord) {
  EXPECT_THAT(lint_assumptions(with({.id = "new", .why = "REFERENCE: Basics: Keys are public"})),
              ElementsAre(HasSubstr("new: the section \"Basics\" of REFERENCE does not say")));
}

TEST(AssumptionsFile, MustKnowTheGradeOfWhatItQuotes) {
  EXPECT_THAT(lint_assumptions(with({.id = "new",
                                     .why = "REFERENCE: Basics: with a JSON content type",
                                     .source = Source::producer})),
              ElementsAre(HasSubstr("new: its \"why\" quotes nothing that is graded producer")));
}

// An entry that uses every part of the format, and one that no traffic shows.
Json good_file() {
  return Json::parse(R"({
    "$schema": "./assumptions.schema.json",
    "knobs": {"start_status": {"min": 200}, "scheme_case": {"in": ["ignored", "exact"]}},
    "assumptions": [
      {"id": "start-status", "why": "REFERENCE: POST /conversations/start: Status 200",
       "source": "assumed", "over": "exchange", "x-note": "free",
       "of": {"status": {"capture": "status"}}, "holds": {"status": {"same_as": "status"}},
       "knob": {"start_status": "/status"}},
      {"id": "scheme-case", "why": "REFERENCE: Basics", "source": "producer", "of": {"a": 1},
       "holds": {"b": 1}, "knob": {"scheme_case": {"confirmed": "ignored", "refuted": "exact"}}},
      {"id": "form-of-keys", "why": "REFERENCE: Basics", "source": "assumed",
       "because": "A recording holds no key."}]
  })");
}

TEST(AssumptionsFile, IsReadWithAllThatItCanSay) {
  const auto read = parse_assumptions(good_file().dump(), "a.json");
  ASSERT_TRUE(read) << mock::to_string(read.error(), "\n");
  EXPECT_TRUE(fits_schema(good_file()));
  const Assumption* start = read->find("start-status");
  ASSERT_NE(start, nullptr);
  EXPECT_EQ(start->over, Over::exchange);
  EXPECT_EQ(start->knob, "start_status");
  EXPECT_EQ(start->value, "/status");
  EXPECT_EQ(read->find("form-of-keys")->because, "A recording holds no key.");
}

struct FileSlip {
  const char* name;
  const char* pointer;               // of what is put wrong in the good file
  std::optional<const char*> value;  // nullopt: it is taken away
  const char* message;
  bool schema_sees_it = true;
};

std::ostream& operator<<(std::ostream& out, const FileSlip& slip) {
  return out << slip.name;
}

class FileSlipTest : public ::testing::TestWithParam<FileSlip> {};

TEST_P(FileSlipTest, IsRefusedBySchemaAndReader) {
  const FileSlip& slip = GetParam();
  Json broken = good_file();
  const Json::json_pointer at(slip.pointer);
  if (slip.value) {
    broken[at] = Json::parse(*slip.value);
  } else {
    broken[at.parent_pointer()].erase(at.back());
  }
  EXPECT_EQ(fits_schema(broken), !slip.schema_sees_it);
  const auto read = parse_assumptions(broken.dump(2), "a.json");
  ASSERT_FALSE(read);
  EXPECT_THAT(mock::to_string(read.error(), "\n"), HasSubstr(slip.message));
}

INSTANTIATE_TEST_SUITE_P(
    AssumptionsFile, FileSlipTest,
    ::testing::Values(
        FileSlip{"AnUnknownKey", "/assumptions/0/hods", "{}", "did you mean \"holds\"?"},
        FileSlip{"NoId", "/assumptions/0/id", std::nullopt, "\"id\""},
        FileSlip{"AnIdOfNoForm", "/assumptions/0/id", "\"Start status\"", "lower-case words"},
        FileSlip{"AnIdThatComesTwice", "/assumptions/1/id", "\"start-status\"",
                 "another entry has the id \"start-status\"", false},
        FileSlip{"ASourceThatIsNoGuess", "/assumptions/0/source", "\"seed\"", "\"producer\""},
        FileSlip{"AViewOfNoKind", "/assumptions/0/over", "\"turns\"", "\"turn\""},
        FileSlip{"NothingThatCanShowIt", "/assumptions/0/of", std::nullopt, "\"of\""},
        FileSlip{"AMisspeltMatcher", "/assumptions/0/of/status",
                 R"({"type": "string", "regx": "a"})", "did you mean \"regex\"?", false},
        FileSlip{"ANameThatNothingHas", "/assumptions/0/holds/status", R"({"same_as": "staus"})",
                 "nothing is called {staus} here", false},
        FileSlip{"AnUnknownKnob", "/assumptions/0/knob", R"({"start_staus": 1})",
                 "did you mean \"start_status\"?", false},
        FileSlip{"TwoKnobs", "/assumptions/0/knob/other", "1", "one knob"},
        FileSlip{"AValueThatTheKnobCantHave", "/assumptions/1/knob/scheme_case/refuted",
                 "\"strict\"", "the knob can't be the text \"strict\"", false},
        FileSlip{"AReasonBesideAPredicate", "/assumptions/2/of", "{}", "\"because\""},
        FileSlip{"NoKnobs", "/knobs", std::nullopt, "\"knobs\""}),
    [](const auto& slip) { return slip.param.name; });

}  // namespace
}  // namespace nairi::contracts::guesses
