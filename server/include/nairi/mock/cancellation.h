// Tells whoever carries out a delayed reply that it is not wanted any more: its organization was
// reset.
//
//   auto listening = reply.cancellation->listen([&] { wake_up(); });   // as long as it is held
//
// Thread-safety: every member may be called from any thread.
#ifndef NAIRI_MOCK_CANCELLATION_H_
#define NAIRI_MOCK_CANCELLATION_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace nairi::mock {

// Owned by shared pointers only.
class Cancellation : public std::enable_shared_from_this<Cancellation> {
 public:
  // Has `then` called once, on the thread that cancels (at once if that has happened), unless what
  // is returned is gone before. `then` must neither wait nor use this object.
  [[nodiscard]] std::shared_ptr<void> listen(std::function<void()> then);

  void cancel();
  bool is_cancelled() const;

 private:
  mutable std::mutex mutex_;
  // Protected by mutex_:
  bool cancelled_ = false;
  std::uint64_t last_number_ = 0;
  std::map<std::uint64_t, std::function<void()>> listeners_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_CANCELLATION_H_
