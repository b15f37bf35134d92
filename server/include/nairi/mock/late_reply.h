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
// A reply that has a time by which it is due says what is answered otherwise: reply(most,
// otherwise).
//
// A promise that is dropped is answered with a 500, or breaks the connection if a part is out.
// A client that goes away, and a server that stops, are told to the promise: wanted() is `no`, and
// what it is given from then on goes nowhere.
// Thread-safety: every member may be called from any thread.
#ifndef NAIRI_MOCK_LATE_REPLY_H_
#define NAIRI_MOCK_LATE_REPLY_H_

#include <chrono>
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
  // After so long settle() is to be called; 0: never.
  std::chrono::milliseconds most() const { return most_; }
  // Answers by what the promise has for the case that nothing comes, if it has something. Whether a
  // whole reply is there to be taken.
  bool settle();
  // The same, and the promise is told.
  void hurry();
  // Nobody waits any more.
  void drop();

 private:
  friend class ReplyPromise;
  void want(Wanted wanted);
  void give(Part part);

  std::chrono::milliseconds most_{0};  // set before anybody else has this object

  std::mutex mutex_;
  // Protected by mutex_:
  std::function<void()> wake_;
  std::function<void()> on_change_;
  std::function<Reply()> otherwise_;
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
  // The same for a reply that is due: after `most`, and when the server drains or stops before,
  // what `otherwise` makes is the answer. It is called by the server's thread, and may use this
  // promise and what it likes, but not wait. It is gone once nobody waits for the reply any more.
  Reply reply(std::chrono::milliseconds most, std::function<Reply()> otherwise) const;

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
