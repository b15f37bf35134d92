#include "nairi/mock/delivery.h"

#include <algorithm>
#include <utility>

#include "nairi/mock/cancellation.h"
#include "nairi/mock/late_reply.h"
#include "protocol/failure.h"

namespace nairi::mock {
namespace {

using Ending = WireFault::Ending;

// At most all bytes but the last: a fault that was asked for does not pass unseen.
std::size_t at_most(std::int64_t wanted, std::size_t size) {
  const auto bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(wanted, 0));
  return static_cast<std::size_t>(std::min<std::uint64_t>(bytes, size > 0 ? size - 1 : 0));
}

std::string byte_count(std::int64_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

std::string ending_text(const WireFault& fault) {
  switch (fault.ending) {
    case Ending::whole:
      break;
    case Ending::truncated:
      return "closed after " + byte_count(fault.after_bytes) + " of the body";
    case Ending::reset:
      return "reset after " + byte_count(fault.after_bytes);
    case Ending::empty:
      return "closed without a byte";
  }
  return {};
}

}  // namespace

SentBytes sent_bytes(const WireFault& fault, std::size_t head, std::size_t body) {
  switch (fault.ending) {
    case Ending::whole:
      break;
    case Ending::truncated:
      return {head, at_most(fault.after_bytes, body)};
    case Ending::reset: {
      const std::size_t sent = at_most(fault.after_bytes, head + body);
      return {std::min(sent, head), sent > head ? sent - head : 0};
    }
    case Ending::empty:
      return {0, 0};
  }
  return {head, body};
}

bool arrives_whole(const Reply& reply) {
  return reply.wire.ending == Ending::whole ||
         (reply.wire.ending == Ending::truncated && reply.body.empty());
}

std::int64_t sending_ms(const Reply& reply) {
  constexpr std::int64_t kMsPerSecond = 1000;
  const std::int64_t pace = reply.wire.drip_bytes_per_s;
  const auto bytes = static_cast<std::int64_t>(reply.body.size());
  return reply.delay_ms + (pace > 0 ? bytes * kMsPerSecond / pace : 0);
}

std::string delivery_text(const Reply& reply) {
  std::string text;
  const auto add = [&](const std::string& what) { text += (text.empty() ? "" : ", ") + what; };
  if (reply.hold) add("held as \"" + reply.hold->name() + "\"");
  if (reply.delay_ms > 0) add("after " + std::to_string(reply.delay_ms) + " ms");
  if (reply.wire.drip_bytes_per_s > 0) add(byte_count(reply.wire.drip_bytes_per_s) + " a second");
  if (const std::string ending = ending_text(reply.wire); !ending.empty()) add(ending);
  return text;
}

std::shared_ptr<void> Announcement::listen(std::function<void()> then) {
  const std::lock_guard lock(mutex_);
  if (announced_) {
    then();
    return nullptr;
  }
  const std::uint64_t number = ++last_number_;
  listeners_.emplace(number, std::move(then));
  return {nullptr, [self = shared_from_this(), number](void*) {
            const std::lock_guard forgetting(self->mutex_);
            self->listeners_.erase(number);
          }};
}

void Announcement::announce() {
  const std::lock_guard lock(mutex_);  // held meanwhile: who stops listening is not called later
  if (std::exchange(announced_, true)) return;
  for (const auto& [number, then] : listeners_) then();
  listeners_.clear();
}

bool Announcement::is_announced() const {
  const std::lock_guard lock(mutex_);
  return announced_;
}

// Listeners are called under the lock: so none is called any more when it was taken away.
void LateReply::carry(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
  if (part_.reply || part_.end || !part_.bytes.empty()) wake_();
}

LateReply::Part LateReply::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(part_, {});
}

bool LateReply::settle() {
  std::function<Reply()> otherwise;
  {
    const std::lock_guard lock(mutex_);
    if (!ended_) otherwise = std::exchange(otherwise_, nullptr);
  }
  if (otherwise) give({.reply = otherwise()});
  const std::lock_guard lock(mutex_);
  return part_.reply.has_value();
}

void LateReply::hurry() {
  want(Wanted::soon);
  settle();
}

void LateReply::drop() {
  std::function<Reply()> otherwise;  // ends after the lock: what it holds may use the promise
  {
    const std::lock_guard lock(mutex_);
    wake_ = nullptr;
    otherwise = std::exchange(otherwise_, nullptr);
  }
  want(Wanted::no);
}

void LateReply::want(Wanted wanted) {
  const std::lock_guard lock(mutex_);
  if (wanted <= wanted_) return;
  wanted_ = wanted;
  if (wanted == Wanted::no) part_ = {};
  if (on_change_) on_change_();
}

void LateReply::give(Part part) {
  const std::lock_guard lock(mutex_);
  if (ended_ || wanted_ == Wanted::no) return;
  if (part.reply) part_.reply = std::move(part.reply);
  if (part_.bytes.empty()) {
    part_.bytes = std::move(part.bytes);
  } else {
    part_.bytes += part.bytes;
  }
  if (part.end) part_.end = part.end;
  begun_ = begun_ || !part_.bytes.empty();
  ended_ = part_.reply || part_.end;
  if (wake_) wake_();
}

ReplyPromise::~ReplyPromise() {
  bool begun = false;
  {
    const std::lock_guard lock(late_->mutex_);
    late_->on_change_ = nullptr;
    begun = late_->begun_;
  }
  // No effect if it was kept. A body that lasts until the end must not pass for a whole one.
  if (begun) end(Afterwards::reset);
  answer(error_reply(500, "expected a reply, but nobody gave one"));
}

Reply ReplyPromise::reply() const {
  Reply reply;
  reply.late = late_;
  return reply;
}

Reply ReplyPromise::reply(std::chrono::milliseconds most, std::function<Reply()> otherwise) const {
  const std::lock_guard lock(late_->mutex_);
  late_->most_ = most;
  late_->otherwise_ = std::move(otherwise);
  return reply();
}

void ReplyPromise::answer(Reply reply) {
  late_->give({.reply = std::move(reply)});
}

void ReplyPromise::pass(std::string bytes) {
  late_->give({.bytes = std::move(bytes)});
}

void ReplyPromise::end(Afterwards afterwards) {
  late_->give({.end = afterwards});
}

Wanted ReplyPromise::wanted() const {
  const std::lock_guard lock(late_->mutex_);
  return late_->wanted_;
}

void ReplyPromise::on_change(std::function<void()> then) {
  const std::lock_guard lock(late_->mutex_);
  late_->on_change_ = std::move(then);
  if (late_->wanted_ != Wanted::yes && late_->on_change_) late_->on_change_();
}

}  // namespace nairi::mock
