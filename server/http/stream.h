// The bytes of one connection, plain or encrypted, under one interface. Operations hold their owner
// until they have told it the outcome; at most one read and one write may be under way.
//
// Thread-safety: none; everything happens on the loop's thread.
#ifndef NAIRI_MOCK_HTTP_STREAM_H_
#define NAIRI_MOCK_HTTP_STREAM_H_

#include <array>
#include <asio/basic_stream_socket.hpp>
#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ssl/context.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

namespace nairi::mock {

using Executor = asio::io_context::executor_type;  // the concrete one: no type erasure per call
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using OutBuffers = std::array<asio::const_buffer, 2>;

// What on_open() may say besides other errors: the client speaks plain HTTP where TLS is spoken,
inline std::error_code plain_http() {
  return std::make_error_code(std::errc::wrong_protocol_type);
}
// or went away without a byte, as health checks do.
inline std::error_code silent() {
  return std::make_error_code(std::errc::no_message);
}

inline constexpr std::string_view kPerhapsNoTrust = "perhaps as it does not trust the certificate";
// Why a TLS handshake failed, in words.
std::string handshake_failure(std::error_code error);

class StreamOwner : public std::enable_shared_from_this<StreamOwner> {
 public:
  virtual ~StreamOwner() = default;
  virtual void on_open(std::error_code error) = 0;
  virtual void on_read(std::error_code error, std::size_t size) = 0;
  virtual void on_written(std::error_code error, std::size_t size) = 0;
  virtual void on_shut() = 0;
};

class Stream {
 public:
  virtual ~Stream() = default;
  // Makes the stream ready for use; then on_open.
  virtual void open(StreamOwner& owner) = 0;
  // Reads what has come, at least a byte; then on_read.
  virtual void read(asio::mutable_buffer to, StreamOwner& owner) = 0;
  // Has the peer told at once that what it sent has come. Else the system waits for a reply to tell
  // it along with, and a client that sends head and body apart may wait for being told (40 ms).
  virtual void acknowledge() = 0;
  // Writes what can be written without waiting; 0 when nothing can.
  virtual std::size_t write_now(const OutBuffers& from, std::error_code& error) = 0;
  // Writes some as soon as possible; then on_written.
  virtual void write(const OutBuffers& from, StreamOwner& owner) = 0;
  // Tells the peer that nothing more will be written; then on_shut. What is read afterwards is
  // only good for being dropped.
  virtual void shut(StreamOwner& owner) = 0;
  // After on_open(plain_http()): the same connection without encryption, which takes this one's
  // place.
  virtual std::unique_ptr<Stream> unencrypted() = 0;
  // Ends everything that is under way.
  virtual void close() = 0;
  // The same, and the peer sees the connection broken (TCP RST).
  virtual void reset() = 0;
};

std::unique_ptr<Stream> make_plain_stream(Socket socket);
std::unique_ptr<Stream> make_tls_stream(Socket socket, asio::ssl::context& context);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_HTTP_STREAM_H_
