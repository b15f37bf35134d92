#include "text/misspelt.h"

#include <algorithm>

#include "text/wording.h"

namespace nairi::mock {
namespace {

bool is_unknown(const std::string& word, const std::vector<std::string>& known) {
  return std::find(known.begin(), known.end(), word) == known.end();
}

std::string no(std::string_view what, const std::string& word,
               const std::vector<std::string>& known) {
  return in_quotes(word).append(" is no ").append(what) +
         hint(word, Words(known.begin(), known.end()));
}

}  // namespace

std::string misspelt_argument(const std::vector<std::string>& commands,
                              const std::vector<std::string>& flags,
                              const std::vector<std::string>& arguments) {
  const bool has_command = !arguments.empty() && !arguments[0].starts_with('-');
  if (has_command && is_unknown(arguments[0], commands)) {
    return no("command", arguments[0], commands);
  }
  for (const std::string& argument : arguments) {
    if (argument == "--") break;
    const std::string flag = argument.substr(0, argument.find('='));
    if (flag.starts_with("--") && is_unknown(flag, flags)) return no("option", flag, flags);
  }
  return {};
}

}  // namespace nairi::mock
