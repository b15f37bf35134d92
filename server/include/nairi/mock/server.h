// The fake on a port: HTTP or HTTPS on a loop of its own thread.
//
//   nairi::mock::Server server(fake);           // 127.0.0.1 and a free port
//   nairi::HttpTransport::open(server.base_url())  // "http://127.0.0.1:40123/api/public/v1"
//
// The server stops in its destructor; the handler must outlive it. Nobody starves: one loop serves
// all connections, and a delayed reply is a timer, not a sleeping thread.
// Thread-safety: members may be called from any thread; the handler is called from one thread.
#ifndef NAIRI_MOCK_SERVER_H_
#define NAIRI_MOCK_SERVER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "nairi/mock/api.h"
#include "nairi/mock/exchange.h"

namespace nairi::mock {

class Fake;

// Where HTTPS gets its certificate. Both files empty: plain HTTP, unless own_ca is true.
struct TlsOptions {
  bool own_ca = false;         // make a CA and a certificate for localhost and 127.0.0.1 at start
  std::string cert_file = {};  // PEM chain
  std::string key_file = {};   // PEM key
};

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0: a free one
  TlsOptions tls = {};
  std::chrono::milliseconds idle_timeout{75'000};     // a connection without a request is closed
  std::chrono::milliseconds request_timeout{30'000};  // from a request's first byte to its last
  std::size_t max_connections = 20'000;               // one more is closed at once
  std::size_t max_header_bytes = 64 * 1024;           // 431 beyond (request line included)
  std::size_t max_body_bytes = std::size_t{8} << 20;  // 413 beyond
  std::size_t max_upload_bytes =
      kMostAttachmentBytes + (std::size_t{1} << 20);  // POST …/attachments
  std::size_t max_buffered_bytes = std::size_t{512}
                                   << 20;  // all unfinished requests together: 503 beyond
};

class Server {
 public:
  using Handler = std::function<Reply(const Request&)>;

  // Listens before it returns. Throws std::system_error when the address can't be bound and
  // std::runtime_error when a certificate can't be used; the text says what to do.
  explicit Server(Fake& fake, ServerOptions options = {});
  explicit Server(Handler handler, ServerOptions options = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::string root_url() const;  // "http://127.0.0.1:40123"
  std::string base_url() const;  // root_url() + "/api/public/v1"
  std::uint16_t port() const;
  // The PEM of the CA that signed the certificate; empty unless TlsOptions::own_ca.
  const std::string& ca_pem() const;

  // Stops listening, lets running requests finish (delayed ones are dropped), closes the rest.
  // Called by the destructor; may be called again, but not by the handler.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_SERVER_H_
