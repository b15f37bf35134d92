// What the programs print, compared with golden files.
#include <gtest/gtest.h>

#include <ostream>
#include <sstream>
#include <string>
#include <utility>

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
                                           Help{"NairiMockFidelity", run_mock, {"fidelity", "-h"}},
                                           Help{"NairiMockReady", run_mock, {"ready", "-h"}},
                                           Help{"NairiMockRun", run_mock, {"run", "-h"}},
                                           Help{"Nairi", run_nairi, {"--help"}},
                                           Help{"NairiAsk", run_nairi, {"ask", "--help"}}),
                         [](const auto& help) { return help.param.name; });

// Mistakes of every option: what is said must be ours, not a library's.
const Words kMistakes[] = {
    {},
    {"srve"},
    {"--port", "1"},
    {"--verison"},
    {"serve", "--prot", "1"},
    {"serve", "extra"},
    {"serve", "-p", "1"},
    {"serve", "--port"},
    {"serve", "--port", "--tls"},
    {"serve", "--port="},
    {"serve", "--port", ""},
    {"serve", "--port", "http"},
    {"serve", "--port", "-1"},
    {"serve", "--port", "70000"},
    {"serve", "--port", "1", "--port", "2"},
    {"serve", "--host", ""},
    {"serve", "--seed", "-1"},
    {"serve", "--seed", "1.5"},
    {"serve", "--seed", "0x10"},
    {"serve", "--seed", "18446744073709551616"},
    {"serve", "--clock", "sun"},
    {"serve", "--clock", ""},
    {"serve", "--speed", "2"},
    {"serve", "--clock", "wall", "--speed", "nan"},
    {"serve", "--clock", "wall", "--speed", "inf"},
    {"serve", "--clock", "wall", "--speed", "-1"},
    {"serve", "--clock", "wall", "--speed", "2x"},
    {"serve", "--journal-max", "1e3"},
    {"serve", "--keep-idle", "soon"},
    {"serve", "--keep-idle", "5"},
    {"serve", "--drain", "5"},
    {"run", "--drain", "5s", "true"},
    {"serve", "--journal-max", "99999999999"},
    {"serve", "--world", ""},
    {"serve", "--world"},
    {"serve", "--world", "-", "--world", "-"},
    {"serve", "--world", "builtin:"},
    {"serve", "--world", "/"},
    {"serve", "--ready-file", ""},
    {"serve", "--ready-file", "/"},
    {"serve", "--ready-file", "/dev/null"},
    {"serve", "--tls=yes"},
    {"serve", "--ca-file", "x"},
    {"serve", "--tls", "--ca-file", "x", "--ready-file", "x"},
    {"serve", "--report", ""},
    {"serve", "--report", "x", "--ready-file", "x"},
    {"serve", "--report", "/"},
    {"serve", "--report", "/dev/null"},
    {"run", "--report", "/nowhere/page.html", "true"},
    {"serve", "--tls-cert", "x"},
    {"serve", "--tls-key", ""},
    {"serve", "--tls-cert", "/", "--tls-key", "/"},
    {"serve", "--tls-cert", "/nonexistent/c", "--tls-key", "/nonexistent/k"},
    {"run"},
    {"run", "--tls"},
    {"run", "--"},
    {"run", "--prot", "1", "--", "true"},
    {"run", "--with-parent", "true"},
    {"run", "--world", "-", "cat"},
    {"check"},
    {"check", ""},
    {"check", "-", "-"},
    {"check", "/"},
    {"check", "--wait", "1s", "x"},
    {"world", ""},
    {"world", "refnd"},
    {"world", "refund", "default"},
    {"world", "refund", "--list"},
    {"serve", "--fidelity", ""},
    {"serve", "--fidelity", "/nowhere/fidelity.json"},
    {"serve", "--fidelity", "-", "--world", "-"},
    {"run", "--fidelity", "-", "true"},
    {"fidelity", "--fidelty", "x"},
    {"fidelity", "--fidelity", "/nowhere/fidelity.json"},
    {"ready"},
    {"ready", "--ready-file", "/"},
    {"ready", "--ready-file", "x", "--wait", "10"},
    {"ready", "--ready-file", "x", "--wait", "-1s"},
    {"ready", "--ready-file", "x", "--wait", "99999999m"},
    {"ready", "--ready-file", "x", "--print", "base-url"},
    {"ready", "--ready-file", "x", "--print", ""},
};

TEST(Mistakes, OfEveryOptionAreToldInOurOwnWords) {
  std::string told;
  for (const Words& words : kMistakes) {
    told += "$ nairi-mock";
    for (const std::string& word : words) told += " " + (word.empty() ? "''" : word);
    const Finished refused = run_mock(words);
    EXPECT_EQ(refused.exit_code, 2) << told;
    EXPECT_EQ(refused.out, "") << told;
    told += "\n" + refused.err;
  }
  expect_golden(kGolden + "mistakes.txt", told);
}

// Each of these prints, and to no avail.
TEST(Output, ThatIsLostIsNoSuccess) {
  const std::string mock = NAIRI_MOCK_PROGRAM;
  for (const char* command : {"--help", "--version", "serve --help", "serve --port 0", "world",
                              "world --list", "check builtin:default", "run -- $0 --version"}) {
    for (const auto& [where, why] : {std::pair(">/dev/full", "No space left on device"),
                                     std::pair(">&-", "Bad file descriptor")}) {
      const std::string line = mock + " " + command + " " + where;
      const Finished lost = run({"/bin/sh", "-c", line, mock});
      EXPECT_EQ(lost.exit_code, 2) << line;
      EXPECT_EQ(lost.err, std::string("nairi-mock: can't write to standard output: ") + why + "\n")
          << line;
    }
  }
}

TEST(Output, ThatIsLostIsNoReadiness) {
  const Serving serving;
  const Finished lost = run({"/bin/sh", "-c",
                             std::string(NAIRI_MOCK_PROGRAM) + " ready --ready-file " +
                                 serving.ready_file() + " >/dev/full"});
  EXPECT_EQ(lost.exit_code, 2);
  EXPECT_EQ(lost.err, "nairi-mock: can't write to standard output: No space left on device\n");
}

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
