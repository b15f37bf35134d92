// The conversations of one agent as its list shows them, and which of them have something due: a
// list waits for none that nothing happens to.
//
// Thread-safety: none.
#ifndef NAIRI_MOCK_ENGINE_LISTS_CONVERSATION_INDEX_H_
#define NAIRI_MOCK_ENGINE_LISTS_CONVERSATION_INDEX_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "engine/lists/sorted_conversations.h"

namespace nairi::mock {

// When something happens to a conversation that nobody calls for.
inline constexpr std::int64_t kDueAtOnce = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t kNeverDue = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t kDueWhenDeployed = kNeverDue - 1;  // no time is that late

// What an index knows of one conversation.
struct Filed {
  Listed listed;
  std::int64_t due = kNeverDue;
  bool operator==(const Filed&) const = default;
};

class ConversationIndex {
 public:
  ConversationIndex();

  // Files one for the first time, or anew after it was filed as `before`.
  void file(const Filed& now, const std::optional<Filed>& before);

  // Those that have something due by then, the oldest first.
  std::vector<std::uint32_t> due_by(std::int64_t then) const;

  ListView view(const ListFilter& filter) const;
  // The view is the same as long as this is.
  std::uint64_t version(const ListFilter& filter) const;

 private:
  struct Due {
    std::int64_t at;
    std::int64_t created_at;
    std::uint32_t job;
    bool operator<(const Due& other) const {
      return std::tie(at, created_at, job) < std::tie(other.at, other.created_at, other.job);
    }
  };
  static Due due_of(const Filed& filed);

  SortedConversations by_creation_;
  SortedConversations by_update_;
  std::set<Due> due_;
  std::uint64_t came_ = 0;
  std::uint64_t changed_ = 0;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_LISTS_CONVERSATION_INDEX_H_
