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

TEST(AServerWrittenFromReferenceAlone, FailsNothingAndDiffersWhereReferenceAssumes) {
  const TemporaryFolder folder;
  const std::string states = folder / "states.json";
  const std::string report = folder / "report.json";
  contracts::Process server({NAIRI_PYTHON, source_path("tests/foreign/server.py"), "--port", "0",
                             "--states-file", states},
                            {"PYTHONDONTWRITEBYTECODE=1"});
  const auto line = server.read_line(std::chrono::steady_clock::now() + std::chrono::minutes(1));
  ASSERT_TRUE(line) << "it does not say where it listens";
  const std::string url = json::parse(*line).at("base_url");
  const Finished checked = run({NAIRI_CONTRACT_PROGRAM, "server", "--target", url, "--states",
                                states, "--poll-ms", "20", "--json", report});
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  const json found = json::parse(read_file(report));
  EXPECT_EQ(found.at("failed"), 0);
  EXPECT_GE(found.at("differ"), kLeastDifferences);
  EXPECT_GE(found.at("passed").get<int>() + found.at("differ").get<int>(), kLeastChecked);
}

}  // namespace
}  // namespace nairi::tests
