// Writes the stages of a turn script one after the other, from what happened and when.
#ifndef NAIRI_CONTRACTS_HARNESS_RECORDING_STAGES_H_
#define NAIRI_CONTRACTS_HARNESS_RECORDING_STAGES_H_

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace nairi::contracts {

// When something happened in a replay: `read` is the first read of the job that shows it.
struct StoryMoment {
  std::size_t read = 0;
  std::int64_t ms = 0;     // since the recording began
  std::string guess = {};  // what is not known of it; "" when a read showed exactly this
  bool operator==(const StoryMoment& other) const { return read == other.read && ms == other.ms; }
};

// What a message becomes in a script, and under which key it stands there: "progress", "system" or
// "messages".
struct Saying {
  std::string_view key;
  nlohmann::ordered_json what;
};

class Stages {
 public:
  // The turn begins, in this status.
  Stages(std::string status, StoryMoment begin);

  // The prompt takes another status, which is not terminal.
  void move_to(const std::string& status, const StoryMoment& when);
  void say(Saying saying, const StoryMoment& when);
  // Of the stage that is open.
  void remark(const std::string& guess);
  // The last stage: a turn that never ends.
  nlohmann::ordered_json endless();
  // All stages but the terminal one, in which the progress goes that came while no agent worked.
  nlohmann::ordered_json until(const StoryMoment& end, nlohmann::ordered_json& terminal);

 private:
  void open(const StoryMoment& when);
  void close(const StoryMoment& when);

  nlohmann::ordered_json stages_ = nlohmann::ordered_json::array();
  std::string status_;
  StoryMoment opened_;
  nlohmann::ordered_json stage_ = nlohmann::ordered_json::object();
  nlohmann::ordered_json held_back_ = nlohmann::ordered_json::array();
};

// How long something lasts or waits.
void add_duration(nlohmann::ordered_json& entry, const StoryMoment& from, const StoryMoment& to);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_RECORDING_STAGES_H_
