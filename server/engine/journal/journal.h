// What the server saw: the newest exchanges of each organization, without credentials. All of them
// share a room that is bounded in entries and bytes: who holds most of it loses its oldest first,
// so that nobody pushes out what a neighbour did.
//
// Thread-safety: every member may be called from any thread.
#ifndef NAIRI_MOCK_ENGINE_JOURNAL_JOURNAL_H_
#define NAIRI_MOCK_ENGINE_JOURNAL_JOURNAL_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/journal/journal_polls.h"
#include "nairi/mock/exchange.h"
#include "nairi/mock/journal.h"

namespace nairi::mock {

struct JournalEntry {
  std::uint64_t number = 0;        // 1 for the fake's first exchange
  std::uint64_t organization = 0;  // that of the key, let in or not; 0: no key came
  std::int64_t at_ms = 0;          // the organization's time, Unix ms; 0: it did not come so far
  std::int64_t received_us = 0;    // monotonic
  std::uint64_t connection = 0;
  std::string_view operation;  // "poll"; "" when no route fits
  std::size_t body_bytes = 0;
  std::size_t header_count = 0;  // of the request
  int status = 0;                // 0: nothing was answered
  std::int64_t sending_ms = 0;   // see delivery.h
  std::size_t reply_bytes = 0;
  std::string texts;  // all that has no fixed length, without credentials, as journal.cc keeps it
};

// What is known of an exchange besides request and reply.
struct ExchangeRecord {
  std::uint64_t organization = 0;  // as JournalEntry::organization
  std::int64_t at_ms = 0;
  std::string_view key = {};  // to be redacted wherever it appears
  std::string_view operation = {};
  std::string_view fault = {};
  std::string_view refusal = {};
};

class Journal {
 public:
  static constexpr std::size_t kMostBody = 4096;
  static constexpr std::size_t kMostTold = 500;

  // `instance` is of this run of the fake alone.
  Journal(std::size_t max_entries, std::size_t max_bytes, std::string instance)
      : max_entries_(max_entries), max_bytes_(max_bytes), instance_(std::move(instance)) {}

  // Keeps what there is to know of an exchange, and returns its number; old entries make room.
  std::uint64_t record(const Request& request, const Reply& reply, const ExchangeRecord& record);

  // {"entries": [...], "dropped": n}, of one organization, or of all with nullopt. `dropped` counts
  // those of them that made room: an entry that is not here may have been there.
  std::string to_json(std::optional<std::uint64_t> organization) const;

  // The oldest kMostTold entries of higher numbers, for those who follow the journal, as a reply
  // that comes at once or, if there is nothing new, when there is, at the latest after `most`:
  // {"entries": [...], "dropped": n, "instance": "…", "last": n}. `last` is the `after` of the next
  // question. `"more": true`: not all of them. `"again": true`: what was told before is forgotten,
  // and this is the beginning.
  Reply follow(const JournalQuery& query, std::chrono::milliseconds most) {
    return polls_.answer(query, most);
  }
  // How many wait so.
  std::size_t followers() const { return polls_.count(); }

  // The entries of one organization, oldest first.
  std::vector<SeenExchange> seen(std::uint64_t organization) const;

  struct Size {
    std::size_t entries;
    std::uint64_t dropped;  // since the start
  };
  Size size() const;

  // How many entries there are of each organization that has any.
  std::map<std::uint64_t, std::size_t> counts() const;

  // Forgets the entries of one organization, or all, and that some were dropped.
  void forget(std::optional<std::uint64_t> organization);

 private:
  // What is kept of one organization.
  struct Ring {
    std::deque<JournalEntry> entries = {};
    std::size_t bytes = 0;
    std::uint64_t dropped = 0;
    std::uint64_t last = 0;  // the number of its newest, which may be dropped
    std::size_t place = 0;   // in by_share_
  };

  static std::size_t size_of(const JournalEntry& entry);

  // What is read at once: entries of a number above that, in order.
  struct Extract {
    std::vector<const JournalEntry*> entries = {};
    std::uint64_t dropped = 0;
  };

  JournalAnswer tell(const JournalQuery& query) const;
  std::uint64_t add(JournalEntry entry);
  void drop(std::optional<std::uint64_t> organization);

  // These need mutex_.
  Extract entries_after(std::optional<std::uint64_t> organization, std::uint64_t after) const;
  bool is_forgotten(const JournalQuery& query) const;
  std::string instance_of(std::optional<std::uint64_t> organization) const;
  Ring& ring_of(std::uint64_t organization);
  void drop_oldest(Ring& ring);
  // How much of the room a ring takes up, of which there are two bounds.
  std::size_t share(const Ring& ring) const;
  void put(Ring& ring, std::size_t place);
  void move_up(Ring& ring);
  void move_down(Ring& ring);
  void take_out(Ring& ring);

  const std::size_t max_entries_;
  const std::size_t max_bytes_;
  const std::string instance_;
  mutable std::mutex mutex_;
  // Protected by mutex_:
  std::unordered_map<std::uint64_t, Ring> rings_;  // by organization
  std::vector<Ring*> by_share_;                    // a heap: the largest share first
  std::size_t count_ = 0;                          // of entries
  std::size_t bytes_ = 0;
  std::uint64_t recorded_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t times_forgotten_ = 0;
  // Not protected:
  JournalPolls polls_{[this](const JournalQuery& query) { return tell(query); }};
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_JOURNAL_JOURNAL_H_
