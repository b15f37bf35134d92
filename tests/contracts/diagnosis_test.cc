// What the harness makes of a wrong result: the cause, in words, and the rule that it breaks.
#include "harness/client/diagnosis.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "harness/client/text_change.h"

namespace nairi::contracts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// --- Texts that were changed --------------------------------------------------------------------

struct Change {
  const char* name;
  const char* original;
  const char* changed;
  const char* words;  // "": none
};

class ATextChange : public ::testing::TestWithParam<Change> {};

TEST_P(ATextChange, IsNamed) {
  const Change& change = GetParam();
  EXPECT_EQ(text_change(change.original, change.changed).value_or(""), change.words);
}

INSTANTIATE_TEST_SUITE_P(
    Of, ATextChange,
    ::testing::Values(
        Change{"NothingAtAll", "as it is", "as it is", ""},
        Change{"BlanksAtTheEnds", "  two\n", "two", "with the blanks at its ends changed"},
        Change{"LineEnds", "one\r\ntwo\rthree", "one\ntwo\nthree", "with other line ends"},
        Change{"AByteOrderMark", "\xEF\xBB\xBFone", "one", "with a byte order mark more or less"},
        Change{"BlanksWithin", "one  two\n\nthree", "one two three",
               "with other blanks and line ends in it"},
        Change{"Html", "a < b & \"c\"", "a &lt; b &amp; &quot;c&quot;",
               "escaped for HTML, or taken out of such escapes"},
        Change{"HtmlThatIsMeant", "&amp;", "&", "escaped for HTML, or taken out of such escapes"},
        Change{"Urls", "100%20+ done", "100   done",
               "escaped for URLs, or taken out of such escapes"},
        Change{"Backslashes", "a\\nb", "a\nb",
               "with other backslashes, as if it were the text of a program"},
        Change{"Latin1", "na\xC3\xAFve caf\xC3\xA9", "na\xC3\x83\xC2\xAFve caf\xC3\x83\xC2\xA9",
               "with other characters beyond ASCII: in a wrong encoding?"},
        Change{"QuestionMarks", "caf\xC3\xA9 au lait", "caf? au lait",
               "with other characters beyond ASCII: in a wrong encoding?"},
        Change{"ItsEnd", "a text that is long enough", "a text that is lo",
               "cut after 17 bytes of 26"},
        Change{"OnePlace", "the answer is forty-two", "the answer is forty-one",
               "changed from byte 20 on (23 bytes became 23)"},
        Change{"AnotherText", "the answer", "another text", ""}),
    [](const auto& it) { return std::string(it.param.name); });

// --- Whose text it is ---------------------------------------------------------------------------

// Two turns: the first has two blocks, progress and a text of the system, the second an answer.
Seen two_turns() {
  Seen seen;
  const auto add = [&](const char* role, const char* content, std::size_t turn) {
    seen.messages.push_back({"m" + std::to_string(seen.messages.size()), role, content, turn});
  };
  add("user", "First", 1);
  add("progress", R"({"job_id":"j","progress_type":"text","text_delta":"Let me "})", 1);
  add("progress", R"({"job_id":"j","progress_type":"text","text_delta":"look."})", 1);
  add("assistant", "Let me look at it.", 1);
  add("assistant", "It is done.", 1);
  add("system", "Pushed to main.", 1);
  add("reviewer", "Looks fine.", 1);
  add("user", "Second", 2);
  add("assistant", "4", 2);
  add("assistant", "  Done & dusted.\n", 2);
  return seen;
}

struct Reply {
  const char* name;
  const char* text;
  std::size_t turn;
  const char* rule;  // "": no cause
  const char* words;
};

class AWrongReply : public ::testing::TestWithParam<Reply> {};

TEST_P(AWrongReply, IsPutDownToItsCause) {
  const Reply& reply = GetParam();
  const auto cause = cause_of_text(reply.text, reply.turn, two_turns());
  EXPECT_EQ(cause ? cause->rule : "", reply.rule);
  EXPECT_THAT(cause ? cause->words : "", HasSubstr(reply.words));
}

