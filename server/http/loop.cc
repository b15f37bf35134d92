#include "http/loop.h"

#include <fcntl.h>

#include <algorithm>
#include <asio/post.hpp>
#include <exception>
#include <stdexcept>
#include <utility>

#include "protocol/host.h"

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
  const bool is_bare = host.find(':') != std::string::npos && !host.starts_with('[');
  const std::string address = (is_bare ? "[" + host + "]" : host) + ":" + std::to_string(port);
  if (error == asio::error::address_in_use) {
    return address + " is in use: choose another --port, or 0 for a free one";
  }
  if (error == asio::error::access_denied) {
    return address + " needs more rights: choose a --port above 1023, or 0 for a free one";
  }
  return "\"" + host +
         "\" is no address to listen on: choose a --host of this machine, and its port by --port";
}

using Address = asio::ip::address;

// ::ffff:127.0.0.1 is an address of IPv4.
Address unmapped(const Address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

// What a name or the spelling of an address stands for. Names of this machine need nobody who knows
// them: many a container's list of hosts lacks ::1.
std::vector<Address> addresses_of(const std::string& host, const Executor& executor,
                                  std::error_code& error) {
  const std::string name(bare_host(host));
  if (is_localhost(name)) {
    return {asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()};
  }
  std::vector<Address> addresses;
  error = asio::error::host_not_found;
  if (!is_address(name) && !is_dns_name(name)) return addresses;  // "" would mean all addresses
  using Resolver = asio::ip::basic_resolver<asio::ip::tcp, Executor>;
  const auto how = is_address(name) ? Resolver::numeric_host : Resolver::flags();
  for (const auto& found : Resolver(executor).resolve(name, "0", how, error)) {
    const Address address = unmapped(found.endpoint().address());
    if (std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(address);
  }
  return addresses;
}

void require_loopback(const std::string& host, const std::vector<Address>& addresses) {
  if (std::ranges::all_of(addresses, [](const Address& it) { return it.is_loopback(); })) return;
  throw std::runtime_error("--host " + host +
                           " can be reached from other machines, and this fake lets any key in: "
                           "add --allow-remote if that is meant");
}

// A name can have addresses that this machine has not, such as ::1 without IPv6.
bool is_missing_here(std::error_code error) {
  return error == std::errc::address_not_available ||
         error == std::errc::address_family_not_supported ||
         error == std::errc::protocol_not_supported;
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
      sweep_timer_(io_.get_executor()),
      context_{options, handler, [this](std::uint64_t id) { on_closed(id); }} {
  listen();
  for (const auto& listener : listeners_) accept(*listener);
  sweep();
}

void Loop::listen() {
  constexpr int kMostTries = 20;
  std::error_code error;
  const auto addresses = addresses_of(options_.host, io_.get_executor(), error);
  if (!error && !options_.allow_remote) require_loopback(options_.host, addresses);
  if (!error) error = listen_on_all(addresses);
  // A port that is free on one address may be taken on the next.
  for (int tries = 1; options_.port == 0 && error == std::errc::address_in_use; ++tries) {
    if (tries == kMostTries) break;
    error = listen_on_all(addresses);
  }
  if (error) throw std::system_error(error, explain(error, options_.host, options_.port));
}

std::error_code Loop::listen_on_all(const std::vector<asio::ip::address>& addresses) {
  listeners_.clear();
  port_ = options_.port;
  std::error_code missing;
  for (const Address& address : addresses) {
    const std::error_code error = listen_on(address);
    if (error && !is_missing_here(error)) return error;
    if (error) missing = error;
  }
  return listeners_.empty() ? missing : std::error_code();
}

std::error_code Loop::listen_on(const asio::ip::address& address) {
  const asio::ip::tcp::endpoint endpoint(address, port_);
  auto listener = std::make_unique<Listener>(io_.get_executor());
  std::error_code error;
  auto& acceptor = listener->acceptor;
  acceptor.open(endpoint.protocol(), error);
  if (!error) keep_from_children(acceptor.native_handle());
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return error;
  port_ = acceptor.local_endpoint().port();
  listeners_.push_back(std::move(listener));
  return error;
}

std::string Loop::url_host() const {
  std::string name(bare_host(options_.host));
  if (!is_address(name)) return name;
  const Address address = listeners_.front()->acceptor.local_endpoint().address();
  // Nobody can connect to a wildcard; whoever listens on it listens on loopback too.
  if (address.is_unspecified()) return address.is_v4() ? "127.0.0.1" : "[::1]";
  if (address.is_v4()) return address.to_string();
  std::string text = "[" + address.to_string() + "]";
  const std::size_t zone = text.find('%');  // fe80::1%eth0 (RFC 6874)
  if (zone != std::string::npos) text.insert(zone + 1, "25");
  return text;
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

void Loop::accept(Listener& listener) {
  listener.acceptor.async_accept(io_.get_executor(),
                                 [this, &listener](std::error_code error, Socket socket) {
                                   on_accept(listener, error, std::move(socket));
                                 });
}

void Loop::on_accept(Listener& listener, std::error_code error, Socket socket) {
  if (stopping_) return;
  if (!error) {
    admit(std::move(socket));
  } else if (error != asio::error::connection_aborted) {
    return pause_accepting(listener);
  }
  accept(listener);
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
void Loop::pause_accepting(Listener& listener) {
  listener.pause.expires_after(kAcceptPause);
  listener.pause.async_wait([this, &listener](std::error_code error) {
    if (!error && !stopping_) accept(listener);
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
  for (const auto& listener : listeners_) {
    std::error_code ignored;
    listener->acceptor.close(ignored);
    listener->pause.cancel();
  }
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
