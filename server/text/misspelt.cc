#include "text/misspelt.h"

#include <algorithm>

#include "text/wording.h"

namespace nairi::mock {
namespace {

bool is_among(const std::string& word, const std::vector<std::string>& known) {
  return std::find(known.begin(), known.end(), word) != known.end();
}

std::string full_name(const std::string& program, const CommandWords& command) {
  return command.name.empty() ? program : program + " " + command.name;
}

// "is no option of nairi-mock check", and where it is one.
std::string no_flag(const std::string& flag, const std::string& program,
                    const std::vector<CommandWords>& commands, const CommandWords& command) {
  const std::string sentence = in_quotes(flag) + " is no option of " + full_name(program, command);
  const auto has_it = [&](const CommandWords& other) { return is_among(flag, other.flags); };
  const auto owner = std::find_if(commands.begin(), commands.end(), has_it);
  if (owner != commands.end()) return sentence + ", but of " + full_name(program, *owner);
  return sentence + hint(flag, Words(command.flags.begin(), command.flags.end()));
}

}  // namespace

std::string misspelt_argument(const std::string& program, const std::vector<CommandWords>& commands,
                              const std::vector<std::string>& arguments) {
  const bool has_name = !arguments.empty() && !arguments[0].starts_with('-');
  const std::string name = has_name ? arguments[0] : "";
  const auto is_named = [&](const CommandWords& it) { return it.name == name; };
  const auto command = std::find_if(commands.begin(), commands.end(), is_named);
  if (command == commands.end()) {
    Words names;
    for (const CommandWords& known : commands) names.emplace_back(known.name);
    return in_quotes(name) + " is no command" + hint(name, names);
  }
  for (const std::string& argument : arguments) {
    if (argument == "--") break;
    const std::string flag = argument.substr(0, argument.find('='));
    if (flag.starts_with("--") && !is_among(flag, command->flags)) {
      return no_flag(flag, program, commands, *command);
    }
  }
  return {};
}

}  // namespace nairi::mock
