// Lets cpp-httplib write the heads of replies. It gets no socket and sees nothing of the client's
// request: the framer has read that, more strictly and without what this library does to it (both
// versions know ten methods only and stop at lines of 8 kB; 0.11.4 percent-decodes header values,
// sorts them and adds REMOTE_ADDR; both apply Range and Accept-Encoding unasked).
//
//   HttplibBridge bridge(std::chrono::seconds(75));
//   std::string head = bridge.head(reply, {.persistence = Persistence::keep_alive});
//
// Thread-safety: none; one for each loop.
#ifndef NAIRI_MOCK_HTTP_HTTPLIB_BRIDGE_H_
#define NAIRI_MOCK_HTTP_HTTPLIB_BRIDGE_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "nairi/mock/exchange.h"

namespace nairi::mock {

// What becomes of the connection after the reply.
enum class Persistence {
  keep_alive,
  keep_alive_http10,  // has to be said to a client of HTTP/1.0
  close,
};

class HttplibBridge {
 public:
  // `idle_timeout` is told to clients that keep their connection.
  explicit HttplibBridge(std::chrono::milliseconds idle_timeout);
  ~HttplibBridge();
  HttplibBridge(const HttplibBridge&) = delete;
  HttplibBridge& operator=(const HttplibBridge&) = delete;

  // Status line and header fields with the empty line after them. Content-Length is that of
  // reply.body, also when the body will not be sent (HEAD). There is no Date: a clock is optional
  // (RFC 9110, 6.6.1), and without one the same calls give the same bytes.
  std::string head(const Reply& reply, Persistence persistence);

 private:
  class HeadWriter;

  // Nearly all replies differ in their length only, and the library takes 1.5 (0.53) to 3 us
  // (0.11.4) for a head: it writes each kind once.
  struct Kind {
    int status;
    Persistence persistence;
    bool has_body;
    std::string content_type;
    std::string start;
  };

  // All of a head but its length and last line.
  std::string start(const Reply& reply, Persistence persistence);
  const std::string& common_start(const Reply& reply, Persistence persistence);

  std::unique_ptr<HeadWriter> writer_;
  std::vector<Kind> kinds_;
};

// Whether a reply of this status may carry a body.
bool may_have_body(int status);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_HTTP_HTTPLIB_BRIDGE_H_
