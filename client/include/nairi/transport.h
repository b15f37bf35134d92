// The seam between the client and whatever carries its bytes: HTTP (nairi/http_transport.h), the
// fake in process, or a script in a test.
//
//   struct Canned : nairi::Transport {
//     nairi::Result<nairi::HttpReply> send(const nairi::HttpRequest&) override { return {{200}}; }
//   };
//
// Thread-safety: a Client calls its transport from every thread that calls the client.
// Not promised: that a transport sees only the paths of today's API.
#ifndef NAIRI_TRANSPORT_H_
#define NAIRI_TRANSPORT_H_

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "nairi/result.h"

namespace nairi {

struct HttpHeader {
  std::string name;
  std::string value;
};

// One request, complete: a transport adds only what its protocol needs (Host, Content-Length).
struct HttpRequest {
  std::string method;  // upper case
  std::string target;  // path and query below the API's prefix, percent-encoded: "/agents"
  std::vector<HttpHeader> headers;  // Authorization, User-Agent, Content-Type, …
  std::string body = {};
  std::optional<std::chrono::milliseconds> time_limit = {};  // for the whole exchange; timed_out
  std::stop_token stop = {};                                 // ends the exchange: cancelled
};

// One answer, whole: a body that was cut short is an error, never a reply.
struct HttpReply {
  int status = 0;
  std::vector<HttpHeader> headers = {};
  std::string body = {};
};

// The value of the first header of that name, compared without case; nullptr when there is none.
const std::string* find_header(const HttpReply& reply, std::string_view name);

// Time as the client sees it. Injected, so that tests and the in-process fake never wait.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::milliseconds now() = 0;  // since any fixed moment; never goes back
  virtual std::chrono::system_clock::time_point wall_time() = 0;  // for Retry-After as a date
  virtual void sleep_for(std::chrono::milliseconds duration) = 0;
  // Sleeps no longer than until `stop` is requested. As it is here, it looks at that only before it
  // sleeps: a clock that really waits does better.
  virtual void sleep_unless_stopped(std::chrono::milliseconds duration,
                                    const std::stop_token& stop) {
    if (!stop.stop_requested()) sleep_for(duration);
  }
};

// The machine's clock; its sleep blocks the calling thread.
Clock& real_clock();

class Transport {
 public:
  virtual ~Transport() = default;

  // Carries one request and answers whatever status came. Errors: connection_failed,
  // connection_lost (a body that is cut short included), timed_out, tls, cancelled, malformed_reply
  // (too large). A transport that knows nothing of `time_limit` and `stop` may ignore them: then
  // the client notices between two requests.
  virtual Result<HttpReply> send(const HttpRequest& request) = 0;

  // The same for a request that the caller has no more use for: a transport that hands it on need
  // not copy it. As it is here, it sends it.
  virtual Result<HttpReply> send_away(HttpRequest&& request) { return send(request); }

  // The clock by which this transport's server lives; it lives as long as the transport.
  virtual Clock& clock() { return real_clock(); }
};

}  // namespace nairi

#endif  // NAIRI_TRANSPORT_H_
