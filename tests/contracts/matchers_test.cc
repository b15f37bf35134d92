// Each matcher with what fits it and what does not, and what is said then (docs/contracts.md,
// "Matchers").

#include <gmock/gmock.h>

#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cases/pattern.h"
#include "text/report.h"

namespace nairi::contracts {
namespace {

using ::testing::ElementsAre;

// "" for a pattern, else what is wrong with it. Names in it are `known`.
std::string refusal(const Json& pattern, KnownNames known = {"job", "time"}) {
  mock::Report report("pattern");
  check_pattern({&pattern, "", &report}, known);
  return report.empty() ? "" : report.diagnostics(pattern.dump()).front().message;
}

// "/pointer: wanted …, got …" of the mismatches, with "; " between them.
std::string said(const Mismatches& mismatches) {
  std::string text;
  for (const Mismatch& mismatch : mismatches) {
    text += (text.empty() ? "" : "; ") + mismatch.pointer + ": wanted " + mismatch.wanted +
            ", got " + mismatch.got;
  }
  return text;
}

// `value` is nullptr for what is not there.
std::string said_of(const Json& pattern, const Json* value, bool scripted = true) {
  EXPECT_EQ(refusal(pattern), "") << pattern;
  Values values{{"job", "job_01KRK1V46BXS73CSNK2VR35NPJ"}, {"time", "2026-04-12T18:45:12.000Z"}};
  Matching matching{values, scripted};
  match(pattern, value, "", matching);
  return said(matching.mismatches);
}

struct Row {
  const char* name;
  const char* pattern;
  const char* value;
  const char* said;  // "": it fits
};

std::ostream& operator<<(std::ostream& out, const Row& row) {
  return out << row.pattern << " and " << row.value;
}

class APattern : public ::testing::TestWithParam<Row> {};

TEST_P(APattern, Matches) {
  const Json value = Json::parse(GetParam().value);
  EXPECT_EQ(said_of(Json::parse(GetParam().pattern), &value), GetParam().said);
}

constexpr auto row_name = [](const ::testing::TestParamInfo<Row>& row) { return row.param.name; };

INSTANTIATE_TEST_SUITE_P(
    Plain, APattern,
    ::testing::Values(
        Row{"ATextIsEqual", R"("a")", R"("a")", ""},
        Row{"ATextDiffers", R"("a")", R"("b")", R"(: wanted the text "a", got the text "b")"},
        Row{"ANameIsFilledIn", R"("x {job}")", R"("x job_01KRK1V46BXS73CSNK2VR35NPJ")", ""},
        Row{"ANumberIsEqual", "1", "1.0", ""},
        Row{"ANumberIsNoText", "1", R"("1")", R"(: wanted the number 1, got the text "1")"},
        Row{"NullIsNull", "null", "null", ""},
        Row{"FalseIsNotNull", "null", "false", ": wanted null, got false"},
        Row{"AnObjectIsOpen", R"({"a": 1})", R"({"a": 1, "b": 2})", ""},
        Row{"AFieldIsMissing", R"({"a": {"b": 1}})", R"({"a": {}})",
            "/a/b: wanted the number 1, got nothing"},
        Row{"AFieldWithASlash", R"({"a/b": 1})", R"({"a/b": 2})",
            "/a~1b: wanted the number 1, got the number 2"},
        Row{"AnObjectIsNoArray", R"({"a": 1})", "[1]", ": wanted an object, got an array: [1]"},
        Row{"AnExactObjectIsClosed", R"({"exact": true, "a": 1})", R"({"a": 1, "b": 2})",
            "/b: wanted no such field, got the number 2"},
        Row{"AnExactObjectFits", R"({"exact": true, "a": 1})", R"({"a": 1})", ""},
        Row{"AnArrayFits", R"([1, {"type": "string"}])", R"([1, "a"])", ""},
        Row{"AnArrayIsInOrder", "[1, 2]", "[2, 1]",
            "/0: wanted the number 1, got the number 2; /1: wanted the number 2, got the number 1"},
        Row{"AnArrayHasNoMore", "[1]", "[1, 2]", ": wanted an array of 1, got an array: [1,2]"},
        Row{"AFieldCalledIdIsAField", R"({"id": {"id": "job"}})",
            R"({"id": "job_01KRK1V46BXS73CSNK2VR35NPJ"})", ""},
        Row{"AFieldCalledIdIsNamedByExact", R"({"exact": false, "id": "{job}"})",
            R"({"id": "job_01KRK1V46BXS73CSNK2VR35NPJ"})", ""}),
    row_name);

INSTANTIATE_TEST_SUITE_P(
    Single, APattern,
    ::testing::Values(
        Row{"TypeFits", R"({"type": "integer"})", "3", ""},
        Row{"TypeOfAList", R"({"type": ["string", "null"]})", "null", ""},
        Row{"TypeDiffers", R"({"type": "integer"})", "3.5",
            R"(: wanted an integer, got the number 3.5)"},
        Row{"InFits", R"({"in": ["a", "{job}"]})", R"("job_01KRK1V46BXS73CSNK2VR35NPJ")", ""},
        Row{"InDiffers", R"({"in": ["a", 1]})", R"("b")", R"(: wanted "a" or 1, got the text "b")"},
        Row{"RegexIsFoundAnywhere", R"({"regex": "b+"})", R"("abba")", ""},
        Row{"RegexDiffers", R"({"regex": "^b"})", R"("abba")",
            R"(: wanted text that matches "^b", got the text "abba")"},
        Row{"RegexIsOfText", R"({"regex": "1"})", "1",
            R"(: wanted text that matches "1", got the number 1)"},
        Row{"IdFits", R"({"id": "job"})", R"("job_01KRK1V46BXS73CSNK2VR35NPJ")", ""},
        Row{"IdOfAnOldJobFits", R"({"id": "job"})", R"("j_01KRK1V46BXS73CSNK2VR35NPJ")", ""},
        Row{"IdOfAnotherKind", R"({"id": "att"})", R"("job_01KRK1V46BXS73CSNK2VR35NPJ")",
            R"(: wanted an att_ id, got the text "job_01KRK1V46BXS73CSNK2VR35NPJ")"},
        Row{"IdInLowerCase", R"({"id": "job"})", R"("job_01krk1v46bxs73csnk2vr35npj")",
            R"(: wanted a job_ id, got the text "job_01krk1v46bxs73csnk2vr35npj")"},
        Row{"IdThatIsTooLong", R"({"id": "cmsg"})", R"("cmsg_01KRK1V46BXS73CSNK2VR35NPJ0")",
            R"(: wanted a cmsg_ id, got the text "cmsg_01KRK1V46BXS73CSNK2VR35NPJ0")"},
        Row{"TimeFits", R"({"time": true})", R"("2026-04-12T18:45:12.000Z")", ""},
        Row{"TimeInSeconds", R"({"time": true})", R"("2026-04-12T18:45:12Z")",
            R"(: wanted a time such as "2026-04-12T18:45:12.000Z", got the text "2026-04-12T18:45:12Z")"},
        Row{"TimeOfNoDay", R"({"time": true})", R"("2026-04-32T18:45:12.000Z")",
            R"(: wanted a time such as "2026-04-12T18:45:12.000Z", got the text "2026-04-32T18:45:12.000Z")"},
        Row{"BoundsFit", R"({"min": 1, "max": 3})", "3", ""},
        Row{"MinIsNotMet", R"({"min": 1})", "0.5", ": wanted at least 1, got the number 0.5"},
        Row{"MaxIsNotMet", R"({"max": 3})", "4", ": wanted at most 3, got the number 4"},
        Row{"BoundsOfTimesFit", R"({"min": "{time}"})", R"("2026-04-12T18:45:12.001Z")", ""},
        Row{"BoundsOfTimesAreNotMet", R"({"max": "{time}"})", R"("2026-04-12T18:45:12.001Z")",
            R"(: wanted at most "2026-04-12T18:45:12.000Z", got the text "2026-04-12T18:45:12.001Z")"},
        Row{"BoundsOfAnotherType", R"({"min": 1})", R"("2")",
            R"(: wanted at least 1, got the text "2")"},
        Row{"AnyFits", R"({"any": true})", "null", ""},
        Row{"AbsentIsThere", R"({"a": {"absent": true}})", R"({"a": null})",
            "/a: wanted nothing, got null"},
        Row{"AbsentIsNotThere", R"({"a": {"absent": true}})", "{}", ""},
        Row{"AnyOfFits", R"({"any_of": [{"type": "null"}, {"id": "job"}]})", "null", ""},
        Row{"AnyOfDiffers", R"({"any_of": [1, {"min": 5}]})", "3",
            R"(: wanted 1 or at least 5, got the number 3)"},
        Row{"AnyOfMayBeAbsent", R"({"a": {"any_of": [{"absent": true}, 1]}})", "{}", ""},
        Row{"NotFits", R"({"not": {"in": ["a"]}})", R"("b")", ""},
        Row{"NotDiffers", R"({"not": {"in": ["a"]}})", R"("a")",
            R"(: wanted anything but "a", got the text "a")"},
        Row{"SameAsFits", R"({"same_as": "job"})", R"("job_01KRK1V46BXS73CSNK2VR35NPJ")", ""},
        Row{"SameAsDiffers", R"({"same_as": "job"})", R"("other")",
            R"(: wanted {job}, which is "job_01KRK1V46BXS73CSNK2VR35NPJ", got the text "other")"},
        Row{"AllMustHold", R"({"type": "string", "regex": "a", "length": 3})", R"("bbb")",
            R"(: wanted text that matches "a", got the text "bbb")"}),
    row_name);

INSTANTIATE_TEST_SUITE_P(
    OfParts, APattern,
    ::testing::Values(
        Row{"ContainsAPartOfText", R"({"contains": "ell"})", R"("hello")", ""},
        Row{"ContainsFillsIn", R"({"contains": "{job}"})", R"("of job_01KRK1V46BXS73CSNK2VR35NPJ")",
            ""},
        Row{"ContainsNoSuchPart", R"({"contains": "elf"})", R"("hello")",
            R"(: wanted text that contains "elf", got the text "hello")"},
        Row{"ContainsAnElement", R"({"contains": {"a": 2}})", R"([{"a": 1}, {"a": 2}])", ""},
        Row{"ContainsNoSuchElement", R"({"contains": {"a": 3, "b": 1}})",
            R"([{"a": 1}, {"a": 3, "b": 2}])",
            R"(: wanted an element that fits an object with "a": 3, "b": 1; nearest: at /1/b wanted the number 1, got the number 2, got an array: [{"a":1},{"a":3,"b":2}])"},
        Row{"ContainsOfAnEmptyArray", R"({"contains": 1})", "[]",
            ": wanted an element that fits 1, got an array: []"},
        Row{"ContainsOfANumber", R"({"contains": 1})", "1",
            ": wanted an array or a text, got the number 1"},
        Row{"ContainsSeveralInOrder", R"({"contains": [1, 3]})", "[0, 1, 2, 3]", ""},
        Row{"ContainsSeveralInAnotherOrder", R"({"contains": [3, 1]})", "[0, 1, 2, 3]",
            ": wanted an element that fits 1, got an array: [0,1,2,3]"},
        Row{"ContainsTheSameTwice", R"({"contains": [1, 1]})", "[1, 1]", ""},
        Row{"ContainsItOnce", R"({"contains": [1, 1]})", "[1, 2]",
            ": wanted an element that fits 1; nearest: at /1 wanted the number 1, got the number "
            "2, got an array: [1,2]"},
        Row{"EachFits", R"({"each": {"type": "number"}})", "[1, 2.5]", ""},
        Row{"EachOfNone", R"({"each": {"type": "number"}})", "[]", ""},
        Row{"EachDiffers", R"({"each": {"a": 1}})", R"([{"a": 1}, {"a": 2}, {}])",
            "/1/a: wanted the number 1, got the number 2; /2/a: wanted the number 1, got nothing"},
        Row{"EachOfAnObject", R"({"each": 1})", "{}", ": wanted an array, got an object: {}"},
        Row{"LengthFits", R"({"length": 2})", "[1, 2]", ""},
        Row{"LengthOfText", R"({"length": {"min": 1, "max": 3}})", R"("abc")", ""},
        Row{"LengthDiffers", R"({"length": {"min": 3}})", "[1, 2]",
            ": wanted a length: at least 3, got the number 2"},
        Row{"LengthOfANumber", R"({"length": 1})", "7",
            ": wanted an array or a text, got the number 7"},
        Row{"LengthOfNull", R"({"length": 0})", "null", ": wanted an array or a text, got null"},
        Row{"LengthOfAnObject", R"({"length": 0})", "{}",
            ": wanted an array or a text, got an object: {}"},
        Row{"JsonFits", R"({"json": {"a": 1}})", R"("{\"a\": 1, \"b\": 2}")", ""},
        Row{"JsonDiffers", R"({"json": {"a": 1}})", R"("{\"a\": 2}")",
            "/a: wanted the number 1, got the number 2"},
        Row{"JsonIsNone", R"({"json": {"a": 1}})", R"("{a}")",
            R"(: wanted JSON as text, got the text "{a}")"},
        Row{"JsonIsNoText", R"({"json": {"a": 1}})", R"({"a": 1})",
            R"(: wanted JSON as text, got an object: {"a":1})"},
        Row{"SortedUp", R"({"sorted": {"by": "/a", "order": "asc"}})",
            R"([{"a": 1}, {"a": 1}, {"a": 2}])", ""},
        Row{"SortedDown", R"({"sorted": {"by": "/a", "order": "desc"}})",
            R"([{"a": "b"}, {"a": "b"}, {"a": "a"}])", ""},
        Row{"SortedUpIsNotDown", R"({"sorted": {"by": "/a", "order": "desc"}})",
            R"([{"a": 2}, {"a": 1}, {"a": 3}])",
            "/2/a: wanted not more than the one before, 1, got the number 3"},
        Row{"SortedDownIsNotUp", R"({"sorted": {"by": "/a", "order": "asc"}})",
            R"([{"a": 2}, {"a": 1}])",
            "/1/a: wanted not less than the one before, 2, got the number 1"},
        Row{"SortedByNothing", R"({"sorted": {"by": "/a", "order": "asc"}})", R"([{"a": 2}, {}])",
            "/1/a: wanted not less than the one before, 2, got nothing"},
        Row{"SortedAfterNothing", R"({"sorted": {"by": "/a", "order": "asc"}})",
            R"([{}, {"a": 2}])",
            "/1/a: wanted not less than the one before, nothing, got the number 2"},
        Row{"SortedByItself", R"({"sorted": {"by": "", "order": "asc"}})", "[1, 2]", ""},
        Row{"UniqueFits", R"({"unique": "/a"})", R"([{"a": 1}, {"a": 2}])", ""},
        Row{"UniqueDiffers", R"({"unique": "/a"})", R"([{"a": 1}, {"a": 2}, {"a": 1}])",
            "/2/a: wanted another than /0/a, got the number 1"},
        Row{"UniqueOfText", R"({"unique": "/a"})", R"("a")",
            R"(: wanted an array, got the text "a")"},
        Row{"DeltasBeginTheAnswer", R"({"deltas_lead_to_reply": true})",
            R"([{"role": "progress", "content": "{\"text_delta\": \"He\"}"},
                {"role": "progress", "content": "{\"text_delta\": \"llo \"}"},
                {"role": "assistant", "content": "Hello there"}])",
            ""},
        Row{"DeltasAreOutOfOrder", R"({"deltas_lead_to_reply": true})",
            R"([{"role": "progress", "content": "{\"text_delta\": \"llo\"}"},
                {"role": "progress", "content": "{\"text_delta\": \"He\"}"},
                {"role": "assistant", "content": "Hello there"}])",
            R"(: wanted text deltas that lead up to "Hello there", got the text "lloHe")"},
        Row{"DeltasAreNone", R"({"deltas_lead_to_reply": true})",
            R"([3, {"role": "assistant", "content": "Hello"}])",
            R"(: wanted text deltas that lead up to "Hello", got the text "")"}),
    row_name);

