// Reading a timeline: what is for people, and what belongs to which turn.
#include <algorithm>
#include <iterator>

#include "decode.h"
#include "failure.h"
#include "nairi/types.h"

namespace nairi {
namespace {

using Users = std::vector<const Message*>;

const Message* find_id(const Users& users, std::string_view id) {
  const auto at = std::find_if(users.begin(), users.end(),
                               [id](const Message* user) { return user->id == id; });
  return at == users.end() ? nullptr : *at;
}

// The user message whose turn brought `message`, out of the ones before it (at least one).
const Message* owner_of(const Message& message, const Users& users) {
  if (users.size() > 1 && message.role == role::kProgress) {
    const auto progress = read_progress(message);
    if (progress && progress->processed_message_id) {
      if (const Message* user = find_id(users, *progress->processed_message_id)) return user;
    }
  }
  // Turns run one after the other, so it belongs to the first one that had not ended by then. What
  // ended before the next prompt came, had also where all has the same time.
  for (std::size_t i = 0; i + 1 < users.size(); ++i) {
    const Message& user = *users[i];
    const bool had_ended = is_terminal(user) && (message.created_at > user.updated_at ||
                                                 users[i + 1]->created_at >= user.updated_at);
    if (!had_ended) return users[i];
  }
  return users.back();
}

}  // namespace

bool is_terminal(const Message& message) {
  return message.status == message_status::kCompleted || message.status == message_status::kFailed;
}

std::vector<Message> visible(const std::vector<Message>& timeline) {
  std::vector<Message> kept;
  std::copy_if(timeline.begin(), timeline.end(), std::back_inserter(kept),
               [](const Message& message) { return message.role != role::kProgress; });
  return kept;
}

std::vector<Message> messages_of_turn(const std::vector<Message>& timeline,
                                      std::string_view message_id) {
  std::vector<Message> kept;
  Users users;
  for (const Message& message : timeline) {
    if (message.role == role::kUser) {
      users.push_back(&message);
    } else if (!users.empty() && owner_of(message, users)->id == message_id) {
      kept.push_back(message);
    }
  }
  return kept;
}

Result<Progress> read_progress(const Message& message) {
  if (message.role != role::kProgress) {
    return invalid_argument("expected a message of role progress, came " + message.role);
  }
  return decode_progress(message.content);
}

}  // namespace nairi
