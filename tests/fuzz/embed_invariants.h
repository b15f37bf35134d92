// What must hold of the C ABI, whatever comes in.
#ifndef NAIRI_TESTS_FUZZ_EMBED_INVARIANTS_H_
#define NAIRI_TESTS_FUZZ_EMBED_INVARIANTS_H_

#include <string>
#include <string_view>

namespace nairi::mock {

// Makes two fakes of the input's parts, which lines "%%" divide: world, options, and then requests,
// a head and a body each. Says which invariant is broken; "" if none is.
std::string broken_embed_invariant(std::string_view input);

}  // namespace nairi::mock

#endif  // NAIRI_TESTS_FUZZ_EMBED_INVARIANTS_H_
