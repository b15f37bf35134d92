// Makes schedules. Each has some kinds of trouble and lacks the others: a schedule with a little of
// everything hides more than it shows.
#include "harness/explore/schedule.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace nairi::contracts {
namespace {

// SplitMix64: the library's distributions differ from one library to the next.
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t run) : state_(seed) { state_ = next() + run; }

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  std::uint64_t below(std::uint64_t count) { return next() % count; }
  int between(int least, int most) {
    const auto span = static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(least) + 1;
    return least + static_cast<int>(below(span));
  }
  bool one_in(std::uint64_t count) { return below(count) == 0; }

  template <typename List>
  const auto& one_of(const List& list) {
    return list[below(std::size(list))];
  }

 private:
  std::uint64_t state_;
};

enum class Kind {
  follow_ups,
  same_prompt,
  queued,
  long_wait,
  progress,
  notices,
  draft,
  several_answers,
  silence,
  failure,
  error_behind_answer,
  later,
  ended_job,
  odd_prompts,
  odd_replies,
  broken_reads,
  broken_posts,
  slow,
  packed,
  additive,
  unknown_status,
  old_job,
  agent_with_slash,
  ask_mode,
  files,
};

// What a text can look like; "*" is where it says whose it is.
constexpr std::array<std::string_view, 22> kShapes{
    "  * \t",
    "\n*\n\n",
    "*\r\nsecond line\n\tthird\n",
    "Gr\u00fc\u00dfe \u4f60\u597d \u05e9\u05dc\u05d5\u05dd \U0001F642 e\u0301 *",
    "\ufeff\u00a0*\u2028\u200b\xC2\x85\u2029",
    "\x01\x1b[31m*\x7f\b",
    R"({"status": "completed", "content": "*"})",
    R"({"job_id": "job_1", "progress_type": "text", "text_delta": "*"})",
    R"({"error": "*"})",
    R"(["*"])",
    R"("*")",
    "nairid encountered error: *",
    "Job complete - *",
    "completed *",
    "failed",
    "null",
    "0",
    "<b>*</b> &amp; <!--",
    R"(* \ \n \u0041 "it's" %2F %s ${HOME} `id` $(id))",
    "@*",
    "-n *",
    "*,* ; a=b&c=d+e # ? /",
};

const std::vector<Json>& progress_pool() {
  static const std::vector<Json> pool{
      {{"progress_type", "thinking"}, {"summary", "Reading the prompt"}},
      {{"progress_type", "step"}, {"summary", "Answering"}},
      {{"progress_type", "text"}, {"text_delta", "Let me look."}},
      {{"progress_type", "text"}, {"text_delta", "Answer 0"}},
      {{"progress_type", "tool_use"}, {"tool_name", "Bash"}, {"tool_status", "running"}},
      {{"progress_type", "tool_heartbeat"},
       {"tool_name", "Bash"},
       {"tool_status", "running"},
       {"summary", "Running for 12s..."}},
      {{"progress_type", "subagent"}, {"summary", "Searching"}, {"tool_status", "completed"}},
      {{"progress_type", "telemetry"}, {"value", 3}},
      {{"raw", "no JSON"}},
      {{"raw", ""}},
      {{"raw", R"({"status": "completed", "role": "assistant"})"}},
  };
  return pool;
}

class Maker {
 public:
  Maker(std::uint64_t seed, std::uint64_t run)
      : random_(seed, run), kinds_(random_.next() & random_.next()) {}  // a quarter of all kinds

  Schedule make() {
    Schedule schedule{{"turns", Json::array()}, {"faults", Json::array()}};
    make_frame(schedule);
    const int turns = has(Kind::follow_ups) ? random_.between(2, 3) : 1;
    for (int number = 1; number <= turns; ++number) {
      schedule["turns"].push_back(turn(schedule["turns"], number, number == turns));
      if (ends_badly(schedule["turns"].back())) break;
    }
    make_faults(schedule);
    return schedule;
  }

 private:
  bool has(Kind kind) const { return (kinds_ >> static_cast<unsigned>(kind) & 1U) != 0; }

