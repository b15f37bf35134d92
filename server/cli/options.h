// Options of a command line whose mistakes are told in our own words: what is expected, what came.
#ifndef NAIRI_MOCK_CLI_OPTIONS_H_
#define NAIRI_MOCK_CLI_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "text/wording.h"

namespace nairi::mock {

// "(default: 4747)", from the value that is there before parsing.
template <typename T>
std::string default_of(const T& value) {
  return "(default: " + CLI::detail::to_string(value) + ")";
}

// An option that takes one of a few words.
template <typename T>
void add_choice(CLI::App* command, const std::string& name, T& value,
                const std::vector<std::pair<std::string, T>>& choices, const std::string& about) {
  const auto choose = [name, &value, choices](const std::string& word) {
    std::string known;
    for (const auto& [choice, chosen] : choices) {
      if (choice == word) {
        value = chosen;
        return;
      }
      known += (known.empty() ? "" : ", ") + choice;
    }
    throw CLI::ValidationError(name, "takes one of " + known + "; got " + in_quotes(word));
  };
  command->add_option_function<std::string>(name, choose, about)->type_name("WORD");
}

// The number that a text is, decimal digits only; throws CLI::ValidationError for another text and
// for a number that is not in the range.
struct NumberRange {
  std::uint64_t least;
  std::uint64_t most;
};
std::uint64_t number_from(const std::string& name, const std::string& text, NumberRange range);

// An option that takes a number of the range.
template <typename T>
void add_number(CLI::App* command, const std::string& name, T& value, NumberRange range,
                const std::string& type, const std::string& about) {
  const auto read = [name, &value, range](const std::string& text) {
    value = static_cast<T>(number_from(name, text, range));
  };
  command->add_option_function<std::string>(name, read, about + " " + default_of(value))
      ->type_name(type);
}

// An option that takes a factor from `least` to `most`.
void add_factor(CLI::App* command, const std::string& name, double& value, double least,
                double most, const std::string& about);

// An option that takes nothing.
void add_switch(CLI::App* command, const std::string& name, bool& value, const std::string& about);

// An option that takes a text, which must not be empty: an empty one was a variable that is unset.
CLI::Option* add_text(CLI::App* command, const std::string& name, std::string& value,
                      const std::string& type, const std::string& about);

// One that takes a text and may be repeated.
void add_texts(CLI::App* command, const std::string& name, std::vector<std::string>& values,
               const std::string& type, const std::string& about);

// `words` begin with the name of a command. If it is this one, which runs another program: how many
// of them are its own, up to the first that is neither an option nor the value of one. Else all.
std::size_t count_own_words(const CLI::App& command, const std::vector<std::string>& words);

// The other program's words after so many; a "--" between belongs to neither.
std::vector<std::string> command_after(const std::vector<std::string>& words, std::size_t own);

// The mistake in a sentence, and where to read on, in two lines.
std::string explain(const CLI::App& app, const std::vector<std::string>& arguments,
                    const CLI::ParseError& error);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_CLI_OPTIONS_H_