INSTANTIATE_TEST_SUITE_P(
    ThatIs, AWrongReply,
    ::testing::Values(
        Reply{"TheAnswerOfTheTurnBefore", "It is done.", 2, "reads-the-answer", "of turn 1"},
        Reply{"AnotherBlockOfTheTurn", "Let me look at it.", 1, "reads-the-answer", "of turn 1"},
        Reply{"ThePrompt", "Second", 2, "reads-the-answer", "\"user\""},
        Reply{"TheSystems", "Pushed to main.", 1, "result-matches-terminal", "\"system\""},
        Reply{"OfARoleThatNobodyKnows", "Looks fine.", 1, "survives-additive-changes",
              "\"reviewer\""},
        Reply{"AnEnvelope", R"({"job_id":"j","progress_type":"text","text_delta":"look."})", 1,
              "filters-progress", "progress"},
        Reply{"ADelta", "look.", 1, "filters-progress", "a text within a progress message"},
        Reply{"AllDeltas", "Let me look.", 1, "filters-progress", "joined"},
        Reply{"TwoBlocks", "Let me look at it.\nIt is done.", 1, "reads-the-answer",
              "2 messages joined"},
        Reply{"AShortTextAndABlock", "It is done.\n4", 2, "reads-the-answer", "2 messages joined"},
        Reply{"AnAnswerAndANotice", "It is done. Pushed to main.", 1, "result-matches-terminal",
              "2 messages joined"},
        Reply{"TheAnswerTrimmed", "Done & dusted.", 2, "keeps-texts-as-they-are", "blanks"},
        Reply{"TheAnswerOfTheTurn", "  Done & dusted.\n", 2, "", ""},
        Reply{"MadeUp", "Forty-two, I think, perhaps.", 2, "", ""}, Reply{"Empty", "", 2, "", ""}),
    [](const auto& it) { return std::string(it.param.name); });

// --- What was sent ------------------------------------------------------------------------------

Json job_of(std::vector<std::string> prompts) {
  return {{"op", "converse"}, {"prompts", std::move(prompts)}};
}

std::vector<std::string> rules_of(const std::vector<Finding>& findings) {
  std::vector<std::string> rules;
  for (const Finding& finding : findings) rules.push_back(finding.rule);
  return rules;
}

TEST(SentPrompts, MayHoldMoreThanTheJobsText) {
  Seen seen;
  seen.prompts.push_back({"#1", true, "Hello\n\nFiles: invoice.txt", {}});
  EXPECT_THAT(check_prompts(job_of({"Hello"}), seen), IsEmpty());
}

TEST(SentPrompts, ThatWereChangedAreNamed) {
  Seen seen;
  seen.prompts.push_back({"#1", true, "Hello", {}});
  const auto findings = check_prompts(job_of({" Hello "}), seen);
  ASSERT_THAT(rules_of(findings), ElementsAre("keeps-texts-as-they-are"));
  EXPECT_THAT(findings.front().got, HasSubstr("#1 sends one with the blanks at its ends changed"));
}

TEST(SentPrompts, OfFollowUpsBelongToTheSameJob) {
  Seen seen;
  seen.prompts.push_back({"#1", true, "One", {}, true});
  seen.prompts.push_back({"#4", true, "Two", {}, true});
  EXPECT_THAT(rules_of(check_prompts(job_of({"One", "Two"}), seen)),
              ElementsAre("continues-the-same-job"));
}

TEST(SentPrompts, OfFollowUpsMayHaveTheTextOfTheFirst) {
  Seen seen;
  seen.prompts.push_back({"#1", true, "Again", {}, true});
  seen.prompts.push_back({"#4", true, "Again", {}, true});
  EXPECT_THAT(rules_of(check_prompts(job_of({"Again", "Again"}), seen)),
              ElementsAre("continues-the-same-job"));
  EXPECT_THAT(check_prompts(job_of({"Again"}), seen), IsEmpty());
}

TEST(SentPrompts, ThatWereNotAcceptedMayComeAgain) {
  Seen seen;
  seen.prompts.push_back({"#1", true, "Again", {}, false});
  seen.prompts.push_back({"#2", true, "Again", {}, true});
  seen.prompts.push_back({"#6", false, "Again", {}, true});
  EXPECT_THAT(check_prompts(job_of({"Again", "Again"}), seen), IsEmpty());
}

// Two files, uploaded and named by the first prompt.
Seen two_files() {
  Seen seen;
  seen.files.push_back({"#1", "a.txt", "A", "att_1"});
  seen.files.push_back({"#2", "b.txt", "B", "att_2"});
  seen.prompts.push_back({"#3", true, "Hello", {"att_2", "att_1"}});
  return seen;
}

const std::vector<WantedFile> kWanted{{"a.txt", "A"}, {"b.txt", "B"}};

TEST(SentFiles, MayComeInAnyOrder) {
  EXPECT_THAT(check_files(kWanted, two_files()), IsEmpty());
}

