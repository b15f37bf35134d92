// Files of the source tree, files of a test's own, and golden files.
#ifndef NAIRI_MOCK_TESTS_SUPPORT_FILES_H_
#define NAIRI_MOCK_TESTS_SUPPORT_FILES_H_

#include <filesystem>
#include <string>
#include <string_view>

namespace nairi::tests {

// "" when there is no such file.
std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, std::string_view text);

// A path below the root of the source tree, and what is there.
std::filesystem::path source_path(const std::filesystem::path& path);
std::string read_source(const std::filesystem::path& path);

// Compares with a golden file of the source tree. To write golden files anew, run with
// NAIRI_UPDATE_GOLDEN=1 and read the difference.
void expect_golden(const std::filesystem::path& path, const std::string& text);

// A new empty folder, removed with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace nairi::tests

#endif  // NAIRI_MOCK_TESTS_SUPPORT_FILES_H_
