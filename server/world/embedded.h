// The files that the build put into the library; defined by the output of cmake/EmbedFiles.cmake.
#ifndef NAIRI_MOCK_WORLD_EMBEDDED_H_
#define NAIRI_MOCK_WORLD_EMBEDDED_H_

#include <optional>
#include <string_view>

namespace nairi::mock {

// The bytes of a file by its path in fixtures/worlds; they live as long as the program.
std::optional<std::string_view> embedded_file(std::string_view path);

// The same for the files of contracts/.
std::optional<std::string_view> embedded_contract(std::string_view path);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_WORLD_EMBEDDED_H_
