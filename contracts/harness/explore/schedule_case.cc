// What a schedule is as a case, and what a right client may make of it.
#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/explore/schedule.h"

namespace nairi::contracts {
namespace {

using Texts = std::vector<std::string>;

const Json& list_in(const Json& object, const char* key) {
  static const Json none = Json::array();
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

// A turn without a timeline has that of an earlier one with the same prompt.
const Json* timeline_of(const Schedule& schedule, const Json& turn) {
  for (const Json& other : schedule["turns"]) {
    if (other["prompt"] == turn["prompt"] && other.contains("timeline")) return &other["timeline"];
  }
  return nullptr;
}

// What the assistant says in a turn, in the order of the timeline: the newest draft becomes the
// reply (docs/worlds.md, "Further messages").
Texts answers_in(const Json& timeline) {
  Texts drafts;
  Texts behind;
  for (const Json& stage : timeline) {
    for (const Json& message : list_in(stage, "messages")) {
      if (message["role"] != "assistant") continue;
      (&stage == &timeline.back() ? behind : drafts).push_back(message["content"]);
    }
  }
  const auto reply = timeline.back().find("reply");
  if (reply != timeline.back().end()) {
    if (!drafts.empty()) drafts.pop_back();
    drafts.push_back(*reply);
  }
  drafts.insert(drafts.end(), behind.begin(), behind.end());
  return drafts;
}

void fill_turn(std::string& text, std::size_t number) {
  constexpr std::string_view kTurn = "{{turn}}";
  for (std::size_t at = 0; (at = text.find(kTurn)) != std::string::npos;) {
    text.replace(at, kTurn.size(), std::to_string(number));
  }
}

// A pattern of what the client gives back for a turn: of several answers the newest.
Json answer_pattern(const Texts& answers, std::size_t number) {
  std::string newest = answers.empty() ? "" : answers.back();
  if (newest.empty()) return {{"in", {"", nullptr}}};
  fill_turn(newest, number);
  return newest;
}

bool is_silence(const Json& pattern) {
  return pattern.is_object();
}

// All lists that the answers of the first `count` turns may be: for an empty turn there may be
// nothing.
std::vector<Json> lists_of(const std::vector<Json>& answers, std::size_t count) {
  std::vector<Json> lists{Json::array()};
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<Json> longer;
    for (const Json& list : lists) {
      longer.push_back(list);
      longer.back().push_back(answers[i]);
      if (is_silence(answers[i])) longer.push_back(list);
    }
    lists = std::move(longer);
  }
  return lists;
}

Json replies_pattern(std::vector<Json> lists) {
  std::sort(lists.begin(), lists.end());
  lists.erase(std::unique(lists.begin(), lists.end()), lists.end());
  if (lists.front().empty()) lists.insert(lists.begin(), Json{{"absent", true}});
  if (lists.size() == 1) return lists.front();
  return {{"any_of", lists}};
}

Json replies_until_now(const std::vector<Json>& answers) {
  std::vector<Json> lists;
  for (std::size_t count = 0; count <= answers.size(); ++count) {
    for (Json& list : lists_of(answers, count)) lists.push_back(std::move(list));
  }
  return replies_pattern(std::move(lists));
}

// Whether a call comes to nothing, or its reply to no good.
bool breaks(const Json& fault) {
  constexpr std::array kBreaking{"status", "malformed_json", "reset_after_bytes",
                                 "truncate_after_bytes", "empty_response"};
  return std::any_of(kBreaking.begin(), kBreaking.end(),
                     [&](const char* key) { return fault["do"].contains(key); });
}

// What the error of a client says that gives up: when only the API refuses, its status and text.
Json error_pattern(const std::vector<Json>& breaking) {
  Json statuses = Json::array();
  Json texts = Json::array();
  for (const Json& fault : breaking) {
    const Json& effect = fault["do"];
    if (effect.value("status", 200) == 200) return nullptr;
    statuses.push_back(effect["status"]);
    if (effect.contains("error")) texts.push_back({{"contains", effect["error"]}});
  }
  Json error{{"status", {{"in", statuses}}}};
  if (texts.size() == breaking.size()) error["message"] = {{"any_of", texts}};
  return error;
}

struct Played {
  std::vector<Json> answers;  // patterns
  bool failed = false;        // the last turn
};

// nullopt when there is no turn, or one without a timeline.
std::optional<Played> played(const Schedule& schedule) {
  Played all;
  if (schedule["turns"].empty()) return std::nullopt;
  for (const Json& turn : schedule["turns"]) {
    const Json* timeline = timeline_of(schedule, turn);
    if (timeline == nullptr || timeline->empty() || all.failed) return std::nullopt;
    all.failed = timeline->back()["status"] == "failed";
    if (!all.failed) {
      all.answers.push_back(answer_pattern(answers_in(*timeline), all.answers.size() + 1));
    }
  }
  return all;
}

Json expectation(const Played& all, const std::vector<Json>& breaking) {
  const Json until_now = replies_until_now(all.answers);
  const Json all_replies = replies_pattern(lists_of(all.answers, all.answers.size()));
  Json whole{{"outcome", all.failed ? "failed" : "completed"},
             {"replies", all.failed ? until_now : all_replies}};
  if (breaking.empty()) return whole;
  const Json timeout{{"outcome", "timeout"}, {"replies", until_now}};
  Json error{{"outcome", "error"}, {"replies", until_now}};
  Json said = error_pattern(breaking);
  if (!said.is_null()) error["error"] = std::move(said);
  return {{"any_of", {std::move(whole), std::move(error), timeout}}};
}

// The rule that a wrong result breaks where what it is does not tell: by what a schedule has that
// is as short as can be.
const char* rule_of(const Schedule& schedule, const Played& all,
                    const std::vector<Json>& breaking) {
  const Json mutate = schedule.value("mutate", Json());
  if (mutate == "additive") return "survives-additive-changes";
  if (mutate == "status") return "unknown-status-is-not-terminal";
  if (!breaking.empty()) {
    return error_pattern(breaking).is_null() ? "malformed-or-truncated-is-an-error"
                                             : "surfaces-api-errors";
  }
  if (all.failed) return "result-matches-terminal";
  if (schedule.contains("job")) return "ids-are-opaque";
  return "reads-the-answer";
}

Json steps_of(const Schedule& schedule) {
  Json steps = Json::array();
  for (const Json& turn : schedule["turns"]) {
    if (!turn.contains("timeline")) continue;
    steps.push_back({{"id", "turn-" + std::to_string(steps.size() + 1)},
                     {"call",
                      {{"post", "/conversations/start"},
                       {"json", {{"agent_id", "{agent}"}, {"prompt", turn["prompt"]}}}}},
                     {"reply", {{"status", "2xx"}}},
                     {"timeline", turn["timeline"]}});
  }
  return steps;
}

// Time for all polls at 2 s, and for some that go wrong.
std::int64_t deadline_of(const Schedule& schedule) {
  std::int64_t polls = 0;
  for (const Json& turn : schedule["turns"]) {
    const Json* timeline = timeline_of(schedule, turn);
    if (timeline == nullptr) continue;
    for (const Json& stage : *timeline) polls += stage.value("polls", 1) + 1;
  }
  return 30'000 + 2500 * polls;
}

Json job_of(const Schedule& schedule) {
  Json job{{"op", "converse"}, {"poll_ms", 2000}, {"deadline_ms", deadline_of(schedule)}};
  if (schedule.contains("job")) {
    job["op"] = "continue";
    job["job_id"] = "{" + schedule["job"].get<std::string>() + "}";
  } else {
    job["agent_id"] = "{agent}";
  }
  for (const Json& turn : schedule["turns"]) job["prompts"].push_back(turn["prompt"]);
  for (const char* key : {"ask_mode", "attachments"}) {
    if (schedule.contains(key)) job[key] = schedule[key];
  }
  return job;
}

}  // namespace

nlohmann::ordered_json case_of(const Schedule& schedule, const std::string& name) {
  const auto all = played(schedule);
  if (!all) return nullptr;
  std::vector<Json> breaking;
  std::copy_if(schedule["faults"].begin(), schedule["faults"].end(), std::back_inserter(breaking),
               breaks);
  nlohmann::ordered_json file;
  file["name"] = name;
  file["why"] =
      "REFERENCE: GET /messages/{message_id}: Poll the user message until `status` is `completed` "
      "or `failed`";
  file["source"] = "assumed";
  file["given"] = {{"agent", schedule.value("agent", "my-agent")}, {"script", true}};
  if (schedule.contains("job")) file["given"][schedule["job"].get<std::string>()] = true;
  file["steps"] = steps_of(schedule);
  if (!schedule["faults"].empty()) file["faults"] = schedule["faults"];
  if (schedule.contains("mutate")) file["mutate"] = schedule["mutate"];
  file["client"]["do"] = job_of(schedule);
  file["client"]["expect"] = expectation(*all, breaking);
  file["client"]["rules"] = {rule_of(schedule, *all, breaking)};
  return file;
}

}  // namespace nairi::contracts
