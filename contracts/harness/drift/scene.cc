#include "harness/drift/scene.h"

#include <algorithm>
#include <array>
#include <utility>

namespace nairi::contracts::evidence {
namespace {

// Fields that name a thing.
constexpr std::array<std::string_view, 5> kNames = {"id", "job_id", "message_id", "attachment_id",
                                                    "agent_id"};
constexpr std::string_view kOtherOrigin = "job is not an API job";  // REFERENCE: exactly this text
constexpr int kNotFound = 404;

bool names_a_thing(std::string_view field) {
  return std::find(kNames.begin(), kNames.end(), field) != kNames.end();
}

const Json& member(const Json& object, std::string_view key) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

}  // namespace

Scene::Scene(Hearing hearing)
    : heard(std::move(hearing.answered)), unanswered_(std::move(hearing.unanswered)) {
  // Agents first: a conversation's agent may be called by its id before anyone has seen its slug.
  for (std::size_t at = 0; at < heard.size(); ++at) {
    if (heard[at].is_good()) learn_agents(at);
  }
  for (std::size_t at = 0; at < heard.size(); ++at) learn(at);
}

void Scene::learn(std::size_t at) {
  const Heard& one = heard[at];
  tells_keys = tells_keys || !one.raw->key.empty();
  if (one.is("messages") || one.is("continue")) jobs[one.named].named_at = at;
  if (one.is("messages")) jobs[one.named].reading = one.raw->status;
  if (one.is("continue") && text_in(one.body, "error") == kOtherOrigin) {
    jobs[one.named].is_of_other_origin = true;
    seen_by_[one.named].insert(one.raw->key);
  }
  if (!one.is_good()) return;
  good_keys.insert(one.raw->key);
  if (!one.named.empty()) seen_by_[one.named].insert(one.raw->key);
  learn_names(one.body, one.raw->key);
  if (one.is("start") || one.is("continue")) learn_turn(at);
  if (one.is("poll") || one.is("messages")) learn_messages(at);
  if (one.is("conversations")) learn_lists(at);
  if (!one.is("upload")) return;
  if (const auto file = uploaded_file(*one.raw)) {
    file_sizes[text_in(one.body, "attachment_id")] = file->bytes;
  }
}

// Every id and slug that the key was shown.
void Scene::learn_names(const Json& value, const std::string& key) {
  if (value.is_array()) {
    for (const Json& element : value) learn_names(element, key);
  } else if (value.is_object()) {
    for (const auto& [name, field] : value.items()) {
      if (field.is_string() && names_a_thing(name)) {
        seen_by_[field.get_ref<const std::string&>()].insert(key);
      } else if (name == "attachment_ids" && field.is_array()) {
        for (const Json& id : field) {
          if (id.is_string()) seen_by_[id.get_ref<const std::string&>()].insert(key);
        }
      } else if (field.is_structured()) {
        learn_names(field, key);
      }
    }
  }
}

void Scene::learn_agent(const Json& agent) {
  const std::string id = text_in(agent, "id");
  const std::string slug = text_in(agent, "agent_id");
  if (!id.empty() && !slug.empty()) slugs_[id] = slug;
}

void Scene::learn_agents(std::size_t at) {
  const Heard& one = heard[at];
  if (one.is("agents") && one.body.is_array()) {
    agent_lists.push_back({at, &one.body});
    for (const Json& agent : one.body) learn_agent(agent);
  } else if (one.is("create_agent")) {
    learn_agent(one.body);
    agents[text_in(one.body, "agent_id")].created = at;
  } else if (one.is("agent") || one.is("update_agent")) {
    learn_agent(one.body);
  } else if (one.is("delete_agent")) {
    agents[agent_called(one.named)].deleted = at;
  } else if (one.is("deploy") && member(one.sent, "update_config_only") != true) {
    auto& deployed = agents[agent_called(one.named)].deployed;
    if (!deployed) deployed = at;
  }
}

void Scene::learn_turn(std::size_t at) {
  const Heard& one = heard[at];
  SeenTurn turn{at, text_in(one.body, "job_id"), text_in(one.body, "message_id")};
  if (turn.job_id.empty() || turn.message_id.empty()) return;
  SeenJob& job = jobs[turn.job_id];
  if (one.is("start")) job.agent = agent_called(text_in(one.sent, "agent_id"));
  job.turns.push_back(turns.size());
  turns.push_back(std::move(turn));
}

void Scene::learn_messages(std::size_t at) {
  const Heard& one = heard[at];
  const auto see = [&](const Json& message) {
    const std::string id = text_in(message, "id");
    if (!id.empty()) messages[id].push_back({at, &message});
  };
  if (one.is("poll")) return see(one.body);
  const Json& timeline = member(one.body, "messages");
  if (!timeline.is_array()) return;
  jobs[one.named].timelines.push_back({at, &timeline});
  for (const Json& message : timeline) see(message);
}

void Scene::learn_lists(std::size_t at) {
  const Heard& one = heard[at];
  const Json& conversations = member(one.body, "conversations");
  if (!conversations.is_array()) return;
  for (const Json& conversation : conversations) {
    const std::string id = text_in(conversation, "id");
    if (id.empty()) continue;
    SeenJob& job = jobs[id];
    job.listed.push_back({at, &conversation});
    job.agent = agent_called(one.named);
  }
}

std::string Scene::what_it_is_about(const Heard& request) const {
  return agent_called(request.is("start") ? text_in(request.sent, "agent_id") : request.named);
}

bool Scene::may_have(std::string_view operation, const std::string& job_or_agent,
                     std::size_t at) const {
  return std::any_of(unanswered_.begin(), unanswered_.end(), [&](const Heard& request) {
    return request.is(operation) && request.raw->began_us <= heard[at].raw->ended_us &&
           what_it_is_about(request) == job_or_agent;
  });
}

std::string_view Scene::whose(const std::string& id, std::size_t at) const {
  const auto keys = seen_by_.find(id);
  if (keys != seen_by_.end() && keys->second.contains(heard[at].raw->key)) {
    const SeenAgent* agent = find_agent(id);
    const bool is_gone = agent != nullptr && agent->deleted && *agent->deleted < at;
    if (!is_gone && may_have("delete_agent", agent_called(id), at)) return "";
    return is_gone ? "deleted" : "own";
  }
  if (keys != seen_by_.end()) return "foreign";
  const bool is_slug =
      form_of_id(id, "job") == "malformed" && form_of_id(id, "cci") == "well_formed";
  return is_slug || is_made_up(id) || heard[at].raw->status == kNotFound ? "never" : "";
}

std::string Scene::agent_called(const std::string& slug_or_id) const {
  const auto slug = slugs_.find(slug_or_id);
  return slug == slugs_.end() ? slug_or_id : slug->second;
}

const SeenAgent* Scene::find_agent(const std::string& slug_or_id) const {
  const auto found = agents.find(agent_called(slug_or_id));
  return found == agents.end() ? nullptr : &found->second;
}

const SeenJob* Scene::find_job(std::string_view id) const {
  const auto found = jobs.find(id);
  return found == jobs.end() ? nullptr : &found->second;
}

std::string Scene::job_status_before(std::string_view job_id, std::size_t at) const {
  const SeenJob* job = find_job(job_id);
  if (job == nullptr) return {};
  const SceneSighting* last = nullptr;
  for (const SceneSighting& listed : job->listed) {
    if (is_before(listed.at, at)) last = &listed;
  }
  if (last == nullptr) return {};
  const bool changed = std::any_of(job->turns.begin(), job->turns.end(), [&](std::size_t turn) {
    return turns[turn].at < at && !is_before(turns[turn].at, last->at);
  });
  const bool may_have_changed = may_have("continue", std::string(job_id), at);
  return changed || may_have_changed ? "" : text_in(*last->seen, "status");
}

}  // namespace nairi::contracts::evidence
