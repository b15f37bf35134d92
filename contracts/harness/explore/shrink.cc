#include "harness/explore/shrink.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nairi::contracts {
namespace {

using Pointer = Json::json_pointer;

// What is tried at one place of a schedule: nullopt removes it, else it becomes this.
struct Cut {
  Pointer place;
  std::optional<Json> becomes;
};
using Cuts = std::vector<Cut>;

// What an object may do without; all else it needs, or the schedule is not what it was.
bool may_go(std::string_view key) {
  constexpr std::array<std::string_view, 19> kOptional{
      "mutate",   "job",    "agent",         "ask_mode", "attachments", "polls",
      "progress", "system", "messages",      "later",    "reply",       "job_status",
      "reason",   "times",  "retry_after_s", "error",    "delay_ms",    "drip_bytes_per_s",
      "executed"};
  return std::find(kOptional.begin(), kOptional.end(), key) != kOptional.end();
}

// Texts that stand for something else than words are left alone.
bool is_wording(std::string_view key) {
  constexpr std::array<std::string_view, 9> kTexts{
      "prompt", "reply", "content", "text", "summary", "text_delta", "raw", "body", "filename"};
  return std::find(kTexts.begin(), kTexts.end(), key) != kTexts.end();
}

// Half of a text, cut between two characters.
std::string half_of(const std::string& text, bool second) {
  std::size_t middle = text.size() / 2;
  while (middle < text.size() && (static_cast<unsigned char>(text[middle]) & 0xC0U) == 0x80U) {
    ++middle;
  }
  return second ? text.substr(middle) : text.substr(0, middle);
}

// The cuts of one value and of all within it: first those that take most.
class CutFinder {
 public:
  Cuts find(const Schedule& schedule) {
    visit(schedule, Pointer(), "");
    return std::move(cuts_);
  }

 private:
  void add(const Pointer& place, std::optional<Json> becomes) {
    cuts_.push_back({place, std::move(becomes)});
  }

  void visit(const Json& value, const Pointer& place, const std::string& key) {
    if (value.is_object()) {
      for (const auto& [name, child] : value.items()) {
        if (may_go(name)) add(place / name, std::nullopt);
      }
      for (const auto& [name, child] : value.items()) visit(child, place / name, name);
    } else if (value.is_array()) {
      for (std::size_t i = value.size(); i > 0; --i) add(place / (i - 1), std::nullopt);
      for (std::size_t i = 0; i < value.size(); ++i) visit(value[i], place / i, key);
    } else if (value.is_number_integer()) {
      visit_number(value, place);
    } else if (value.is_string()) {
      visit_text(value, place, key);
    }
  }

  void visit_number(std::int64_t number, const Pointer& place) {
    for (const std::int64_t less : {std::int64_t{0}, std::int64_t{1}, number / 2, number - 1}) {
      if (0 <= less && less < number) add(place, less);
    }
  }

  void visit_text(const std::string& text, const Pointer& place, const std::string& key) {
    if (key == "at") {
      const std::size_t number = text.find('#');
      if (number != std::string::npos && !text.ends_with("#1")) {
        add(place, text.substr(0, number) + "#1");
      }
    }
    if (!is_wording(key)) return;
    const std::string plain = key + " " + place.parent_pointer().back();
    if (text.size() > plain.size()) add(place, plain);
    if (text.size() < 2) return;
    add(place, half_of(text, false));
    add(place, half_of(text, true));
  }

  Cuts cuts_;
};

Schedule with_cut(Schedule schedule, const Cut& cut) {
  if (cut.becomes) {
    schedule[cut.place] = *cut.becomes;
    return schedule;
  }
  Json& parent = schedule[cut.place.parent_pointer()];
  const std::string& last = cut.place.back();
  if (parent.is_array()) {
    parent.erase(std::stoul(last));
  } else {
    parent.erase(last);
  }
  return schedule;
}

}  // namespace

Schedule shrink(Schedule schedule, const std::function<bool(const Schedule&)>& fails,
                int most_tries) {
  std::set<std::string> tried{schedule.dump()};
  bool shorter = true;
  while (shorter) {
    shorter = false;
    Cuts cuts = CutFinder().find(schedule);
    for (std::size_t i = 0; i < cuts.size(); ++i) {
      Schedule candidate = with_cut(schedule, cuts[i]);
      if (!tried.insert(candidate.dump()).second) continue;
      if (most_tries-- <= 0) return schedule;
      if (!fails(candidate)) continue;
      // What stands behind it may have moved: the places are found anew, and tried from here on.
      schedule = std::move(candidate);
      shorter = true;
      cuts = CutFinder().find(schedule);
      --i;
    }
  }
  return schedule;
}

}  // namespace nairi::contracts
