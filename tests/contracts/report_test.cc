// What a run found, as text, as JUnit XML and as JSON; and the list of what is known to fail.
#include "harness/pages/report.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "files.h"
#include "program.h"

namespace nairi::contracts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

CaseResult result(const std::string& name, CaseVerdict verdict) {
  return {.name = name,
          .why = {"REFERENCE: Basics"},
          .source = Source::documented,
          .verdict = verdict,
          .reason = {},
          .mismatches = {},
          .trace = {},
          .duration = std::chrono::milliseconds(2)};
}

Mismatch mismatch(Source source, std::string got = "the number 500") {
  return {.step = "poll",
          .part = "body",
          .pointer = "/status",
          .wanted = "the number 200",
          .got = std::move(got),
          .source = source};
}

// One case of each verdict.
RunReport report_of_all() {
  RunReport report{.title = "a <server>",
                   .again = "nairi-contract server",
                   .again_after = " -- x",
                   .results = {},
                   .extra = {{"more", 1}}};
  report.results = {result("a/passes", CaseVerdict::passed), result("a/fails", CaseVerdict::failed),
                    result("b/differs", CaseVerdict::differs),
                    result("b/lacks", CaseVerdict::not_checked),
                    result("known", CaseVerdict::known)};
  report.results[1].mismatches = {mismatch(Source::documented), mismatch(Source::assumed)};
  report.results[1].trace = {
      {"poll", "GET /messages/a", R"({"sent": 1})", 500, std::string(5000, 'x')}};
  report.results[2].mismatches = {mismatch(Source::assumed)};
  report.results[3].reason = "no state for slack_job";
  report.results[4].mismatches = {mismatch(Source::seed)};
  return report;
}

// What a reader of XML finds in the report.
std::string read_as_xml(const std::string& junit) {
  const tests::TemporaryFolder folder;
  const std::string file = folder / "junit.xml";
  tests::write_file(file, junit);
  const std::string script = tests::source_path("tests/contracts/junit_counts.py");
  const tests::Finished read = tests::run({NAIRI_PYTHON, script, file});
  return read.exit_code == 0 ? read.out : read.err + junit;
}

TEST(ReportCount, IsOfEachVerdict) {
  const Count counted = count(report_of_all());
  EXPECT_EQ(counted.passed, 1);
  EXPECT_EQ(counted.failed, 1);
  EXPECT_EQ(counted.differ, 1);
  EXPECT_EQ(counted.not_checked, 1);
  EXPECT_EQ(counted.known, 1);
  EXPECT_EQ(counted.checked(), 4);
}

TEST(TextReport, ShowsEachCaseThatDidNotPass) {
  EXPECT_EQ(text_report(report_of_all(), {}),
            R"(FAILED a/fails (documented)
  REFERENCE: Basics
    poll: body /status (documented)
      wanted the number 200
      got    the number 500
    poll: body /status (assumed)
      wanted the number 200
      got    the number 500
  again: nairi-contract server --case a/fails --trace -- x
DIFFERS b/differs (documented)
  REFERENCE: Basics
    poll: body /status (assumed)
      wanted the number 200
      got    the number 500
  again: nairi-contract server --case b/differs --trace -- x
NOT CHECKED b/lacks (documented): no state for slack_job
  REFERENCE: Basics
  again: nairi-contract server --case b/lacks --trace -- x
KNOWN known (documented)
  REFERENCE: Basics
    poll: body /status (seed)
      wanted the number 200
      got    the number 500
  again: nairi-contract server --case known --trace -- x
a <server>: 5 cases, 1 passed, 1 failed, 1 known to fail, 1 differs from our assumption, 1 not checked, 0.010 s
)");
}

TEST(TextReport, ShowsExchangesWhenAsked) {
  const std::string text = text_report(report_of_all(), {.trace = true});
  EXPECT_THAT(text, HasSubstr("passed a/passes\n"));
  EXPECT_THAT(text, HasSubstr("    poll> GET /messages/a\n      {\"sent\": 1}\n    poll< 500 xxx"));
  EXPECT_THAT(text, HasSubstr("xxx… (5000 bytes)\n"));
  EXPECT_THAT(text_report(report_of_all(), {}), Not(HasSubstr("poll>")));
}

TEST(TextReport, ShowsWhatBecameOfAnAnswerAndWhatAClientSaid) {
  RunReport report{.title = "t", .again = "again", .results = {result("a", CaseVerdict::passed)}};
  report.results[0].trace = {{"#1", "GET /a", "", 0, "", "reset after 0 bytes"},
                             {"#2", "GET /a", "", 200, "{}", "after 30 ms"}};
  report.results[0].notes = "one\ntwo\n";
  EXPECT_THAT(text_report(report, {.trace = true}),
              StartsWith("passed a\n    #1> GET /a\n    #1< (reset after 0 bytes)\n    #2> GET /a\n"
                         "    #2< 200 {} (after 30 ms)\n    stderr: one\n    stderr: two\nt: "));
  EXPECT_THAT(text_report(report, {}), Not(HasSubstr("stderr")));
  EXPECT_EQ(Json::parse(json_report(report))["cases"][0]["stderr"], "one\ntwo\n");
  EXPECT_THAT(read_as_xml(junit_report(report)), HasSubstr("contracts a system-err\n"));
}

