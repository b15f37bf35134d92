// A mistake in a file that people write (a world, a contract case, a control call's body): where it
// stands, and what was expected.
//
//   for (const Diagnostic& mistake : world.error()) std::cerr << to_string(mistake) << '\n';
//
// Thread-safety: values.
#ifndef NAIRI_MOCK_DIAGNOSTIC_H_
#define NAIRI_MOCK_DIAGNOSTIC_H_

#include <string>
#include <vector>

namespace nairi::mock {

struct Diagnostic {
  std::string file;
  int line = 0;         // from 1; 0 when the file could not be read at all
  int column = 0;       // from 1, in bytes
  std::string pointer;  // JSON pointer to the value, "" for the whole file
  std::string message;  // what was expected, what came, and what to do
};

using Diagnostics = std::vector<Diagnostic>;

// "refund.json:12:7: /turns/0/when: unknown key \"promt\"; did you mean \"prompt\"?"
std::string to_string(const Diagnostic& diagnostic);
// All of them, in one text.
std::string to_string(const Diagnostics& diagnostics, const std::string& separator);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_DIAGNOSTIC_H_
