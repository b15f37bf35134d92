// What a WireFault does to the bytes of a reply.
//
// Thread-safety: free functions without state.
#ifndef NAIRI_MOCK_HTTP_WIRE_FAULT_H_
#define NAIRI_MOCK_HTTP_WIRE_FAULT_H_

#include <chrono>
#include <cstddef>
#include <string>

#include "nairi/mock/exchange.h"

namespace nairi::mock {

// Cuts off what the fault leaves unsent; the head has announced the whole body.
void cut(const WireFault& fault, std::string& head, std::string& body);

// So many bytes, then a pause.
struct Pace {
  std::size_t bytes;
  std::chrono::microseconds pause;
};
// Ten pieces a second, or a byte at a time; `bytes_per_s` > 0.
Pace pace_of(std::int64_t bytes_per_s);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_HTTP_WIRE_FAULT_H_
