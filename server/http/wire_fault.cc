#include "http/wire_fault.h"

#include <algorithm>

namespace nairi::mock {
namespace {

// At most all bytes but the last.
std::size_t sent_of(std::size_t size, std::int64_t wanted) {
  const auto bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(wanted, 0));
  return static_cast<std::size_t>(std::min<std::uint64_t>(bytes, size > 0 ? size - 1 : 0));
}

}  // namespace

void cut(const WireFault& fault, std::string& head, std::string& body) {
  switch (fault.ending) {
    case WireFault::Ending::whole:
      return;
    case WireFault::Ending::truncated:
      body.resize(sent_of(body.size(), fault.after_bytes));
      return;
    case WireFault::Ending::reset: {
      const std::size_t sent = sent_of(head.size() + body.size(), fault.after_bytes);
      body.resize(sent > head.size() ? sent - head.size() : 0);
      head.resize(std::min(sent, head.size()));
      return;
    }
    case WireFault::Ending::empty:
      head.clear();
      body.clear();
  }
}

Pace pace_of(std::int64_t bytes_per_s) {
  constexpr std::int64_t kPiecesPerSecond = 10;
  constexpr std::int64_t kMicroseconds = 1'000'000;
  const std::int64_t bytes = std::max<std::int64_t>(bytes_per_s / kPiecesPerSecond, 1);
  return {static_cast<std::size_t>(bytes),
          std::chrono::microseconds(bytes * kMicroseconds / bytes_per_s)};
}

}  // namespace nairi::mock
