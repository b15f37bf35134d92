#include "cli/options.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <iomanip>
#include <sstream>
#include <system_error>

#include "text/misspelt.h"

namespace nairi::mock {
namespace {

template <typename T>
bool read_number(const std::string& text, T& number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stop == end && !text.empty();
}

// The option that CLI11 speaks of at the start of "--port: 1 required PORT missing".
std::string option_in(const std::string& sentence) {
  return sentence.substr(0, sentence.find_first_of(": "));
}

const CLI::App* command_in(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? nullptr : parsed.front();
}

std::string names_of_commands(const CLI::App& app) {
  std::string names;
  for (const CLI::App* command : app.get_subcommands({})) {
    names += (names.empty() ? "" : ", ") + command->get_name();
  }
  return names;
}

std::string what_is_missing(const CLI::App& app, const std::string& words) {
  const CLI::App* command = command_in(app);
  if (command == nullptr) return "say what to do: " + names_of_commands(app);
  return command->get_name() + " needs " + option_in(words);
}

std::string what_is_too_much(const CLI::App& app) {
  const auto extras = app.remaining(true);
  const std::string extra = extras.empty() ? "" : extras.front();
  return in_quotes(extra) + (extra.starts_with('-') ? " is no option" : " is one word too many");
}

std::string what_does_not_fit(const CLI::App& app, const std::string& words) {
  const std::string name = option_in(words);
  if (words.find("At Most") != std::string::npos) return name + " is given more than once";
  if (words.find("override") != std::string::npos) return "--" + name + " takes no value";
  const CLI::App* command = command_in(app);
  const CLI::Option* option = command == nullptr ? nullptr : command->get_option_no_throw(name);
  return name + " needs a value" + (option == nullptr ? "" : ": " + option->get_type_name());
}

// Ours for CLI11's. "--port: takes a number" is how it puts together what the options here say.
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

std::uint64_t number_from(const std::string& name, const std::string& text, NumberRange range) {
  std::uint64_t number = 0;
  const bool is_number = read_number(text, number);
  if (is_number && number >= range.least && number <= range.most) return number;
  throw CLI::ValidationError(name, "takes a number from " + std::to_string(range.least) + " to " +
                                       std::to_string(range.most) + "; got " + in_quotes(text));
}

void add_factor(CLI::App* command, const std::string& name, double& value, double least,
                double most, const std::string& about) {
  const auto read = [name, &value, least, most](const std::string& text) {
    double number = 0;
    if (read_number(text, number) && number >= least && number <= most) {
      value = number;
      return;
    }
    std::ostringstream range;
    range << std::setprecision(15) << "takes a number from " << least << " to " << most;
    throw CLI::ValidationError(name, range.str() + "; got " + in_quotes(text));
  };
  command->add_option_function<std::string>(name, read, about + default_of(value))
      ->type_name("FACTOR");
}

void add_switch(CLI::App* command, const std::string& name, bool& value, const std::string& about) {
  command->add_flag(name, value, about)->disable_flag_override();
}

CLI::Option* add_text(CLI::App* command, const std::string& name, std::string& value,
                      const std::string& type, const std::string& about) {
  const auto read = [name, &value](const std::string& text) {
    if (text.empty()) throw CLI::ValidationError(name, "needs a value; got \"\"");
    value = text;
  };
  return command->add_option_function<std::string>(name, read, about)->type_name(type);
}

void add_texts(CLI::App* command, const std::string& name, std::vector<std::string>& values,
               const std::string& type, const std::string& about) {
  command->add_option(name, values, about)->type_name(type)->allow_extra_args(false);
}

std::size_t count_own_words(const CLI::App& command, const std::vector<std::string>& words) {
  if (words.empty() || words.front() != command.get_name()) return words.size();
  std::size_t own = 1;
  while (own < words.size() && words[own].starts_with('-') && words[own] != "--") {
    const CLI::Option* option = command.get_option_no_throw(words[own]);
    const bool has_value = option != nullptr && option->get_items_expected_max() > 0;
    own += has_value ? 2 : 1;
  }
  return std::min(own, words.size());
}

std::vector<std::string> command_after(const std::vector<std::string>& words, std::size_t own) {
  const bool is_marked = own < words.size() && words[own] == "--";
  return {words.begin() + static_cast<std::ptrdiff_t>(own + (is_marked ? 1 : 0)), words.end()};
}

std::string explain(const CLI::App& app, const std::vector<std::string>& arguments,
                    const CLI::ParseError& error) {
  const std::string typo = misspelt_argument(app, arguments);
  const CLI::App* command = command_in(app);
  return (typo.empty() ? in_our_words(app, error) : typo) + "\nSee nairi-mock " +
         (command == nullptr ? "" : command->get_name() + " ") + "--help.";
}

}  // namespace nairi::mock
