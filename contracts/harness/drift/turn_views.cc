// What several exchanges show of one turn: a prompt that was accepted, how it went on, and what the
// timeline had of it once it was over.
#include <algorithm>

#include "harness/drift/views.h"

namespace nairi::contracts::evidence {
namespace {

constexpr std::string_view kErrorText = "nairid encountered error: ";

bool is_over(const Json& message) {
  const std::string status = text_in(message, "status");
  return status == "completed" || status == "failed";
}

bool has_role(const Json& message, std::string_view role) {
  return text_in(message, "role") == role;
}

bool is_notice(const std::string& text) {
  return text.starts_with("Agent opened a ") || text.starts_with("New commit added: ");
}

std::string without_blanks_at_end(std::string text) {
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  text.erase(end == std::string::npos ? 0 : end + 1);
  return text;
}

// What of a turn's text blocks its answer is.
std::string_view what_the_answer_is(const std::vector<std::string>& blocks,
                                    const std::string& answer) {
  std::string joined;
  for (const std::string& block : blocks) joined += block;
  const auto is_it = [text = without_blanks_at_end(answer)](const std::string& it) {
    return without_blanks_at_end(it) == text;
  };
  if (is_it(blocks.back())) return "the_last_block";
  if (is_it(joined)) return "all_blocks_joined";
  const auto longest = std::max_element(
      blocks.begin(), blocks.end(),
      [](const std::string& a, const std::string& b) { return a.size() < b.size(); });
  return is_it(*longest) ? "the_longest_block" : "other";
}

// When a prompt ended; nullopt when its time does not tell, as it never moved.
std::optional<std::int64_t> ended_at(const Json& prompt) {
  const auto created = time_of(prompt, "created_at");
  const auto updated = time_of(prompt, "updated_at");
  return is_over(prompt) && created && updated && *updated > *created ? updated : std::nullopt;
}

// --- What a timeline has of a turn that is over --------------------------------------------------

// The messages from a prompt up to the next one.
struct Stretch {
  const Json* prompt = nullptr;
  std::vector<const Json*> messages = {};
};

// Whether two prompts were at work together: then nothing tells whose answer is whose.
bool overlap(const Json& earlier, const Json& later) {
  const auto ended = time_of(earlier, "updated_at");
  const auto began = time_of(later, "created_at");
  return !is_over(earlier) || !ended || !began || *began < *ended;
}

// nullopt: the prompt is not over there, or not alone.
std::optional<Stretch> stretch_of(const Json& timeline, const std::string& message_id) {
  Stretch stretch;
  const Json* before = nullptr;
  for (const Json& message : timeline) {
    if (stretch.prompt == nullptr) {
      if (text_in(message, "id") == message_id) {
        if (!is_over(message) || (before != nullptr && overlap(*before, message))) return {};
        stretch.prompt = &message;
      } else if (has_role(message, "user")) {
        before = &message;
      }
    } else if (has_role(message, "user")) {
      if (overlap(*stretch.prompt, message)) return {};
      return stretch;
    } else {
      stretch.messages.push_back(&message);
    }
  }
  return stretch.prompt == nullptr ? std::nullopt : std::optional(stretch);
}

class StretchView {
 public:
  explicit StretchView(const Stretch& stretch) : stretch_(stretch) {
    for (const Json* message : stretch.messages) sort(*message);
  }

  void add_to(Json& view) {
    view["answers"] = answers_;
    view["errors"] = errors_;
    view["error_count"] = errors_.size();
    if (errors_.size() > 1) view["second_error_ends_as_first"] = second_ends_as_first();
    view["notices"] = notices_;
    view["notice_delays_ms"] = notice_delays_;
    view["late_progress"] = late_progress_;
    view["tools"] = tools_;
    if (answers_.empty()) return;
    const Json& answer = answers_.back();
    if (!blocks_.empty()) {
      view["answer_is"] = what_the_answer_is(blocks_, text_in(answer, "content"));
    }
    const auto answered = time_of(answer, "created_at");
    const auto ended = ended_at(*stretch_.prompt);
    if (answered && ended) {
      view["end_order"] = *answered <= *ended ? "answer_first" : "completed_first";
    }
  }

 private:
  void sort(const Json& message) {
    const std::string text = text_in(message, "content");
    if (has_role(message, "assistant")) {
      answers_.push_back(message);
    } else if (has_role(message, "progress")) {
      add_progress(envelope_of(message));
    } else if (has_role(message, "system") && text.starts_with(kErrorText)) {
      errors_.push_back(text);
    } else if (has_role(message, "system") && is_notice(text)) {
      notices_.push_back(text);
      const auto at = time_of(message, "created_at");
      const auto ended = ended_at(*stretch_.prompt);
      if (at && ended) notice_delays_.push_back(*at - *ended);
    }
  }

  void add_progress(const Json& envelope) {
    const bool is_own =
        text_in(envelope, "processed_message_id") == text_in(*stretch_.prompt, "id");
    if (!is_own) return;
    if (!answers_.empty()) ++late_progress_;
    if (text_in(envelope, "progress_type") == "tool_use") ++tools_;
    const std::string block = text_in(envelope, "text_delta");
    if (!block.empty()) blocks_.push_back(block);
  }

