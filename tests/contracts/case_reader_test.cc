// Case files with mistakes and what is said about them: golden/cases/<name>.json and <name>.txt.
// To write the .txt files anew, run with NAIRI_UPDATE_GOLDEN=1 and read the difference.
#include "harness/cases/case_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string>
#include <vector>

#include "files.h"

namespace nairi::contracts {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = "tests/contracts/golden/cases";

// "a-bad-regex" for each of the files, sorted.
std::vector<std::string> refused_cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(tests::source_path(kFolder))) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// One line for each mistake.
std::string said_of(const std::string& text, const std::string& file) {
  const auto contract_case = parse_case(text, file);
  if (contract_case) return "accepted\n";
  std::string lines;
  for (const mock::Diagnostic& mistake : contract_case.error()) lines += to_string(mistake) + "\n";
  return lines;
}

class ACaseIsRefusedFor : public ::testing::TestWithParam<std::string> {};

TEST_P(ACaseIsRefusedFor, What) {
  const std::string file = GetParam() + ".json";
  const std::string said = said_of(tests::read_source(kFolder / file), file);
  EXPECT_NE(said, "accepted\n");
  tests::expect_golden(kFolder / (GetParam() + ".txt"), said);
}

// "a-bad-regex" → "ABadRegex"
std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name;
  bool begins = true;
  for (const char c : info.param) {
    if (c != '-') name += begins ? static_cast<char>(std::toupper(c)) : c;
    begins = c == '-';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Golden, ACaseIsRefusedFor, ::testing::ValuesIn(refused_cases()),
                         test_name);

TEST(RefusedCases, AreNotFewerThanBefore) {
  EXPECT_GE(refused_cases().size(), 50U);
}

class CaseFiles : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    tests::write_file(folder_ / name, text);
  }
  std::string path(const std::string& name = "") const { return folder_ / name; }

  // "line:column: pointer: message" of the only mistake in reading that path.
  std::string mistake(const std::string& in) const {
    const auto cases = read_cases({in});
    if (cases) return "accepted";
    EXPECT_EQ(cases.error().size(), 1U);
    return to_string(cases.error().front());
  }

  static std::string case_called(const std::string& name) {
    return R"({"name": ")" + name + R"(", "why": "REFERENCE: Basics", "source": "seed",
      "steps": [{"id": "agents", "call": {"get": "/agents"}, "reply": {"status": 200}}]})";
  }

 private:
  tests::TemporaryFolder folder_;
};

TEST_F(CaseFiles, AreFoundInFoldersInTheOrderOfTheirNames) {
  fs::create_directory(path("b"));
  write("b/one.json", case_called("b/one"));
  write("two.json", case_called("two"));
  write("a.json", case_called("a"));
  write("notes.txt", "no case");
  const auto cases = read_cases({path()});
  ASSERT_TRUE(cases);
  std::vector<std::string> names;
  for (const Case& contract_case : *cases) names.push_back(contract_case.name);
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b/one", "two"}));
  EXPECT_EQ(cases->front().text, case_called("a"));
}

TEST_F(CaseFiles, OfOneNameAreRefused) {
  write("a.json", case_called("same"));
  write("b.json", case_called("same"));
  EXPECT_EQ(mistake(path()),
            path("b.json") + ":1:1: /name: the name \"same\" is taken by " + path("a.json"));
}

TEST_F(CaseFiles, ThatAreNotThereAreRefused) {
  EXPECT_EQ(mistake(path("none.json")), path("none.json") + ": can't read the case file");
}

TEST_F(CaseFiles, MayNotBeNoneAtAll) {
  EXPECT_EQ(mistake(path()), path() + ": there is no case in this folder: no file *.json");
}

TEST_F(CaseFiles, AreAllReadBeforeTheyAreRefused) {
  write("a.json", "{}");
  write("b.json", "[]");
  const auto cases = read_cases({path()});
  ASSERT_FALSE(cases);
  EXPECT_EQ(cases.error().front().file, path("a.json"));
  EXPECT_EQ(cases.error().back().file, path("b.json"));
}

}  // namespace
}  // namespace nairi::contracts
