// Those who wait for the journal's next entry: each has a reply that is answered when there is one.
//
// Thread-safety: every member may be called from any thread; whoever calls holds no lock that the
// one who tells may want.
#ifndef NAIRI_MOCK_ENGINE_JOURNAL_JOURNAL_POLLS_H_
#define NAIRI_MOCK_ENGINE_JOURNAL_JOURNAL_POLLS_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "nairi/mock/late_reply.h"

namespace nairi::mock {

// What is asked of a journal.
struct JournalQuery {
  std::optional<std::uint64_t> organization = {};  // nullopt: all of them
  std::uint64_t after = 0;                         // entries of higher numbers alone
  // JournalAnswer::instance of the answer before; nullopt: nothing is known of it.
  std::optional<std::string> instance = {};
};

// What it says.
struct JournalAnswer {
  std::string text = {};     // a JSON object
  bool has_to_tell = false;  // entries, or that all of it begins anew
};

class JournalPolls {
 public:
  // Says what is in the journal by now.
  using Tell = std::function<JournalAnswer(const JournalQuery& query)>;

  explicit JournalPolls(Tell tell) : polls_(std::make_shared<Polls>()), tell_(std::move(tell)) {}

  // At once if there is something to tell, else late: as soon as there is, at the latest after
  // `most`. One that nobody waits for any more is forgotten.
  Reply answer(const JournalQuery& query, std::chrono::milliseconds most);

  // Answers those who wait for this organization, or for all; with nullopt, everybody.
  void wake(std::optional<std::uint64_t> organization);

  std::size_t count() const { return polls_->count; }

 private:
  struct Poll {
    JournalQuery query;
    std::shared_ptr<ReplyPromise> promise;
  };
  using ById = std::unordered_map<std::uint64_t, Poll>;
  // By organization: nobody looks through those who wait for others.
  using ByOrganization = std::unordered_map<std::uint64_t, ById>;

  // Replies that are on their way know it, and may outlive it.
  struct Polls {
    std::mutex mutex;
    std::atomic<std::size_t> count = 0;  // also read where nobody waits, by each request
    // Protected by mutex:
    std::uint64_t last_id = 0;
    ByOrganization waiting;

    void forget(std::uint64_t place, std::uint64_t id);
    ById take(std::uint64_t place);
  };

  static std::uint64_t place_of(std::optional<std::uint64_t> organization);
  Reply wait(const JournalQuery& query, std::chrono::milliseconds most);
  void answer_all(const ById& polls) const;

  const std::shared_ptr<Polls> polls_;
  const Tell tell_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_ENGINE_JOURNAL_JOURNAL_POLLS_H_