TEST(SentFiles, MayHaveTheQuotesInTheirNamesEscapedAsBrowsersDo) {
  Seen seen = two_files();
  seen.files[0].name = "%22a%22.txt";
  EXPECT_THAT(check_files({{"\"a\".txt", "A"}, {"b.txt", "B"}}, seen), IsEmpty());
}

TEST(SentFiles, ThatAreNotThereAreMissed) {
  Seen seen = two_files();
  seen.files.clear();
  const auto findings = check_files(kWanted, seen);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].got, "no file at all");
}

TEST(SentFiles, ThatNoPromptNamesAreMissed) {
  Seen seen = two_files();
  seen.prompts[0].attachments = {"att_2"};
  const auto findings = check_files(kWanted, seen);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].got, "it in #1, but no first prompt that names its id");
}

TEST(SentFiles, UnderAnotherNameAreOthers) {
  Seen seen = two_files();
  seen.files[1].name = "B.TXT";
  const auto findings = check_files(kWanted, seen);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].got, "its bytes under the name \"B.TXT\"");
}

TEST(SentFiles, WithOtherBytesAreOthers) {
  Seen seen = two_files();
  seen.files[1].bytes = "B\n";
  const auto findings = check_files(kWanted, seen);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].got,
            "a file of that name with 2 bytes, with the blanks at its ends changed");
}

TEST(SentFiles, BeyondThoseOfTheJobAreTooMany) {
  Seen seen = two_files();
  seen.files.push_back({"#3", "a.txt", "A", "att_3"});
  seen.prompts[0].attachments.emplace_back("att_3");
  const auto findings = check_files(kWanted, seen);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].got, "also \"a.txt\"");
}

TEST(SentFiles, DoNotGoWithLaterPrompts) {
  Seen seen = two_files();
  seen.prompts.push_back({"#9", false, "And again", {"att_1"}});
  const auto findings = check_files(kWanted, seen);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].wanted, "no files with later prompts");
}

// --- Lists and timelines ------------------------------------------------------------------------

struct List {
  const char* name;
  const char* got;
  const char* rule;
  const char* words;
};

class AList : public ::testing::TestWithParam<List> {};

TEST_P(AList, OfFourIsHeldAgainstTheWhole) {
  const List& list = GetParam();
  const auto findings = check_list({"a", "b", "c", "d"}, Json::parse(list.got));
  EXPECT_EQ(findings.empty() ? "" : findings.front().rule, list.rule);
  EXPECT_EQ(findings.empty() ? "" : findings.front().got, list.words);
}

INSTANTIATE_TEST_SUITE_P(
    That, AList,
    ::testing::Values(
        List{"IsWhole", R"(["a", "b", "c", "d"])", "", ""},
        List{"LacksOne", R"(["a", "b", "d"])", "reads-all-pages", "3; 1 missing, first number 3"},
        List{"HasOneTwice", R"(["a", "b", "b", "c", "d"])", "reads-all-pages",
             "5; some are there more than once"},
        List{"HasOneMore", R"(["a", "b", "c", "d", "e"])", "", "5: more than the list has"},
        List{"IsInAnotherOrder", R"(["a", "c", "b", "d"])", "", "another one, from number 2 on"},
        List{"IsAnotherKeys", R"(["e", "f"])", "", ""}),
    [](const auto& it) { return std::string(it.param.name); });

std::vector<Finding> timeline(const char* messages) {
  return check_timeline(Json::parse(messages), two_turns());
}

TEST(ATimeline, MayLackWhatTheClientDoesNotKnow) {
  EXPECT_THAT(timeline(R"([{"role": "user", "content": "First"},
                           {"role": "assistant", "content": "It is done."}])"),
              IsEmpty());
}

TEST(ATimeline, ThatHoldsProgressIsWrong) {
  EXPECT_THAT(rules_of(timeline(R"([{"role": "progress", "content": "{}"}])")),
              ElementsAre("filters-progress"));
}

TEST(ATimeline, InAnotherOrderIsWrong) {
  const auto findings = timeline(R"([{"role": "assistant", "content": "It is done."},
                                     {"role": "user", "content": "First"}])");
  ASSERT_THAT(rules_of(findings), ElementsAre(""));
  EXPECT_EQ(findings.front().got, "another one, from number 2 on");
}

TEST(ATimeline, WithATextThatWasChangedIsWrong) {
  EXPECT_THAT(rules_of(timeline(R"([{"role": "assistant", "content": "  Done &amp; dusted.\n"}])")),
              ElementsAre("keeps-texts-as-they-are"));
}

}  // namespace
}  // namespace nairi::contracts
