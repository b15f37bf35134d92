// What a caller gets of a reply, and when: the one reading of Reply::delay_ms and Reply::wire that
// the HTTP server, the in-process transport, the judge and the harness share.
//
//   if (!arrives_whole(reply)) return connection_lost();
//   sleep_for(milliseconds(sending_ms(reply)));
//
// Thread-safety: every function may be called from any thread.
#ifndef NAIRI_MOCK_DELIVERY_H_
#define NAIRI_MOCK_DELIVERY_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "nairi/mock/exchange.h"

namespace nairi::mock {

// How many bytes of a head and of the body behind it leave the server before the connection ends.
struct SentBytes {
  std::size_t head = 0;
  std::size_t body = 0;
};
SentBytes sent_bytes(const WireFault& fault, std::size_t head, std::size_t body);

// Whether nothing of the body is missing. A reply without one can't be truncated.
bool arrives_whole(const Reply& reply);

// From the request, or from when it is let go if it is held, to the reply's last byte, as far as
// the fake decides: the delay, and the time that its body takes to drip, whatever its encoding
// makes of its size.
std::int64_t sending_ms(const Reply& reply);

// "held as \"x\", after 800 ms, closed after 17 bytes of the body"; "" when nothing is done to the
// reply.
std::string delivery_text(const Reply& reply);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_DELIVERY_H_
