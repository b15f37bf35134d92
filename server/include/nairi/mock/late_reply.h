// A reply that comes later, from elsewhere: a handler answers with a promise, and whoever holds
// that keeps it, on any thread, while the server serves others.
//
//   Reply handler(const Request& request) {
//     auto promise = std::make_shared<ReplyPromise>();
//     ask_elsewhere(request, [promise](Reply reply) { promise->answer(std::move(reply)); });
//     return promise->reply();
//   }
//
// What came from another server can be passed on as it is, while it comes: pass() writes bytes as
// they are, heads included, and end() says what becomes of the connection.
//
// A promise that is dropped is answered with a 500, or breaks the connection if a part is out.
// A client that goes away, and a server that stops, are told to the promise: wanted() is `no`, and
// what it is given from then on goes nowhere.
// Thread-safety: every member may be called from any thread.
#ifndef NAIRI_MOCK_LATE_REPLY_H_
#define NAIRI_MOCK_LATE_REPLY_H_

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "nairi/mock/exchange.h"

namespace nairi::mock {

// Whether anybody still waits.
enum class Wanted {
  yes,
  soon,  // the server drains: better now than later
  no,    // the client went away, or the server stopped
};

// What becomes of the client's connection after bytes that were passed on.
enum class Afterwards {
  next_request,  // it goes on, if the client wants it to
  close,
  reset,  // it is broken (TCP RST)
};

// What the one who carries the reply holds, as Server does; of use to others that carry replies.
class LateReply {
 public:
  // What is there to be sent: a reply, or bytes.
  struct Part {
    std::optional<Reply> reply = {};
    std::string bytes = {};
    std::optional<Afterwards> end = {};
  };

  // Has `wake` called, at once if there is something, whenever take() may give more; on the thread
  // that answers. It must neither wait nor use this object. Not called any more after drop().
  void carry(std::function<void()> wake);
  Part take();
  void hurry() { want(Wanted::soon); }
  // Nobody waits any more.
  void drop();

 private:
  friend class ReplyPromise;
  void want(Wanted wanted);
  void give(Part part);

  std::mutex mutex_;
  // Protected by mutex_:
  std::function<void()> wake_;
  std::function<void()> on_change_;
  Part part_;
  Wanted wanted_ = Wanted::yes;
  bool begun_ = false;  // bytes were passed on
  bool ended_ = false;
};

class ReplyPromise {
 public:
  ReplyPromise() = default;
  ReplyPromise(const ReplyPromise&) = delete;
  ReplyPromise& operator=(const ReplyPromise&) = delete;
  ~ReplyPromise();

  // What the handler returns, once.
  Reply reply() const;

  // The reply, as a handler would have returned it (not a late one). Once, and not after pass().
  void answer(Reply reply);

  // Bytes for the wire as they are, any number of times; then end(). After end() and answer()
  // nothing has an effect.
  void pass(std::string bytes);
  void end(Afterwards afterwards);

  Wanted wanted() const;
  // Has `then` called whenever wanted() changes (at once unless it is `yes`), until this promise is
  // gone. It is called by the server's thread, and must neither wait nor use this promise.
  void on_change(std::function<void()> then);

 private:
  const std::shared_ptr<LateReply> late_ = std::make_shared<LateReply>();
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_LATE_REPLY_H_
