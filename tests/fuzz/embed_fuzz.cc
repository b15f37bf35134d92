// Run by libFuzzer: embed_fuzz NEW_FINDS tests/fuzz/corpus/embed
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "embed_invariants.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string broken =
      nairi::mock::broken_embed_invariant({reinterpret_cast<const char*>(data), size});
  if (broken.empty()) return 0;
  std::fprintf(stderr, "%s\n", broken.c_str());
  std::abort();
}
