#include "harness/recording/job_story.h"

#include <algorithm>
#include <utility>

#include "harness/recording/recorded_call.h"
#include "text/timestamp.h"

namespace nairi::contracts {
namespace {

using StoryJson = nlohmann::ordered_json;

constexpr std::size_t kEarlier = SIZE_MAX;
constexpr std::size_t kPrompt = SIZE_MAX;

bool ends_a_turn(std::string_view status) {
  return status == "completed" || status == "failed";
}

std::optional<std::int64_t> time_in(const StoryJson& message, std::string_view key) {
  return mock::parse_timestamp(text_in(message, key));
}

// The prompt that a progress message says it belongs to.
std::string processed_id(const StoryJson& message) {
  if (text_in(message, "role") != "progress") return {};
  return text_in(StoryJson::parse(text_in(message, "content"), nullptr, false),
                 "processed_message_id");
}

}  // namespace

bool StoryTurn::has_ended() const {
  return !statuses.empty() && ends_a_turn(statuses.back().status);
}

void JobStory::add_prompt(StoryTurn turn) {
  turn.posted_after = reads_.size();
  if (!turn.message_id.empty()) places_[turn.message_id] = {turns_.size(), kPrompt};
  turns_.push_back(std::move(turn));
}

void JobStory::add_blind_read(Span span) {
  reads_.push_back(span);
}

void JobStory::add_poll(Span span, const StoryJson& message) {
  reads_.push_back(span);
  const auto place = places_.find(text_in(message, "id"));
  if (place != places_.end()) {
    observe_known(place->second, message);
  } else if (!is_started_ && turns_.empty() && !adopt_running(message, true)) {
    add_earlier(message);
  }
}

void JobStory::add_timeline(Span span, const StoryJson& messages) {
  reads_.push_back(span);
  std::optional<std::size_t> above;  // the turn of the last prompt that was passed
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const StoryJson& message = messages[i];
    if (!message.is_object()) continue;
    const auto place = places_.find(text_in(message, "id"));
    if (place != places_.end()) {
      const bool is_prompt = place->second.message == kPrompt && place->second.turn != kEarlier;
      if (is_prompt) above = place->second.turn;
      observe_known(place->second, message);
      continue;
    }
    const bool is_before_all = !above && !is_started_;
    if (!is_before_all) {
      add_new(message, above);
      continue;
    }
    const bool ends_here =
        i + 1 == messages.size() ||
        std::none_of(messages.begin() + static_cast<std::ptrdiff_t>(i) + 1, messages.end(),
                     [](const StoryJson& later) { return text_in(later, "role") == "user"; });
    if (turns_.empty() && adopt_running(message, ends_here)) {
      above = turns_.size() - 1;
    } else {
      add_earlier(message);
    }
  }
  last_timeline_ = reads_.size();
  sort_earlier(messages);
}

// Single messages may have been seen before; now their order is known.
void JobStory::sort_earlier(const StoryJson& messages) {
  if (earlier_.size() == sorted_earlier_) return;
  sorted_earlier_ = earlier_.size();
  std::map<std::string, std::size_t> order;
  for (std::size_t i = 0; i < messages.size(); ++i) order[text_in(messages[i], "id")] = i;
  std::stable_sort(earlier_.begin(), earlier_.end(),
                   [&](const StoryJson& left, const StoryJson& right) {
                     return order[text_in(left, "id")] < order[text_in(right, "id")];
                   });
}

void JobStory::add_listing(Span span, const StoryJson& conversation) {
  if (listed_.is_null()) listed_ = conversation;
  const std::string status = text_in(conversation, "status");
  if (listed_statuses_.empty() || listed_statuses_.back().status != status) {
    listed_statuses_.push_back({status, reads_.size(), reads_.size(), span.began_us});
  }
  listed_statuses_.back().last = reads_.size();
}

// A prompt of before that still runs is played on, if it is the last one.
bool JobStory::adopt_running(const StoryJson& message, bool is_last) {
  const std::string status = text_in(message, "status");
  if (!is_last || text_in(message, "role") != "user" || ends_a_turn(status)) return false;
  StoryTurn turn;
  turn.message_id = text_in(message, "id");
  turn.prompt = text_in(message, "content");
  turn.is_seeded = true;
  turn.posted_after = reads_.size() - 1;
  turn.sent_us = turn.posted_us = reads_.back().began_us;
  places_[turn.message_id] = {turns_.size(), kPrompt};
  earlier_.push_back(message);
  turns_.push_back(std::move(turn));
  observe_prompt(turns_.back(), message);
  return true;
}

void JobStory::add_earlier(const StoryJson& message) {
  places_[text_in(message, "id")] = {kEarlier, earlier_.size()};
  earlier_.push_back(message);
}

void JobStory::observe_prompt(StoryTurn& turn, const StoryJson& message) {
  const std::string status = text_in(message, "status");
  const std::size_t now = reads_.size();
  if (!turn.created_ms) turn.created_ms = time_in(message, "created_at");
  if (turn.has_ended()) return;  // terminal statuses never change again (REFERENCE: Messages)
  if (!turn.statuses.empty() && turn.statuses.back().status == status) {
    turn.statuses.back().last = now;
    return;
  }
  const std::size_t missing = turn.statuses.empty() ? turn.posted_after : turn.statuses.back().last;
  turn.statuses.push_back({status, {missing, now, time_in(message, "updated_at")}, now});
}

void JobStory::observe_known(const Place& place, const StoryJson& message) {
  if (place.turn == kEarlier) return;
  StoryTurn& turn = turns_[place.turn];
  if (place.message == kPrompt) {
    observe_prompt(turn, message);
  } else {
    turn.messages[place.message].shown = message;
  }
}

// A message that is in a timeline for the first time. Prompts are known from the calls that sent
// them; another one is somebody else's, and a world that plays to one client can't bring it.
void JobStory::add_new(const StoryJson& message, std::optional<std::size_t> above) {
  if (!above || text_in(message, "role") == "user") return;
  const std::size_t number = turn_of(message, *above);
  StoryTurn& turn = turns_[number];
  const std::size_t missing = std::max(last_timeline_, turn.posted_after);
  places_[text_in(message, "id")] = {number, turn.messages.size()};
  turn.messages.push_back(
      {message, message, {missing, reads_.size(), time_in(message, "created_at")}});
}

// Which turn a message belongs to that stands behind the prompt of `above`. A prompt that came
// while another turn ran stands before the rest of that turn's messages: so it is the first one
// that had not ended when the message was made.
std::size_t JobStory::turn_of(const StoryJson& message, std::size_t above) const {
  const std::string processed = processed_id(message);
  const auto named = places_.find(processed);
  if (named != places_.end() && named->second.turn != kEarlier) return named->second.turn;
  const auto created = time_in(message, "created_at");
  for (std::size_t i = 0; created && i < above; ++i) {
    const StoryTurn& turn = turns_[i];
    if (!turn.has_ended()) return i;  // as this very timeline says, above the message
    const auto ended = turn.statuses.back().when.at_ms;
    const bool was_running = ended && *created <= *ended && turns_[i + 1].created_ms &&
                             *created >= *turns_[i + 1].created_ms;
    if (was_running) return i;
  }
  return above;
}

}  // namespace nairi::contracts
