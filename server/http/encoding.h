// Packs the bodies of replies for their way, as their Reply::encode says: no sockets.
//
//   encode(reply, accepted_by(request.headers, is_http10));
#ifndef NAIRI_MOCK_HTTP_ENCODING_H_
#define NAIRI_MOCK_HTTP_ENCODING_H_

#include <string_view>
#include <vector>

#include "nairi/mock/exchange.h"

namespace nairi::mock {

// What the sender of a request can unpack.
struct AcceptedEncodings {
  bool chunked = false;
  bool gzip = false;
};
// HTTP/1.1 has chunks; gzip has to be asked for (RFC 9110, 12.5.3).
AcceptedEncodings accepted_by(const std::vector<Header>& headers, bool http10);

// Replaces the body by the packed one and adds what header fields that takes, but
// Transfer-Encoding, which reply_head() writes. Afterwards reply.encode says what was done: plain
// where it is not accepted, and where there is no body.
void encode(Reply& reply, AcceptedEncodings accepted);

// What follows the last byte of the content in a chunked body.
inline constexpr std::string_view kChunkedEnd = "\r\n0\r\n\r\n";

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_HTTP_ENCODING_H_
