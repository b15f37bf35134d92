// Each ```json block of docs/worlds.md is a complete world that loads.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "nairi/mock/world_file.h"
#include "schema_check.h"
#include "test_files.h"

namespace nairi::mock::test {
namespace {

std::vector<std::string> json_blocks(const std::string& text) {
  const std::string open = "```json\n";
  std::vector<std::string> blocks;
  for (std::size_t at = text.find(open); at != std::string::npos; at = text.find(open, at)) {
    at += open.size();
    blocks.push_back(text.substr(at, text.find("```", at) - at));
  }
  return blocks;
}

std::vector<std::string> doc_blocks() {
  return json_blocks(read_text(source_path("docs/worlds.md")));
}

class Block : public ::testing::Test {
 public:
  explicit Block(std::string text) : text_(std::move(text)) {}

  void TestBody() override {
    const std::string beside_the_fixtures = source_path("fixtures/worlds/doc.json").string();
    const auto world = parse_world(text_, {.file = beside_the_fixtures});
    if (!world) {
      for (const Diagnostic& mistake : world.error()) ADD_FAILURE() << to_string(mistake);
    }
    EXPECT_EQ(schema_mistakes(text_), "");
  }

 private:
  std::string text_;
};

TEST(WorldsDoc, HasExamples) {
  EXPECT_GE(doc_blocks().size(), 5U);
}

}  // namespace

void register_doc_tests() {
  int number = 0;
  for (const std::string& text : doc_blocks()) {
    const std::string name = "Example" + std::to_string(++number) + "Loads";
    ::testing::RegisterTest("WorldsDoc", name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                            [text]() -> ::testing::Test* { return new Block(text); });
  }
}

}  // namespace nairi::mock::test
