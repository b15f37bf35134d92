// Which files the cases come from: the tester's, or those that the build put into the library.
#include <filesystem>
#include <iterator>
#include <map>
#include <utility>

#include "harness/cases/case_reader.h"
#include "harness/cases/files.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

void append(mock::Diagnostics& all, mock::Diagnostics more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// Reads each text; the files come in the order of the map.
tl::expected<std::vector<Case>, mock::Diagnostics> parse_cases(
    const std::map<std::string, std::string>& texts) {
  std::vector<Case> cases;
  mock::Diagnostics mistakes;
  std::map<std::string, std::string> files;  // by case name
  for (const auto& [file, text] : texts) {
    auto parsed = parse_case(text, file);
    if (!parsed) {
      append(mistakes, std::move(parsed.error()));
      continue;
    }
    const auto [taken, is_new] = files.emplace(parsed->name, file);
    if (!is_new) {
      mistakes.push_back(
          {file, 1, 1, "/name",
           "the name " + mock::in_quotes(parsed->name) + " is taken by " + taken->second});
    }
    cases.push_back(std::move(*parsed));
  }
  if (!mistakes.empty()) return tl::unexpected(std::move(mistakes));
  return cases;
}

tl::unexpected<mock::Diagnostics> no_case(const std::string& path, const std::string& why) {
  return tl::unexpected(mock::Diagnostics{{path, 0, 0, "", why}});
}

// All *.json below a folder, or the file itself.
std::vector<std::string> files_of(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return {path};
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path, error)) {
    if (entry.is_regular_file() && entry.path().extension() == ".json") {
      files.push_back(entry.path().string());
    }
  }
  return files;
}

}  // namespace

tl::expected<std::vector<Case>, mock::Diagnostics> read_cases(
    const std::vector<std::string>& paths) {
  std::map<std::string, std::string> texts;
  for (const std::string& path : paths) {
    const std::vector<std::string> files = files_of(path);
    if (files.empty()) return no_case(path, "there is no case in this folder: no file *.json");
    for (const std::string& file : files) {
      auto text = read_text_file(file);
      if (!text) return no_case(file, "can't read the case file");
      texts.emplace(file, std::move(*text));
    }
  }
  return parse_cases(texts);
}

tl::expected<std::vector<Case>, mock::Diagnostics> built_in_cases() {
  return parse_cases(embedded_cases());
}

bool name_fits(std::string_view pattern, std::string_view name) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  if (!name.starts_with(pattern.substr(0, star))) return false;
  const std::string_view rest = pattern.substr(star + 1);
  for (std::size_t at = star; at <= name.size(); ++at) {
    if (name_fits(rest, name.substr(at))) return true;
  }
  return false;
}

}  // namespace nairi::contracts
