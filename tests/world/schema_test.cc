// contracts/world.schema.json and the loader agree: the schema accepts what the loader accepts, and
// refuses the bad worlds of golden/shape. Those of golden/sense are bad in ways that a schema can't
// express, and it accepts them.
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "schema_check.h"
#include "test_files.h"

namespace nairi::mock::test {

std::string schema_mistakes(const std::string& text) {
  using Adapter = valijson::adapters::NlohmannJsonAdapter;
  static const auto schema_json =
      nlohmann::json::parse(read_text(source_path("contracts/world.schema.json")));
  static const auto schema = [] {
    auto parsed = std::make_unique<valijson::Schema>();
    valijson::SchemaParser().populateSchema(Adapter(schema_json), *parsed);
    return parsed;
  }();
  const auto world = nlohmann::json::parse(text);
  valijson::ValidationResults results;
  valijson::Validator().validate(*schema, Adapter(world), &results);
  std::string mistakes;
  for (const auto& error : results) {
    for (const auto& step : error.context) mistakes += step;
    mistakes += ": " + error.description + '\n';
  }
  return mistakes;
}

namespace {

namespace fs = std::filesystem;

enum class Verdict { accepted, refused };

class SchemaVerdict : public ::testing::Test {
 public:
  SchemaVerdict(fs::path path, Verdict verdict) : path_(std::move(path)), verdict_(verdict) {}

  void TestBody() override {
    const std::string mistakes = schema_mistakes(read_text(path_));
    EXPECT_EQ(mistakes.empty() ? Verdict::accepted : Verdict::refused, verdict_) << mistakes;
  }

 private:
  fs::path path_;
  Verdict verdict_;
};

void register_folder(const char* suite, const fs::path& folder, Verdict verdict) {
  for (const fs::path& path : files_in(folder, ".json")) {
    ::testing::RegisterTest(
        suite, test_name(path).c_str(), nullptr, nullptr, path.c_str(), __LINE__,
        [path, verdict]() -> ::testing::Test* { return new SchemaVerdict(path, verdict); });
  }
}

}  // namespace

void register_schema_tests() {
  const fs::path golden = source_path("tests/world/golden");
  register_folder("TheSchemaAccepts", source_path("fixtures/worlds"), Verdict::accepted);
  register_folder("TheSchemaRefuses", golden / "shape", Verdict::refused);
  register_folder("TheSchemaAcceptsTheUnusual", golden / "hints", Verdict::accepted);
  register_folder("TheSchemaCannotTell", golden / "sense", Verdict::accepted);
}

}  // namespace nairi::mock::test
