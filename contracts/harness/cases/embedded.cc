#include "harness/cases/embedded.h"

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

}  // namespace nairi::contracts
