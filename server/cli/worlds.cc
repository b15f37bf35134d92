// World files: checked, and those that are built in shown.
#include <cstdio>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "nairi/mock/world_file.h"
#include "text/json_writer.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace

void print_hints(const Diagnostics& hints) {
  for (Diagnostic hint : hints) {
    hint.message.insert(0, "hint: ");
    std::fprintf(stderr, "%s\n", harmless(to_string(hint)).c_str());
  }
}

int check(const std::vector<std::string>& paths, bool with_hints) {
  int exit_code = kExitGood;
  for (const std::string& path : paths) {
    const auto checked = check_worlds({path});
    if (checked) {
      const World& world = checked->world;
      if (with_hints) print_hints(checked->hints);
      std::printf("%s: good: %s, %s, %s, %s\n", path.c_str(),
                  counted(world.agents.size(), "agent").c_str(),
                  counted(world.jobs.size(), "job").c_str(),
                  counted(world.turns.size(), "turn script").c_str(),
                  counted(world.keys.size(), "key").c_str());
      continue;
    }
    for (const Diagnostic& diagnostic : checked.error()) {
      std::fprintf(stderr, "%s\n", harmless(to_string(diagnostic)).c_str());
    }
    exit_code = kExitUsage;
  }
  return exit_code;
}

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
