#include "nairi/mock/cancellation.h"

#include <utility>

namespace nairi::mock {

std::shared_ptr<void> Cancellation::listen(std::function<void()> then) {
  const std::lock_guard lock(mutex_);
  if (cancelled_) {
    then();
    return nullptr;
  }
  const std::uint64_t number = ++last_number_;
  listeners_.emplace(number, std::move(then));
  return {nullptr, [self = shared_from_this(), number](void*) {
            const std::lock_guard forgetting(self->mutex_);
            self->listeners_.erase(number);
          }};
}

void Cancellation::cancel() {
  const std::lock_guard lock(mutex_);  // held meanwhile: who stops listening is not called later
  if (std::exchange(cancelled_, true)) return;
  for (const auto& [number, then] : listeners_) then();
  listeners_.clear();
}

bool Cancellation::is_cancelled() const {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

}  // namespace nairi::mock
