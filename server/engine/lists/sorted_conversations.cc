#include "engine/lists/sorted_conversations.h"

#include <algorithm>
#include <utility>

namespace nairi::mock {
namespace {

std::size_t number_of(JobStatus status) {
  return static_cast<std::size_t>(status);
}

bool fits(const Listed& listed, const ListFilter& filter) {
  return filter.statuses.test(number_of(listed.status)) &&
         (!filter.updated_after || listed.updated_at > *filter.updated_after);
}

bool is_descending(Sort sort) {
  return sort == Sort::created_at_desc || sort == Sort::updated_at_desc;
}

}  // namespace

ListBlock::ListBlock(Range conversations) : conversations_(std::move(conversations)) {
  summarize();
}

void ListBlock::summarize() {
  counts_ = {};
  first_update_ = last_update_ = conversations_.front().updated_at;
  for (const Listed& listed : conversations_) {
    ++counts_[number_of(listed.status)];
    first_update_ = std::min(first_update_, listed.updated_at);
    last_update_ = std::max(last_update_, listed.updated_at);
  }
}

void ListBlock::insert(Range::const_iterator place, const Listed& listed) {
  ++counts_[number_of(listed.status)];
  first_update_ = std::min(first_update_, listed.updated_at);
  last_update_ = std::max(last_update_, listed.updated_at);
  conversations_.insert(place, listed);
}

void ListBlock::append(const Range& more) {
  conversations_.insert(conversations_.end(), more.begin(), more.end());
  summarize();
}

void ListBlock::erase(Range::const_iterator place) {
  const Listed erased = *place;
  conversations_.erase(place);
  const bool was_extreme = erased.updated_at == first_update_ || erased.updated_at == last_update_;
  --counts_[number_of(erased.status)];
  if (was_extreme) summarize();
}

ListBlock::Range ListBlock::cut(std::size_t size) {
  const auto begin = conversations_.begin() + static_cast<std::ptrdiff_t>(size);
  Range others(begin, conversations_.end());
  conversations_.erase(begin, conversations_.end());
  summarize();
  return others;
}

std::size_t ListBlock::count(const ListFilter& filter) const {
  if (filter.updated_after && last_update_ <= *filter.updated_after) return 0;
  if (filter.updated_after && first_update_ <= *filter.updated_after) {
    return static_cast<std::size_t>(
        std::count_if(conversations_.begin(), conversations_.end(),
                      [&](const Listed& listed) { return fits(listed, filter); }));
  }
  std::size_t count = 0;
  for (std::size_t status = 0; status < kJobStatuses; ++status) {
    if (filter.statuses.test(status)) count += counts_[status];
  }
  return count;
}

std::vector<std::uint32_t> ListView::page(std::size_t begin, std::size_t limit) const {
  begin = std::min(begin, size_);
  const std::size_t length = std::min(limit, size_ - begin);
  const bool descending = is_descending(filter_.sort);
  std::size_t to_skip = descending ? size_ - begin - length : begin;
  std::vector<std::uint32_t> jobs;
  jobs.reserve(length);
  for (auto piece = pieces_.begin(); jobs.size() < length; ++piece) {
    if (to_skip >= piece->count) {
      to_skip -= piece->count;
      continue;
    }
    for (const Listed& listed : piece->block->conversations()) {
      if (jobs.size() == length) break;
      if (!fits(listed, filter_)) continue;
      if (to_skip == 0) {
        jobs.push_back(listed.job);
      } else {
        --to_skip;
      }
    }
  }
  if (descending) std::reverse(jobs.begin(), jobs.end());
  return jobs;
}

ListView SortedConversations::view(const ListFilter& filter) const {
  ListView view;
  view.filter_ = filter;
  view.pieces_.reserve(blocks_.size());
  for (const auto& block : blocks_) {
    const std::size_t count = block->count(filter);
    if (count == 0) continue;
    view.pieces_.push_back({block, count});
    view.size_ += count;
  }
  return view;
}

// The block that holds it, or that takes it up.
std::size_t SortedConversations::block_of(const Listed& listed) const {
  const auto behind = std::partition_point(blocks_.begin(), blocks_.end(), [&](const auto& block) {
    return !before_(listed, block->conversations().front());
  });
  return behind == blocks_.begin() ? 0 : static_cast<std::size_t>(behind - blocks_.begin()) - 1;
}

ListBlock& SortedConversations::own(std::size_t index) {
  std::shared_ptr<ListBlock>& block = blocks_[index];
  if (block.use_count() > 1) block = std::make_shared<ListBlock>(*block);
  return *block;
}

void SortedConversations::insert(const Listed& listed) {
  if (blocks_.empty()) {
    blocks_.push_back(std::make_shared<ListBlock>(ListBlock::Range{listed}));
    return;
  }
  if (const std::size_t full = block_of(listed);
      blocks_[full]->conversations().size() == kMostInABlock) {
    split(full);
  }
  ListBlock& block = own(block_of(listed));
  const auto& all = block.conversations();
  block.insert(std::lower_bound(all.begin(), all.end(), listed, before_), listed);
}

void SortedConversations::erase(const Listed& listed) {
  const std::size_t index = block_of(listed);
  if (blocks_[index]->conversations().size() == 1) {
    blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(index));
    return;
  }
  ListBlock& block = own(index);
  const auto& all = block.conversations();
  block.erase(std::lower_bound(all.begin(), all.end(), listed, before_));
  if (index + 1 < blocks_.size()) join_with_next(index);
}

void SortedConversations::split(std::size_t index) {
  // Most come at the end: there the block stays nearly full.
  const bool is_last = index + 1 == blocks_.size();
  auto others = own(index).cut(is_last ? kMostInABlock - 1 : kMostInABlock / 2);
  blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(index) + 1,
                 std::make_shared<ListBlock>(std::move(others)));
}

// So that there are few blocks, however often conversations move from one to another.
void SortedConversations::join_with_next(std::size_t index) {
  const auto& next = blocks_[index + 1]->conversations();
  if (blocks_[index]->conversations().size() + next.size() > kMostInABlock / 2) return;
  own(index).append(next);
  blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(index) + 1);
}

}  // namespace nairi::mock
