// Where the attachments of a world come from, if not from the folder that it lies in.
//
//   WorldSource source{.open_file = [&](const std::string& path) { return archive.read(path); }};
//
// Thread-safety: as that of the function; it is called while a world is read, and no longer.
#ifndef NAIRI_MOCK_FILE_OPENER_H_
#define NAIRI_MOCK_FILE_OPENER_H_

#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>

namespace nairi::mock {

// The bytes of a path as a world names it, or why there are none.
using FileOpener = std::function<tl::expected<std::shared_ptr<const std::string>, std::string>(
    const std::string& path)>;

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_FILE_OPENER_H_
