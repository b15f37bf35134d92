// Passes requests on to a real server, and what it answers back to the client as it came: byte for
// byte, while it comes, errors and broken connections included.
//
//   nairi::mock::Relay relay({.target = "https://api.nairi.ai", .on_exchange = remember});
//   nairi::mock::Server server([&](const Request& request) { return relay.pass(request); });
//
// What goes on is the request with another Host and another path before the API's own, without the
// fields that are the connection's alone (RFC 9110, 7.6.1), and with a plain body of known length.
// A request is sent twice only if a connection that was kept turns out to be dead before a byte of
// a reply, and its method is safe: a POST that may have arrived never is.
// Replies are passed on while they come; what on_exchange is told of them is kept until their end.
// Not promised: HTTP/2, proxies, upgrades, trailers of requests.
// Thread-safety: pass() may be called from any thread; on_exchange is called by one thread of the
// relay's. The Relay must outlive the Server in front of it.
#ifndef NAIRI_MOCK_RELAY_H_
#define NAIRI_MOCK_RELAY_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nairi/mock/exchange.h"

namespace nairi::mock {

// One exchange, as it was passed on.
struct Relayed {
  enum class Ending {
    whole,
    cut,        // the server closed before the end
    reset,      // it reset the connection
    none,       // it was not reached, which the client was told by a 502 of ours
    abandoned,  // the client went away first
  };

  std::uint64_t number = 0;          // 1 for the first that began
  Request request = {};              // as the client sent it; its body unpacked as `body` is
  std::size_t request_bytes = 0;     // of the request's body, as they came
  bool request_is_packed = false;    // likewise of the request's body
  std::string target = {};           // path and query below the API's prefix
  int status = 0;                    // 0: no status line came
  std::vector<Header> headers = {};  // as they came
  std::string body = {};             // without transfer coding; unpacked, if it was gzip or deflate
  std::size_t body_bytes = 0;        // as they came, without transfer coding
  bool is_packed = false;            // `body` is empty, as its coding is unknown, or it is damaged
  Ending ending = Ending::whole;
  std::string why = {};       // of `none`: "can't connect to 127.0.0.1:1: Connection refused"
  std::int64_t began_us = 0;  // monotonic microseconds
  std::int64_t ended_us = 0;
};

struct RelayOptions {
  // "https://host:port/path", with or without the path of the API, which is /api/public/v1.
  std::string target = {};
  std::string ca_file = {};  // PEM: trusted instead of the system's
  std::function<void(Relayed)> on_exchange = {};
  std::chrono::milliseconds connect_timeout{10'000};    // TLS included; 502 beyond
  std::size_t max_header_bytes = 256 * 1024;            // of a reply: not understood beyond
  std::size_t max_body_bytes = std::size_t{128} << 20;  // the client's connection is reset beyond
};

// A target with the API's path: "https://api.nairi.ai/api/public/v1". Throws as Relay does.
std::string relay_target(const std::string& url);

class Relay {
 public:
  // Throws std::runtime_error with a sentence for a target that is no URL, and for a CA file that
  // can't be read.
  explicit Relay(RelayOptions options);
  // What is under way is told as abandoned.
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // A late reply. A request outside of the API's prefix is answered with a 404 of ours.
  Reply pass(const Request& request);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_RELAY_H_
