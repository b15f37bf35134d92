// What several exchanges show of one message, one tool, one conversation, one walk through pages.
#include <algorithm>
#include <set>

#include "harness/drift/views.h"

namespace nairi::contracts::evidence {
namespace {

bool is_terminal(std::string_view status) {
  return status == "completed" || status == "failed";
}

// --- Messages ----------------------------------------------------------------------------------

Json statuses_of(const std::vector<SceneSighting>& sightings) {
  Json statuses = Json::array();
  for (const SceneSighting& sighting : sightings) {
    const std::string status = text_in(*sighting.seen, "status");
    if (statuses.empty() || statuses.back() != status) statuses.push_back(status);
  }
  return statuses;
}

// What was seen once the message was over; only what was asked for after that.
void add_terminal(const Scene& scene, const std::vector<SceneSighting>& sightings, Json& view) {
  const auto terminal = std::find_if(
      sightings.begin(), sightings.end(),
      [](const SceneSighting& it) { return is_terminal(text_in(*it.seen, "status")); });
  if (terminal == sightings.end()) return;
  view["terminal"] = text_in(*terminal->seen, "status");
  view["after_terminal"] = Json::array();
  for (auto later = terminal + 1; later != sightings.end(); ++later) {
    if (!scene.is_before(terminal->at, later->at)) continue;
    view["after_terminal"].push_back(text_in(*later->seen, "status"));
  }
}

// --- Tools -------------------------------------------------------------------------------------

bool repeats(const Json& events, const char* field) {
  return std::all_of(events.begin(), events.end(), [&](const Json& event) {
    return event.value(field, Json()) == events.front().value(field, Json());
  });
}

Json tool_view(const Json& events) {
  Json view{{"statuses", Json::array()},
            {"last", events.back()},
            {"repeats_name", repeats(events, "tool_name")},
            {"repeats_input", repeats(events, "tool_input")}};
  for (const Json& event : events) view["statuses"].push_back(event.value("tool_status", Json()));
  return view;
}

// Of one timeline, the events of each tool in their order.
void tools_of(const Scene& scene, const SceneSighting& timeline, const ViewSink& sink) {
  std::map<std::string, Json> tools;
  for (const Json& message : *timeline.seen) {
    const Json envelope = envelope_of(message);
    const std::string id = text_in(envelope, "tool_use_id");
    if (text_in(envelope, "progress_type") != "tool_use" || id.empty()) continue;
    tools.try_emplace(id, Json::array()).first->second.push_back(envelope);
  }
  for (const auto& [id, events] : tools) {
    sink(view_at(scene, timeline.at, Over::tool, tool_view(events)));
  }
}

// --- Conversations -----------------------------------------------------------------------------

class ConversationView {
 public:
  ConversationView(const Scene& scene, const SeenJob& job) : scene_(scene), job_(job) {}

  Json json() const {
    Json view = Json::object();
    if (job_.is_of_other_origin) {
      view["origin"] = "other";
      if (const auto listed = is_listed()) view["listed"] = *listed;
      if (job_.reading) view["reading"] = *job_.reading;
    }
    if (const Json moved = moves(); !moved.empty()) view["moved"] = moved;
    add_idleness(view);
    return view;
  }

  std::size_t last_at() const {
    std::size_t at = job_.named_at;
    for (const SceneSighting& it : job_.listed) at = std::max(at, it.at);
    for (const SceneSighting& it : job_.timelines) at = std::max(at, it.at);
    for (const std::size_t turn : job_.turns) at = std::max(at, scene_.turns[turn].at);
    return at;
  }

 private:
  // nullopt: some agent's conversations were not all seen, so that it may be among them.
  std::optional<bool> is_listed() const {
    if (!job_.listed.empty()) return true;
    if (scene_.agent_lists.empty() || scene_.agent_lists.back().seen->empty()) return std::nullopt;
    for (const Json& agent : *scene_.agent_lists.back().seen) {
      if (!is_seen_whole(text_in(agent, "agent_id"))) return std::nullopt;
    }
    return false;
  }

