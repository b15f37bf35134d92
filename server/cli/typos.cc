#include "cli/typos.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>

#include "text/wording.h"

namespace nairi::mock {

std::string typo_in(const CLI::App& app, const std::vector<std::string>& arguments) {
  std::vector<std::string> commands;
  std::vector<std::string> flags;
  for (const CLI::App* command : app.get_subcommands({})) {
    commands.push_back(command->get_name());
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
    }
  }
  const auto unknown = [](const std::string& word, const std::vector<std::string>& known) {
    return std::find(known.begin(), known.end(), word) == known.end();
  };
  if (!arguments.empty() && !arguments[0].starts_with('-') && unknown(arguments[0], commands)) {
    return in_quotes(arguments[0]) + " is no command" +
           hint(arguments[0], Words(commands.begin(), commands.end()));
  }
  for (const std::string& argument : arguments) {
    if (argument == "--") break;
    const std::string flag = argument.substr(0, argument.find('='));
    if (!flag.starts_with("--") || !unknown(flag, flags)) continue;
    return in_quotes(flag) + " is no option" + hint(flag, Words(flags.begin(), flags.end()));
  }
  return {};
}

}  // namespace nairi::mock
