#include "fidelity/reliances.h"

#include <utility>

namespace nairi::mock {

void Reliances::note(Reliance reliance) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = places_.find(reliance.statement);
    if (known != places_.end()) {
      ++in_order_[known->second].count;
      return;
    }
    if (in_order_.size() >= kMostStatements) return;
    reliance.count = 1;
    places_.emplace(reliance.statement, in_order_.size());
    in_order_.push_back(reliance);
  }
  if (on_first_) on_first_(reliance);
}

std::vector<Reliance> Reliances::all() const {
  const std::lock_guard lock(mutex_);
  return in_order_;
}

}  // namespace nairi::mock
