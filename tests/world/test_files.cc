#include "test_files.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>

namespace nairi::mock::test {

namespace fs = std::filesystem;

fs::path source_path(const std::string& path) {
  return fs::path(NAIRI_SOURCE_DIR) / path;
}

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> files_in(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::string test_name(const fs::path& path) {
  std::string name;
  bool begins = true;
  for (const char character : path.stem().string()) {
    if (character != '-') {
      name += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(character)))
                     : character;
    }
    begins = character == '-';
  }
  return name;
}

}  // namespace nairi::mock::test
