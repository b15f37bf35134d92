// What whoever carries out a reply waits for besides time: that it is let go, and that it is not
// wanted any more as its organization was reset or its key revoked.
//
//   if (reply.hold && !reply.hold->is_released()) {
//     auto listening = reply.hold->listen([&] { send(); });   // as long as it is held
//   }
//
// A reply is held as long as its Hold lives: when the client is gone, let go of the Reply too, and
// nobody finds it among what is held any more.
// Thread-safety: every member may be called from any thread.
#ifndef NAIRI_MOCK_CANCELLATION_H_
#define NAIRI_MOCK_CANCELLATION_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace nairi::mock {

// Something that happens once, or never. Owned by shared pointers only.
class Announcement : public std::enable_shared_from_this<Announcement> {
 public:
  // Has `then` called once, on the thread that announces it (at once if it has happened), unless
  // what is returned is gone before. `then` must neither wait nor use this object.
  [[nodiscard]] std::shared_ptr<void> listen(std::function<void()> then);

 protected:
  void announce();
  bool is_announced() const;

 private:
  mutable std::mutex mutex_;
  // Protected by mutex_:
  bool announced_ = false;
  std::uint64_t last_number_ = 0;
  std::map<std::uint64_t, std::function<void()>> listeners_;
};

// The reply is not wanted any more.
class Cancellation : public Announcement {
 public:
  void cancel() { announce(); }
  // The same, as its key was revoked: where no byte is out, Reply::when_revoked is the answer.
  void revoke() {
    is_revoked_ = true;
    announce();
  }
  bool is_cancelled() const { return is_announced(); }
  bool is_revoked() const { return is_revoked_; }

 private:
  std::atomic<bool> is_revoked_ = false;
};

// The reply is kept, as it was made, until somebody lets it go: Fake::release() by this name.
class Hold : public Announcement {
 public:
  explicit Hold(std::string name) : name_(std::move(name)) {}

  const std::string& name() const { return name_; }
  void release() { announce(); }
  bool is_released() const { return is_announced(); }

 private:
  const std::string name_;
};

// One reply that is held now, as Fake::held() tells.
struct HeldReply {
  std::string name = {};           // by which it is let go
  std::string at = {};             // "poll#3": the call that it answers, as faults count
  std::string since = {};          // the world's time, where the call came so far
  std::uint64_t number = 0;        // of the exchange, as in the journal
  std::uint64_t organization = 0;  // likewise
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_CANCELLATION_H_
