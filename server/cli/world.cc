#include <cstdio>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "nairi/mock/world_file.h"
#include "text/wording.h"

namespace nairi::mock {

int list_worlds() {
  for (const std::string_view name : built_in_worlds()) std::printf("%s\n", name.data());
  return kExitGood;
}

int print_world(const std::string& name) {
  if (const auto text = built_in_world(name)) {
    std::fwrite(text->data(), 1, text->size(), stdout);
    return kExitGood;
  }
  std::fprintf(stderr, "nairi-mock: no world %s is built in%s\n", in_quotes(name).c_str(),
               hint(name, built_in_worlds()).c_str());
  return kExitUsage;
}

}  // namespace nairi::mock
