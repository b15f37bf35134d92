#include "harness/server/temporary_folder.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include "harness/cases/files.h"
#include "text/wording.h"

namespace nairi::contracts {

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::path_of(const std::string& name) {
  if (!is_plain_name(name)) {
    throw std::runtime_error("expected the name of a file without folders, got " +
                             mock::in_quotes(name));
  }
  if (path_.empty()) {
    std::string path = (std::filesystem::temp_directory_path() / "nairi-contract-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) {
      throw std::runtime_error("can't make a temporary folder: " + path);
    }
    path_ = path;
  }
  return (std::filesystem::path(path_) / name).string();
}

std::optional<std::string> TemporaryFolder::read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string TemporaryFolder::write(const std::string& name, std::string_view bytes) {
  std::string file = path_of(name);
  if (!(std::ofstream(file, std::ios::binary) << bytes)) {
    throw std::runtime_error("can't write " + file);
  }
  return file;
}

}  // namespace nairi::contracts
