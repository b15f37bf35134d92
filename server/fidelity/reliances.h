// Which guesses the replies of a fake rested on, and how often.
//
// Thread-safety: every member may be called from any thread.
#ifndef NAIRI_MOCK_FIDELITY_RELIANCES_H_
#define NAIRI_MOCK_FIDELITY_RELIANCES_H_

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "nairi/mock/fidelity.h"

namespace nairi::mock {

class Reliances {
 public:
  // `on_first` is told of each statement once, while no lock is held; it may be empty.
  explicit Reliances(std::function<void(const Reliance&)> on_first)
      : on_first_(std::move(on_first)) {}

  // One exchange that rested on it; its count does not matter.
  void note(Reliance reliance);

  // In the order in which they were first relied on.
  std::vector<Reliance> all() const;

 private:
  static constexpr std::size_t kMostStatements = 1000;  // callers make up methods and paths

  const std::function<void(const Reliance&)> on_first_;
  mutable std::mutex mutex_;
  // Protected by mutex_:
  std::map<std::string, std::size_t, std::less<>> places_;  // by statement
  std::vector<Reliance> in_order_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_FIDELITY_RELIANCES_H_
