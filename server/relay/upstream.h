// A connection to the server that a relay leads to, plain or TLS, under one interface.
//
// Thread-safety: none; everything happens on the relay's thread.
#ifndef NAIRI_MOCK_RELAY_UPSTREAM_H_
#define NAIRI_MOCK_RELAY_UPSTREAM_H_

#include <array>
#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ssl/context.hpp>
#include <asio/ssl/stream.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include "relay/forwarding.h"

namespace nairi::mock {

class Upstream : public std::enable_shared_from_this<Upstream> {
 public:
  // Why it failed, in words; "" when it did not.
  using Opened = std::function<void(const std::string& why)>;
  using Moved = std::function<void(std::error_code error, std::size_t size)>;

  // Without a TLS context it speaks plain HTTP.
  Upstream(asio::io_context& io, const RelayTarget& target, asio::ssl::context* tls);

  // Looks the host up, connects and shakes hands.
  void open(std::chrono::milliseconds most, Opened opened);
  // All of it, which must live as long; then `moved`.
  void write(const std::string& bytes, Moved moved);
  void read(Moved moved);
  std::string_view came(std::size_t size) const { return {in_.data(), size}; }
  // Nothing has come since, not even the end.
  bool is_quiet();
  void close();

 private:
  void connect(const asio::ip::tcp::resolver::results_type& addresses);
  void shake_hands();
  void finish(std::error_code error, const std::string& doing);

  const RelayTarget& target_;
  asio::ip::tcp::resolver resolver_;
  asio::steady_timer timer_;
  asio::ip::tcp::socket plain_;
  std::unique_ptr<asio::ssl::stream<asio::ip::tcp::socket&>> tls_;
  Opened opened_;
  bool is_late_ = false;
  std::array<char, 16384> in_;
};

// Trusts the system's authorities, or those of the file alone. Throws std::runtime_error.
std::unique_ptr<asio::ssl::context> make_trust(const std::string& ca_file);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_RELAY_UPSTREAM_H_
