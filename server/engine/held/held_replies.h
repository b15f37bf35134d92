// The replies that are held (the fault "hold"): who is found by a name, and let go. What is held
// belongs to whoever carries it; here it is only known, with what its judge is told then.
//
// Thread-safety: every member may be called from any thread.
#ifndef NAIRI_MOCK_ENGINE_HELD_HELD_REPLIES_H_
#define NAIRI_MOCK_ENGINE_HELD_HELD_REPLIES_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "judge/observed.h"
#include "nairi/mock/cancellation.h"

namespace nairi::mock {

// One that is held, and the exchange as its judge sees it when it is let go.
struct HeldExchange {
  HeldReply shown = {};
  std::weak_ptr<Hold> hold = {};                    // gone: nobody waits for it any more
  std::shared_ptr<Cancellation> cancellation = {};  // cancelled: nobody wants it any more
  Request request = {};                             // empty where nobody judges
  Reply reply = {};                                 // likewise
  std::optional<Operation> operation = {};
  std::string parameter = {};
  std::string key = {};
  std::int64_t at_ms = 0;
  Moment received = {};
  std::string_view no_end = {};
  // The time of its organization, under the virtual clock.
  std::function<std::int64_t()> now_ms = {};

  bool is_held() const;
  Exchange exchange() const;
};

class HeldReplies {
 public:
  void add(HeldExchange held);

  // Takes out those of that name; of all organizations, if none is said. `before` each is let go,
  // it is called, while no lock is held. How many they were.
  std::size_t release(std::optional<std::uint64_t> organization, std::string_view name,
                      const std::function<void(const HeldExchange&)>& before);

  // Forgets those that nobody waits for any more.
  void tidy();

  // In the order in which they came.
  std::vector<HeldReply> list(std::optional<std::uint64_t> organization) const;
  std::size_t count() const;

 private:
  void drop_gone();  // needs mutex_

  mutable std::mutex mutex_;
  std::vector<HeldExchange> held_;  // protected by mutex_
};

// [{"name": "x", "at": "poll#3", …}, …]
void append_held(std::string& out, const std::vector<HeldReply>& held);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_HELD_HELD_REPLIES_H_
