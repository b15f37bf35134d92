// What must hold of the framer for any bytes at all. Shared by the fuzzer and by the test that
// replays the corpus.
#ifndef NAIRI_MOCK_TESTS_FUZZ_FRAMING_INVARIANTS_H_
#define NAIRI_MOCK_TESTS_FUZZ_FRAMING_INVARIANTS_H_

#include <string>
#include <string_view>

namespace nairi::mock {

// The first byte of `input` says how the rest is split. Empty when all holds, else what does not.
std::string broken_framing_invariant(std::string_view input);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TESTS_FUZZ_FRAMING_INVARIANTS_H_
