// Says what a misspelt command line was perhaps meant to be.
#ifndef NAIRI_MOCK_TEXT_MISSPELT_H_
#define NAIRI_MOCK_TEXT_MISSPELT_H_

#include <string>
#include <vector>

namespace nairi::mock {

// A command of a program, and its flags ("--port"). The program itself is one without a name.
struct CommandWords {
  std::string name;
  std::vector<std::string> flags;
};

// About the first of `arguments` that is none of the program's commands, or none of the flags of
// the command that they begin with; with the nearest one. "" when there is none.
std::string misspelt_argument(const std::string& program, const std::vector<CommandWords>& commands,
                              const std::vector<std::string>& arguments);

// The same for a program whose command line is a CLI::App, or made like one: its subcommands, and
// the long options of each.
template <class App>
std::string misspelt_argument(const App& app, const std::vector<std::string>& arguments) {
  std::vector<CommandWords> commands;
  const auto add = [&commands](const std::string& name, const auto& options) {
    CommandWords& words = commands.emplace_back(CommandWords{name, {}});
    for (const auto* option : options) {
      for (const std::string& flag : option->get_lnames()) words.flags.push_back("--" + flag);
    }
  };
  add("", app.get_options());
  for (const auto* command : app.get_subcommands({})) {
    add(command->get_name(), command->get_options());
  }
  return misspelt_argument(app.get_name(), commands, arguments);
}

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TEXT_MISSPELT_H_