TEST(JunitReport, CountsWhatItHas) {
  EXPECT_EQ(read_as_xml(junit_report(report_of_all())),
            "a <server>\ntests 5 5\nfailures 1 1\nerrors 0 0\nskipped 3 3\n"
            "a passes\na fails failure\nb differs skipped system-out\nb lacks skipped\n"
            "contracts known skipped system-out\n");
}

TEST(JunitReport, SaysWhyACaseIsSkipped) {
  const std::string junit = junit_report(report_of_all());
  EXPECT_THAT(junit, HasSubstr("<skipped message=\"differs from an assumption\"/>"));
  EXPECT_THAT(junit, HasSubstr("<skipped message=\"no state for slack_job\"/>"));
  EXPECT_THAT(junit, HasSubstr("<skipped message=\"known to fail\"/>"));
}

TEST(JunitReport, IsXmlWhateverAServerSays) {
  for (const std::string& said :
       {std::string("]]> <a href=\"x\"> & '"), std::string("\x01\x02\x1b[31m\0", 8),
        std::string("\xff\xfe not UTF-8"), std::string("cut off \xe2\x82"),
        std::string("\xef\xbf\xbf"), std::string("\xed\xa0\x80"), std::string("prüf €")}) {
    RunReport report{.title = said, .again = "again", .results = {}};
    report.results = {result("a/" + said, CaseVerdict::failed),
                      result("b", CaseVerdict::not_checked)};
    report.results[0].mismatches = {mismatch(Source::seed, said)};
    report.results[1].reason = said;
    EXPECT_THAT(read_as_xml(junit_report(report)), HasSubstr("tests 2 2\nfailures 1 1\n"));
  }
}

TEST(JsonReport, SaysAll) {
  Json json = Json::parse(json_report(report_of_all()));
  EXPECT_EQ(json["title"], "a <server>");
  EXPECT_EQ(json["passed"], 1);
  EXPECT_EQ(json["failed"], 1);
  EXPECT_EQ(json["known"], 1);
  EXPECT_EQ(json["differ"], 1);
  EXPECT_EQ(json["not_checked"], 1);
  EXPECT_EQ(json["more"], 1);
  ASSERT_EQ(json["cases"].size(), 5U);
  EXPECT_EQ(json["cases"][1]["name"], "a/fails");
  EXPECT_EQ(json["cases"][1]["verdict"], "failed");
  EXPECT_EQ(json["cases"][1]["source"], "documented");
  EXPECT_EQ(json["cases"][1]["mismatches"][1], Json({{"step", "poll"},
                                                     {"part", "body"},
                                                     {"pointer", "/status"},
                                                     {"wanted", "the number 200"},
                                                     {"got", "the number 500"},
                                                     {"source", "assumed"}}));
  EXPECT_EQ(json["cases"][3]["reason"], "no state for slack_job");
}

TEST(JsonReport, IsJsonWhateverAServerSays) {
  RunReport report{.title = "t", .again = "again", .results = {result("a", CaseVerdict::failed)}};
  report.results[0].mismatches = {mismatch(Source::seed, "\xff")};
  const Json json = Json::parse(json_report(report));
  EXPECT_EQ(json["cases"][0]["mismatches"][0]["got"], "\xef\xbf\xbd");
}

TEST(AVerdict, IsOfTheStrongestExpectationThatIsNotMet) {
  EXPECT_EQ(verdict_of({}), CaseVerdict::passed);
  EXPECT_EQ(verdict_of({mismatch(Source::assumed)}), CaseVerdict::differs);
  EXPECT_EQ(verdict_of({mismatch(Source::producer)}), CaseVerdict::differs);
  EXPECT_EQ(verdict_of({mismatch(Source::producer), mismatch(Source::documented)}),
            CaseVerdict::failed);
  EXPECT_EQ(verdict_of({mismatch(Source::assumed), mismatch(Source::client)}), CaseVerdict::failed);
}

TEST(KnownFailing, IsAListWithComments) {
  EXPECT_THAT(read_known_failing("# all of these\n\n a/fails  # since June\r\nb/differs\n \t\n"),
              ElementsAre("a/fails", "b/differs"));
}

TEST(KnownFailing, TakesAFailureOffTheCount) {
  RunReport report = report_of_all();
  EXPECT_THAT(apply_known_failing({"a/fails"}, report), IsEmpty());
  EXPECT_EQ(report.results[1].verdict, CaseVerdict::known);
  EXPECT_EQ(count(report).failed, 0);
}

TEST(KnownFailing, IsWrongOfWhatDoesNotFailOrIsNotThere) {
  RunReport report = report_of_all();
  EXPECT_THAT(
      apply_known_failing({"a/passes", "b/differs", "b/lacks", "a/failz"}, report),
      ElementsAre("a/passes is listed as failing, but it passed: take it off the list",
                  "b/differs is listed as failing, but it only differs from an assumption: take it "
                  "off the list",
                  "b/lacks is listed as failing, but it was not checked: take it off the list",
                  "a/failz is listed as failing, but no case that ran is called so"));
  EXPECT_EQ(count(report).failed, 1);
}

}  // namespace
}  // namespace nairi::contracts
