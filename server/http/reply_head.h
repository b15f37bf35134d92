// Writes the heads of replies.
//
//   std::string head = reply_head(reply, Persistence::keep_alive, std::chrono::seconds(75));
#ifndef NAIRI_MOCK_HTTP_REPLY_HEAD_H_
#define NAIRI_MOCK_HTTP_REPLY_HEAD_H_

#include <chrono>
#include <string>

#include "nairi/mock/exchange.h"

namespace nairi::mock {

// What becomes of the connection after the reply.
enum class Persistence {
  keep_alive,
  keep_alive_http10,  // has to be said to a client of HTTP/1.0
  close,
};

// Status line and header fields with the empty line after them. Clients that keep their connection
// learn `idle_timeout`. Content-Length is that of reply.body, which is encoded already, also when
// the body will not be sent (HEAD); chunks have Transfer-Encoding instead. A header with a line end
// in its name or value is left out: it could pass for another one. No Date is added: a clock is
// optional (RFC 9110, 6.6.1), and without one the same calls give the same bytes.
std::string reply_head(const Reply& reply, Persistence persistence,
                       std::chrono::milliseconds idle_timeout);

// Whether a reply of this status may carry a body.
bool may_have_body(int status);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_HTTP_REPLY_HEAD_H_
