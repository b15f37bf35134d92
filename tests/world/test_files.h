// Finds and reads the files of the source tree that these tests are about.
#ifndef NAIRI_MOCK_TESTS_WORLD_TEST_FILES_H_
#define NAIRI_MOCK_TESTS_WORLD_TEST_FILES_H_

#include <filesystem>
#include <string>
#include <vector>

namespace nairi::mock::test {

// A path in the source tree.
std::filesystem::path source_path(const std::string& path);

std::string read_text(const std::filesystem::path& path);

// The files of a folder that end so, sorted.
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder,
                                            const std::string& extension);

// "a-missing-comma.json" as the name of a test: "AMissingComma".
std::string test_name(const std::filesystem::path& path);

// Registers a test for each data file; called before the tests run.
void register_golden_tests();
void register_schema_tests();
void register_doc_tests();

}  // namespace nairi::mock::test

#endif  // NAIRI_MOCK_TESTS_WORLD_TEST_FILES_H_
