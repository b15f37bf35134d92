#include "engine/lists/conversation_index.h"

#include <algorithm>
#include <tuple>

namespace nairi::mock {
namespace {

bool was_created_before(const Listed& left, const Listed& right) {
  return std::tie(left.created_at, left.job) < std::tie(right.created_at, right.job);
}

bool was_updated_before(const Listed& left, const Listed& right) {
  return std::tie(left.updated_at, left.created_at, left.job) <
         std::tie(right.updated_at, right.created_at, right.job);
}

bool is_by_creation(Sort sort) {
  return sort == Sort::created_at_asc || sort == Sort::created_at_desc;
}

}  // namespace

ConversationIndex::ConversationIndex()
    : by_creation_(was_created_before), by_update_(was_updated_before) {}

ConversationIndex::Due ConversationIndex::due_of(const Filed& filed) {
  return {filed.due, filed.listed.created_at, filed.listed.job};
}

void ConversationIndex::file(const Filed& now, const std::optional<Filed>& before) {
  if (before && before->due != kNeverDue) due_.erase(due_of(*before));
  if (now.due != kNeverDue) due_.insert(due_of(now));
  if (!before) ++came_;
  if (before && before->listed == now.listed) return;
  ++changed_;
  for (SortedConversations* order : {&by_creation_, &by_update_}) {
    if (before) order->erase(before->listed);
    order->insert(now.listed);
  }
}

std::vector<std::uint32_t> ConversationIndex::due_by(std::int64_t then) const {
  std::vector<Due> due;
  for (const Due& next : due_) {
    if (next.at > then) break;
    due.push_back(next);
  }
  std::sort(due.begin(), due.end(), [](const Due& left, const Due& right) {
    return std::tie(left.created_at, left.job) < std::tie(right.created_at, right.job);
  });
  std::vector<std::uint32_t> jobs;
  jobs.reserve(due.size());
  for (const Due& one : due) jobs.push_back(one.job);
  return jobs;
}

ListView ConversationIndex::view(const ListFilter& filter) const {
  return (is_by_creation(filter.sort) ? by_creation_ : by_update_).view(filter);
}

// None ever goes, nor is created anew.
std::uint64_t ConversationIndex::version(const ListFilter& filter) const {
  const bool takes_all = filter.statuses.all() && !filter.updated_after;
  return is_by_creation(filter.sort) && takes_all ? came_ : changed_;
}

}  // namespace nairi::mock
