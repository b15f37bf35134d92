// Where a Server listens, how patient it is, and what it takes.
//
//   nairi::mock::Server server(fake, {.port = 4747, .tls = {.own_ca = true}});
//
// Thread-safety: values.
#ifndef NAIRI_MOCK_SERVER_OPTIONS_H_
#define NAIRI_MOCK_SERVER_OPTIONS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nairi/mock/api.h"
#include "nairi/mock/exchange.h"
#include "nairi/mock/server_figures.h"

namespace nairi::mock {

// What answers a server's requests.
using RequestHandler = std::function<Reply(const Request&)>;
// What is told of requests that never come to the handler: those that are no HTTP, too large, too
// slow or broken off, TLS handshakes that fail, one connection too many. Called as the handler is,
// after which the reply is sent, if there is one. Health checks that connect and say nothing are
// not told.
using RefusalListener = std::function<void(const RefusedRequest&)>;

// Where HTTPS gets its certificate. Both files empty: plain HTTP, unless own_ca is true.
struct TlsOptions {
  // True: make a CA at start, and a certificate for localhost, 127.0.0.1, ::1, ServerOptions::host
  // and `names`.
  bool own_ca = false;
  std::vector<std::string> names = {};  // "fake", "*.test" or an address; with own_ca only
  std::string cert_file = {};           // PEM chain
  std::string key_file = {};            // PEM key
};

struct ServerOptions {
  // A name or an address of this machine, an IPv6 one with or without brackets. All addresses of
  // a name are listened on that this machine has: of "localhost", 127.0.0.1 and ::1.
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;    // 0: a free one, the same on all addresses
  bool allow_remote = true;  // false: a host that other machines reach is refused
  std::size_t threads = 1;   // loops that share the connections; the handler is called from each
  TlsOptions tls = {};
  Encoding encode = Encoding::plain;                  // of replies that have none of their own
  std::chrono::milliseconds idle_timeout{75'000};     // a connection without a request is closed
  std::chrono::milliseconds request_timeout{30'000};  // from a request's first byte to its last
  std::size_t max_connections = 20'000;               // one more is closed at once
  std::size_t max_header_bytes = 64 * 1024;           // 431 beyond (request line included)
  std::size_t max_body_bytes = std::size_t{8} << 20;  // 413 beyond
  std::size_t max_upload_bytes =
      kMostAttachmentBytes + (std::size_t{1} << 20);  // POST …/attachments
  std::size_t max_buffered_bytes = std::size_t{512}
                                   << 20;       // all unfinished requests together: 503 beyond
  std::shared_ptr<ServerFigures> figures = {};  // kept up to date; null: nobody asks
  RefusalListener on_refused = {};              // of a Server of a Fake: besides the fake
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_SERVER_OPTIONS_H_
