#include "harness/cases/files.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "text/json_source.h"

namespace nairi::contracts {

std::map<std::string, std::string> embedded_cases() {
  // Written by CMake: all files of contracts/cases.
  static constexpr std::string_view kFiles[] = {
#include "case_files.inc"
  };
  std::map<std::string, std::string> cases;
  for (const std::string_view file : kFiles) {
    if (const auto text = embedded_text(file)) cases.emplace(file, *text);
  }
  return cases;
}

tl::expected<std::string, std::string> read_text_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return tl::unexpected("can't read " + path + ": " + std::strerror(errno));
  }
  return text.str();
}

tl::expected<Json, mock::Diagnostics> parse_document(std::string_view text,
                                                     const std::string& file) {
  auto value = mock::parse_json(text);
  if (value) return std::move(*value);
  const mock::JsonMistake& mistake = value.error();
  const auto [line, column] = mock::line_column(text, mistake.offset);
  return tl::unexpected(mock::Diagnostics{{file, line, column, mistake.pointer, mistake.message}});
}

}  // namespace nairi::contracts
