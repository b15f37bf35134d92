#include "engine/journal/journal_polls.h"

#include <utility>

namespace nairi::mock {
namespace {

constexpr std::uint64_t kAllOfThem = UINT64_MAX;

Reply polled(std::string text) {
  Reply reply;
  reply.body = std::move(text);
  return reply;
}

}  // namespace

std::uint64_t JournalPolls::place_of(std::optional<std::uint64_t> organization) {
  return organization.value_or(kAllOfThem);
}

Reply JournalPolls::answer(const JournalQuery& query, std::chrono::milliseconds most) {
  JournalAnswer answer = tell_(query);
  if (answer.has_to_tell || most.count() <= 0) return polled(std::move(answer.text));
  return wait(query, most);
}

Reply JournalPolls::wait(const JournalQuery& query, std::chrono::milliseconds most) {
  const auto promise = std::make_shared<ReplyPromise>();
  const std::uint64_t place = place_of(query.organization);
  std::uint64_t id = 0;
  {
    const std::lock_guard lock(polls_->mutex);
    id = ++polls_->last_id;
    polls_->waiting[place].emplace(id, Poll{query, promise});
    ++polls_->count;
  }
  // Ends with what holds it: once the reply is made, or nobody waits for it.
  const std::shared_ptr<void> place_in_line(nullptr,
                                            [weak = std::weak_ptr(polls_), place, id](void*) {
                                              if (const auto polls = weak.lock())
                                                polls->forget(place, id);
                                            });
  Reply reply =
      promise->reply(most, [this, query, place_in_line] { return polled(tell_(query).text); });
  // Who came after the first look and before there was somebody to be told told nobody.
  JournalAnswer answer = tell_(query);
  if (answer.has_to_tell) {
    promise->answer(polled(std::move(answer.text)));
    polls_->forget(place, id);
  }
  return reply;
}

void JournalPolls::wake(std::optional<std::uint64_t> organization) {
  if (polls_->count == 0) return;
  ByOrganization woken;
  {
    const std::lock_guard lock(polls_->mutex);
    if (!organization) {
      woken = std::exchange(polls_->waiting, {});
      polls_->count = 0;
    } else {
      for (const std::uint64_t place : {*organization, kAllOfThem}) {
        woken.emplace(place, polls_->take(place));
      }
    }
  }
  for (const auto& [place, polls] : woken) answer_all(polls);
}

// Many ask for the same: what it is, is written once.
void JournalPolls::answer_all(const ById& polls) const {
  const JournalQuery* told = nullptr;
  std::string text;
  for (const auto& [id, poll] : polls) {
    const bool is_told =
        told != nullptr && told->after == poll.query.after && told->instance == poll.query.instance;
    if (!is_told) text = tell_(poll.query).text;
    told = &poll.query;
    poll.promise->answer(polled(text));
  }
}

// The promise ends after the lock: what it holds may come here again.
void JournalPolls::Polls::forget(std::uint64_t place, std::uint64_t id) {
  ById::node_type forgotten;
  const std::lock_guard lock(mutex);
  const auto found = waiting.find(place);
  if (found == waiting.end()) return;
  forgotten = found->second.extract(id);
  if (!forgotten.empty()) --count;
  if (found->second.empty()) waiting.erase(found);
}

JournalPolls::ById JournalPolls::Polls::take(std::uint64_t place) {
  const auto found = waiting.find(place);
  if (found == waiting.end()) return {};
  ById taken = std::move(found->second);
  waiting.erase(found);
  count -= taken.size();
  return taken;
}

}  // namespace nairi::mock
