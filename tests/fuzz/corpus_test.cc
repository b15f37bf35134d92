// Replays what the fuzzer has been fed, so that its finds stay fixed without it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "framing_invariants.h"

namespace nairi::mock {
namespace {

TEST(FramingCorpus, KeepsTheInvariants) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(NAIRI_MOCK_FRAMING_CORPUS)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(broken_framing_invariant(input), "") << entry.path();
    ++files;
  }
  EXPECT_GT(files, 10) << "the corpus is missing";
}

}  // namespace
}  // namespace nairi::mock
