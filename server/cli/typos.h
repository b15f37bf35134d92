// Says what a misspelt command line was perhaps meant to be.
// Thread-safety: free functions without state.
#ifndef NAIRI_MOCK_CLI_TYPOS_H_
#define NAIRI_MOCK_CLI_TYPOS_H_

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace nairi::mock {

// About the first argument that is no command or option of this program, with the nearest one; ""
// when there is none.
std::string typo_in(const CLI::App& app, const std::vector<std::string>& arguments);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_CLI_TYPOS_H_
