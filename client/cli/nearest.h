// The name that a typo was meant to be.
#ifndef NAIRI_CLI_NEAREST_H_
#define NAIRI_CLI_NEAREST_H_

#include <string>
#include <string_view>
#include <vector>

namespace nairi::cli {

// "; did you mean --agent?", or nothing when no name is near.
std::string suggestion(std::string_view typo, const std::vector<std::string>& names);

}  // namespace nairi::cli

#endif  // NAIRI_CLI_NEAREST_H_
