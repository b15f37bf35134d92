// Bad worlds and what is said about them: golden/<folder>/<name>.json and <name>.txt; those of
// golden/hints are good, and unusual. To write the .txt files anew, run with NAIRI_UPDATE_GOLDEN=1
// and read the difference.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "nairi/mock/world_file.h"
#include "test_files.h"

namespace nairi::mock::test {
namespace {

namespace fs = std::filesystem;

// One line for each, with the file's name instead of its path.
std::string lines_of(const Diagnostics& diagnostics, const fs::path& path) {
  std::string lines;
  for (Diagnostic diagnostic : diagnostics) {
    diagnostic.file = path.filename().string();
    lines += to_string(diagnostic) + '\n';
  }
  return lines;
}

std::string refusal(const fs::path& path) {
  const auto world = parse_world(read_text(path), {.file = path.string()});
  return world ? "accepted\n" : lines_of(world.error(), path);
}

std::string hints_of(const fs::path& path) {
  const auto checked = check_worlds({path.string()});
  if (!checked) return "refused\n" + lines_of(checked.error(), path);
  return checked->hints.empty() ? "accepted\n" : lines_of(checked->hints, path);
}

using Saying = std::string (*)(const fs::path&);

class Golden : public ::testing::Test {
 public:
  Golden(fs::path path, Saying say) : path_(std::move(path)), say_(say) {}

  void TestBody() override {
    const std::string said = say_(path_);
    const fs::path expected = fs::path(path_).replace_extension(".txt");
    if (std::getenv("NAIRI_UPDATE_GOLDEN") != nullptr) std::ofstream(expected) << said;
    ASSERT_TRUE(fs::exists(expected)) << expected;
    EXPECT_EQ(said, read_text(expected));
    EXPECT_NE(said, "accepted\n");
  }

 private:
  fs::path path_;
  Saying say_;
};

constexpr const char* kHintsFolder = "tests/world/golden/hints";

std::vector<fs::path> golden_worlds() {
  std::vector<fs::path> worlds;
  for (const char* folder : {"text", "shape", "sense"}) {
    for (const fs::path& path : files_in(source_path("tests/world/golden") / folder, ".json")) {
      worlds.push_back(path);
    }
  }
  return worlds;
}

TEST(GoldenWorlds, AreNotFewerThanBefore) {
  EXPECT_GE(golden_worlds().size(), 105U);
  EXPECT_GE(files_in(source_path(kHintsFolder), ".json").size(), 23U);
}

void register_golden(const char* suite, const fs::path& path, Saying say) {
  ::testing::RegisterTest(suite, test_name(path).c_str(), nullptr, nullptr, path.c_str(), __LINE__,
                          [path, say]() -> ::testing::Test* { return new Golden(path, say); });
}

}  // namespace

void register_golden_tests() {
  for (const fs::path& path : golden_worlds()) {
    register_golden("AWorldIsRefusedFor", path, refusal);
  }
  for (const fs::path& path : files_in(source_path(kHintsFolder), ".json")) {
    register_golden("AWorldIsHintedAtFor", path, hints_of);
  }
}

}  // namespace nairi::mock::test
