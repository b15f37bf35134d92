#include "probe/probe.h"

#include <algorithm>
#include <asio/connect.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/ssl/context.hpp>
#include <asio/ssl/stream.hpp>
#include <asio/write.hpp>
#include <string_view>
#include <system_error>

namespace nairi::mock {
namespace {

using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

struct Address {
  bool is_https = false;
  std::string authority;  // "[::1]:4747", as the Host header wants it
  std::string host;       // "::1"
  std::string port;
  std::string path;

  std::string origin() const { return (is_https ? "https://" : "http://") + authority; }
};

// The URL begins with "http://" or "https://".
Address address_of(const std::string& url) {
  Address address;
  address.is_https = url.starts_with("https://");
  const std::size_t host = url.find("://") + 3;
  const std::size_t path = std::min(url.find('/', host), url.size());
  address.authority = url.substr(host, path - host);
  address.path = url.substr(path);
  const std::size_t colon = address.authority.rfind(':');
  address.host = address.authority.substr(0, colon);
  if (colon != std::string::npos) address.port = address.authority.substr(colon + 1);
  if (address.host.starts_with('[')) address.host = address.host.substr(1, address.host.size() - 2);
  return address;
}

// One connection, whose operations all end by the same deadline.
template <class Stream>
class Visit {
 public:
  template <class... More>
  Visit(asio::io_context& io, std::chrono::milliseconds patience, More&... more)
      : io_(io), deadline_(Clock::now() + patience), stream_(io, more...) {}

  std::error_code connect(const Address& address) {
    std::error_code error;
    const auto found = tcp::resolver(io_).resolve(address.host, address.port, error);
    if (error) return error;
    return finish([&](auto handler) {
      asio::async_connect(stream_.lowest_layer(), found, std::move(handler));
    });
  }

  std::error_code shake_hands() {
    return finish([&](auto handler) {
      stream_.async_handshake(asio::ssl::stream_base::client, std::move(handler));
    });
  }

  // What the server says until it closes the connection.
  std::error_code exchange(const std::string& request, std::string& reply) {
    const std::error_code error = finish([&](auto handler) {
      asio::async_write(stream_, asio::buffer(request), std::move(handler));
    });
    if (error) return error;
    const std::error_code end = finish([&](auto handler) {
      asio::async_read(stream_, asio::dynamic_buffer(reply, kMostBytes), std::move(handler));
    });
    return end == asio::error::timed_out ? end : std::error_code{};
  }

 private:
  static constexpr std::size_t kMostBytes = std::size_t{64} << 10;

  // Starts an operation and runs it to its end; an overdue one ends because its socket is closed.
  template <class Start>
  std::error_code finish(Start start) {
    std::error_code result;
    start([&result](std::error_code error, const auto&... /*more*/) { result = error; });
    io_.restart();
    io_.run_until(deadline_);
    if (io_.stopped()) return result;
    stream_.lowest_layer().close(result);
    io_.run();
    return asio::error::timed_out;
  }

  asio::io_context& io_;
  const Clock::time_point deadline_;
  Stream stream_;
};

tl::unexpected<std::string> no_answer(const Address& address, std::error_code error) {
  if (error == asio::error::timed_out) {
    return tl::unexpected(address.origin() + " does not answer");
  }
  return tl::unexpected("nobody answers at " + address.origin());
}

tl::expected<std::string, std::string> body_of(const Address& address, const std::string& reply) {
  constexpr std::string_view kEndOfHead = "\r\n\r\n";
  const std::size_t end = reply.find(kEndOfHead);
  const std::string_view line = std::string_view(reply).substr(0, reply.find('\r'));
  const bool is_good = line.starts_with("HTTP/1.0 200") || line.starts_with("HTTP/1.1 200");
  if (is_good && end != std::string::npos) return reply.substr(end + kEndOfHead.size());
  return tl::unexpected("what answers at " + address.origin() + " is no nairi-mock");
}

template <class Stream>
tl::expected<std::string, std::string> converse(Visit<Stream>& visit, const Address& address) {
  std::string reply;
  // Version 1.0, because its replies are neither in chunks nor followed by others.
  const std::string request =
      "GET " + address.path + " HTTP/1.0\r\nHost: " + address.authority + "\r\n\r\n";
  if (const auto error = visit.exchange(request, reply)) return no_answer(address, error);
  return body_of(address, reply);
}

tl::expected<std::string, std::string> ask_in_plain(const Address& address,
                                                    std::chrono::milliseconds patience) {
  asio::io_context io;
  Visit<tcp::socket> visit(io, patience);
  if (const auto error = visit.connect(address)) return no_answer(address, error);
  return converse(visit, address);
}

tl::expected<std::string, std::string> ask_in_secret(const Address& address,
                                                     const Question& question) {
  asio::io_context io;
  asio::ssl::context tls(asio::ssl::context::tls_client);
  std::error_code error;
  if (!question.ca_file.empty()) {
    tls.load_verify_file(question.ca_file, error);
    if (error) return tl::unexpected(question.ca_file + " can't be read as a CA in PEM");
    tls.set_verify_mode(asio::ssl::verify_peer);
  }
  Visit<asio::ssl::stream<tcp::socket>> visit(io, question.patience, tls);
  if ((error = visit.connect(address))) return no_answer(address, error);
  if ((error = visit.shake_hands())) {
    if (error == asio::error::timed_out) return no_answer(address, error);
    return tl::unexpected("what answers at " + address.origin() +
                          " has no certificate of the CA in " + question.ca_file);
  }
  return converse(visit, address);
}

}  // namespace

tl::expected<std::string, std::string> ask(const Question& question) {
  const Address address = address_of(question.url);
  return address.is_https ? ask_in_secret(address, question)
                          : ask_in_plain(address, question.patience);
}

}  // namespace nairi::mock
