// Bad worlds and what is said about them: golden/<folder>/<name>.json and <name>.txt. To write the
// .txt files anew, run with NAIRI_UPDATE_GOLDEN=1 and read the difference.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "nairi/mock/world_file.h"
#include "test_files.h"

namespace nairi::mock::test {
namespace {

namespace fs = std::filesystem;

// One line for each mistake, with the file's name instead of its path.
std::string refusal(const fs::path& path) {
  const auto world = parse_world(read_text(path), {.file = path.string()});
  if (world) return "accepted\n";
  std::string lines;
  for (Diagnostic diagnostic : world.error()) {
    diagnostic.file = path.filename().string();
    lines += to_string(diagnostic) + '\n';
  }
  return lines;
}

class Golden : public ::testing::Test {
 public:
  explicit Golden(fs::path path) : path_(std::move(path)) {}

  void TestBody() override {
    const std::string said = refusal(path_);
    const fs::path expected = fs::path(path_).replace_extension(".txt");
    if (std::getenv("NAIRI_UPDATE_GOLDEN") != nullptr) std::ofstream(expected) << said;
    ASSERT_TRUE(fs::exists(expected)) << expected;
    EXPECT_EQ(said, read_text(expected));
    EXPECT_NE(said, "accepted\n");
  }

 private:
  fs::path path_;
};

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
  EXPECT_GE(golden_worlds().size(), 110U);
}

}  // namespace

void register_golden_tests() {
  for (const fs::path& path : golden_worlds()) {
    ::testing::RegisterTest("AWorldIsRefusedFor", test_name(path).c_str(), nullptr, nullptr,
                            path.c_str(), __LINE__,
                            [path]() -> ::testing::Test* { return new Golden(path); });
  }
}

}  // namespace nairi::mock::test
