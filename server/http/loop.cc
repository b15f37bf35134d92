#include "http/loop.h"

#include <fcntl.h>

#include <algorithm>
#include <asio/post.hpp>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace nairi::mock {
namespace {

constexpr std::chrono::milliseconds kAcceptPause{50};  // when the process has no descriptors left
constexpr std::chrono::milliseconds kStopGrace{250};   // for replies that are being written
constexpr std::chrono::milliseconds kMaxSweepPeriod{1000};

// Deadlines are kept to within a quarter, or a second.
std::chrono::milliseconds sweep_period(const ServerOptions& options) {
  const auto shortest = std::min(options.idle_timeout, options.request_timeout);
  return std::clamp(shortest / 4, std::chrono::milliseconds(1), kMaxSweepPeriod);
}

std::string explain(std::error_code error, const std::string& host, std::uint16_t port) {
  const std::string address =
      (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
  if (error == asio::error::address_in_use) {
    return address + " is in use: choose another --port, or 0 for a free one";
  }
  if (error == asio::error::access_denied) {
    return address + " needs more rights: choose a --port above 1023, or 0 for a free one";
  }
  return address + " is no address to listen on: choose a --host of this machine";
}

// A program that ours starts must not hold a port open, or a connection.
void keep_from_children(int socket) {
  ::fcntl(socket, F_SETFD, FD_CLOEXEC);
}

}  // namespace

Loop::Loop(const ServerOptions& options, const RequestHandler& handler,
           std::optional<asio::ssl::context> tls)
    : options_(options),
      io_(ASIO_CONCURRENCY_HINT_UNSAFE_IO),  // sockets are touched by the loop's thread only
      tls_(std::move(tls)),
      acceptor_(io_.get_executor()),
      accept_timer_(io_.get_executor()),
      sweep_timer_(io_.get_executor()),
      context_{options, handler, [this](std::uint64_t id) { on_closed(id); }} {
  listen();
  accept();
  sweep();
}

void Loop::listen() {
  std::error_code error;
  asio::ip::basic_resolver<asio::ip::tcp, Executor> resolver(io_.get_executor());
  const auto found = resolver.resolve(options_.host, std::to_string(options_.port),
                                      asio::ip::resolver_base::passive, error);
  if (!error) {
    const asio::ip::tcp::endpoint endpoint = found.begin()->endpoint();
    acceptor_.open(endpoint.protocol(), error);
    if (!error) keep_from_children(acceptor_.native_handle());
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  }
  if (error) throw std::system_error(error, explain(error, options_.host, options_.port));
  port_ = acceptor_.local_endpoint().port();
}

void Loop::run() {
  for (;;) {
    try {
      io_.run();
      return;
    } catch (const std::exception&) {
      // Out of memory, most likely: costs the connection that was being served (its deadline will
      // find it), not the others.
    }
  }
}

void Loop::stop() {
  asio::post(io_, [this] { begin_stop(); });
}

void Loop::accept() {
  acceptor_.async_accept(io_.get_executor(), [this](std::error_code error, Socket socket) {
    on_accept(error, std::move(socket));
  });
}

void Loop::on_accept(std::error_code error, Socket socket) {
  if (stopping_) return;
  if (!error) {
    admit(std::move(socket));
  } else if (error != asio::error::connection_aborted) {
    return pause_accepting();
  }
  accept();
}

void Loop::admit(Socket socket) {
  const std::uint64_t id = ++last_id_;
  if (connections_.size() >= options_.max_connections) {  // closes it
    return context_.tell({.request = {.connection = id},
                          .reply = {.status = 0, .body = {}},
                          .why = "expected at most " + std::to_string(options_.max_connections) +
                                 " connections, got one more, which was closed"});
  }
  keep_from_children(socket.native_handle());
  std::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  auto stream =
      tls_ ? make_tls_stream(std::move(socket), *tls_) : make_plain_stream(std::move(socket));
  auto connection =
      std::make_shared<Connection>(context_, io_.get_executor(), std::move(stream), id);
  connections_.emplace(id, connection);
  connection->start();
}

// The waiting connection would be reported again and again.
void Loop::pause_accepting() {
  accept_timer_.expires_after(kAcceptPause);
  accept_timer_.async_wait([this](std::error_code error) {
    if (!error && !stopping_) accept();
  });
}

void Loop::sweep() {
  sweep_timer_.expires_after(sweep_period(options_));
  sweep_timer_.async_wait([this](std::error_code error) {
    if (error || stopping_) return;
    std::vector<std::shared_ptr<Connection>> overdue;
    const auto now = SteadyClock::now();
    for (const auto& [id, connection] : connections_) {
      if (connection->overdue(now)) overdue.push_back(connection);
    }
    for (const auto& connection : overdue) connection->give_up();
    sweep();
  });
}

void Loop::begin_stop() {
  if (std::exchange(stopping_, true)) return;
  std::error_code ignored;
  acceptor_.close(ignored);
  accept_timer_.cancel();
  sweep_timer_.expires_after(kStopGrace);
  const auto connections = connections_;
  for (const auto& [id, connection] : connections) connection->stop();
  if (connections_.empty()) {
    sweep_timer_.cancel();
  } else {
    sweep_timer_.async_wait([this](std::error_code error) {
      if (!error) close_all();
    });
  }
}

void Loop::close_all() {
  const auto connections = connections_;
  for (const auto& [id, connection] : connections) connection->close();
}

void Loop::on_closed(std::uint64_t id) {
  connections_.erase(id);
  if (stopping_ && connections_.empty()) sweep_timer_.cancel();
}

}  // namespace nairi::mock
