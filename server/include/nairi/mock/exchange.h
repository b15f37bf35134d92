// One exchange with the fake, as plain data: what the engine gets and what it answers. The engine
// never sees a socket; whoever carries the bytes (the HTTP server, the in-process transport) fills
// a Request and carries out a Reply, its delay and what goes wrong on the wire included.
//
//   nairi::mock::Reply reply = fake.handle({.method = "GET", .target = "/api/public/v1/agents",
//                                           .headers = {{"Authorization", "Bearer nr_test"}}});
//
// Thread-safety: values.
#ifndef NAIRI_MOCK_EXCHANGE_H_
#define NAIRI_MOCK_EXCHANGE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nairi::mock {

class Cancellation;
class Hold;
class LateReply;

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  std::string method = {};           // as sent, upper case
  std::string target = {};           // path and query as sent, still percent-encoded
  std::vector<Header> headers = {};  // in the order sent; names as sent
  std::string body = {};             // whole and without transfer coding
  std::uint64_t connection = 0;      // which connection carried it; 0 in process
  std::int64_t received_us = 0;  // monotonic microseconds at which it was complete; 0 in process
};

// How a body is packed for its way. Unpacked it is the same: who carries a reply without sending
// bytes, as the in-process transport does, has no use for it.
enum class Encoding {
  plain,
  chunked,  // in pieces (RFC 9112, 7.1); plain to HTTP/1.0
  gzip,     // compressed (RFC 9110, 8.4.1.3) if the request's Accept-Encoding takes it, else plain;
            // plain also beyond 1 MiB, which would hold up others
};
// "plain", "chunked" or "gzip".
std::string_view to_string(Encoding encoding);

// What goes wrong while a reply is sent. Its counts are of bytes as they are sent, encoded, and at
// most all but the last (of a chunked body, but the last of its content): a fault that was asked
// for does not pass unseen.
struct WireFault {
  enum class Ending {
    whole,
    truncated,  // the connection is closed after `after_bytes` of the body, whose whole length was
                // announced
    reset,      // it is reset (TCP RST) after `after_bytes` of the reply, head included
    empty,      // it is closed without a byte
  };
  Ending ending = Ending::whole;
  std::int64_t after_bytes = 0;
  std::int64_t drip_bytes_per_s = 0;  // of the reply, head included; 0: all at once
};

struct Reply {
  int status = 200;
  std::string body;  // empty: no content type is sent either
  std::string content_type = "application/json";
  std::vector<Header> headers = {};  // besides Content-Type, Content-Length and Connection
  std::int64_t delay_ms = 0;         // to be waited before the first byte, holding no thread
  WireFault wire = {};
  Encoding encode = Encoding::plain;
  // Until this is released the reply is kept, and only then `delay_ms` begins: see cancellation.h.
  // Null unless a fault holds it.
  std::shared_ptr<Hold> hold = {};
  // When this is cancelled, a reply that is held, delayed or dripping is dropped and its connection
  // closed, but for `when_revoked`. Null unless there is something to wait for.
  std::shared_ptr<Cancellation> cancellation = {};
  // What is answered in its place if it is cancelled as its key was revoked, while no byte of it is
  // out. Null unless it is held or delayed.
  std::shared_ptr<const Reply> when_revoked = {};
  // The reply comes later, from elsewhere, and all of the above is left aside: see late_reply.h.
  // Carried by Server alone. A Fake answers so only who follows the journal over a connection (one
  // of a number): in process there is no need to.
  std::shared_ptr<LateReply> late = {};
};

// What came to nothing before the fake could play it: whoever carries the bytes refused it, or its
// sender went away. Fake::note_refused() takes it, so that nothing that a client did goes unseen.
struct RefusedRequest {
  Request request = {};      // as far as it was read: all of it may be empty
  bool whole_head = false;   // the request line and all header fields were read
  bool misdirected = false;  // plain HTTP that came to a port that speaks HTTPS
  Reply reply = {};          // what was answered; with the status 0, nothing was
  std::string why = {};      // "expected a Host field in an HTTP/1.1 request, got none"
};

// The value of the first header of that name, compared without case; nullptr when there is none.
const std::string* find_header(const std::vector<Header>& headers, std::string_view name);
// The same as a view into `headers`; empty when there is none.
std::string_view header_value(const std::vector<Header>& headers, std::string_view name);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_EXCHANGE_H_
