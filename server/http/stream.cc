#include "http/stream.h"

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <asio/post.hpp>
#include <asio/ssl/error.hpp>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

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

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

// OpenSSL between two memory buffers, with the socket beside it: a request costs the system calls
// that it costs without TLS, and each byte is copied once. (asio::ssl has a pair of buffers and two
// more copies between, 34 kB for each connection, and can't write at once.)
class TlsStream : public Stream {
 public:
  TlsStream(Socket socket, asio::ssl::context& context)
      : socket_(std::move(socket)), ssl_(SSL_new(context.native_handle())) {
    std::error_code ignored;
    socket_.non_blocking(true, ignored);
    if (!ssl_) throw std::bad_alloc();
    BIO* in = BIO_new(BIO_s_mem());
    BIO* out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl_.get(), in, out);  // which owns them now
    if (in == nullptr || out == nullptr) throw std::bad_alloc();
    SSL_set_accept_state(ssl_.get());
  }

  // The first byte is looked at before OpenSSL takes it: it tells who speaks plain HTTP, and can
  // be told so. There may be none yet: asio wakes too often, by what it had heard of a socket that
  // is closed by now and whose place this one took.
  void open(StreamOwner& owner) override {
    socket_.async_wait(Socket::wait_read,
                       [this, held = owner.shared_from_this()](std::error_code error) {
                         if (!error) error = first_byte();
                         if (error == asio::error::would_block) return open(*held);
                         if (error) return held->on_open(error);
                         shake_hands(*held);
                       });
  }

  void read(asio::mutable_buffer to, StreamOwner& owner) override {
    if (shut_) return socket_.async_read_some(to, reading(owner));
    if (SSL_pending(ssl_.get()) == 0 && BIO_pending(SSL_get_rbio(ssl_.get())) == 0) {
      return read_more(to, owner);
    }
    // Never from within: who is told may read again at once.
    asio::post(socket_.get_executor(),
               [this, to, held = owner.shared_from_this()] { decrypt(to, *held); });
  }

  void acknowledge() override { acknowledge_now(socket_); }

  // What counts as written is out, in all of its records.
  std::size_t write_now(const OutBuffers& from, std::error_code& error) override {
    std::size_t written = 0;
    while (flush(error)) {
      written += std::exchange(encrypted_, 0);
      if (!encrypt(from, written, error)) break;
    }
    return written;
  }

  void write(const OutBuffers& from, StreamOwner& owner) override {
    std::error_code error;
    if (encrypted_ == 0) encrypt(from, 0, error);
    flush_when_writable(owner, [this, error](StreamOwner& held, std::error_code failed) {
      held.on_written(error ? error : failed, std::exchange(encrypted_, 0));
    });
  }

  // Says that this is the end of the session. Whether the peer says so too does not matter: what it
  // still sends is dropped.
  void shut(StreamOwner& owner) override {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    flush_later(owner, [this](StreamOwner& held, std::error_code) {
      shut_ = true;
      std::error_code ignored;
      socket_.shutdown(Socket::shutdown_send, ignored);
      held.on_shut();
    });
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
  static constexpr std::size_t kMostPlain = SSL3_RT_MAX_PLAIN_LENGTH;  // of a record
  static constexpr std::size_t kLeastIn = 2048;

  std::error_code first_byte() {
    char byte = 0;
    std::error_code error;
    socket_.receive(asio::buffer(&byte, 1), Socket::message_peek, error);
    if (error == asio::error::would_block) return error;
    if (error) return silent();
    const bool begins_a_method = byte >= 'A' && byte <= 'Z';
    return begins_a_method ? plain_http() : std::error_code();
  }

  static std::error_code last_error() {
    const auto code = static_cast<int>(ERR_get_error());
    return code == 0 ? std::error_code(asio::error::eof)
                     : std::error_code(code, asio::error::get_ssl_category());
  }

  // The error of the last call to OpenSSL that gave `result`; none when it only wants more bytes.
  std::error_code error_of(int result) const {
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_NONE:
      case SSL_ERROR_WANT_READ:
        return {};
      case SSL_ERROR_ZERO_RETURN:
        return asio::error::eof;
      default:
        return last_error();
    }
  }

  void shake_hands(StreamOwner& owner) {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    const std::error_code error = error_of(result);
    // An alert tells the peer, too, why it failed.
    flush_later(owner, [this, result, error](StreamOwner& held, std::error_code failed) {
      if (error || failed || result == 1) return held.on_open(error ? error : failed);
      receive(held, kLeastIn, [this](StreamOwner& peer, std::error_code lost) {
        if (lost) return peer.on_open(lost);
        shake_hands(peer);
      });
    });
  }

  // Gives OpenSSL what comes next; then `then`.
  template <typename Then>
  void receive(StreamOwner& owner, std::size_t size, Then then) {
    if (in_.size() != size) in_ = std::vector<char>(size);
    socket_.async_read_some(asio::buffer(in_), [this, held = owner.shared_from_this(), then](
                                                   std::error_code error, std::size_t came) {
      BIO_write(SSL_get_rbio(ssl_.get()), in_.data(), static_cast<int>(came));
      then(*held, error);
    });
  }

  void read_more(asio::mutable_buffer to, StreamOwner& owner) {
    receive(owner, std::clamp(to.size(), kLeastIn, kMostPlain),
            [this, to](StreamOwner& held, std::error_code error) {
              if (error) return held.on_read(error, 0);
              decrypt(to, held);
            });
  }

  void decrypt(asio::mutable_buffer to, StreamOwner& owner) {
    ERR_clear_error();
    const int size = SSL_read(ssl_.get(), to.data(), static_cast<int>(to.size()));
    if (size > 0) return owner.on_read({}, static_cast<std::size_t>(size));
    if (const std::error_code error = error_of(size)) return owner.on_read(error, 0);
    read_more(to, owner);
  }

  // Encrypts the next record of what is beyond `from`'s first bytes. False when there is none.
  bool encrypt(const OutBuffers& from, std::size_t begin, std::error_code& error) {
    std::array<char, kMostPlain> record;  // head and body of a small reply are one
    std::size_t size = 0;
    for (const asio::const_buffer& buffer : from) {
      const std::size_t skipped = std::min(begin, buffer.size());
      begin -= skipped;
      const std::size_t taken = std::min(buffer.size() - skipped, record.size() - size);
      if (taken == 0) continue;
      std::memcpy(record.data() + size, static_cast<const char*>(buffer.data()) + skipped, taken);
      size += taken;
    }
    if (size == 0) return false;
    ERR_clear_error();
    const int result = SSL_write(ssl_.get(), record.data(), static_cast<int>(size));
    if (result <= 0) {
      error = last_error();
      return false;
    }
    encrypted_ = size;
    return true;
  }

  // Writes what is encrypted, as much as goes at once; true when all of it is out.
  bool flush(std::error_code& error) {
    BIO* const out = SSL_get_wbio(ssl_.get());
    char* data = nullptr;
    const auto size = static_cast<std::size_t>(BIO_get_mem_data(out, &data));
    if (size == 0) return true;
    std::size_t sent = socket_.write_some(asio::buffer(data, size), error);
    if (error == asio::error::would_block) error = {};
    const bool is_all = sent == size;
    // Takes out what was sent: a memory buffer has no other way that does not wipe all of it.
    std::array<char, kLeastIn> ignored;
    while (sent > 0)
      sent -= static_cast<std::size_t>(
          BIO_read(out, ignored.data(), static_cast<int>(std::min(sent, ignored.size()))));
    return is_all && !error;
  }

  // The same with whatever waiting that takes; then `then`.
  template <typename Then>
  void flush_later(StreamOwner& owner, Then then) {
    std::error_code error;
    if (flush(error) || error) return then(owner, error);
    flush_when_writable(owner, then);
  }

  template <typename Then>
  void flush_when_writable(StreamOwner& owner, Then then) {
    socket_.async_wait(Socket::wait_write,
                       [this, held = owner.shared_from_this(), then](std::error_code error) {
                         if (error) return then(*held, error);
                         flush_later(*held, then);
                       });
  }

  Socket socket_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  std::vector<char> in_;       // what came, still encrypted
  std::size_t encrypted_ = 0;  // bytes of a reply whose record is not out
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
