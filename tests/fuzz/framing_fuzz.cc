// Run by libFuzzer: framing_fuzz NEW_FINDS tests/fuzz/corpus/framing
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "framing_invariants.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string broken =
      nairi::mock::broken_framing_invariant({reinterpret_cast<const char*>(data), size});
  if (broken.empty()) return 0;
  std::fprintf(stderr, "%s\n", broken.c_str());
  std::abort();
}