// One argument of each matcher.
const std::map<std::string_view, Json>& samples() {
  static const std::map<std::string_view, Json> all{
      {"type", "string"},
      {"in", {"a", "b"}},
      {"regex", "a"},
      {"id", "job"},
      {"time", true},
      {"min", 1},
      {"max", "{time}"},
      {"contains", {1, {{"a", "b"}}}},
      {"each", {{"a", {{"type", "string"}}}}},
      {"length", {{"min", 1}}},
      {"absent", true},
      {"any", true},
      {"any_of", {1, {{"id", "job"}}}},
      {"not", {{"type", "string"}}},
      {"capture", "kept"},
      {"same_as", "job"},
      {"scripted", {{"a", 1}}},
      {"json", {{"a", 1}}},
      {"sorted", {{"by", "/a/b"}, {"order", "asc"}}},
      {"unique", "/a/0"},
      {"deltas_lead_to_reply", true},
      {"source", "assumed"},
  };
  return all;
}

TEST(Matchers, AreAllTriedHere) {
  EXPECT_EQ(samples().size(), matcher_names().size());
  for (const std::string_view name : matcher_names()) EXPECT_TRUE(samples().contains(name)) << name;
}

TEST(Matchers, TakeAnyValue) {
  const Json values = Json::parse(
      R"([null, true, 1, -2.5, 18446744073709551615, "", "a", "{", [], [null], [[1], {"a": {"b": 1}}],
          [{"a": {"b": 1}}, {"a": {"b": "x"}}, 3], {}, {"a": null}, {"role": 1, "content": null},
          [{"role": "progress", "content": "[]"}, {"role": "assistant"}]])");
  for (const auto& [name, argument] : samples()) {
    for (const Json& value : values) said_of({{std::string(name), argument}}, &value);
  }
}

