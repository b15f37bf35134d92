#include "harness/cases/files.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <span>
#include <sstream>

#include "text/json_source.h"
#include "text/wording.h"

namespace nairi::contracts {

namespace {

std::map<std::string, std::string> embedded(std::span<const std::string_view> files) {
  std::map<std::string, std::string> texts;
  for (const std::string_view file : files) {
    if (const auto text = embedded_text(file)) texts.emplace(file, *text);
  }
  return texts;
}

}  // namespace

std::map<std::string, std::string> embedded_cases() {
  // Written by CMake, as below: all files of contracts/cases.
  static constexpr std::string_view kFiles[] = {
#include "case_files.inc"
  };
  return embedded(kFiles);
}

std::map<std::string, std::string> embedded_worlds() {
  static constexpr std::string_view kFiles[] = {
#include "world_files.inc"
  };
  return embedded(kFiles);
}

tl::expected<std::string, std::string> read_text_file(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();  // fails for an empty file, too, but then without an error
  if (!file || errno != 0) {
    return tl::unexpected("can't read " + path + ": " + std::strerror(errno));
  }
  // Editors on Windows put a mark in front of UTF-8.
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  std::string read = text.str();
  if (read.starts_with(kByteOrderMark)) read.erase(0, kByteOrderMark.size());
  return read;
}

tl::expected<Json, mock::Diagnostics> parse_document(std::string_view text,
                                                     const std::string& file) {
  auto value = mock::parse_json(text);
  if (value) return std::move(*value);
  const mock::JsonMistake& mistake = value.error();
  const auto [line, column] = mock::line_column(text, mistake.offset);
  return tl::unexpected(mock::Diagnostics{{file, line, column, mistake.pointer, mistake.message}});
}

bool is_plain_name(std::string_view name) {
  constexpr std::string_view kOfPaths("/\0", 2);
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(kOfPaths) == std::string_view::npos;
}

tl::expected<Values, std::string> parse_states(std::string_view text, const std::string& file) {
  const auto json = mock::parse_json(text);
  if (!json) {
    const auto [line, column] = mock::line_column(text, json.error().offset);
    return tl::unexpected(file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " +
                          json.error().message);
  }
  if (!json->is_object()) {
    return tl::unexpected(file + ": expected an object of names and texts, got " +
                          mock::describe(*json));
  }
  Values states;
  for (const auto& [name, value] : json->items()) {
    if (!value.is_string()) {
      return tl::unexpected(file + ": /" + name + ": expected a text, got " +
                            mock::describe(value));
    }
    states[name] = value;
  }
  return states;
}

}  // namespace nairi::contracts
