// What the programs print, compared with golden files.
#include <gtest/gtest.h>

#include <ostream>
#include <sstream>
#include <string>

#include "serving.h"

namespace nairi::tests {
namespace {

const std::string kGolden = "tests/integration/golden/";

struct Help {
  const char* name;
  Finished (*program)(const Words&, const Words&);
  Words arguments;
};

void PrintTo(const Help& help, std::ostream* out) {
  *out << help.name;
}

class HelpText : public ::testing::TestWithParam<Help> {};

TEST_P(HelpText, IsTheGoldenOneAndFitsEightyColumns) {
  const Finished help = GetParam().program(GetParam().arguments, {});
  EXPECT_EQ(help.exit_code, 0) << help.err;
  EXPECT_EQ(help.err, "");
  expect_golden(kGolden + "help/" + GetParam().name + ".txt", help.out);
  std::istringstream lines(help.out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

INSTANTIATE_TEST_SUITE_P(Of, HelpText,
                         ::testing::Values(Help{"NairiMock", run_mock, {"--help"}},
                                           Help{"NairiMockServe", run_mock, {"serve", "--help"}},
                                           Help{"NairiMockCheck", run_mock, {"check", "-h"}},
                                           Help{"NairiMockWorld", run_mock, {"world", "-h"}},
                                           Help{"NairiMockReady", run_mock, {"ready", "-h"}},
                                           Help{"Nairi", run_nairi, {"--help"}},
                                           Help{"NairiAsk", run_nairi, {"ask", "--help"}}),
                         [](const auto& help) { return help.param.name; });

// What a terminal would show, without colors.
std::string transcript(const Finished& run) {
  std::string text = run.out;
  if (!run.err.empty()) text += "--- stderr\n" + run.err;
  return text + "--- exit " + std::to_string(run.exit_code) + "\n";
}

// All runs of one test meet one fake: seed, key and calls make the ids.
class Nairi : public ::testing::Test {
 protected:
  std::string expect(const std::string& name, const Words& arguments) {
    const Finished run = serving.ask(arguments);
    expect_golden(kGolden + "nairi/" + name + ".txt", transcript(run));
    return run.out;
  }
  Serving serving;
};

const Words kRefund{"ask",        "--agent",         "billing-agent", "Refund the failed charge",
                    "--progress", "--poll-interval", "0.001"};

TEST_F(Nairi, AskPrintsTheAnswer) {
  expect("ask", kRefund);
}

TEST_F(Nairi, AskWithJsonPrintsOneDocument) {
  Words arguments = kRefund;
  arguments.emplace_back("--json");
  const std::string out = expect("ask-json", arguments);
  EXPECT_TRUE(nlohmann::json::accept(out));
}

TEST_F(Nairi, AskTellsWhyATurnFailed) {
  expect("ask-failed", {"ask", "--agent", "my-agent", "Please fail", "--poll-interval", "0.001"});
}

TEST_F(Nairi, AskTellsTheRefusalOfASlackJob) {
  expect("ask-slack", {"ask", "--job", serving.state("slack_job"), "Hello"});
}

TEST_F(Nairi, MessagesShowTheWholeTimeline) {
  const Finished asked = serving.ask(kRefund);
  const std::string job = asked.err.substr(4, asked.err.find('\n') - 4);  // "job job_…"
  expect("messages-all", {"messages", job, "--all"});
  expect("messages", {"messages", job});
}

TEST_F(Nairi, ConversationsAreListed) {
  expect("conversations", {"conversations", "billing-agent", "--limit", "2"});
}

TEST_F(Nairi, AgentsAreListed) {
  expect("agents", {"agents"});
}

TEST_F(Nairi, AttachmentIsDownloaded) {
  serving.ask(kRefund);
  const auto timeline =
      nlohmann::json::parse(serving.ask({"messages", "--json", serving.state("web_job")}).out);
  const std::string id = timeline.back().at("attachment_ids").at(0);
  const TemporaryFolder folder;
  const Finished saved = serving.ask({"attachment", id, "-o", folder / "receipt.pdf"});
  EXPECT_EQ(saved.exit_code, 0);
  EXPECT_EQ(saved.err, "receipt.pdf, " + std::to_string(read_file(folder / "receipt.pdf").size()) +
                           " bytes, to " + (folder / "receipt.pdf").string() + "\n");
  EXPECT_EQ(read_file(folder / "receipt.pdf"), read_source("fixtures/attachments/receipt.pdf"));
  EXPECT_EQ(serving.ask({"attachment", id, "-o", "-"}).out,
            read_source("fixtures/attachments/receipt.pdf"));
}

}  // namespace
}  // namespace nairi::tests
