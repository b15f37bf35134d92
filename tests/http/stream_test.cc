// What a connection's bytes go through, on a loop that the test turns by hand.
#include <gtest/gtest.h>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "http/stream.h"
#include "http/tls.h"

namespace nairi::mock {
namespace {

class Owner : public StreamOwner {
 public:
  void on_open(std::error_code error) override { opened.push_back(error); }
  void on_read(std::error_code, std::size_t) override {}
  void on_written(std::error_code, std::size_t) override {}
  void on_shut() override {}

  std::vector<std::error_code> opened;
};

// Two ends of a connection, of which a loop has the one.
struct Pair {
  explicit Pair(asio::io_context& loop) : peer(elsewhere), ours(loop.get_executor()) {
    asio::ip::tcp::acceptor acceptor(elsewhere, {asio::ip::address_v4::loopback(), 0});
    peer.connect(acceptor.local_endpoint());
    ours.assign(asio::ip::tcp::v4(), acceptor.accept().release());
  }
  void peer_sends(const std::string& bytes) { peer.send(asio::buffer(bytes)); }

  asio::io_context elsewhere;
  asio::ip::tcp::socket peer;
  Socket ours;
};

// A loop that has several things to do may close a socket of which it was told already that there
// is something to read, and give its place to the next one: asio then wakes who waits for that.
TEST(TlsStream, WaitsOnWhenItWasWokenForASocketThatIsGone) {
  asio::io_context loop(ASIO_CONCURRENCY_HINT_UNSAFE_IO);
  std::string ca_pem;
  auto context = make_tls_context({.own_ca = true}, "localhost", ca_pem);
  const auto owner = std::make_shared<Owner>();
  std::unique_ptr<Stream> stream;
  Pair gone(loop);
  std::unique_ptr<Pair> next;
  asio::post(loop, [&] {
    gone.peer_sends("x");
    asio::post(loop, [&] {
      gone.ours.close();
      next = std::make_unique<Pair>(loop);
      stream = make_tls_stream(std::move(next->ours), context);
      stream->open(*owner);
    });
  });
  loop.poll();
  EXPECT_EQ(owner->opened, std::vector<std::error_code>());
  next->peer_sends("GET");
  loop.poll();
  EXPECT_EQ(owner->opened, std::vector<std::error_code>{plain_http()});
}

}  // namespace
}  // namespace nairi::mock
