// The small pure parts: ids, times, targets, templates, JSON text, and which script answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/state/playbook.h"
#include "engine/worlds.h"
#include "protocol/target.h"
#include "text/json_writer.h"
#include "text/placeholders.h"
#include "text/timestamp.h"
#include "text/ulid.h"

namespace nairi::mock::testing {
namespace {

using ::testing::ElementsAre;

TEST(Ulids, AreReadAndWrittenWithoutLoss) {
  for (const char* text :
       {"00000000000000000000000000", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", "01KRK1V46BXS73CSNK2VR35NPJ",
        "0123456789ABCDEFGHJKMNPQRS", "7TVWXYZ0123456789ABCDEFGHJ"}) {
    const auto ulid = parse_ulid(text);
    ASSERT_TRUE(ulid.has_value()) << text;
    std::string written;
    append_ulid(written, *ulid);
    EXPECT_EQ(written, text);
  }
}

TEST(Ulids, OfOneSourceSortByAge) {
  UlidSource source(1, "nr_test", 1'776'019'512'000);
  std::string before;
  for (int i = 0; i < 1000; ++i) {
    std::string text;
    append_ulid(text, source.next());
    EXPECT_LT(before, text);
    before = text;
  }
}

TEST(Timestamps, AreReadAndWrittenWithoutLoss) {
  for (const char* text : {"1970-01-01T00:00:00.000Z", "2026-04-12T18:45:12.000Z",
                           "2024-02-29T23:59:59.999Z", "9999-12-31T23:59:59.999Z"}) {
    const auto ms = parse_timestamp(text);
    ASSERT_TRUE(ms.has_value()) << text;
    std::string written;
    append_timestamp(written, *ms);
    EXPECT_EQ(written, text);
  }
}

TEST(Timestamps, TakeAnyOffsetAndFraction) {
  const auto at = [](const char* text) { return parse_timestamp(text).value_or(-1); };
  const std::int64_t noon = at("2026-04-12T12:00:00.000Z");
  EXPECT_EQ(at("2026-04-12T14:00:00+02:00"), noon);
  EXPECT_EQ(at("2026-04-12T06:30:00-05:30"), noon);
  EXPECT_EQ(at("2026-04-12t12:00:00z"), noon);
  EXPECT_EQ(at("2026-04-12T12:00:00.1Z"), noon + 100);
  EXPECT_EQ(at("2026-04-12T12:00:00.123456789Z"), noon + 123);
  EXPECT_EQ(at("2026-04-12T11:59:60Z"), noon);
}

TEST(Timestamps, RefuseWhatRfc3339DoesNotKnow) {
  for (const char* text :
       {"", "2026-04-12", "2026-04-12T12:00:00", "2026-04-12 12:00:00Z", "2026-4-12T12:00:00Z",
        "2026-13-01T12:00:00Z", "2026-02-29T12:00:00Z", "2026-04-12T24:00:00Z",
        "2026-04-12T12:60:00Z", "2026-04-12T12:00:61Z", "2026-04-12T12:00:00.Z",
        "2026-04-12T12:00:00+2:00", "2026-04-12T12:00:00+02", "2026-04-12T12:00:00Zx",
        "2026-04-12T12:00Z", "-026-04-12T12:00:00Z"}) {
    EXPECT_FALSE(parse_timestamp(text).has_value()) << text;
  }
}

TEST(HttpDates, AreReadAndWrittenWithoutLoss) {
  for (const char* text : {"Thu, 01 Jan 1970 00:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 GMT",
                           "Thu, 29 Feb 2024 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"}) {
    const auto ms = parse_http_date(text);
    ASSERT_TRUE(ms.has_value()) << text;
    std::string written;
    append_http_date(written, *ms);
    EXPECT_EQ(written, text);
  }
}

TEST(HttpDates, AreTheTimestampsWithoutTheirMilliseconds) {
  std::string written;
  append_http_date(written, *parse_timestamp("2026-04-12T18:45:12.999Z"));
  EXPECT_EQ(written, "Sun, 12 Apr 2026 18:45:12 GMT");
  EXPECT_EQ(parse_http_date(written), parse_timestamp("2026-04-12T18:45:12.000Z"));
}

TEST(HttpDates, RefuseAnyOtherForm) {
  for (const char* text : {"", "7", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
                           "Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
                           "Sun, 06 ovD 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 24:00:00 GMT",
                           "Sun, 06 Nov 1994 08:49:60 GMT", "Sun, 06 Nov 1994 08:49:37 GMT "}) {
    EXPECT_FALSE(parse_http_date(text).has_value()) << text;
  }
}

TEST(Targets, AreSplitIntoSegmentsAndQuery) {
  const Target target = split_target("/a/b%2Fc//d?x=1&y=2#z");
  EXPECT_EQ(target.path, "/a/b%2Fc//d");
  EXPECT_THAT(split_path(target.path), ElementsAre("a", "b%2Fc", "", "d"));
  EXPECT_EQ(target.query, "x=1&y=2");
}

TEST(Targets, InAbsoluteFormLoseTheirOrigin) {
  EXPECT_EQ(split_target("http://localhost:4747/a?b=c").path, "/a");
  EXPECT_EQ(split_target("http://localhost:4747").path, "/");
  EXPECT_EQ(split_target("http://localhost:4747?b=/c").path, "/");
  EXPECT_EQ(split_target("http://localhost:4747?b=/c").query, "b=/c");
  EXPECT_EQ(split_target("a?b=http://localhost/c").path, "a");
  EXPECT_EQ(split_target("http://localhost:4747#/c").path, "/");
}

TEST(Queries, AreDecodedAndTheFirstOfARepeatedParameterCounts) {
  const auto query = Query::parse("a=1%2C2&b=x+y&a=3&&c&%64=e=f");
  ASSERT_TRUE(query.has_value());
  EXPECT_EQ(*query->find("a"), "1,2");
  EXPECT_EQ(*query->find("b"), "x y");
  EXPECT_EQ(*query->find("c"), "");
  EXPECT_EQ(*query->find("d"), "e=f");
  EXPECT_EQ(query->find("e"), nullptr);
}

TEST(PercentEncoding, RefusesWhatIsNotHexadecimal) {
  EXPECT_EQ(percent_decode("a%2Fb%2f"), "a/b/");
  for (const char* text : {"%", "%2", "%zz", "a%2"}) {
    EXPECT_FALSE(percent_decode(text).has_value()) << text;
  }
}

TEST(Templates, ReplaceEveryKnownName) {
  const std::vector<std::string> match = {"order 7", "7"};
  const PlaceholderValues values{.prompt = "P",
                                 .turn = 3,
                                 .agent_id = "A",
                                 .job_id = "J",
                                 .previous_prompt = "PP",
                                 .previous_reply = "PR",
                                 .match = &match};
  EXPECT_EQ(fill_placeholders("{{prompt}} {{turn}} {{agent_id}} {{job_id}} {{previous.prompt}} "
                              "{{previous.reply}} {{match.0}} {{match.1}}",
                              values),
            "P 3 A J PP PR order 7 7");
}

TEST(Templates, KeepWhatTheyDoNotKnowAndDoNotReplaceTwice) {
  const PlaceholderValues braces{.prompt = "hi"};
  EXPECT_EQ(fill_placeholders("{{{{prompt}} {{{{{{prompt}} {{{{{{{{", braces),
            "{{prompt}} {{hi {{{{");
  EXPECT_EQ(placeholder_mistake("{{{{nothing}} {{{{", std::nullopt), std::nullopt);
  const PlaceholderValues values{.prompt = "{{turn}}"};
  EXPECT_EQ(fill_placeholders("{{prompt}} {{nothing}} {{match.1}} {{ {{turn", values),
            "{{turn}} {{nothing}} {{match.1}} {{ {{turn");
  const std::vector<std::string> match = {"whole"};
  const PlaceholderValues matched{.match = &match};
  EXPECT_EQ(fill_placeholders("{{match.}}{{match.99999999999999999999}}", matched),
            "{{match.}}{{match.99999999999999999999}}");
}

TEST(JsonText, EscapesWhatJsonWantsEscaped) {
  std::string out;
  append_json_string(out, std::string("a\"\\\b\f\n\r\t\x01\0é日", 15));
  EXPECT_EQ(Json::parse(out).get<std::string>(), std::string("a\"\\\b\f\n\r\t\x01\0é日", 15));
}

// Text is read in blocks of eight bytes: what is special must be seen wherever it stands.
constexpr std::size_t kSomeBlocks = 20;

TEST(JsonText, EscapesWhateverStandsAtEachPlace) {
  for (int byte = 0; byte < 128; ++byte) {
    for (std::size_t place = 0; place < kSomeBlocks; ++place) {
      std::string text(kSomeBlocks, 'x');
      text[place] = static_cast<char>(byte);
      text += "é";
      std::string out;
      append_json_string(out, text);
      ASSERT_EQ(Json::parse(out).get<std::string>(), text) << byte << " at " << place;
    }
  }
}

TEST(JsonText, SeesABadByteAtEachPlace) {
  for (std::size_t place = 0; place < kSomeBlocks; ++place) {
    std::string text(kSomeBlocks, 'x');
    text[place] = '\x80';
    EXPECT_FALSE(is_valid_utf8(text)) << place;
    text.replace(place, 1, "é");
    EXPECT_TRUE(is_valid_utf8(text)) << place;
  }
}

TEST(JsonText, ReplacesInvalidUtf8) {
  EXPECT_EQ(valid_utf8("é日😀"), "é日😀");
  for (const char* bad :
       {"\xFF", "\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE0\x80\x80", "\x80"}) {
    EXPECT_FALSE(is_valid_utf8(bad));
    EXPECT_TRUE(is_valid_utf8(valid_utf8(std::string("a") + bad + "b")));
  }
}

std::string decimal(double number, int decimals) {
  std::string text = "=";
  append_decimal(text, number, decimals);
  return text;
}

TEST(Harmless, ShowsWhatCouldCommandATerminal) {
  EXPECT_EQ(harmless("plain"), "plain");
  EXPECT_EQ(harmless("\x1b[2J\x7f"), "\\x1b[2J\\x7f");
  EXPECT_EQ(harmless("\xc2\x9b"
                     "2J\xc2\xa0"),
            "\\x9b2J\xc2\xa0");
  EXPECT_EQ(harmless("a\xe2\x80\xae\xe2\x80\xa8\xe2\x81\xa6z"), "a\\u202e\\u2028\\u2066z");
  EXPECT_EQ(harmless("\xff\xe2\x82"), "\\xff\\xe2\\x82");
  EXPECT_EQ(harmless("é日😀\n\t"), "é日😀\n\t");
  EXPECT_EQ(harmless_line("é\n\t"), "é\\x0a\\x09");
}

TEST(JsonText, RoundsDecimalsByTheNumbersExactValue) {
  EXPECT_EQ(decimal(0, 10), "=0.0000000000");
  EXPECT_EQ(decimal(0.0123, 10), "=0.0123000000");
  EXPECT_EQ(decimal(5e-11, 10), "=0.0000000001");  // a little above what is written here
  EXPECT_EQ(decimal(4e-11, 10), "=0.0000000000");
  EXPECT_EQ(decimal(0.125, 2), "=0.12");  // halves go to the even digit
  EXPECT_EQ(decimal(0.375, 2), "=0.38");
  EXPECT_EQ(decimal(0.1, 20), "=0.10000000000000000555");
  EXPECT_EQ(decimal(123456789.123456789, 10), "=123456789.1234567910");
  EXPECT_EQ(decimal(9007199254740993.0, 1), "=9007199254740992.0");
  EXPECT_EQ(decimal(-2.5, 3), "=-2.500");
  EXPECT_EQ(decimal(1e300, 10).size(), 1U + 301 + 1 + 10);
  EXPECT_EQ(decimal(1.7976931348623157e308, 10).substr(0, 18), "=17976931348623157");
}

TEST(JsonText, CountsNestingOutsideOfStrings) {
  EXPECT_FALSE(nests_deeper_than(R"({"a": "[[[[\"[[[", "b": [[]]})", 3));
  EXPECT_TRUE(nests_deeper_than(R"({"b": [[]]})", 2));
  EXPECT_FALSE(nests_deeper_than("[][][][]", 1));
}

// The reply of the script that answers; "" for the default turn.
std::string chosen(const std::string& turns, const Prompt& prompt) {
  const Playbook playbook(world_with(turns).turns);
  const TurnScript* script = playbook.choose(prompt).script;
  const bool is_default = script->timeline.size() == 2;
  return is_default ? "" : *script->timeline.at(0).reply;
}

std::string when(const std::string& criteria, const std::string& reply) {
  return R"({"when": {)" + criteria + R"(}, "timeline": [{"status": "completed", "reply": ")" +
         reply + R"("}]})";
}

TEST(ChoosingAScript, TheFirstThatMatchesWinsInFileOrder) {
  const std::string turns = when(R"("prompt": {"contains": "b"})", "first") + "," +
                            when(R"("prompt": {"contains": "a"})", "second");
  EXPECT_EQ(chosen(turns, {.text = "ab"}), "first");
  EXPECT_EQ(chosen(turns, {.text = "a"}), "second");
  EXPECT_EQ(chosen(turns, {.text = "c"}), "");
}

TEST(ChoosingAScript, EveryCriterionMustFit) {
  const std::string all = when(
      R"("agent_id": "bot", "prompt": {"equals": "go"}, "turn": 2, "ask_mode": true,
         "has_attachments": true)",
      "hit");
  const Prompt fitting{
      .agent_id = "bot", .text = "go", .turn = 2, .ask_mode = true, .has_attachments = true};
  EXPECT_EQ(chosen(all, fitting), "hit");
  const auto with = [&](auto change) {
    Prompt prompt = fitting;
    change(prompt);
    return chosen(all, prompt);
  };
  EXPECT_EQ(with([](Prompt& prompt) { prompt.agent_id = "acme/ops"; }), "");
  EXPECT_EQ(with([](Prompt& prompt) { prompt.text = "go on"; }), "");
  EXPECT_EQ(with([](Prompt& prompt) { prompt.turn = 1; }), "");
  EXPECT_EQ(with([](Prompt& prompt) { prompt.ask_mode = false; }), "");
  EXPECT_EQ(with([](Prompt& prompt) { prompt.has_attachments = false; }), "");
}

TEST(ChoosingAScript, ARegexIsSearchedAnywhereAndGivesItsGroups) {
  const Playbook playbook(
      world_with(when(R"("prompt": {"regex": "order #?(\\d+)(x)?"})", "{{match.1}}")).turns);
  const Choice choice = playbook.choose({.text = "where is order #42?"});
  EXPECT_THAT(choice.match, ElementsAre("order #42", "42", ""));
}

TEST(ChoosingAScript, WithoutAMatchThePromptIsEchoedAfterOnePoll) {
  Play play(world_with(when(R"("prompt": {"equals": "x"})", "x")));
  const Started turn = play.api.start("bot", "hello");
  EXPECT_EQ(play.api.status(turn.message), "pending");
  EXPECT_EQ(play.api.status(turn.message), "completed");
  EXPECT_EQ(play.api.messages(turn.job, "assistant").at(0).at("content"), "You said: hello");
}

}  // namespace
}  // namespace nairi::mock::testing
