// A folder of its own for files that others read by their path; gone with its owner.
#ifndef NAIRI_CONTRACTS_HARNESS_SERVER_TEMPORARY_FOLDER_H_
#define NAIRI_CONTRACTS_HARNESS_SERVER_TEMPORARY_FOLDER_H_

#include <optional>
#include <string>
#include <string_view>

namespace nairi::contracts {

class TemporaryFolder {
 public:
  TemporaryFolder() = default;
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  // Where a file of that name would be. Throws std::runtime_error when there can be no folder, and
  // for a name that is_plain_name() does not take.
  std::string path_of(const std::string& name);
  // What is in the file at that path; nullopt when it can't be read.
  static std::optional<std::string> read(const std::string& path);
  // Writes a file and answers its path. Throws std::runtime_error when that can't be done.
  std::string write(const std::string& name, std::string_view bytes);

 private:
  std::string path_;  // empty: there is none yet
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_SERVER_TEMPORARY_FOLDER_H_
