#include "http/loop.h"

#include <unistd.h>

#include <algorithm>
#include <asio/post.hpp>
#include <exception>
#include <utility>

namespace nairi::mock {
namespace {

constexpr std::chrono::milliseconds kStopGrace{250};  // for replies that are being written
constexpr std::chrono::milliseconds kMaxSweepPeriod{1000};

// Deadlines are kept to within a quarter, or a second.
std::chrono::milliseconds sweep_period(const ServerOptions& options) {
  const auto shortest = std::min(options.idle_timeout, options.request_timeout);
  return std::clamp(shortest / 4, std::chrono::milliseconds(1), kMaxSweepPeriod);
}

// A connection on its way to the loop that will serve it.
struct Handed {
  Handed(std::uint64_t number, Socket from)
      : id(number), protocol(from.local_endpoint(error).protocol()), socket(from.release(error)) {}
  Handed(Handed&& other) noexcept
      : id(other.id), protocol(other.protocol), socket(std::exchange(other.socket, -1)) {}
  Handed& operator=(Handed&&) = delete;
  ~Handed() {
    if (socket >= 0) ::close(socket);  // it never came: the loop has ended
  }

  std::error_code error;
  std::uint64_t id;
  asio::ip::tcp protocol;
  int socket;
};

}  // namespace

Loop::Loop(const ServerOptions& options, const RequestHandler& handler, asio::ssl::context* tls,
           Totals& totals)
    : options_(options),
      io_(ASIO_CONCURRENCY_HINT_UNSAFE_IO),  // sockets are touched by the loop's thread only
      tls_(tls),
      sweep_timer_(io_.get_executor()),
      context_{options, handler, [this](std::uint64_t id) { on_closed(id); }, totals} {
  sweep();
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

void Loop::hand_over(Socket socket, std::uint64_t id) {
  asio::post(io_, [this, handed = Handed(id, std::move(socket))]() mutable {
    Socket ours(io_.get_executor());
    std::error_code error;
    ours.assign(handed.protocol, handed.socket, error);
    if (error) return;
    handed.socket = -1;
    admit(std::move(ours), handed.id);
  });
}

void Loop::drain() {
  asio::post(io_, [this] {
    const auto connections = connections_;
    for (const auto& [id, connection] : connections) connection->retire();
  });
}

void Loop::admit(Socket socket, std::uint64_t id) {
  if (stopping_) return;
  ServerFigures& figures = *options_.figures;
  // Loops that admit at the same time may let in one more each.
  if (static_cast<std::size_t>(figures.open.load()) >= options_.max_connections) {  // closes it
    ++figures.refused;
    return context_.tell({.request = {.connection = id},
                          .reply = {.status = 0, .body = {}},
                          .why = "expected at most " + std::to_string(options_.max_connections) +
                                 " connections, got one more, which was closed"});
  }
  std::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  auto stream = tls_ != nullptr ? make_tls_stream(std::move(socket), *tls_)
                                : make_plain_stream(std::move(socket));
  auto connection =
      std::make_shared<Connection>(context_, io_.get_executor(), std::move(stream), id);
  connections_.emplace(id, connection);
  ++figures.open;
  ++figures.accepted;
  connection->start();
}

void Loop::sweep() {
  sweep_timer_.expires_after(sweep_period(options_));
  sweep_timer_.async_wait([this](std::error_code error) {
    if (error || stopping_) return;
    std::vector<std::shared_ptr<Connection>> overdue;
    const auto now = SteadyClock::now();
    note_lag(now - sweep_timer_.expiry());
    for (const auto& [id, connection] : connections_) {
      if (connection->overdue(now)) overdue.push_back(connection);
    }
    for (const auto& connection : overdue) connection->give_up();
    sweep();
  });
}

// Whatever keeps the loop busy makes the timer late.
void Loop::note_lag(SteadyClock::duration lag) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(lag).count();
  ServerFigures& figures = *options_.figures;
  figures.lag_us = us;
  if (us > figures.longest_lag_us) figures.longest_lag_us = us;
}

void Loop::begin_stop() {
  if (std::exchange(stopping_, true)) return;
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
  if (connections_.erase(id) > 0) --options_.figures->open;
  if (stopping_ && connections_.empty()) sweep_timer_.cancel();
}

}  // namespace nairi::mock
