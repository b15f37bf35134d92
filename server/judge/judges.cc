#include "judge/judges.h"

#include <cstddef>

namespace nairi::mock {

Judges::Judges(const JudgeOptions& options)
    : options_(options), ended_(Judge(options).verdicts()) {}

void Judges::observe(std::uint64_t organization, const Exchange& exchange) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t whose = owner(organization, exchange.request.connection);
  judges_.try_emplace(whose, options_).first->second.observe(exchange);
}

std::uint64_t Judges::owner(std::uint64_t organization, std::uint64_t connection) {
  constexpr std::size_t kMostConnections = 20'000;
  if (connection == 0) return organization;
  if (organization == 0) {
    const auto found = organization_.find(connection);
    return found == organization_.end() ? 0 : found->second;
  }
  organization_.insert_or_assign(connection, organization);
  if (organization_.size() > kMostConnections) organization_.erase(organization_.begin());
  return organization;
}

Verdicts Judges::verdicts(std::uint64_t organization) const {
  const std::lock_guard lock(mutex_);
  const auto found = judges_.find(organization);
  return found == judges_.end() ? Judge(options_).verdicts() : found->second.verdicts();
}

Verdicts Judges::verdicts_of_all(const RunEnd& end) const {
  const std::lock_guard lock(mutex_);
  Verdicts all = ended_;
  for (const auto& [organization, judge] : judges_) all = merged(all, judge.verdicts(end));
  return all;
}

void Judges::end(std::uint64_t organization, const RunEnd& end) {
  const std::lock_guard lock(mutex_);
  const auto found = judges_.find(organization);
  if (found == judges_.end()) return;
  ended_ = merged(ended_, found->second.verdicts(end));
  judges_.erase(found);
  std::erase_if(organization_, [&](const auto& entry) { return entry.second == organization; });
}

void Judges::end_all(const RunEnd& end) {
  const std::lock_guard lock(mutex_);
  for (const auto& [organization, judge] : judges_) ended_ = merged(ended_, judge.verdicts(end));
  judges_.clear();
  organization_.clear();
}

}  // namespace nairi::mock