  bool second_ends_as_first() const {
    const std::string first = errors_[0].get<std::string>().substr(kErrorText.size());
    return errors_[1].get<std::string>().ends_with(first);
  }

  const Stretch& stretch_;
  Json answers_ = Json::array();
  Json errors_ = Json::array();
  Json notices_ = Json::array();
  Json notice_delays_ = Json::array();
  std::vector<std::string> blocks_;
  int late_progress_ = 0;
  int tools_ = 0;
};

// --- How a turn went on --------------------------------------------------------------------------

class TurnView {
 public:
  TurnView(const Scene& scene, const SeenTurn& turn)
      : scene_(scene), turn_(turn), job_(*scene.find_job(turn.job_id)) {
    const auto seen = scene.messages.find(turn.message_id);
    if (seen != scene.messages.end()) sightings_ = &seen->second;
  }

  View view() const {
    Json view = Json::object();
    add_prompt(view);
    add_statuses(view);
    add_job(view);
    if (const auto word = beside_an_earlier_one(); !word.empty()) {
      view["beside_an_earlier_one"] = word;
    }
    std::size_t at = sightings_ == nullptr ? turn_.at : sightings_->back().at;
    const auto latest = std::find_if(
        job_.timelines.rbegin(), job_.timelines.rend(), [&](const SceneSighting& timeline) {
          return stretch_of(*timeline.seen, turn_.message_id).has_value();
        });
    if (latest != job_.timelines.rend()) {
      StretchView(*stretch_of(*latest->seen, turn_.message_id)).add_to(view);
      at = std::max(at, latest->at);
    }
    return view_at(scene_, at, Over::turn, std::move(view));
  }

 private:
  const Json& sent() const { return scene_.heard[turn_.at].sent; }

  void add_prompt(Json& view) const {
    if (!sent().is_object()) return;
    view["prompt"] = text_in(sent(), "prompt");
    const Json files = sent().value("attachment_ids", Json());
    if (files.is_array() && !files.empty()) {
      view["attachment_ids"] = files;
      if (const auto bytes = smallest_of(files)) view["smallest_file"] = *bytes;
    }
    if (const auto ask_mode = is_in_ask_mode()) view["ask_mode"] = *ask_mode;
  }

  // nullopt: not all of them were uploaded in this recording.
  std::optional<std::size_t> smallest_of(const Json& files) const {
    std::optional<std::size_t> smallest;
    for (const Json& id : files) {
      const auto size =
          id.is_string() ? scene_.file_sizes.find(id.get<std::string>()) : scene_.file_sizes.end();
      if (size == scene_.file_sizes.end()) return std::nullopt;
      smallest = std::min(smallest.value_or(size->second), size->second);
    }
    return smallest;
  }

  // A conversation keeps the mode that it was started in.
  std::optional<bool> is_in_ask_mode() const {
    const Heard& first = scene_.heard[scene_.turns[job_.turns.front()].at];
    if (!first.is("start") || !first.sent.is_object()) return std::nullopt;
    return first.sent.value("ask_mode", Json()) == true;
  }

  void add_statuses(Json& view) const {
    view["statuses"] = Json::array();
    view["sightings"] = sightings_ == nullptr ? 0 : sightings_->size();
    if (sightings_ == nullptr) return;
    for (const SceneSighting& it : *sightings_) {
      const std::string status = text_in(*it.seen, "status");
      if (view["statuses"].empty() || view["statuses"].back() != status) {
        view["statuses"].push_back(status);
      }
    }
    const Json& last = *sightings_->back().seen;
    view["listed"] = last;
    if (is_over(last)) view["ended"] = text_in(last, "status");
    view["lasted_s"] = lasted_s(last);
    view["agent"] = what_the_agent_is();
    if (const auto first = first_status(); !first.empty()) view["first_status"] = first;
  }

  // By the service's times when it is over, else for as long as it was looked at.
  double lasted_s(const Json& last) const {
    constexpr double kMilliseconds = 1e3;
    constexpr double kMicroseconds = 1e6;
    if (const auto ended = ended_at(last)) {
      return static_cast<double>(*ended - *time_of(last, "created_at")) / kMilliseconds;
    }
    const std::int64_t us =
        scene_.heard[sightings_->back().at].raw->ended_us - scene_.heard[turn_.at].raw->began_us;
    return static_cast<double>(us) / kMicroseconds;
  }

  // The first status that was seen, if it was surely the first: a message that is pending since it
  // was made, or one that waits.
  std::string first_status() const {
    const Json& first = *sightings_->front().seen;
    const std::string status = text_in(first, "status");
    const bool is_since_it_was_made = text_in(first, "created_at") == text_in(first, "updated_at");
    const bool is_the_first = status == "queued" || (status == "pending" && is_since_it_was_made);
    return is_the_first ? status : "";
  }

