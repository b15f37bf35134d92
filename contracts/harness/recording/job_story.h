// What a recording shows of one conversation: which reads it had, and between which of them each
// thing came to be seen. How it is told again is in turn_script.h.
//
// A read is what the fake counts under its poll clock: a GET of any of the job's messages or of its
// timeline, by anybody, that takes effect.
#ifndef NAIRI_CONTRACTS_HARNESS_RECORDING_JOB_STORY_H_
#define NAIRI_CONTRACTS_HARNESS_RECORDING_JOB_STORY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nairi::contracts {

// Microseconds since the recording began.
struct Span {
  std::int64_t began_us = 0;
  std::int64_t ended_us = 0;
};

// Something that the read `seen` is the first to show, and that the read `missing` did not show
// yet. Reads count from 1; 0 is before the first.
struct StorySighting {
  std::size_t missing = 0;
  std::size_t seen = 0;
  std::optional<std::int64_t> at_ms = {};  // when, as the service says; Unix time
};

struct SeenStatus {
  std::string status;
  StorySighting when;
  std::size_t last = 0;  // the last read that showed it
};

// A message that no client wrote, as it was last seen.
struct StoryMessage {
  nlohmann::ordered_json shown;
  nlohmann::ordered_json first;  // and as it was first seen
  StorySighting when;
};

struct StoryTurn {
  std::string message_id;  // "" when no reply named it
  std::string prompt;
  bool has_attachments = false;
  bool is_seeded = false;                       // it ran already when the recording began
  std::uint64_t order = 0;                      // among all prompts of the recording
  std::size_t posted_after = 0;                 // so many reads
  std::int64_t sent_us = 0;                     // when it was on its way
  std::int64_t posted_us = 0;                   // when its reply had come
  std::optional<std::int64_t> created_ms = {};  // as the service says
  std::vector<SeenStatus> statuses = {};
  std::vector<StoryMessage> messages = {};  // in the order of the timeline

  bool has_ended() const;
};

class JobStory {
 public:
  JobStory(std::string id, bool is_started) : id_(std::move(id)), is_started_(is_started) {}

  void add_prompt(StoryTurn turn);
  // A read whose reply nobody saw, but which the fake counts.
  void add_blind_read(Span span);
  void add_poll(Span span, const nlohmann::ordered_json& message);
  void add_timeline(Span span, const nlohmann::ordered_json& messages);
  // As a list of conversations shows it.
  void add_listing(Span span, const nlohmann::ordered_json& conversation);

  bool knows(std::string_view message_id) const { return places_.contains(message_id); }

  const std::string& id() const { return id_; }
  // Whether it began in the recording; else it was there before.
  bool is_started() const { return is_started_; }
  const std::vector<StoryTurn>& turns() const { return turns_; }
  // What was there before the recording, in order.
  const std::vector<nlohmann::ordered_json>& earlier() const { return earlier_; }
  const nlohmann::ordered_json& listed() const { return listed_; }  // first; null when never
  struct ListedStatus {
    std::string status;
    std::size_t first = 0;  // lists showed it behind so many reads
    std::size_t last = 0;
    std::int64_t us = 0;  // when one did first
  };
  const std::vector<ListedStatus>& listed_statuses() const { return listed_statuses_; }
  // Of the read with this number, from 1.
  const Span& read(std::size_t number) const { return reads_[number - 1]; }
  std::size_t reads() const { return reads_.size(); }

  std::string agent = {};  // slug; "" when nothing told it
  bool ask_mode = false;
  bool refuses_prompts = false;  // "job is not an API job"
  std::size_t key = 0;           // whose it is, by the order in which keys came

 private:
  struct Place {
    std::size_t turn;     // kEarlier, or index into turns_
    std::size_t message;  // index; kPrompt for the prompt itself
  };
  void observe_prompt(StoryTurn& turn, const nlohmann::ordered_json& message);
  void observe_known(const Place& place, const nlohmann::ordered_json& message);
  void add_new(const nlohmann::ordered_json& message, std::optional<std::size_t> above);
  void add_earlier(const nlohmann::ordered_json& message);
  void sort_earlier(const nlohmann::ordered_json& messages);
  bool adopt_running(const nlohmann::ordered_json& message, bool is_last);
  std::size_t turn_of(const nlohmann::ordered_json& message, std::size_t above) const;

  std::string id_;
  bool is_started_;
  std::vector<Span> reads_ = {};
  std::size_t last_timeline_ = 0;  // the number of the last read that showed the whole timeline
  std::vector<StoryTurn> turns_ = {};
  std::vector<nlohmann::ordered_json> earlier_ = {};
  std::size_t sorted_earlier_ = 0;  // so many of them
  nlohmann::ordered_json listed_ = {};
  std::vector<ListedStatus> listed_statuses_ = {};
  std::map<std::string, Place, std::less<>> places_ = {};  // by message id
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_RECORDING_JOB_STORY_H_