  bool is_seen_whole(const std::string& agent) const {
    return std::any_of(scene_.heard.begin(), scene_.heard.end(), [&](const Heard& page) {
      return page.is("conversations") && page.is_good() &&
             scene_.agent_called(page.named) == agent && is_of_all(page) &&
             page.parameter("cursor") == nullptr && next_cursor_of(page).empty() &&
             page.body.is_object() &&
             page.body.value("conversations", Json::array()).size() < limit_of(page);
    });
  }

  // Of two lists with a change between them, whether the time moved.
  Json moves() const {
    Json moved = Json::array();
    for (std::size_t i = 1; i < job_.listed.size(); ++i) {
      const SceneSighting& earlier = job_.listed[i - 1];
      const SceneSighting& later = job_.listed[i];
      if (!scene_.is_before(earlier.at, later.at) || !has_changed(earlier, later)) continue;
      const auto before = time_of(*earlier.seen, "updated_at");
      const auto after = time_of(*later.seen, "updated_at");
      if (before && after) moved.push_back(*after > *before);
    }
    return moved;
  }

  bool has_changed(const SceneSighting& earlier, const SceneSighting& later) const {
    if (text_in(*earlier.seen, "status") != text_in(*later.seen, "status")) return true;
    return std::any_of(job_.turns.begin(), job_.turns.end(), [&](std::size_t turn) {
      const std::size_t at = scene_.turns[turn].at;
      return scene_.is_before(earlier.at, at) && scene_.is_before(at, later.at);
    });
  }

  // How long nobody said anything: until it ended of that, or was last seen active.
  void add_idleness(Json& view) const {
    if (!job_.listed.empty()) {
      const SceneSighting& last = job_.listed.back();
      view["status"] = text_in(*last.seen, "status");
      const auto updated = time_of(*last.seen, "updated_at");
      if (updated && view["status"] == "active") {
        view["idle_hours"] = hours(service_time(last.at) - *updated);
      }
    }
    if (!job_.timelines.empty()) add_end(*job_.timelines.back().seen, view);
  }

  static void add_end(const Json& timeline, Json& view) {
    constexpr std::string_view kEnd = "Job complete - ";
    for (std::size_t i = 1; i < timeline.size(); ++i) {
      const std::string text = text_in(timeline[i], "content");
      if (text_in(timeline[i], "role") != "system" || !text.starts_with(kEnd)) continue;
      view["ended_by"] = text.substr(kEnd.size());
      view["status"] = "completed";
      const auto ended = time_of(timeline[i], "created_at");
      const auto before = time_of(timeline[i - 1], "created_at");
      if (ended && before) view["idle_hours"] = hours(*ended - *before);
    }
  }

  // The latest time that the service has named by then: its clock need not be ours.
  std::int64_t service_time(std::size_t at) const {
    std::int64_t latest = 0;
    for (const auto& [id, job] : scene_.jobs) {
      for (const SceneSighting& it : job.listed) {
        if (it.at <= at) latest = std::max(latest, time_of(*it.seen, "updated_at").value_or(0));
      }
    }
    return latest;
  }

  static double hours(std::int64_t ms) {
    constexpr double kHour = 3'600'000;
    return static_cast<double>(ms) / kHour;
  }

  const Scene& scene_;
  const SeenJob& job_;
};

// --- Walks -------------------------------------------------------------------------------------

std::vector<std::string> ids_of_page(const Heard& page) {
  std::vector<std::string> ids;
  for (const Json& conversation : page.body.value("conversations", Json::array())) {
    ids.push_back(text_in(conversation, "id"));
  }
  return ids;
}

// The pages of a walk, from one that has no cursor to the last that was asked for.
class Walk {
 public:
  Walk(const Scene& scene, std::size_t first) : scene_(scene), pages_{first} {
    std::string cursor = next_cursor_of(scene.heard[first]);
    for (std::size_t at = first + 1; at < scene.heard.size() && !cursor.empty(); ++at) {
      const Heard& page = scene.heard[at];
      const bool is_next = is_page(page) && page.parameter("cursor") != nullptr &&
                           *page.parameter("cursor") == cursor;
      if (!is_next) continue;
      pages_.push_back(at);
      cursor = next_cursor_of(page);
    }
    is_whole_ = cursor.empty();
  }

