#include "judge/judges.h"

#include <cstddef>

namespace nairi::mock {

Judges::Judges(const JudgeOptions& options)
    : options_(options), ended_(Judge(options).verdicts()) {}

void Judges::observe(std::uint64_t organization, const Exchange& exchange) {
  const std::uint64_t connection = exchange.request.connection;
  {
    // Nearly all go this way, which keeps waiting only those of the same organization.
    const std::shared_lock lock(mutex_);
    const auto whose = known_owner(organization, connection);
    const auto found = whose ? judges_.find(*whose) : judges_.end();
    if (found != judges_.end()) {
      const std::lock_guard alone(found->second.mutex);
      return found->second.judge.observe(exchange);
    }
  }
  const std::unique_lock lock(mutex_);
  judges_.try_emplace(owner(organization, connection), options_)
      .first->second.judge.observe(exchange);
}

std::optional<std::uint64_t> Judges::known_owner(std::uint64_t organization,
                                                 std::uint64_t connection) const {
  if (connection == 0) return organization;
  const auto found = organization_.find(connection);
  const std::uint64_t before = found == organization_.end() ? 0 : found->second;
  if (organization == 0 || organization == before) return before;
  return std::nullopt;
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
  const std::unique_lock lock(mutex_);
  const auto found = judges_.find(organization);
  return found == judges_.end() ? Judge(options_).verdicts() : found->second.judge.verdicts();
}

Verdicts Judges::verdicts_of_all(const RunEnd& end) const {
  const std::unique_lock lock(mutex_);
  Verdicts all = ended_;
  for (const auto& [organization, one] : judges_) all = merged(all, one.judge.verdicts(end));
  return all;
}

std::vector<JudgedRun> Judges::runs(const RunEnd& end) const {
  const std::unique_lock lock(mutex_);
  std::vector<JudgedRun> runs;
  for (const auto& [organization, one] : judges_) {
    runs.push_back({.organization = organization, .verdicts = one.judge.verdicts(end)});
  }
  if (ended_.traffic.requests > 0) runs.push_back({.ended = true, .verdicts = ended_});
  return runs;
}

void Judges::end(std::uint64_t organization, const RunEnd& end) {
  const std::unique_lock lock(mutex_);
  const auto found = judges_.find(organization);
  if (found == judges_.end()) return;
  ended_ = merged(ended_, found->second.judge.verdicts(end));
  judges_.erase(found);
  std::erase_if(organization_, [&](const auto& entry) { return entry.second == organization; });
}

void Judges::end_all(const RunEnd& end) {
  const std::unique_lock lock(mutex_);
  for (const auto& [organization, one] : judges_) ended_ = merged(ended_, one.judge.verdicts(end));
  judges_.clear();
  organization_.clear();
}

}  // namespace nairi::mock
