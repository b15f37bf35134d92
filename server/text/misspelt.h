// Says what a misspelt command line was perhaps meant to be.
#ifndef NAIRI_MOCK_TEXT_MISSPELT_H_
#define NAIRI_MOCK_TEXT_MISSPELT_H_

#include <string>
#include <vector>

namespace nairi::mock {

// About the first of `arguments` that is none of the program's commands and none of its flags
// ("--port"), with the nearest one; "" when there is none.
std::string misspelt_argument(const std::vector<std::string>& commands,
                              const std::vector<std::string>& flags,
                              const std::vector<std::string>& arguments);

// The same for a program whose command line is a CLI::App, or made like one: its subcommands, and
// the long options of each.
template <class App>
std::string misspelt_argument(const App& app, const std::vector<std::string>& arguments) {
  std::vector<std::string> commands;
  std::vector<std::string> flags;
  for (const auto* command : app.get_subcommands({})) {
    commands.push_back(command->get_name());
    for (const auto* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
    }
  }
  return misspelt_argument(commands, flags, arguments);
}

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TEXT_MISSPELT_H_
