#include "files.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>

namespace nairi::tests {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const fs::path& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text << std::flush;
  ASSERT_TRUE(out) << "can't write " << path;
}

fs::path source_path(const fs::path& path) {
  return fs::path(NAIRI_SOURCE_DIR) / path;
}

std::string read_source(const fs::path& path) {
  return read_file(source_path(path));
}

void expect_golden(const fs::path& path, const std::string& text) {
  const fs::path golden = source_path(path);
  if (std::getenv("NAIRI_UPDATE_GOLDEN") != nullptr) write_file(golden, text);
  ASSERT_TRUE(fs::exists(golden)) << golden;
  EXPECT_EQ(text, read_file(golden)) << golden;
}

TemporaryFolder::TemporaryFolder() {
  std::string name = fs::temp_directory_path() / "nairi-test-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), name);
  }
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace nairi::tests
