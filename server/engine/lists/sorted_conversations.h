// The conversations of one agent in one order, in which the n-th that fits a filter is found
// without going through all of them.
//
// They lie in blocks of some hundred. A filter looks at what a block says of itself, and into the
// block only where that leaves a doubt; so 100,000 conversations cost what 200 blocks do. A walk
// over pages must stay as it began: it keeps the blocks, and whoever changes one that is kept
// changes a copy.
//
// Thread-safety: none, not even between an order and its views.
#ifndef NAIRI_MOCK_ENGINE_LISTS_SORTED_CONVERSATIONS_H_
#define NAIRI_MOCK_ENGINE_LISTS_SORTED_CONVERSATIONS_H_

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "nairi/mock/world.h"

namespace nairi::mock {

inline constexpr std::size_t kJobStatuses = 4;

// What a conversation is sorted and chosen by.
struct Listed {
  std::int64_t created_at = 0;
  std::int64_t updated_at = 0;
  std::uint32_t job = 0;  // its number in the order in which they came
  JobStatus status = JobStatus::active;
  bool operator==(const Listed&) const = default;
};

// REFERENCE: GET /agents/{agent_id}/conversations. Assumed: of equals the older one comes first,
// and last when descending.
enum class Sort { created_at_asc, created_at_desc, updated_at_asc, updated_at_desc };

struct ListFilter {
  Sort sort = Sort::created_at_desc;
  // Which statuses are wanted, by their number. A set, however long the caller's list is.
  std::bitset<kJobStatuses> statuses = std::bitset<kJobStatuses>().set();
  std::optional<std::int64_t> updated_after = {};
  bool operator==(const ListFilter&) const = default;
};

// Conversations that stand next to each other, never none, and what they have in common.
class ListBlock {
 public:
  using Range = std::vector<Listed>;
  explicit ListBlock(Range conversations);

  const Range& conversations() const { return conversations_; }
  void insert(Range::const_iterator place, const Listed& listed);
  void append(const Range& more);
  // One that is not the only one.
  void erase(Range::const_iterator place);
  // Leaves the first `size` here, and gives the others.
  Range cut(std::size_t size);

  std::size_t count(const ListFilter& filter) const;

 private:
  void summarize();

  Range conversations_;
  std::array<std::size_t, kJobStatuses> counts_{};
  std::int64_t first_update_ = 0;
  std::int64_t last_update_ = 0;
};

// What fitted a filter when it was made, in order.
class ListView {
 public:
  std::size_t size() const { return size_; }
  // The jobs from place `begin` on, at most `limit`.
  std::vector<std::uint32_t> page(std::size_t begin, std::size_t limit) const;

 private:
  friend class SortedConversations;
  struct Piece {
    std::shared_ptr<const ListBlock> block;
    std::size_t count;  // of those that fit
  };

  ListFilter filter_;
  std::vector<Piece> pieces_;  // ascending, whatever the sort
  std::size_t size_ = 0;
};

class SortedConversations {
 public:
  using Before = bool (*)(const Listed& left, const Listed& right);  // no two are equal
  explicit SortedConversations(Before before) : before_(before) {}

  void insert(const Listed& listed);
  // One that is there, exactly as it was inserted.
  void erase(const Listed& listed);
  // The filter must want this order, or its reverse.
  ListView view(const ListFilter& filter) const;

 private:
  static constexpr std::size_t kMostInABlock = 512;

  std::size_t block_of(const Listed& listed) const;
  // For a change: no view has it.
  ListBlock& own(std::size_t index);
  void split(std::size_t index);
  void join_with_next(std::size_t index);

  Before before_;
  std::vector<std::shared_ptr<ListBlock>> blocks_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_LISTS_SORTED_CONVERSATIONS_H_
