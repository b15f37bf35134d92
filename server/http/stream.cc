#include "http/stream.h"

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <asio/ssl/error.hpp>
#include <asio/ssl/stream.hpp>
#include <utility>

namespace nairi::mock {
namespace {

// Handlers that keep the owner alive while an operation is under way.
auto reading(StreamOwner& owner) {
  return [held = owner.shared_from_this()](std::error_code error, std::size_t size) {
    held->on_read(error, size);
  };
}

auto writing(StreamOwner& owner) {
  return [held = owner.shared_from_this()](std::error_code error, std::size_t size) {
    held->on_written(error, size);
  };
}

// Without lingering, what is unsent is dropped and the peer gets a RST.
void close_by_reset(Socket& socket) {
  std::error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

void acknowledge_now(Socket& socket) {
#ifdef TCP_QUICKACK  // Linux
  const int yes = 1;
  (void)::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_QUICKACK, &yes, sizeof yes);
#endif
}

class PlainStream : public Stream {
 public:
  explicit PlainStream(Socket socket) : socket_(std::move(socket)) {
    std::error_code ignored;
    socket_.non_blocking(true, ignored);
  }

  void open(StreamOwner& owner) override { owner.on_open({}); }

  void read(asio::mutable_buffer to, StreamOwner& owner) override {
    socket_.async_read_some(to, reading(owner));
  }

  void acknowledge() override { acknowledge_now(socket_); }

  std::size_t write_now(const OutBuffers& from, std::error_code& error) override {
    const std::size_t size = socket_.write_some(from, error);
    if (error == asio::error::would_block) error = {};
    return size;
  }

  void write(const OutBuffers& from, StreamOwner& owner) override {
    socket_.async_write_some(from, writing(owner));
  }

  void shut(StreamOwner& owner) override {
    std::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    owner.on_shut();
  }

  void close() override {
    std::error_code ignored;
    socket_.close(ignored);
  }

  void reset() override { close_by_reset(socket_); }
  std::unique_ptr<Stream> unencrypted() override {
    return std::make_unique<PlainStream>(std::move(socket_));
  }

 private:
  Socket socket_;
};

class TlsStream : public Stream {
 public:
  TlsStream(Socket socket, asio::ssl::context& context) : stream_(std::move(socket), context) {}

  // The first byte is looked at before OpenSSL takes it: it tells who speaks plain HTTP, and can
  // be told so.
  void open(StreamOwner& owner) override {
    stream_.next_layer().async_wait(
        Socket::wait_read, [this, held = owner.shared_from_this()](std::error_code error) {
          if (!error) error = first_byte();
          if (error) return held->on_open(error);
          stream_.async_handshake(asio::ssl::stream_base::server,
                                  [held](std::error_code failed) { held->on_open(failed); });
        });
  }

  void read(asio::mutable_buffer to, StreamOwner& owner) override {
    if (shut_) {
      stream_.next_layer().async_read_some(to, reading(owner));
    } else {
      stream_.async_read_some(to, reading(owner));
    }
  }

  void acknowledge() override { acknowledge_now(stream_.next_layer()); }

  // The engine of asio::ssl would lose records on a socket that is full.
  std::size_t write_now(const OutBuffers&, std::error_code&) override { return 0; }

  void write(const OutBuffers& from, StreamOwner& owner) override {
    stream_.async_write_some(from, writing(owner));
  }

  // Sends close_notify and waits for the peer's answer, or for data that comes instead.
  void shut(StreamOwner& owner) override {
    stream_.async_shutdown([this, held = owner.shared_from_this()](std::error_code) {
      shut_ = true;
      std::error_code ignored;
      stream_.next_layer().shutdown(Socket::shutdown_send, ignored);
      held->on_shut();
    });
  }

  void close() override {
    std::error_code ignored;
    stream_.next_layer().close(ignored);
  }

  void reset() override { close_by_reset(stream_.next_layer()); }

  std::unique_ptr<Stream> unencrypted() override {
    return std::make_unique<PlainStream>(std::move(stream_.next_layer()));
  }

 private:
  std::error_code first_byte() {
    char byte = 0;
    std::error_code error;
    stream_.next_layer().receive(asio::buffer(&byte, 1), Socket::message_peek, error);
    if (error) return silent();
    const bool begins_a_method = byte >= 'A' && byte <= 'Z';
    return begins_a_method ? plain_http() : std::error_code();
  }

  asio::ssl::stream<Socket> stream_;
  bool shut_ = false;
};

// What the errors of OpenSSL come from, as far as people can do something about it.
struct HandshakeTrouble {
  int reason;
  const char* text;
};
constexpr const char* kNoTrust =
    "the client does not trust the certificate: give it the CA file of the ready line";
constexpr const char* kOldTls = "the client speaks no TLS 1.2 or newer";
constexpr const char* kNoTls = "the client sent something that is no TLS";
constexpr std::array kTroubles = {
    HandshakeTrouble{SSL_R_TLSV1_ALERT_UNKNOWN_CA, kNoTrust},
    HandshakeTrouble{SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, kNoTrust},
    HandshakeTrouble{SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, kNoTrust},
    HandshakeTrouble{SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, kNoTrust},
    HandshakeTrouble{SSL_R_TLSV1_ALERT_ACCESS_DENIED, kNoTrust},
    HandshakeTrouble{SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
                     "the client takes the certificate for expired: compare the clocks"},
    HandshakeTrouble{SSL_R_UNSUPPORTED_PROTOCOL, kOldTls},
    HandshakeTrouble{SSL_R_VERSION_TOO_LOW, kOldTls},
    HandshakeTrouble{SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, kOldTls},
    HandshakeTrouble{SSL_R_NO_SHARED_CIPHER, "the client has no cipher in common with the server"},
    HandshakeTrouble{SSL_R_WRONG_VERSION_NUMBER, kNoTls},
    HandshakeTrouble{SSL_R_BAD_RECORD_TYPE, kNoTls},
};

std::string trouble_text(std::error_code error) {
  if (error == asio::error::eof || error == asio::error::connection_reset ||
      error == asio::ssl::error::stream_truncated) {
    return "the client ended the connection, " + std::string(kPerhapsNoTrust);
  }
  const int reason = ERR_GET_REASON(static_cast<unsigned int>(error.value()));
  const auto* found = std::find_if(kTroubles.begin(), kTroubles.end(),
                                   [&](const auto& known) { return known.reason == reason; });
  if (error.category() != asio::error::get_ssl_category() || found == kTroubles.end()) {
    return "the TLS library says \"" + error.message() + "\"";
  }
  return found->text;
}

}  // namespace

std::string handshake_failure(std::error_code error) {
  return "the TLS handshake failed: " + trouble_text(error);
}

std::unique_ptr<Stream> make_plain_stream(Socket socket) {
  return std::make_unique<PlainStream>(std::move(socket));
}

std::unique_ptr<Stream> make_tls_stream(Socket socket, asio::ssl::context& context) {
  return std::make_unique<TlsStream>(std::move(socket), context);
}

}  // namespace nairi::mock
