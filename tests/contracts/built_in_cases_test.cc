// Every case that ships, as a test of its own: servers' cases against our fake in process, over
// HTTP and over HTTPS, clients' cases with our client. What a failing test says is the case's
// report.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/cases/case_reader.h"
#include "harness/cases/files.h"
#include "harness/client/client_runner.h"
#include "harness/pages/report.h"
#include "harness/server/runner.h"
#include "nairi/mock/world_file.h"

namespace nairi::contracts {
namespace {

// Raise these with the number of cases; who lowers them takes cases away.
constexpr std::size_t kLeastServerCases = 171;
constexpr std::size_t kLeastClientCases = 58;

using RunCase = std::function<CaseResult(const Case&)>;

RunCase against_our_fake(Way way) {
  return [way](const Case& it) { return run_case(it, scripted_subjects(way)); };
}

CaseResult run_our_client(const Case& contract_case) {
  return run_client_case(contract_case, own_client, {}).result;
}

// A way to run cases, and the part of a case file that it needs.
struct Suite {
  const char* name;
  const char* part;
  const char* again;
  RunCase run;
};

std::vector<Suite> suites() {
  return {
      {"CasesInProcess", "steps", "nairi-contract server", against_our_fake(Way::in_process)},
      {"CasesOverHttp", "steps", "nairi-contract server --over http", against_our_fake(Way::http)},
      {"CasesOverHttps", "steps", "nairi-contract server --over https",
       against_our_fake(Way::https)},
      {"CasesForOurClient", "client", "nairi-contract client", run_our_client}};
}

// Reads its file only when it runs: each test has a process of its own.
class CaseTest : public ::testing::Test {
 public:
  CaseTest(Suite suite, std::string file, std::string text)
      : suite_(std::move(suite)), file_(std::move(file)), text_(std::move(text)) {}

  void TestBody() override {
    const auto contract_case = parse_case(text_, file_);
    ASSERT_TRUE(contract_case) << mock::to_string(contract_case.error().front());
    RunReport report{.title = suite_.name, .again = suite_.again, .results = {}};
    report.results.push_back(suite_.run(*contract_case));
    EXPECT_EQ(report.results.front().verdict, CaseVerdict::passed)
        << text_report(report, {.trace = false});
  }

 private:
  Suite suite_;
  std::string file_;
  std::string text_;
};

// "contracts/cases/auth/missing-key.json" → "auth/missing_key": a "-" would end a filter of tests.
std::string test_name(const std::string& file) {
  constexpr std::string_view kFolder = "contracts/cases/";
  constexpr std::string_view kEnd = ".json";
  std::string name = file.substr(kFolder.size(), file.size() - kFolder.size() - kEnd.size());
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

// How many tests there are for each part of a case.
using Parts = std::map<std::string, std::size_t>;

// Looks for the part's key in the text alone: reading all files costs more than most cases do, and
// every test would have to.
bool has_part(const std::string& text, const char* part) {
  return text.find('"' + std::string(part) + "\":") != std::string::npos;
}

Parts register_cases() {
  Parts parts;
  for (const auto& [file, text] : embedded_cases()) {
    for (const char* part : {"steps", "client"}) parts[part] += has_part(text, part) ? 1 : 0;
    for (const Suite& suite : suites()) {
      if (!has_part(text, suite.part)) continue;
      ::testing::RegisterTest(suite.name, test_name(file).c_str(), nullptr, nullptr, file.c_str(),
                              1, [suite, file = file, text = text]() -> ::testing::Test* {
                                return new CaseTest(suite, file, text);
                              });
    }
  }
  return parts;
}

class CountTest : public ::testing::Test {
 public:
  explicit CountTest(Parts tested) : tested_(std::move(tested)) {}

  void TestBody() override {
    const auto cases = built_in_cases();
    ASSERT_TRUE(cases) << mock::to_string(cases.error().front());
    Parts there{{"steps", 0}, {"client", 0}};
    for (const Case& contract_case : *cases) {
      there["steps"] += contract_case.steps.empty() ? 0 : 1;
      there["client"] += contract_case.client ? 1 : 0;
    }
    EXPECT_EQ(tested_, there);
    EXPECT_GE(there["steps"], kLeastServerCases);
    EXPECT_GE(there["client"], kLeastClientCases);
  }

 private:
  Parts tested_;
};

}  // namespace
}  // namespace nairi::contracts

int main(int argc, char** argv) {
  using nairi::contracts::CountTest;
  ::testing::InitGoogleTest(&argc, argv);
  const auto parts = nairi::contracts::register_cases();
  ::testing::RegisterTest("BuiltInCases", "AreAllTestedAndNotFewerThanBefore", nullptr, nullptr,
                          __FILE__, __LINE__,
                          [parts]() -> ::testing::Test* { return new CountTest(parts); });
  const int failed = RUN_ALL_TESTS();
  // A filter that fits nothing would pass otherwise.
  const bool listed_only = ::testing::GTEST_FLAG(list_tests);
  return failed == 0 && !listed_only && ::testing::UnitTest::GetInstance()->test_to_run_count() == 0
             ? 1
             : failed;
}
