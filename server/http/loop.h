// Listens, accepts, and keeps the connections of one server on one thread.
//
// Thread-safety: the constructor, run() and stop() belong to different moments: construct, then
// run() on one thread, then stop() from another.
#ifndef NAIRI_MOCK_HTTP_LOOP_H_
#define NAIRI_MOCK_HTTP_LOOP_H_

#include <asio/basic_socket_acceptor.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ssl/context.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "http/connection.h"
#include "nairi/mock/server_options.h"

namespace nairi::mock {

class Loop {
 public:
  // Listens before it returns; throws as Server does. Without a TLS context it speaks plain HTTP.
  Loop(const ServerOptions& options, const RequestHandler& handler,
       std::optional<asio::ssl::context> tls);

  std::uint16_t port() const { return port_; }
  // Who is called in a URL, IPv6 in brackets.
  std::string url_host() const;

  // Serves until stop() has been called and is done.
  void run();
  void stop();

 private:
  // One for each address.
  struct Listener {
    explicit Listener(const Executor& executor) : acceptor(executor), pause(executor) {}

    asio::basic_socket_acceptor<asio::ip::tcp, Executor> acceptor;
    Timer pause;
  };

  void listen();
  std::error_code listen_on_all(const std::vector<asio::ip::address>& addresses);
  std::error_code listen_on(const asio::ip::address& address);
  void accept(Listener& listener);
  void on_accept(Listener& listener, std::error_code error, Socket socket);
  void admit(Socket socket);
  void pause_accepting(Listener& listener);
  void sweep();
  void begin_stop();
  void close_all();
  void on_closed(std::uint64_t id);

  const ServerOptions& options_;
  asio::io_context io_;
  std::optional<asio::ssl::context> tls_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  Timer sweep_timer_;
  std::uint16_t port_ = 0;
  bool stopping_ = false;
  std::uint64_t last_id_ = 0;
  ConnectionContext context_;
  std::unordered_map<std::uint64_t, std::shared_ptr<Connection>> connections_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_HTTP_LOOP_H_
