// Replays what the fuzzers have been fed, so that their finds stay fixed without them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "embed_invariants.h"
#include "framing_invariants.h"

namespace nairi::mock {
namespace {

// For each file of the corpus of that name.
void expect_to_hold(const char* corpus, std::string (*broken_invariant)(std::string_view)) {
  int files = 0;
  const std::filesystem::path folder = NAIRI_MOCK_CORPUS;
  for (const auto& entry : std::filesystem::directory_iterator(folder / corpus)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(broken_invariant(input), "") << entry.path();
    ++files;
  }
  EXPECT_GT(files, 10) << "the corpus is missing";
}

TEST(FramingCorpus, KeepsTheInvariants) {
  expect_to_hold("framing", broken_framing_invariant);
}

TEST(EmbedCorpus, KeepsTheInvariants) {
  expect_to_hold("embed", broken_embed_invariant);
}

}  // namespace
}  // namespace nairi::mock
