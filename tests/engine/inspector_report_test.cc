// The inspector's page as a file: the order of its runs, and what it leaves out when it is too
// long.
#include "nairi/mock/inspector/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "nairi/mock/verdicts.h"

namespace nairi::mock {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

json element_of(const std::string& page, const std::string& id) {
  const std::string opening = "<script type=\"application/json\" id=\"" + id + "\">";
  const auto begin = page.find(opening) + opening.size();
  return json::parse(page.substr(begin, page.find("</script>", begin) - begin));
}

json data_in(const InspectorFile& file) {
  return element_of(file.html, "data");
}

std::vector<std::string> names_in(const json& data) {
  std::vector<std::string> names;
  for (const json& run : data.at("runs")) names.push_back(run.at("name"));
  return names;
}

// So many exchanges of about a thousand bytes each.
std::vector<std::string> exchanges_of(std::size_t count) {
  std::vector<std::string> exchanges;
  for (std::size_t i = 1; i <= count; ++i) {
    exchanges.push_back(json{{"number", i}, {"body", std::string(1000, '<')}}.dump());
  }
  return exchanges;
}

constexpr std::size_t kEnough = 200'000;  // more than the page without data has

TEST(InspectorReport, HasWhatItWasGiven) {
  const auto data = data_in(inspector_file({.by = "me 1",
                                            .title = "all",
                                            .at = "2026-11-26T19:00:00.000Z",
                                            .root = "http://x",
                                            .runs = {{.name = "a",
                                                      .result = "failed",
                                                      .findings = {"bad \"thing\""},
                                                      .exchanges = {R"({"number":7})"},
                                                      .state = R"({"s":1})",
                                                      .verdicts = R"({"v":1})",
                                                      .unmatched = R"({"u":1})"}},
                                            .remarks = {"look"}}));
  EXPECT_EQ(data, json::parse(R"({"page":1,"mode":"file","by":"me 1","title":"all",
      "at":"2026-11-26T19:00:00.000Z","root":"http://x","remarks":["look"],
      "runs":[{"name":"a","result":"failed","findings":["bad \"thing\""],"state":{"s":1},
               "verdicts":{"v":1},"unmatched":{"u":1},
               "journal":{"entries":[{"number":7}],"dropped":0}}]})"));
}

TEST(InspectorReport, ARecordingsLinesAreItsRecording) {
  const auto data = data_in(inspector_file(
      {.runs = {{.name = "a", .exchanges = {R"({"number":7})"}, .is_recording = true}}}));
  EXPECT_EQ(data.at("runs").at(0).at("recording"), json::parse(R"([{"number":7}])"));
  EXPECT_FALSE(data.at("runs").at(0).contains("journal"));
}

TEST(InspectorReport, FailedRunsComeFirstAndTheOthersAsTheyCame) {
  const auto data = data_in(inspector_file({.runs = {{.name = "good", .result = "passed"},
                                                     {.name = "open", .result = "not checked"},
                                                     {.name = "odd", .result = "warned"},
                                                     {.name = "bad 2", .result = "failed"},
                                                     {.name = "bad 1", .result = "failed"}}}));
  EXPECT_THAT(names_in(data), ElementsAre("bad 2", "bad 1", "odd", "open", "good"));
}

TEST(InspectorReport, BytesThatAreNoUtf8AreReplaced) {
  const auto data = data_in(inspector_file({.runs = {{.name = "\xFF", .findings = {"\xFE"}}}}));
  EXPECT_EQ(data.at("runs").at(0).at("name"), "\uFFFD");
  EXPECT_EQ(data.at("runs").at(0).at("findings").at(0), "\uFFFD");
}

TEST(InspectorReport, AllOfItIsThereWhenItFits) {
  const auto file = inspector_file({.runs = {{.name = "a", .exchanges = exchanges_of(300)}}});
  EXPECT_THAT(file.left_out, IsEmpty());
  EXPECT_EQ(data_in(file).at("runs").at(0).at("journal").at("entries").size(), 300U);
}

TEST(InspectorReport, OldestExchangesOfTheLastRunsAreLeftOutAndThatIsSaid) {
  const auto file =
      inspector_file({.runs = {{.name = "good", .result = "passed", .exchanges = exchanges_of(800)},
                               {.name = "bad", .result = "failed", .exchanges = exchanges_of(30)}}},
                     kEnough * 2);
  const auto data = data_in(file);
  EXPECT_LE(file.html.size(), kEnough * 2);
  EXPECT_GT(file.html.size(), kEnough * 2 - 8'000);
  EXPECT_EQ(data.at("runs").at(0).at("journal").at("entries").size(), 30U);
  const auto& rest = data.at("runs").at(1).at("journal");
  EXPECT_EQ(rest.at("entries").back().at("number"), 800);
  EXPECT_EQ(rest.at("dropped"), 800 - rest.at("entries").size());
  EXPECT_THAT(file.left_out, ElementsAre(std::to_string(rest.at("dropped").get<int>()) +
                                         " of 830 exchanges were left out: the file may have "
                                         "400,000 bytes"));
  EXPECT_EQ(data.at("remarks"), json(file.left_out));
}

TEST(InspectorReport, PassedRunsAreLeftOutBeforeFailedOnes) {
  InspectorReport report;
  for (int i = 0; i < 2000; ++i) {
    report.runs.push_back(
        {.name = "good", .result = "passed", .findings = {std::string(200, 'x')}});
  }
  report.runs.push_back({.name = "bad", .result = "failed"});
  const auto file = inspector_file(std::move(report), kEnough);
  const auto data = data_in(file);
  EXPECT_LE(file.html.size(), kEnough);
  EXPECT_EQ(names_in(data).front(), "bad");
  EXPECT_THAT(file.left_out,
              ElementsAre(std::to_string(2001 - data.at("runs").size()).insert(1, ",") +
                          " of 2,001 runs were left out: the file may have 200,000 bytes"));
}

TEST(InspectorReport, AStateThatIsTooLongIsLeftOutAndItsRunIsNot) {
  const auto file = inspector_file(
      {.runs = {{.name = "a", .state = json(std::string(kEnough, 'x')).dump()}, {.name = "b"}}},
      kEnough);
  const auto data = data_in(file);
  EXPECT_THAT(names_in(data), ElementsAre("a", "b"));
  EXPECT_FALSE(data.at("runs").at(0).contains("state"));
  EXPECT_THAT(
      file.left_out,
      ElementsAre("the state of 1 of 2 runs was left out: the file may have 200,000 bytes"));
}

TEST(InspectorReport, ThePageExplainsEachRule) {
  const auto texts = element_of(inspector_file({}).html, "rules");
  for (const Rule& rule : rules()) {
    const auto found = texts.find(std::string(rule.id));
    ASSERT_NE(found, texts.end()) << rule.id;
    const auto text = found->get<std::string>();
    EXPECT_EQ(text.find("Judged: "), std::string::npos) << text;
    EXPECT_EQ(text.find("- Do: ") != std::string::npos, rule.level != RuleLevel::info) << text;
  }
  EXPECT_EQ(texts.size(), rules().size());
}

}  // namespace
}  // namespace nairi::mock
