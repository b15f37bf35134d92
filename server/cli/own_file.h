// Files that exist while a fake runs: where it listens, and whom to trust.
#ifndef NAIRI_MOCK_CLI_OWN_FILE_H_
#define NAIRI_MOCK_CLI_OWN_FILE_H_

#include <sys/types.h>
#include <optional>
#include <string>
#include <tl/expected.hpp>

namespace nairi::mock {

// What stands in a file; nullopt when there is none at that path. The error is a sentence: a folder
// or a pipe is no file, and a file may be unreadable.
tl::expected<std::optional<std::string>, std::string> read_if_there(const std::string& path);

// Where a link leads; the path itself when there is none, or nothing at its end.
std::string end_of_links(const std::string& path);

// Writes the text so that a reader sees all of it or nothing; in place of a link. The error is a
// sentence.
tl::expected<void, std::string> write_atomically(const std::string& path, const std::string& text,
                                                 mode_t mode);

// Whether that could be done: leaves nothing.
tl::expected<void, std::string> try_to_write(const std::string& path);

// Makes sure that the CA may be written there: refused, with a sentence, is what is no CA of a
// nairi-mock. Others name a file to be trusted "--ca-file".
tl::expected<void, std::string> claim_ca_file(const std::string& path);

class OwnFile {
 public:
  OwnFile() = default;
  // Removes the file, unless another program has written it anew.
  ~OwnFile();
  OwnFile(const OwnFile&) = delete;
  OwnFile& operator=(const OwnFile&) = delete;

  // Writes it atomically. The error is a sentence.
  tl::expected<void, std::string> write(const std::string& path, const std::string& text,
                                        mode_t mode);

 private:
  std::string path_;
  std::string text_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_CLI_OWN_FILE_H_
