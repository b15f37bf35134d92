// Where connections come in: listens on all addresses of a host, and hands out what it accepts.
//
// Thread-safety: none; everything happens on the thread of its executor, but for what the
// constructor and the accessors do before that thread runs.
#ifndef NAIRI_MOCK_HTTP_DOOR_H_
#define NAIRI_MOCK_HTTP_DOOR_H_

#include <asio/basic_socket_acceptor.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "http/connection.h"
#include "nairi/mock/server_options.h"

namespace nairi::mock {

class Door {
 public:
  using Admit = std::function<void(Socket socket)>;

  // Listens before it returns; throws as Server does. Accepts once the executor runs.
  Door(const ServerOptions& options, Executor executor, Admit admit);

  std::uint16_t port() const { return port_; }
  // Who is called in a URL, IPv6 in brackets.
  std::string url_host() const;

  void close();

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
  void pause_accepting(Listener& listener);

  const ServerOptions& options_;
  const Executor executor_;
  const Admit admit_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::uint16_t port_ = 0;
  bool closed_ = false;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_HTTP_DOOR_H_
