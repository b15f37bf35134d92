// Where the attachments of a world come from.
#ifndef NAIRI_MOCK_WORLD_FILES_H_
#define NAIRI_MOCK_WORLD_FILES_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "nairi/mock/file_opener.h"

namespace nairi::mock {

using Bytes = std::shared_ptr<const std::string>;

// Files relative to the folder of `world_file`: neither absolute nor above it.
FileOpener files_beside(const std::string& world_file);

// The same of a folder that only `open` can read.
FileOpener files_from(FileOpener open);

// Files that are built in, by their names in fixtures/worlds.
FileOpener embedded_files();

// For a world that no folder belongs to.
FileOpener no_files();

// The whole file, or why it can't be read.
tl::expected<std::string, std::string> read_file(const std::string& path, std::size_t max_bytes);

// "-", which is standard input, a pipe or a terminal: what can be read once only, and lies in no
// folder.
bool is_stream(const std::string& path);

// The same for a path that may be a stream, too.
tl::expected<std::string, std::string> read_file_or_stream(const std::string& path,
                                                           std::size_t max_bytes);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_WORLD_FILES_H_
