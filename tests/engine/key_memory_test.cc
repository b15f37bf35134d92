// What a key costs in memory. A program of its own, as it counts all that is allocated.
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>

#include "worlds.h"

namespace {

std::atomic<std::int64_t> allocated = 0;  // bytes

}  // namespace

void* operator new(std::size_t size) {
  void* bytes = std::malloc(size);
  if (bytes == nullptr) throw std::bad_alloc();
  allocated += static_cast<std::int64_t>(::malloc_usable_size(bytes));
  return bytes;
}
void operator delete(void* bytes) noexcept {
  allocated -= static_cast<std::int64_t>(::malloc_usable_size(bytes));
  std::free(bytes);
}
void operator delete(void* bytes, std::size_t /*size*/) noexcept {
  operator delete(bytes);
}

namespace nairi::mock::testing {
namespace {

constexpr int kKeys = 1000;
constexpr std::int64_t kMostForAKey = 4096;

// Bytes of each key that lists its agents, without the journal, whose room is bounded.
std::int64_t bytes_of_a_key(World world) {
  Fake fake(std::move(world), {.journal_max_entries = 0});
  const std::int64_t before = allocated;
  for (int i = 0; i < kKeys; ++i) {
    EXPECT_EQ(Api(fake, "nr_" + std::to_string(i)).get("/agents").status, 200);
  }
  return (allocated - before) / kKeys;
}

TEST(MemoryOfAKey, IsAtMost4KilobytesInTheBuiltInWorld) {
  EXPECT_LE(bytes_of_a_key(default_world()), kMostForAKey);
}

TEST(MemoryOfAKey, DoesNotDependOnWhatTheWorldHasBegun) {
  std::string jobs;
  for (int i = 0; i < 100; ++i) {
    jobs += std::string(i == 0 ? "" : ",") +
            R"({"agent_id": "bot", "messages": [{"role": "user", "content": "hello"}]})";
  }
  EXPECT_LE(bytes_of_a_key(world_with("", jobs)), kMostForAKey);
}

TEST(MemoryOfAKey, DoesNotDependOnTheLengthOfItsAgentsTexts) {
  const std::string text(10'000, 'x');
  EXPECT_LE(bytes_of_a_key(world_of(R"({"agents": [{"agent_id": "bot", "system_prompt": ")" + text +
                                    R"("}]})")),
            kMostForAKey);
}

}  // namespace
}  // namespace nairi::mock::testing