  // Whether all prompts are the same. Where a client may have to look for what became of one, it
  // can't know them apart, and in an old job turns are not counted from 1.
  bool repeats() const {
    return has(Kind::same_prompt) && !has(Kind::old_job) && !has(Kind::broken_reads) &&
           !has(Kind::broken_posts);
  }

  void make_frame(Schedule& schedule) {
    if (has(Kind::additive)) schedule["mutate"] = "additive";
    if (has(Kind::unknown_status)) schedule["mutate"] = "status";
    if (has(Kind::old_job)) {
      schedule["job"] = "legacy_job";
      return;
    }
    if (has(Kind::agent_with_slash)) schedule["agent"] = "acme/ops";
    if (has(Kind::ask_mode)) schedule["ask_mode"] = true;
    if (!has(Kind::files) || !random_.one_in(2)) return;
    schedule["attachments"] = Json::array();
    for (int i = random_.between(1, 2); i > 0; --i) {
      const std::string number = std::to_string(i);
      schedule["attachments"].push_back(
          {{"filename", "file " + number + ".txt"}, {"text", text("Bytes " + number, true)}});
    }
  }

  std::string text(const std::string& plain, bool odd) {
    if (!odd || random_.one_in(3)) return plain;
    if (random_.one_in(16)) return repeated(plain);
    std::string text(random_.one_of(kShapes));
    for (std::size_t at = 0; (at = text.find('*', at)) != std::string::npos; at += plain.size()) {
      text.replace(at, 1, plain);
    }
    return text;
  }

  static std::string repeated(const std::string& plain) {
    std::string text;
    while (text.size() < 9000) text += plain + ", ";
    return text;
  }

  Json turn(const Json& before, int number, bool last) {
    if (repeats() && number > 1) return {{"prompt", before.back()["prompt"]}};
    std::string prompt = text("Ask " + std::to_string(number), has(Kind::odd_prompts));
    for (const Json& one : before) {
      if (one["prompt"] == prompt) prompt = "Ask " + std::to_string(number);
    }
    Json timeline = Json::array();
    if (has(Kind::queued))
      timeline.push_back({{"status", "queued"}, {"polls", random_.between(0, 3)}});
    for (int stages = random_.between(0, 2); stages > 0; --stages) timeline.push_back(pending());
    timeline.push_back(end(number, last));
    return {{"prompt", std::move(prompt)}, {"timeline", std::move(timeline)}};
  }

  Json pending() {
    Json stage{{"status", "pending"}, {"polls", random_.between(0, has(Kind::long_wait) ? 12 : 3)}};
    say(stage);
    if (has(Kind::draft) && random_.one_in(2)) {
      stage["messages"] = {
          {{"role", "assistant"}, {"status", "pending"}, {"content", "Looking at it"}}};
    }
    return stage;
  }

  // Progress and notices, of a stage or of what comes later.
  void say(Json& place) {
    if (has(Kind::progress)) {
      for (int count = random_.between(0, 4); count > 0; --count) {
        place["progress"].push_back(random_.one_of(progress_pool()));
        if (random_.one_in(4)) place["progress"].push_back(place["progress"].back());
      }
    }
    if (has(Kind::notices) && random_.one_in(2)) {
      place["system"].push_back("New commit added: 3f2c1ab in #42");
    }
  }

  Json end(int number, bool last) {
    Json stage;
    say(stage);
    if (has(Kind::failure) && random_.one_in(last ? 1 : 3)) {
      stage["status"] = "failed";
      stage["error"] = {"no such host"};
      if (random_.one_in(2)) stage["error"].push_back("failed to clone: no such host");
    } else {
      stage["status"] = "completed";
      answer(stage, number);
      if (last && has(Kind::ended_job)) {
        stage["job_status"] = "completed";
        stage["reason"] = "Thread is inactive";
      }
    }
    if (has(Kind::later)) stage["later"] = later();
    return stage;
  }

