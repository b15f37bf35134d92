// Options of a command line whose mistakes are told in our own words: what is expected, what came.
#ifndef NAIRI_CONTRACTS_CLI_OPTIONS_H_
#define NAIRI_CONTRACTS_CLI_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace nairi::contracts {

// A text that must say something: an empty one was a variable that nobody had set.
CLI::Validator some_text();

// Both ends included.
CLI::Validator number_between(double least, double most);
CLI::Validator whole_number_between(int least, int most);

// "500ms", "30s", "2m"; becomes the number of milliseconds.
CLI::Validator some_time();

CLI::Validator one_of(const std::vector<std::string>& words);

// An option that takes no value.
CLI::Option* add_switch(CLI::App* command, const std::string& name, bool& value,
                        const std::string& about);

// Refuses each of these options that is given: they go with another one only.
void refuse_without(const CLI::App& command, const std::string& needed,
                    const std::vector<std::string>& options);

// The mistake in a sentence, and where to read on, in two lines.
std::string explain(const CLI::App& app, const std::vector<std::string>& arguments,
                    const CLI::ParseError& error);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_CLI_OPTIONS_H_
