// Says what a misspelt command line was perhaps meant to be.
#ifndef NAIRI_MOCK_TEXT_MISSPELT_H_
#define NAIRI_MOCK_TEXT_MISSPELT_H_

#include <string>
#include <vector>

namespace nairi::mock {

// About the first of `arguments` that is none of the program's commands and none of its flags
// ("--port"), with the nearest one; "" when there is none.
std::string misspelt_argument(const std::vector<std::string>& commands,
                              const std::vector<std::string>& flags,
                              const std::vector<std::string>& arguments);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TEXT_MISSPELT_H_
