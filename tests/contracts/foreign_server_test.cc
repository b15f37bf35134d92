// A server that somebody else wrote from REFERENCE keeps what REFERENCE states, as the harness sees
// it: it fails nothing, and its other choices show as differences.
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "files.h"
#include "harness/client/process.h"
#include "program.h"

namespace nairi::tests {
namespace {

using nlohmann::json;

constexpr int kLeastChecked = 120;
constexpr int kLeastDifferences = 15;

class AServerWrittenFromReferenceAlone : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto line = server_.read_line(std::chrono::steady_clock::now() + std::chrono::minutes(1));
    ASSERT_TRUE(line) << "it does not say where it listens";
    url_ = json::parse(*line).at("base_url");
  }

  // Its cases of these options, with these states.
  Finished check(const std::string& states, const Words& options) const {
    Words words{NAIRI_CONTRACT_PROGRAM, "server", "--target", url_, "--states", states};
    words.insert(words.end(), options.begin(), options.end());
    return run(words);
  }

  // Its states with one of another value.
  std::string states_with(const std::string& name, const std::string& value) const {
    json states = json::parse(read_file(states_));
    states[name] = value;
    const std::string path = folder_ / (name + ".json");
    write_file(path, states.dump());
    return path;
  }

  const TemporaryFolder folder_;
  const std::string states_ = folder_ / "its states.json";
  std::string url_;

 private:
  contracts::Process server_{{NAIRI_PYTHON, source_path("tests/foreign/server.py"), "--port", "0",
                              "--states-file", states_},
                             {"PYTHONDONTWRITEBYTECODE=1"}};
};

TEST_F(AServerWrittenFromReferenceAlone, FailsNothingAndDiffersWhereReferenceAssumes) {
  const std::string report = folder_ / "report.json";
  const Finished checked = check(states_, {"--poll-ms", "20", "--json", report});
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  const json found = json::parse(read_file(report));
  EXPECT_EQ(found.at("failed"), 0);
  EXPECT_GE(found.at("differ"), kLeastDifferences);
  EXPECT_GE(found.at("passed").get<int>() + found.at("differ").get<int>(), kLeastChecked);
}

TEST_F(AServerWrittenFromReferenceAlone, IsLeftAloneWithAKeyThatItRefuses) {
  const Finished refused = check(states_with("api_key", "nr_wrong"), {});
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_EQ(refused.out, "");
  EXPECT_EQ(refused.err, "nairi-contract: " + url_ + " refuses the key in " +
                             (folder_ / "api_key.json").string() + ": GET /agents answers 401\n");
}

TEST_F(AServerWrittenFromReferenceAlone, IsLeftAloneWithAnAgentThatItLacks) {
  const std::string states = states_with("agent", "nobody");
  const Finished lacking = check(states, {});
  EXPECT_EQ(lacking.exit_code, 3);
  EXPECT_EQ(lacking.out, "");
  EXPECT_EQ(lacking.err, "nairi-contract: " + url_ + " has no agent \"nobody\", which " + states +
                             " names: GET /agents does not list it\n");
  EXPECT_EQ(check(states, {"--case", "agents/change"}).exit_code, 0) << "it needs no agent";
}

TEST_F(AServerWrittenFromReferenceAlone, IsCheckedAgainByTheCommandThatTheRunPrints) {
  const Finished differs =
      check(states_, {"--poll-ms", "20", "--rate", "50", "--strict", "--case", "auth/case-*"});
  EXPECT_EQ(differs.exit_code, 1);
  const std::string mark = "  again: nairi-contract ";
  const std::size_t at = differs.out.find(mark);
  ASSERT_NE(at, std::string::npos) << differs.out;
  const std::size_t begin = at + mark.size();
  const std::string again = differs.out.substr(begin, differs.out.find('\n', begin) - begin);
  EXPECT_EQ(again, "server --strict --target " + url_ + " --states '" + states_ +
                       "' --poll-ms 20 --rate 50.0 --case auth/case-insensitive --trace");
  const Finished second = run({"/bin/sh", "-c", std::string(NAIRI_CONTRACT_PROGRAM) + " " + again});
  EXPECT_EQ(second.exit_code, 1) << second.err;
}

}  // namespace
}  // namespace nairi::tests
