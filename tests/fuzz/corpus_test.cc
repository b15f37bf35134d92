// Replays what the fuzzers have been fed, so that their finds stay fixed without them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "invariants.h"

namespace nairi::tests {

void PrintTo(const FuzzTarget& target, std::ostream* out) {
  *out << target.name;
}

namespace {

class Corpus : public testing::TestWithParam<FuzzTarget> {};

TEST_P(Corpus, KeepsTheInvariants) {
  int files = 0;
  const std::filesystem::path folder = NAIRI_MOCK_CORPUS;
  for (const auto& entry : std::filesystem::directory_iterator(folder / GetParam().name)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(GetParam().broken_invariant(input), "") << entry.path();
    ++files;
  }
  EXPECT_GT(files, 4) << "the corpus is missing";
}

INSTANTIATE_TEST_SUITE_P(Of, Corpus, testing::ValuesIn(kFuzzTargets),
                         [](const auto& target) { return std::string(target.param.name); });

}  // namespace
}  // namespace nairi::tests
