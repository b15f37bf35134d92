// The fake on a port: HTTP or HTTPS on a loop of its own thread, or on several of them.
//
//   nairi::mock::Server server(fake);           // 127.0.0.1 and a free port
//   nairi::HttpTransport::open(server.base_url())  // "http://127.0.0.1:40123/api/public/v1"
//
// The server stops in its destructor; the handler must outlive it. Nobody starves: a loop serves
// many connections, and a delayed reply is a timer, not a sleeping thread.
// Thread-safety: members may be called from any thread; the handler is called from
// ServerOptions::threads threads, which is one unless you say otherwise.
#ifndef NAIRI_MOCK_SERVER_H_
#define NAIRI_MOCK_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "nairi/mock/server_options.h"

namespace nairi::mock {

class Fake;

class Server {
 public:
  using Handler = RequestHandler;

  // Listens before it returns. Throws std::system_error when the address can't be bound, and
  // std::runtime_error when a certificate can't be made or used, or when the host is remote and
  // must not be; the text says what to do.
  explicit Server(Fake& fake, ServerOptions options = {});
  explicit Server(Handler handler, ServerOptions options = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // "http://127.0.0.1:40123": with the host's name if it was given by name, else with an address
  // that can be called.
  std::string root_url() const;
  std::string base_url() const;  // root_url() + "/api/public/v1"
  std::uint16_t port() const;
  // The PEM of the CA that signed the certificate; empty unless TlsOptions::own_ca.
  const std::string& ca_pem() const;

  // The beginning of the end, for a server behind a balancer: /__mock/health answers 503 (where the
  // fake has FakeOptions::server), each reply is the last one of its connection and says so, and
  // connections that stay idle are closed within two seconds. New ones are still let in, until
  // stop(): so that nobody meets a closed door before the balancer knows. ServerOptions::figures
  // says when none is open any more.
  void drain();

  // Stops listening, lets running requests finish (delayed ones are dropped), closes the rest.
  // Called by the destructor; may be called again, but not by the handler.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_SERVER_H_
