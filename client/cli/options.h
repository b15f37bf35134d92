// Options of a command line whose mistakes are told in our own words: what is expected, what came.
#ifndef NAIRI_CLI_OPTIONS_H_
#define NAIRI_CLI_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace nairi::cli {

// A text that must say something: an empty one was a variable that nobody had set.
CLI::Validator some_text();

// Both ends included.
CLI::Validator seconds_between(double least, double most);

CLI::Validator whole_number();

// An option that takes no value.
CLI::Option* add_switch(CLI::App* command, const std::string& name, bool& value,
                        const std::string& about);

// The mistake in a sentence, and where to read on, in two lines.
std::string explain(const CLI::App& app, const std::vector<std::string>& arguments,
                    const CLI::ParseError& error);

}  // namespace nairi::cli

#endif  // NAIRI_CLI_OPTIONS_H_
