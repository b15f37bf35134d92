#include "options.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iomanip>
#include <optional>
#include <sstream>
#include <string_view>

#include "words.h"

namespace nairi::cli {
namespace {

// What stands before a number or after it is no part of it.
template <class Number>
std::optional<Number> number_in(const std::string& text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end) return std::nullopt;
  return value;
}

std::string got(const std::string& text) {
  constexpr std::size_t kMost = 60;
  return "; got \"" + cut_to(harmless_line(text), kMost) + "\"";
}

std::vector<std::string> names_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

std::string name_of(const CLI::App& app, const CLI::App* command) {
  return command == nullptr ? app.get_name() : app.get_name() + " " + command->get_name();
}

bool holds(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// "--agnet is no option of nairi ask; did you mean --agent?", or nothing.
std::string typo_in(const CLI::App& app, const std::vector<std::string>& arguments) {
  const CLI::App* command = nullptr;
  for (const std::string& word : arguments) {
    if (word == "--") break;
    if (word.starts_with("--")) {
      const std::string name = word.substr(0, word.find('='));
      const auto names = names_of(command == nullptr ? app : *command);
      if (!holds(names, name)) {
        return name + " is no option of " + name_of(app, command) + suggestion(name, names);
      }
    } else if (command == nullptr && !word.starts_with("-")) {
      const auto commands = commands_of(app);
      if (!holds(commands, word)) {
        return "\"" + harmless_line(word) + "\" is no command of " + app.get_name() +
               suggestion(word, commands);
      }
      command = app.get_subcommand(word);
    }
  }
  return {};
}

const CLI::App* command_in(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? nullptr : parsed.front();
}

std::string what_is_missing(const CLI::App& app, const std::string& words) {
  if (const CLI::App* command = command_in(app)) {
    const CLI::Option* option = command->get_option_no_throw(words.substr(0, words.find(' ')));
    return name_of(app, command) + " needs " +
           (option == nullptr          ? words
            : option->get_positional() ? option->get_type_name()
                                       : option->get_name() + " " + option->get_type_name());
  }
  std::string all;
  for (const std::string& name : commands_of(app)) all += (all.empty() ? "" : ", ") + name;
  return "say what to do: " + all;
}

std::string what_is_too_much(const CLI::App& app) {
  const auto extras = app.remaining(true);
  const std::string extra = extras.empty() ? "" : harmless_line(extras.front());
  return "\"" + extra + "\"" + (extra.starts_with('-') ? " is no option" : " is one word too many");
}

std::string what_does_not_fit(const CLI::App& app, const std::string& words) {
  const std::string name = words.substr(0, words.find_first_of(": "));
  if (words.find("At Most") != std::string::npos) return name + " is given more than once";
  if (words.find("override") != std::string::npos) return "--" + name + " takes no value";
  const CLI::App* command = command_in(app);
  const CLI::Option* option = command == nullptr ? nullptr : command->get_option_no_throw(name);
  return name + " needs a value" + (option == nullptr ? "" : ": " + option->get_type_name());
}

// Ours for those of CLI11, which puts together what is said here as "--port: takes a number".
std::string in_our_words(const CLI::App& app, const CLI::ParseError& error) {
  std::string words = error.what();
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    return what_is_missing(app, words);
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) return what_is_too_much(app);
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    return what_does_not_fit(app, words);
  }
  const std::size_t colon = words.find(": ");
  if (colon != std::string::npos) words.erase(colon, 1);
  return words;
}

}  // namespace

CLI::Validator some_text() {
  return {[](const std::string& text) {
            const bool is_blank = text.find_first_not_of(" \t\r\n") == std::string::npos;
            return is_blank ? "needs a value" + got(text) : std::string();
          },
          ""};
}

CLI::Validator seconds_between(double least, double most) {
  return {[=](const std::string& text) {
            const auto value = number_in<double>(text);
            // A NaN is in no range.
            if (value && *value >= least && *value <= most) return std::string();
            std::ostringstream range;
            range << std::setprecision(15) << "takes seconds from " << least << " to " << most;
            return range.str() + got(text);
          },
          ""};
}

CLI::Validator whole_number() {
  return {[](const std::string& text) {
            return number_in<std::int64_t>(text) ? std::string()
                                                 : "takes a whole number" + got(text);
          },
          ""};
}

CLI::Option* add_switch(CLI::App* command, const std::string& name, bool& value,
                        const std::string& about) {
  return command->add_flag(name, value, about)->disable_flag_override();
}

std::string explain(const CLI::App& app, const std::vector<std::string>& arguments,
                    const CLI::ParseError& error) {
  const std::string typo = typo_in(app, arguments);
  return (typo.empty() ? in_our_words(app, error) : typo) + "\nSee " +
         name_of(app, command_in(app)) + " --help.";
}

}  // namespace nairi::cli
