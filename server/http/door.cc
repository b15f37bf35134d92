#include "http/door.h"

#include <fcntl.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "protocol/host.h"

namespace nairi::mock {
namespace {

constexpr std::chrono::milliseconds kAcceptPause{50};  // when the process has no descriptors left

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

Door::Door(const ServerOptions& options, Executor executor, Admit admit)
    : options_(options), executor_(std::move(executor)), admit_(std::move(admit)) {
  listen();
  for (const auto& listener : listeners_) accept(*listener);
}

void Door::close() {
  closed_ = true;
  for (const auto& listener : listeners_) {
    std::error_code ignored;
    listener->acceptor.close(ignored);
    listener->pause.cancel();
  }
}

void Door::listen() {
  constexpr int kMostTries = 20;
  std::error_code error;
  const auto addresses = addresses_of(options_.host, executor_, error);
  if (!error && !options_.allow_remote) require_loopback(options_.host, addresses);
  if (!error) error = listen_on_all(addresses);
  // A port that is free on one address may be taken on the next.
  for (int tries = 1; options_.port == 0 && error == std::errc::address_in_use; ++tries) {
    if (tries == kMostTries) break;
    error = listen_on_all(addresses);
  }
  if (error) throw std::system_error(error, explain(error, options_.host, options_.port));
}

std::error_code Door::listen_on_all(const std::vector<asio::ip::address>& addresses) {
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

std::error_code Door::listen_on(const asio::ip::address& address) {
  const asio::ip::tcp::endpoint endpoint(address, port_);
  auto listener = std::make_unique<Listener>(executor_);
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

std::string Door::url_host() const {
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

void Door::accept(Listener& listener) {
  listener.acceptor.async_accept(executor_,
                                 [this, &listener](std::error_code error, Socket socket) {
                                   on_accept(listener, error, std::move(socket));
                                 });
}

void Door::on_accept(Listener& listener, std::error_code error, Socket socket) {
  if (closed_) return;
  if (!error) {
    keep_from_children(socket.native_handle());
    admit_(std::move(socket));
  } else if (error != asio::error::connection_aborted) {
    return pause_accepting(listener);
  }
  accept(listener);
}

// The waiting connection would be reported again and again.
void Door::pause_accepting(Listener& listener) {
  listener.pause.expires_after(kAcceptPause);
  listener.pause.async_wait([this, &listener](std::error_code error) {
    if (!error && !closed_) accept(listener);
  });
}

}  // namespace nairi::mock
