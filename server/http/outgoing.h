// What is to be sent on a connection for one request: which bytes, when, and what becomes of the
// connection after them. No sockets and no clock.
//
//   Outgoing out = Outgoing::reply(std::move(reply), Persistence::keep_alive, true, head);
//   wait(out.delay());
//   while (!out.done()) {
//     out.advance(write(out.due()));
//     if (out.paused()) { wait(out.pause()); out.resume(); }
//   }
//   end(out.ending());
#ifndef NAIRI_MOCK_HTTP_OUTGOING_H_
#define NAIRI_MOCK_HTTP_OUTGOING_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "http/encoding.h"
#include "http/reply_head.h"
#include "nairi/mock/cancellation.h"
#include "nairi/mock/exchange.h"

namespace nairi::mock {

class Outgoing {
 public:
  // What follows the last byte.
  enum class Ending {
    more,          // further bytes of the same reply
    next_request,  // the connection goes on
    close,         // it ends in such a way that all of this arrives
    reset,         // it is broken (TCP RST)
  };

  // Nothing: it is done.
  Outgoing() = default;
  // "100 Continue": the request goes on.
  static Outgoing interim();
  // `with_body` is false for HEAD. The reply's encoding, if it is `accepted`, and its fault decide
  // what of it is sent, and how.
  static Outgoing reply(Reply reply, Persistence persistence, bool with_body,
                        std::chrono::milliseconds idle_timeout, AcceptedEncodings accepted = {});
  // These bytes as they are.
  static Outgoing verbatim(std::string bytes, Ending ending);

  // Before the first byte.
  std::chrono::milliseconds delay() const { return delay_; }
  // Cancelled when a reply that waits is not wanted any more; may be null.
  const std::shared_ptr<Cancellation>& cancellation() const { return cancellation_; }
  bool is_interim() const { return interim_; }

  // What may be written now, of head and body.
  std::array<std::string_view, 2> due() const;
  void advance(std::size_t bytes) { sent_ += bytes; }
  bool done() const { return sent_ == size(); }

  // A reply that drips stops after each piece, until resume().
  bool paused() const { return !done() && piece_bytes_ > 0 && sent_ == piece_end_; }
  std::chrono::microseconds pause() const { return pause_; }
  void resume() { piece_end_ = sent_ + piece_bytes_; }

  Ending ending() const { return ending_; }
  // The connection does not go on after this.
  void make_last() {
    if (ending_ == Ending::next_request) ending_ = Ending::close;
  }
  // The same, and the head says so. For one of which no byte is out, nor about to be.
  void say_last();

 private:
  std::size_t size() const { return head_.size() + body_.size(); }
  void cut(const WireFault& fault, Encoding encoding);
  void drip(std::int64_t bytes_per_s);

  std::string head_;
  std::string body_;
  std::size_t sent_ = 0;
  std::size_t piece_bytes_ = 0;  // 0: all at once
  std::size_t piece_end_ = 0;    // how much may be out by now
  std::chrono::microseconds pause_{0};
  std::chrono::milliseconds delay_{0};
  std::shared_ptr<Cancellation> cancellation_;
  bool interim_ = false;
  Ending ending_ = Ending::next_request;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_HTTP_OUTGOING_H_