TEST(Matchers, RefuseWhatIsNotThereUnlessTheyJudgeThat) {
  std::vector<std::string> allow;
  for (const auto& [name, argument] : samples()) {
    const Json pattern{{std::string(name), argument}};
    const std::string said = said_of(pattern, nullptr);
    if (said.empty()) {
      allow.emplace_back(name);
    } else {
      EXPECT_THAT(said, ::testing::EndsWith("got nothing")) << name;
    }
  }
  EXPECT_THAT(allow, ElementsAre("absent", "not"));
}

TEST(Matchers, ThatRefuseWhatIsNotThereDoSoBesideOthers) {
  for (const std::string_view beside : {"absent", "not", "any_of", "scripted"}) {
    Json pattern{{"type", "string"}};
    pattern[std::string(beside)] = samples().at(beside);
    EXPECT_NE(said_of(pattern, nullptr), "") << pattern;
  }
}

TEST(Matchers, ThatKeepOrMarkGoWithAbsence) {
  EXPECT_EQ(
      said_of(Json::parse(R"({"absent": true, "source": "assumed", "capture": "kept"})"), nullptr),
      "");
}

TEST(Scripted, JudgesOnlyWhoPlaysTheTimeline) {
  const Json pattern = Json::parse(R"({"content": {"type": "string", "scripted": "Done."}})");
  const Json other = Json::parse(R"({"content": "Something else."})");
  EXPECT_EQ(said_of(pattern, &other, true),
            R"(/content: wanted the text "Done.", got the text "Something else.")");
  EXPECT_EQ(said_of(pattern, &other, false), "");
  const Json number = Json::parse(R"({"content": 1})");
  EXPECT_EQ(said_of(pattern, &number, false), R"(/content: wanted a string, got the number 1)");
}

