// One client's connection: reads requests, has each answered in order, writes the replies, and ends
// the connection in such a way that the last reply arrives.
//
// Thread-safety: none; everything happens on the loop's thread.
#ifndef NAIRI_MOCK_HTTP_CONNECTION_H_
#define NAIRI_MOCK_HTTP_CONNECTION_H_

#include <array>
#include <asio/basic_waitable_timer.hpp>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "http/encoding.h"
#include "http/framing.h"
#include "http/outgoing.h"
#include "http/stream.h"
#include "nairi/mock/late_reply.h"
#include "nairi/mock/server_options.h"

namespace nairi::mock {

using SteadyClock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Executor>;

// What all loops of a server count together, besides ServerOptions::figures.
struct Totals {
  std::atomic<std::size_t> buffered_bytes = 0;  // of all unfinished requests
};

// What the connections of one loop have in common; it outlives them.
struct ConnectionContext {
  // Tells ServerOptions::on_refused, if there is any.
  void tell(const RefusedRequest& refused) const;
  // Each reply is the last one of its connection, from the moment on in which the fake says so.
  bool is_draining() const { return options.figures->draining; }

  const ServerOptions& options;
  const RequestHandler& handler;
  std::function<void(std::uint64_t id)> on_closed;
  Totals& totals;
};

class Connection : public StreamOwner {
 public:
  Connection(ConnectionContext& context, Executor executor, std::unique_ptr<Stream> stream,
             std::uint64_t id);

  void start();
  // Whether the peer has been too slow. The loop asks every now and then and then calls give_up(),
  // so that no request has to set a timer.
  bool overdue(SteadyClock::time_point now) const { return now >= deadline_; }
  void give_up();
  // Lets a reply that is being written arrive; closes at once otherwise.
  void stop();
  // Ends after the reply that is under way; or soon, if none is.
  void retire();
  void close();

  void on_open(std::error_code error) override;
  void on_read(std::error_code error, std::size_t size) override;
  void on_written(std::error_code error, std::size_t size) override;
  void on_shut() override;

 private:
  // From opening to reading, and from there through one reply and back; a last reply leads on to
  // shutting. close() may come at any time. While a reply waits (awaiting to dripping) the
  // peer is watched, so that one that goes away frees its place; while it is written (writing)
  // nothing is read: the peer that does not take its replies gets no further ones.
  enum class Phase {
    opening,   // the TLS handshake
    reading,   // waiting for a request or for the rest of one
    awaiting,  // a reply, or the rest of one, comes from elsewhere
    holding,   // a reply waits until somebody lets it go
    delaying,  // a reply waits for its time
    dripping,  // a part of a reply is out and the next one waits for its time
    writing,
    shutting,  // saying goodbye
    draining,  // dropping what the peer still sends: closing now would cost it the last reply
    closed,
  };

  // What a request says of its reply's way.
  struct Manner {
    bool http10 = false;
    bool keep_alive = true;
    bool with_body = true;
    AcceptedEncodings accepted = {};
  };
  // A reply that is awaited.
  struct Awaited {
    std::shared_ptr<LateReply> late;
    Manner manner;
  };

  void proceed();
  void read_more();
  asio::mutable_buffer in_buffer();
  void answer(FramedRequest framed);
  void begin(Reply reply, const Manner& manner);
  void hold_back(std::shared_ptr<Hold> hold);
  void on_released();
  void send_in_time();
  void await(Awaited awaited);
  void await_at_most(std::chrono::milliseconds time);
  void await_more();
  void on_late();
  Outgoing::Ending ending_after(Afterwards afterwards) const;
  Reply ask_handler(Request& request) const;  // the body is lost when the handler fails
  void refuse(const Failure& refusal);
  // Tells of what has no answer.
  void tell(RefusedRequest refused, std::string why) const;
  void tell_of_the_end();
  void wait(Phase phase, SteadyClock::duration time);
  void watch_peer();
  void listen_for_cancellation();
  void on_cancelled();
  void send();
  void send_rest();
  OutBuffers unsent() const;
  void after_sent();
  void account(std::size_t bytes);
  void set_deadline(SteadyClock::duration from_now) { deadline_ = now_ + from_now; }

  ConnectionContext& context_;
  Executor executor_;
  std::unique_ptr<Stream> stream_;
  const std::uint64_t id_;
  Phase phase_ = Phase::opening;
  SteadyClock::time_point now_;  // when something last happened here: one look at the clock for all
  SteadyClock::time_point deadline_;

  Framer framer_;
  // There may be 20,000 that idle: most requests fit into the small buffer, and those that don't
  // have a large one while they come.
  std::array<char, 1024> small_in_;
  std::vector<char> large_in_;
  bool read_pending_ = false;
  bool request_begun_ = false;   // the deadline is that of a request
  bool has_asked_ = false;       // a request came
  bool is_misdirected_ = false;  // plain HTTP, but the port speaks HTTPS
  std::size_t accounted_ = 0;    // our share of Totals::buffered_bytes
  std::size_t drained_ = 0;

  Outgoing out_;
  std::unique_ptr<Outgoing> when_revoked_;  // in place of one that waits: Reply::when_revoked
  std::shared_ptr<void> listening_;         // to the cancellation of what waits
  std::shared_ptr<Hold> hold_;              // of a reply that is held
  std::shared_ptr<void> holding_;           // listening to that
  std::unique_ptr<Timer> timer_;            // of a delay or of a drip
  std::unique_ptr<Awaited> awaited_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_HTTP_CONNECTION_H_
