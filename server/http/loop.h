// Keeps the connections that it is given, on one thread.
//
// Thread-safety: construct, then run() on one thread. hand_over() and stop() may be called from any
// thread, admit() from the loop's alone.
#ifndef NAIRI_MOCK_HTTP_LOOP_H_
#define NAIRI_MOCK_HTTP_LOOP_H_

#include <asio/io_context.hpp>
#include <asio/ssl/context.hpp>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "http/connection.h"
#include "nairi/mock/server_options.h"

namespace nairi::mock {

class Loop {
 public:
  // Without a TLS context it speaks plain HTTP. What it is given must outlive it.
  Loop(const ServerOptions& options, const RequestHandler& handler, asio::ssl::context* tls,
       Totals& totals);

  Executor executor() { return io_.get_executor(); }

  // Serves until stop() has been called and is done.
  void run();
  void stop();
  // Answers what is under way, and what still comes, and goes on with no connection after that.
  void drain();

  // Serves a connection from now on; `socket` belongs to this loop's executor. One too many is
  // closed at once, and told of.
  void admit(Socket socket, std::uint64_t id);
  // The same for a socket of another loop, on whose thread this is called.
  void hand_over(Socket socket, std::uint64_t id);

 private:
  void sweep();
  void note_lag(SteadyClock::duration lag);
  void begin_stop();
  void close_all();
  void on_closed(std::uint64_t id);

  const ServerOptions& options_;
  asio::io_context io_;
  asio::ssl::context* const tls_;
  Timer sweep_timer_;
  bool stopping_ = false;
  ConnectionContext context_;
  std::unordered_map<std::uint64_t, std::shared_ptr<Connection>> connections_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_HTTP_LOOP_H_