  static bool is_page(const Heard& page) {
    return page.is("conversations") && page.is_good() && page.body.is_object();
  }

  std::size_t last() const { return pages_.back(); }

  Json json() const {
    std::vector<std::string> ids;
    for (const std::size_t at : pages_) {
      for (std::string& id : ids_of_page(scene_.heard[at])) ids.push_back(std::move(id));
    }
    return {{"pages", pages_.size()},
            {"is_whole", is_whole_},
            {"others_changed", others_changed()},
            {"conversations", ids},
            {"skipped", skipped({ids.begin(), ids.end()})}};
  }

 private:
  bool others_changed() const {
    for (std::size_t at = pages_.front() + 1; at < pages_.back(); ++at) {
      const Heard& one = scene_.heard[at];
      if (one.is_good() && (one.is("start") || one.is("continue"))) return true;
    }
    return false;
  }

  // What lists of that agent had before and after the walk, and it had not.
  Json skipped(const std::set<std::string>& ids) const {
    Json missing = Json::array();
    const Heard& first = scene_.heard[pages_.front()];
    if (!is_whole_ || !is_of_all(first)) return missing;
    for (const auto& [id, job] : scene_.jobs) {
      if (ids.contains(id) || job.agent != scene_.agent_called(first.named)) continue;
      const bool was_there = std::any_of(
          job.listed.begin(), job.listed.end(),
          [&](const SceneSighting& it) { return scene_.is_before(it.at, pages_.front()); });
      const bool is_there = std::any_of(
          job.listed.begin(), job.listed.end(),
          [&](const SceneSighting& it) { return scene_.is_before(pages_.back(), it.at); });
      if (was_there && is_there) missing.push_back(id);
    }
    return missing;
  }

  const Scene& scene_;
  std::vector<std::size_t> pages_;
  bool is_whole_ = false;
};

}  // namespace

Json envelope_of(const Json& message) {
  if (text_in(message, "role") != "progress") return {};
  Json envelope = read_json(text_in(message, "content"));
  return envelope.is_object() ? envelope : Json();
}

void message_views(const Scene& scene, const ViewSink& sink) {
  for (const auto& [id, sightings] : scene.messages) {
    const Json& last = *sightings.back().seen;
    Json view{
        {"role", text_in(last, "role")}, {"statuses", statuses_of(sightings)}, {"last", last}};
    if (Json envelope = envelope_of(last); !envelope.is_null()) {
      view["envelope"] = std::move(envelope);
    }
    add_terminal(scene, sightings, view);
    sink(view_at(scene, sightings.back().at, Over::message, std::move(view)));
  }
}

void conversation_views(const Scene& scene, const ViewSink& sink) {
  for (const auto& [id, job] : scene.jobs) {
    if (!job.timelines.empty()) tools_of(scene, job.timelines.back(), sink);
    const ConversationView conversation(scene, job);
    sink(view_at(scene, conversation.last_at(), Over::conversation, conversation.json()));
  }
}

void walk_views(const Scene& scene, const ViewSink& sink) {
  for (std::size_t at = 0; at < scene.heard.size(); ++at) {
    if (!Walk::is_page(scene.heard[at]) || scene.heard[at].parameter("cursor") != nullptr) continue;
    const Walk walk(scene, at);
    sink(view_at(scene, walk.last(), Over::walk, walk.json()));
  }
}

}  // namespace nairi::contracts::evidence
