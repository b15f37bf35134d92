#include "cli/options.h"

#include <algorithm>
#include <charconv>
#include <iomanip>
#include <sstream>
#include <system_error>

#include "text/misspelt.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

template <typename T>
bool is_between(const std::string& text, T least, T most) {
  T number{};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  // A NaN is in no range.
  return error == std::errc() && rest == end && number >= least && number <= most;
}

template <typename T>
CLI::Validator between(const std::string& what, T least, T most) {
  return {[=](const std::string& text) {
            if (is_between(text, least, most)) return std::string();
            std::ostringstream said;
            said << std::setprecision(15) << "takes " << what << " from " << least << " to " << most
                 << "; got " << mock::in_quotes(text);
            return said.str();
          },
          ""};
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

std::string what_is_too_much(const CLI::App& app) {
  const auto extras = app.remaining(true);
  const std::string extra = extras.empty() ? "" : extras.front();
  return mock::in_quotes(extra) +
         (extra.starts_with('-') ? " is no option" : " is one word too many");
}

std::string what_does_not_fit(const CLI::App& app, const std::string& words) {
  const std::string name = words.substr(0, words.find_first_of(": "));
  if (words.find("At Most") != std::string::npos) return name + " is given more than once";
  if (words.find("override") != std::string::npos) return "--" + name + " takes no value";
  const CLI::App* command = command_in(app);
  const CLI::Option* option = command == nullptr ? nullptr : command->get_option_no_throw(name);
  return name + " needs a value" + (option == nullptr ? "" : ": " + option->get_type_name());
}

// Ours for those of CLI11, which puts together what is said here as "--jobs: takes a number".
std::string in_our_words(const CLI::App& app, const CLI::ParseError& error) {
  std::string words = error.what();
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    return "say what to do: " + names_of_commands(app);
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
            return is_blank ? "needs a value; got " + mock::in_quotes(text) : std::string();
          },
          ""};
}

CLI::Validator number_between(double least, double most) {
  return between("a number", least, most);
}

CLI::Validator whole_number_between(int least, int most) {
  return between("a whole number", least, most);
}

CLI::Validator some_time() {
  return {[](std::string& text) {
            const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
            const std::string unit = text.substr(digits);
            const int ms = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "m" ? 60'000 : 0;
            if (ms == 0 || !is_between(text.substr(0, digits), 1, 1'000'000)) {
              return "takes a time such as 500ms, 30s or 2m; got " + mock::in_quotes(text);
            }
            text = std::to_string(std::stoll(text) * ms);
            return std::string();
          },
          ""};
}

CLI::Validator one_of(const std::vector<std::string>& words) {
  return {[words](const std::string& text) {
            if (std::find(words.begin(), words.end(), text) != words.end()) return std::string();
            std::string known;
            for (const std::string& word : words) known += (known.empty() ? "" : ", ") + word;
            return "takes one of " + known + "; got " + mock::in_quotes(text);
          },
          ""};
}

CLI::Option* add_switch(CLI::App* command, const std::string& name, bool& value,
                        const std::string& about) {
  return command->add_flag(name, value, about)->disable_flag_override();
}

void refuse_without(const CLI::App& command, const std::string& needed,
                    const std::vector<std::string>& options) {
  for (const std::string& option : options) {
    if (command.count(option) > 0)
      throw CLI::ValidationError(option, "goes with " + needed + " only");
  }
}

std::string explain(const CLI::App& app, const std::vector<std::string>& arguments,
                    const CLI::ParseError& error) {
  const std::string typo = mock::misspelt_argument(app, arguments);
  const CLI::App* command = command_in(app);
  return (typo.empty() ? in_our_words(app, error) : typo) + "\nSee nairi-contract " +
         (command == nullptr ? "" : command->get_name() + " ") + "--help.";
}

}  // namespace nairi::contracts
