// The page's files that the build put into the library; defined by the output of
// cmake/EmbedFiles.cmake.
#ifndef NAIRI_MOCK_INSPECTOR_EMBEDDED_H_
#define NAIRI_MOCK_INSPECTOR_EMBEDDED_H_

#include <optional>
#include <string_view>

namespace nairi::mock {

// The bytes of a file by its name in server/inspector, those of its SHA-256 as "page.css.sha256".
std::optional<std::string_view> embedded_inspector(std::string_view path);

// The same for rules.md of docs.
std::optional<std::string_view> embedded_rules(std::string_view path);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_INSPECTOR_EMBEDDED_H_