  void answer(Json& stage, int number) {
    const std::string plain = "Answer " + (repeats() ? "{{turn}}" : std::to_string(number));
    if (has(Kind::silence) && random_.one_in(2)) {
      if (random_.one_in(2)) stage["reply"] = "";
    } else {
      stage["reply"] = text(plain, has(Kind::odd_replies));
    }
    if (has(Kind::several_answers) && stage.contains("reply")) {
      stage["messages"] = {{{"role", "assistant"}, {"content", "More of " + plain}}};
    }
    if (has(Kind::error_behind_answer)) {
      stage["system"].push_back("nairid encountered error: failed to push");
    }
  }

  Json later() {
    Json list = Json::array();
    for (int count = random_.between(1, 2); count > 0; --count) {
      Json entry{{"polls", random_.between(0, 3)}};
      say(entry);
      if (entry.size() == 1) {
        entry["system"] = {"Agent opened a [pull request](https://github.com/acme/app/pull/42)"};
      }
      list.push_back(std::move(entry));
    }
    return list;
  }

  static bool ends_badly(const Json& turn) {
    return turn.contains("timeline") && turn["timeline"].back()["status"] == "failed";
  }

  void make_faults(Schedule& schedule) {
    Json& faults = schedule["faults"];
    if (has(Kind::broken_reads)) {
      static constexpr std::array kPlaces{"poll", "messages", "read"};
      for (int count = random_.between(1, 2); count > 0; --count) {
        const char* place = random_.one_of(kPlaces);
        faults.push_back(fault(place, random_.between(1, 4), false));
        if (random_.one_in(3)) faults.back()["times"] = random_.one_in(4) ? 6 : 2;
      }
    }
    if (has(Kind::broken_posts)) {
      static constexpr std::array kPlaces{"start", "continue", "any"};
      const char* place = schedule.contains("job") ? "continue" : random_.one_of(kPlaces);
      if (schedule.contains("attachments") && random_.one_in(2)) place = "upload";
      faults.push_back(fault(place, random_.between(1, 2), true));
    }
    if (has(Kind::slow)) {
      faults.push_back({{"at", "any"}, {"do", {{"delay_ms", random_.between(1, 20)}}}});
      if (random_.one_in(2))
        faults.back()["do"]["drip_bytes_per_s"] = random_.between(60, 200) * 1000;
    }
    if (has(Kind::packed)) {
      const char* packing = random_.one_in(2) ? "chunked" : "gzip";
      faults.push_back({{"at", "any"}, {"do", {{"encode", packing}}}});
    }
  }

  Json fault(const char* place, int number, bool of_post) {
    return {{"at", std::string(place) + "#" + std::to_string(number)}, {"do", effect(of_post)}};
  }

  Json effect(bool of_post) {
    switch (random_.below(7)) {
      case 0:
        return {{"reset_after_bytes", random_.one_in(2) ? 0 : random_.between(1, 200)}};
      case 1:
        return {{"truncate_after_bytes", random_.between(0, 80)}};
      case 2:
        return {{"malformed_json", true}};
      case 3:
        return {{"empty_response", true}};
      case 4:
        return {{"status", random_.one_in(2) ? 200 : 502}, {"body", "<html><h1>Oops</h1></html>"}};
      default:
        return refusal(of_post);
    }
  }

  Json refusal(bool of_post) {
    static constexpr std::array kStatuses{503, 503, 503, 429, 429, 502, 504, 500, 404, 401};
    const int status = random_.one_of(kStatuses);
    Json effect{{"status", status}, {"error", "trouble " + std::to_string(status)}};
    const bool may_ask = status == 503 || status == 429;
    if (may_ask && random_.one_in(3)) {
      // A second is long for a client that is a program.
      effect["retry_after_s"] = random_.one_in(3) ? 1 : 0;
    } else if (of_post && status >= 500 && random_.one_in(2)) {
      effect["executed"] = true;
    }
    return effect;
  }

  Random random_;
  const std::uint64_t kinds_;
};

}  // namespace

Schedule make_schedule(std::uint64_t seed, std::uint64_t run) {
  return Maker(seed, run).make();
}

}  // namespace nairi::contracts