TEST(AMismatch, ShowsTheBeginningOfALongArrayInWholeCharacters) {
  const Json value = Json::array({std::string(197, 'x') + "ü"});  // its ü begins at byte 199
  Values values;
  Matching matching{values};
  match(Json(1), &value, "", matching);
  EXPECT_EQ(said(matching.mismatches),
            ": wanted the number 1, got an array: [\"" + std::string(197, 'x') + "…");
}

TEST(AMismatch, ShowsWhereALongTextDiffers) {
  const Json wanted = std::string(70'000, 'a') + "end";
  const Json cut = std::string(65'536, 'a');
  EXPECT_EQ(
      said_of(wanted, &cut),
      R"(: wanted the text with "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" at byte 65524 of 70003, )"
      R"(got the text with "aaaaaaaaaaaa" at byte 65524 of 65536)");
}

TEST(AMismatch, ShowsWhatIsInvisibleAndCutsNoCharacter) {
  const Json wanted = "\uFEFFZoe\u0308";
  const Json composed = "\uFEFFZo\u00EB";
  EXPECT_EQ(said_of(wanted, &composed),
            R"(: wanted the text with "\ufeffZoe\u0308" at byte 0 of 8, )"
            R"(got the text with "\ufeffZo\u00eb" at byte 0 of 7)");
}

TEST(AMismatch, IsShortWhateverMatcherFindsIt) {
  Values values{{"seen", std::string(100'000, 'b')}};
  Matching matching{values};
  const Json got = std::string(100'000, 'c');
  for (const Json& pattern :
       {Json(std::string(100'000, 'a')), Json{{"same_as", "seen"}}, Json{{"in", {"{seen}"}}},
        Json{{"not", {{"type", "string"}}}}, Json{{"contains", "{seen}"}},
        Json{{"any_of", {"{seen}"}}}, Json{{"length", 1}}}) {
    matching.mismatches.clear();
    match(pattern, &got, "", matching);
    EXPECT_THAT(matching.mismatches, ::testing::SizeIs(1)) << pattern.dump().substr(0, 60);
    EXPECT_LT(said(matching.mismatches).size(), 500U) << pattern.dump().substr(0, 60);
  }
}

TEST(Capture, IsKnownAfterwards) {
  Values values;
  Matching matching{values};
  const Json pattern = Json::parse(R"({"a": {"capture": "first"}, "b": {"same_as": "first"}})");
  const Json value = Json::parse(R"({"a": [1], "b": [2]})");
  match(pattern, &value, "", matching);
  EXPECT_EQ(values.at("first"), Json::parse("[1]"));
  EXPECT_EQ(said(matching.mismatches), "/b: wanted {first}, which is [1], got an array: [2]");
}

TEST(Capture, IsOfTheElementThatFits) {
  Values values;
  Matching matching{values};
  const Json pattern = Json::parse(R"({"contains": {"role": "user", "id": {"capture": "id"}}})");
  const Json value = Json::parse(R"([{"role": "system", "id": 1}, {"role": "user", "id": 2}])");
  match(pattern, &value, "", matching);
  EXPECT_EQ(values.at("id"), 2);
}

TEST(Capture, LeavesWhatIsNotThereUnknown) {
  Values values;
  Matching matching{values};
  match(Json::parse(R"({"a": {"capture": "kept"}})"), nullptr, "", matching);
  EXPECT_FALSE(values.contains("kept"));
  EXPECT_FALSE(matching.mismatches.empty());
}

TEST(SourceMark, IsOfTheValueAndAllWithinIt) {
  Values values;
  Matching matching{values, true, Source::documented};
  const Json pattern = Json::parse(
      R"({"a": {"source": "assumed", "each": {"b": 1}}, "c": 2,
          "d": {"source": "seed", "any_of": [{"source": "client", "type": "null"}]}})");
  const Json value = Json::parse(R"({"a": [{"b": 2}], "c": 3, "d": 4})");
  match(pattern, &value, "", matching);
  std::map<std::string, Source> sources;
  for (const Mismatch& mismatch : matching.mismatches) sources[mismatch.pointer] = mismatch.source;
  EXPECT_EQ(sources,
            (std::map<std::string, Source>{
                {"/a/0/b", Source::assumed}, {"/c", Source::documented}, {"/d", Source::seed}}));
}

TEST(SourceMark, OfALengthIsThatOfThePatternOfTheLength) {
  const Json pattern = Json::parse(
      R"({"a": {"length": {"source": "assumed", "min": 2}, "each": {"type": "string"}}})");
  const Json value = Json::parse(R"({"a": [1]})");
  Values values;
  Matching matching{values, true};
  match(pattern, &value, "", matching);
  std::map<std::string, Source> sources;
  for (const Mismatch& mismatch : matching.mismatches) sources[mismatch.pointer] = mismatch.source;
  EXPECT_EQ(sources,
            (std::map<std::string, Source>{{"/a", Source::assumed}, {"/a/0", Source::seed}}));
}

TEST(APatternIsRefused, WhenAnArgumentIsNotOfItsForm) {
  for (const char* pattern : {R"({"type": "text"})",
                              R"({"type": []})",
                              R"({"in": "a"})",
                              R"({"in": []})",
                              R"({"regex": 1})",
                              R"({"regex": "("})",
                              R"({"id": "jobs"})",
                              R"({"time": false})",
                              R"({"min": true})",
                              R"({"absent": false})",
                              R"({"any": 1})",
                              R"({"any_of": {}})",
                              R"({"any_of": []})",
                              R"({"capture": "A"})",
                              R"({"same_as": "nobody"})",
                              R"({"sorted": {"by": "/a"}})",
                              R"({"sorted": {"by": "a", "order": "asc"}})",
                              R"({"unique": "a"})",
                              R"({"unique": "/~"})",
                              R"({"source": "me"})",
                              R"({"source": ["seed"]})",
                              R"({"sorted": {"by": "/a", "order": ["asc"]}})",
                              R"({"each": {"in": 1}})",
                              R"({"exact": 1})",
                              R"("{nobody}")"}) {
    EXPECT_NE(refusal(Json::parse(pattern)), "") << pattern;
  }
}

TEST(APatternIsRefused, WhenAMatcherIsMisspelt) {
  EXPECT_EQ(
      refusal(Json::parse(R"({"type": "string", "regx": "a"})")),
      "\"regx\" is no matcher, but \"type\" beside it is; did you mean \"regex\"? (fields with "
      "such names need \"exact\": false beside them)");
}

}  // namespace
}  // namespace nairi::contracts
