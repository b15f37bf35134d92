#include "harness/recording/stages.h"

#include <algorithm>
#include <utility>

namespace nairi::contracts {
namespace {

using StageJson = nlohmann::ordered_json;

// The limits of a world file.
constexpr std::int64_t kMostStagePolls = 1'000'000;
constexpr std::int64_t kMostStageMs = 2'000'000'000;

// What a stage says appears in this order: so what comes behind in this list can be added to it.
constexpr std::string_view kOrder = "system messages progress";

bool can_follow_in(const StageJson& stage, std::string_view key) {
  const auto place = kOrder.find(key);
  for (const auto& [name, value] : stage.items()) {
    const auto other = kOrder.find(name);
    if (other != std::string_view::npos && other > place) return false;
  }
  return true;
}

}  // namespace

void add_duration(StageJson& entry, const StoryMoment& from, const StoryMoment& to) {
  const auto reads = static_cast<std::int64_t>(to.read) - static_cast<std::int64_t>(from.read);
  entry["polls"] = std::clamp<std::int64_t>(reads, 0, kMostStagePolls);
  entry["ms"] = std::clamp<std::int64_t>(to.ms - from.ms, 0, kMostStageMs);
}

Stages::Stages(std::string status, StoryMoment begin)
    : status_(std::move(status)), opened_(std::move(begin)) {}

void Stages::remark(const std::string& guess) {
  if (!guess.empty() && !stage_.contains("x-interpolated")) stage_["x-interpolated"] = guess;
}

void Stages::open(const StoryMoment& when) {
  close(when);
  opened_ = when;
  remark(when.guess);
}

// Progress is spread over its stage, and is to be there at once: so a stage that lasts has one at
// most, and those before it are in a stage that lasts no time.
void Stages::close(const StoryMoment& when) {
  StageJson lasting = {{"status", status_}};
  add_duration(lasting, opened_, when);
  const bool lasts = lasting["polls"] != 0 || lasting["ms"] != 0;
  if (lasts && stage_.contains("progress") && stage_["progress"].size() > 1) {
    StageJson first = {{"status", status_}, {"polls", 0}, {"ms", 0}};
    StageJson last = stage_["progress"].back();
    stage_["progress"].erase(stage_["progress"].size() - 1);
    first.update(stage_);
    stages_.push_back(std::move(first));
    stage_ = {{"progress", StageJson::array({std::move(last)})}};
  }
  const bool is_needed = lasts || !stage_.empty();
  lasting.update(stage_);
  if (is_needed) stages_.push_back(std::move(lasting));
  stage_ = StageJson::object();
}

void Stages::move_to(const std::string& status, const StoryMoment& when) {
  open(when);
  status_ = status;
  StageJson progress = std::exchange(held_back_, StageJson::array());
  for (StageJson& one : progress) say({"progress", std::move(one)}, when);
}

void Stages::say(Saying saying, const StoryMoment& when) {
  if (status_ == "queued" && saying.key == "progress") {
    held_back_.push_back(std::move(saying.what));  // no agent works on it yet
    return;
  }
  if (!(when == opened_) || !can_follow_in(stage_, saying.key)) open(when);
  remark(when.guess);
  stage_[std::string(saying.key)].push_back(std::move(saying.what));
}

StageJson Stages::endless() {
  if (!held_back_.empty()) move_to("pending", opened_);
  StageJson last = {{"status", status_}};
  last.update(stage_);
  stages_.push_back(std::move(last));
  return std::move(stages_);
}

StageJson Stages::until(const StoryMoment& end, StageJson& terminal) {
  close(end);
  if (!held_back_.empty()) terminal["progress"] = std::move(held_back_);
  return std::move(stages_);
}

}  // namespace nairi::contracts
