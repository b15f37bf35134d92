#include "engine/held/held_replies.h"

#include <algorithm>
#include <utility>

#include "text/json_writer.h"

namespace nairi::mock {
namespace {

bool is_of(const HeldExchange& held, std::optional<std::uint64_t> organization) {
  return !organization || *organization == held.shown.organization;
}

}  // namespace

bool HeldExchange::is_held() const {
  return !hold.expired() && !(cancellation && cancellation->is_cancelled());
}

Exchange HeldExchange::exchange() const {
  return {.request = request,
          .reply = reply,
          .operation = operation,
          .parameter = parameter,
          .key = key,
          .number = shown.number,
          .at_ms = at_ms,
          .received = received,
          .delivered = arrives_whole(reply),
          .struck = true,
          .no_end = no_end};
}

void HeldReplies::add(HeldExchange held) {
  const std::lock_guard lock(mutex_);
  drop_gone();
  held_.push_back(std::move(held));
}

std::size_t HeldReplies::release(std::optional<std::uint64_t> organization, std::string_view name,
                                 const std::function<void(const HeldExchange&)>& before) {
  std::vector<HeldExchange> found;
  {
    const std::lock_guard lock(mutex_);
    drop_gone();
    const auto others =
        std::stable_partition(held_.begin(), held_.end(), [&](const HeldExchange& held) {
          return !is_of(held, organization) || held.shown.name != name;
        });
    std::move(others, held_.end(), std::back_inserter(found));
    held_.erase(others, held_.end());
  }
  std::size_t released = 0;
  for (const HeldExchange& held : found) {
    const auto hold = held.hold.lock();
    if (!hold) continue;  // its client went away meanwhile
    before(held);
    hold->release();
    ++released;
  }
  return released;
}

std::vector<HeldReply> HeldReplies::list(std::optional<std::uint64_t> organization) const {
  const std::lock_guard lock(mutex_);
  std::vector<HeldReply> shown;
  for (const HeldExchange& held : held_) {
    if (held.is_held() && is_of(held, organization)) shown.push_back(held.shown);
  }
  return shown;
}

std::size_t HeldReplies::count() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(
      held_.begin(), held_.end(), [](const HeldExchange& held) { return held.is_held(); }));
}

void HeldReplies::tidy() {
  const std::lock_guard lock(mutex_);
  drop_gone();
}

void HeldReplies::drop_gone() {
  std::erase_if(held_, [](const HeldExchange& held) { return !held.is_held(); });
}

void append_held(std::string& out, const std::vector<HeldReply>& held) {
  out += '[';
  for (const HeldReply& one : held) {
    if (out.back() != '[') out += ',';
    ObjectWriter(out)
        .field("name", one.name)
        .field("at", one.at)
        .field("since", one.since)
        .field("number", static_cast<std::int64_t>(one.number))
        .field("organization", static_cast<std::int64_t>(one.organization))
        .close();
  }
  out += ']';
}

}  // namespace nairi::mock
