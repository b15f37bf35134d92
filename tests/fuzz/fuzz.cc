// Run by libFuzzer: nairi_fuzz --framing NEW_FINDS tests/fuzz/corpus/framing
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "invariants.h"

namespace {

nairi::tests::Invariant chosen = nullptr;

}  // namespace

// libFuzzer leaves flags with two dashes to us.
extern "C" int LLVMFuzzerInitialize(const int* argc, char*** argv) {
  for (int i = 1; i < *argc; ++i) {
    const std::string_view word = (*argv)[i];
    const auto* const target =
        std::find_if(std::begin(nairi::tests::kFuzzTargets), std::end(nairi::tests::kFuzzTargets),
                     [&](const auto& it) { return word == "--" + std::string(it.name); });
    if (target != std::end(nairi::tests::kFuzzTargets)) chosen = target->broken_invariant;
  }
  if (chosen != nullptr) return 0;
  std::fputs("nairi_fuzz: say what is fuzzed:", stderr);
  for (const auto& it : nairi::tests::kFuzzTargets) std::fprintf(stderr, " --%s", it.name.data());
  std::fputs("\n", stderr);
  std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string broken = chosen({reinterpret_cast<const char*>(data), size});
  if (broken.empty()) return 0;
  std::fprintf(stderr, "%s\n", broken.c_str());
  std::abort();
}
