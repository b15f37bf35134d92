#include "http/stream.h"

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

 private:
  Socket socket_;
};

class TlsStream : public Stream {
 public:
  TlsStream(Socket socket, asio::ssl::context& context) : stream_(std::move(socket), context) {}

  void open(StreamOwner& owner) override {
    stream_.async_handshake(
        asio::ssl::stream_base::server,
        [held = owner.shared_from_this()](std::error_code error) { held->on_open(error); });
  }

  void read(asio::mutable_buffer to, StreamOwner& owner) override {
    if (shut_) {
      stream_.next_layer().async_read_some(to, reading(owner));
    } else {
      stream_.async_read_some(to, reading(owner));
    }
  }

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

 private:
  asio::ssl::stream<Socket> stream_;
  bool shut_ = false;
};

}  // namespace

std::unique_ptr<Stream> make_plain_stream(Socket socket) {
  return std::make_unique<PlainStream>(std::move(socket));
}

std::unique_ptr<Stream> make_tls_stream(Socket socket, asio::ssl::context& context) {
  return std::make_unique<TlsStream>(std::move(socket), context);
}

}  // namespace nairi::mock
