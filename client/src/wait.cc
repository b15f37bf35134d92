// Polling a turn to its end (REFERENCE: GET /messages/{message_id}).
#include <algorithm>
#include <set>

#include "api_caller.h"
#include "decode.h"
#include "failure.h"
#include "nairi/client.h"
#include "retry_after.h"
#include "target.h"

namespace nairi {
namespace {

using std::chrono::milliseconds;

struct Poll {
  Message message;
  std::optional<milliseconds> retry_after;
};

// One call of wait().
class Waiter {
 public:
  Waiter(const ApiCaller& caller, std::string poll_target, const WaitOptions& options)
      : caller_(caller), poll_target_(std::move(poll_target)), options_(options) {
    if (options.deadline) deadline_ = caller.clock().now() + *options.deadline;
  }

  Result<Outcome> run() {
    for (;;) {
      Result<Poll> poll = poll_once();
      if (!poll) return tl::unexpected(std::move(poll.error()));
      if (options_.on_poll) options_.on_poll(poll->message);
      if (is_terminal(poll->message)) return finish(std::move(poll->message));
      if (options_.on_message) {
        const auto timeline = read_timeline(poll->message, deadline_);
        if (!timeline) return tl::unexpected(timeline.error());
        report(messages_of_turn(*timeline, poll->message.id));
      }
      if (auto error = pause(*poll)) return tl::unexpected(std::move(*error));
    }
  }

 private:
  Result<Poll> poll_once() const {
    const ApiRequest request{
        .method = "GET", .target = poll_target_, .deadline = deadline_, .stop = options_.stop};
    return caller_.send(request).and_then([&](const HttpReply& reply) {
      return ApiCaller::named(request, decode_message(reply.body)).map([&](Message message) {
        return Poll{std::move(message), retry_after(reply, caller_.clock())};
      });
    });
  }

  Result<std::vector<Message>> read_timeline(const Message& user,
                                             std::optional<milliseconds> deadline) const {
    return Target("/conversations")
        .segment(user.job_id, "a job id")
        .path("/messages")
        .text()
        .and_then([&](std::string target) {
          return caller_.call({.method = "GET",
                               .target = std::move(target),
                               .deadline = deadline,
                               .stop = options_.stop},
                              decode_messages);
        });
  }

  void report(const std::vector<Message>& messages) {
    for (const Message& message : messages) {
      if (reported_.insert(message.id).second) options_.on_message(message);
    }
  }

  // Sleeps until the next poll; the error when there is none.
  std::optional<Error> pause(const Poll& poll) const {
    Clock& clock = caller_.clock();
    const milliseconds asked = poll.retry_after.value_or(milliseconds(0));
    milliseconds length =
        std::max(options_.poll_interval.value_or(caller_.options().poll_interval), asked);
    if (deadline_) {
      const milliseconds left = *deadline_ - clock.now();
      if (left <= milliseconds(0) || asked > left) {
        return failure(ErrorCode::deadline_reached,
                       "message " + poll.message.id + " is still " + poll.message.status +
                           " after " + std::to_string(options_.deadline->count()) + " ms");
      }
      length = std::min(length, left);
    }
    clock.sleep_unless_stopped(length, caller_.stop_of(options_.stop));
    return std::nullopt;
  }

  // The turn has ended, so the deadline no longer counts: its outcome is worth one more read.
  Result<Outcome> finish(Message user) {
    const auto timeline = read_timeline(user, std::nullopt);
    if (!timeline) return tl::unexpected(timeline.error());
    const auto is_user = [&](const Message& message) { return message.id == user.id; };
    const auto place = std::find_if(timeline->begin(), timeline->end(), is_user);
    if (place == timeline->end()) {
      return malformed("/messages", "expected the polled message " + user.id +
                                        " in the timeline, came one without it");
    }
    const std::vector<Message> turn = messages_of_turn(*timeline, user.id);
    if (options_.on_message) report(turn);
    Outcome outcome{.message = std::move(user), .replies = {}, .failure = {}};
    if (outcome.completed()) {
      std::copy_if(turn.begin(), turn.end(), std::back_inserter(outcome.replies),
                   [](const Message& message) {
                     return message.role == role::kAssistant &&
                            message.status == message_status::kCompleted;
                   });
    } else {
      outcome.failure = reason(turn, {place, timeline->end()});
    }
    return outcome;
  }

  // REFERENCE: Messages: the failure text is the newest system message; of this turn if it has one.
  static std::string reason(const std::vector<Message>& turn, const std::vector<Message>& rest) {
    const auto is_system = [](const Message& message) { return message.role == role::kSystem; };
    const auto own = std::find_if(turn.rbegin(), turn.rend(), is_system);
    if (own != turn.rend()) return own->content;
    const auto any = std::find_if(rest.rbegin(), rest.rend(), is_system);
    return any != rest.rend() ? any->content : "";
  }

  const ApiCaller& caller_;
  const std::string poll_target_;
  const WaitOptions& options_;
  std::optional<milliseconds> deadline_;
  std::set<std::string> reported_;
};

}  // namespace

Result<Outcome> Client::wait(const Turn& turn, const WaitOptions& options) const {
  if (options.poll_interval.value_or(caller_->options().poll_interval) <= milliseconds(0)) {
    return invalid_argument("expected a poll_interval above 0 ms");
  }
  return Target("/messages")
      .segment(turn.message_id, "a message id")
      .text()
      .and_then(
          [&](std::string target) { return Waiter(*caller_, std::move(target), options).run(); });
}

}  // namespace nairi
