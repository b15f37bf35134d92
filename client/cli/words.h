// Words for people: the nearest name to one that is misspelt, and text that can't harm a terminal.
#ifndef NAIRI_CLI_WORDS_H_
#define NAIRI_CLI_WORDS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nairi::cli {

// "; did you mean --agent?", or nothing when no name is near.
std::string suggestion(std::string_view typo, const std::vector<std::string>& names);

// `text` with every control character but line breaks and tabs made visible, and every byte that is
// no UTF-8, so that text from the server can't command the terminal.
std::string harmless(std::string_view text);

// The same on one line.
std::string harmless_line(std::string_view text);

// The beginning of a harmless line that fits so many columns of a terminal, where Chinese
// characters and emoji take two.
std::string cut_to(std::string_view line, std::size_t columns);

}  // namespace nairi::cli

#endif  // NAIRI_CLI_WORDS_H_