  // "new": made in this recording and never deployed in it; "ready": it took the prompt up, and
  // nothing else kept it busy; "perhaps" otherwise.
  std::string_view what_the_agent_is() const {
    const SeenAgent* agent = job_.agent.empty() ? nullptr : scene_.find_agent(job_.agent);
    const bool was_deployed =
        agent != nullptr && agent->deployed && *agent->deployed < sightings_->back().at;
    if (agent != nullptr && agent->created && !was_deployed) {
      return scene_.may_have("deploy", job_.agent, sightings_->back().at) ? "perhaps" : "new";
    }
    if (was_deployed && *agent->deployed > turn_.at) return "perhaps";
    // Who waits longer waits for somebody that the recording does not show.
    constexpr std::int64_t kLongestUs = 5'000'000;
    const bool took_it_up =
        std::any_of(sightings_->begin(), sightings_->end(), [&](const SceneSighting& it) {
          const std::int64_t us =
              scene_.heard[it.at].raw->ended_us - scene_.heard[turn_.at].raw->began_us;
          return text_in(*it.seen, "status") != "queued" && us < kLongestUs;
        });
    return took_it_up && is_alone() ? "ready" : "perhaps";
  }

  bool is_alone() const {
    const std::size_t last = sightings_->back().at;
    if (scene_.may_have("start", job_.agent, last)) return false;
    const bool has_company =
        std::any_of(scene_.jobs.begin(), scene_.jobs.end(), [&](const auto& entry) {
          const auto& [id, job] = entry;
          return job.agent == job_.agent && scene_.may_have("continue", id, last);
        });
    return !has_company &&
           std::none_of(scene_.turns.begin(), scene_.turns.end(), [&](const SeenTurn& other) {
             return &other != &turn_ && shares_the_agent(other) && may_run_beside(other);
           });
  }

  bool shares_the_agent(const SeenTurn& other) const {
    return scene_.find_job(other.job_id)->agent == job_.agent;
  }

  bool may_run_beside(const SeenTurn& other) const {
    if (scene_.is_before(turn_.at, other.at)) return false;
    const auto seen = scene_.messages.find(other.message_id);
    if (seen == scene_.messages.end()) return true;
    return std::none_of(seen->second.begin(), seen->second.end(), [&](const SceneSighting& it) {
      return is_over(*it.seen) && scene_.is_before(it.at, turn_.at);
    });
  }

  void add_job(Json& view) const {
    if (const std::string before = job_before(); !before.empty()) view["job_before"] = before;
    view["job_while"] = Json::array();
    if (sightings_ == nullptr) return;
    for (const SceneSighting& listed : job_.listed) {
      if (scene_.is_before(turn_.at, listed.at) && still_runs_after(listed.at)) {
        view["job_while"].push_back(text_in(*listed.seen, "status"));
      }
    }
  }

  bool still_runs_after(std::size_t at) const {
    return std::any_of(sightings_->begin(), sightings_->end(), [&](const SceneSighting& it) {
      return !is_over(*it.seen) && scene_.is_before(at, it.at);
    });
  }

  // What the job was when the prompt came; a failed turn leaves it in error (REFERENCE: Messages).
  std::string job_before() const {
    std::optional<std::size_t> failed;
    for (const std::size_t index : job_.turns) {
      const SeenTurn& other = scene_.turns[index];
      if (!scene_.is_before(other.at, turn_.at)) continue;
      failed = failure_seen(other);
    }
    const bool is_listed_since =
        failed && std::any_of(job_.listed.begin(), job_.listed.end(), [&](const SceneSighting& it) {
          return it.at > *failed && scene_.is_before(it.at, turn_.at);
        });
    return failed && !is_listed_since ? "error" : scene_.job_status_before(turn_.job_id, turn_.at);
  }

  std::optional<std::size_t> failure_seen(const SeenTurn& other) const {
    const auto seen = scene_.messages.find(other.message_id);
    if (seen == scene_.messages.end()) return std::nullopt;
    for (const SceneSighting& it : seen->second) {
      if (text_in(*it.seen, "status") == "failed" && scene_.is_before(it.at, turn_.at)) {
        return it.at;
      }
    }
    return std::nullopt;
  }

  // Seen in one timeline while an agent works on an earlier prompt: whether this one waits for
  // that.
  std::string_view beside_an_earlier_one() const {
    std::string_view word;
    for (const SceneSighting& timeline : job_.timelines) {
      bool other_is_pending = false;
      for (const Json& message : *timeline.seen) {
        const bool is_own = text_in(message, "id") == turn_.message_id;
        const std::string status = text_in(message, "status");
        if (is_own && other_is_pending && status != "queued") return "works";
        if (is_own && other_is_pending) word = "waits";
        if (is_own) break;
        other_is_pending = other_is_pending || (has_role(message, "user") && status == "pending");
      }
    }
    return word;
  }

  const Scene& scene_;
  const SeenTurn& turn_;
  const SeenJob& job_;
  const std::vector<SceneSighting>* sightings_ = nullptr;  // of the prompt; nullptr: none
};

}  // namespace

void turn_views(const Scene& scene, const ViewSink& sink) {
  for (const SeenTurn& turn : scene.turns) sink(TurnView(scene, turn).view());
}

}  // namespace nairi::contracts::evidence
