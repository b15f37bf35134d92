#include "harness/recording/world_builder.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "harness/recording/job_story.h"
#include "harness/recording/prompt_match.h"
#include "harness/recording/recorded_call.h"
#include "harness/recording/recorded_failure.h"
#include "harness/recording/seen_things.h"
#include "harness/recording/turn_script.h"
#include "text/hash.h"
#include "text/json_writer.h"
#include "text/timestamp.h"
#include "text/ulid.h"

namespace nairi::contracts {
namespace {

using WorldJson = nlohmann::ordered_json;

// Time begins here under the poll and virtual clocks (docs/control.md): what was there before a
// recording began is to be as much older than that.
constexpr std::int64_t kWorldBeginsMs = 1'776'019'512'000;
constexpr std::string_view kNoApiJob = "job is not an API job";  // REFERENCE: continue

std::optional<std::int64_t> clock_in(const WorldJson& object, std::string_view key) {
  return mock::parse_timestamp(text_in(object, key));
}

bool has_list(const WorldJson& object, const char* key) {
  return object.is_object() && object.contains(key) && object[key].is_array();
}

// Those that were made in the same millisecond come in the order in which a list showed them.
WorldJson by_age(WorldJson jobs, bool oldest_first) {
  if (!oldest_first) std::reverse(jobs.begin(), jobs.end());
  std::stable_sort(jobs.begin(), jobs.end(), [](const WorldJson& left, const WorldJson& right) {
    return text_in(left, "created_at") < text_in(right, "created_at");
  });
  return jobs;
}

// How much of its prompt a script knows: of most the whole.
std::size_t known_of(const WorldJson& script) {
  return script.value("x-left", std::numeric_limits<std::size_t>::max());
}

// Prompts that look the same are answered in the order in which they came: each script of them but
// the last plays as often as it was seen in a row. Those that may match other prompts too, as
// secrets were taken out of them, stand behind what knows more.
WorldJson in_order(const std::map<std::uint64_t, WorldJson>& scripts) {
  std::map<std::string, std::size_t> last_of;  // by what they match: the place of the last one
  std::vector<WorldJson> all;
  for (const auto& [order, script] : scripts) {
    const auto [last, is_new] = last_of.try_emplace(script.at("when").dump(), all.size());
    if (!is_new) {
      WorldJson& before = all[last->second];
      const std::int64_t times = before.value("x-times", std::int64_t{1});
      if (before["timeline"] == script.at("timeline")) {
        before["x-times"] = times + 1;
        continue;
      }
      before["times"] = times;
      last->second = all.size();
    }
    all.push_back(script);
  }
  std::stable_sort(all.begin(), all.end(), [](const WorldJson& one, const WorldJson& other) {
    return known_of(one) > known_of(other);
  });
  WorldJson turns = WorldJson::array();
  for (WorldJson& script : all) {
    WorldJson turn = {{"when", std::move(script["when"])}};
    if (script.contains("times")) turn["times"] = script["times"];
    turn["timeline"] = std::move(script["timeline"]);
    turns.push_back(std::move(turn));
  }
  return turns;
}

}  // namespace

struct WorldBuilder::Impl {
  struct SeenFault {
    std::string operation;
    std::size_t key = 0;
    std::int64_t number = 0;  // of this key's calls of the operation
    std::int64_t times = 1;
    WorldJson effect;
    std::string refused_job =
        {};  // "job is not an API job": a world that has the job says so itself
  };

  // A prompt whose call got no reply: whether it took effect shows later, if ever.
  struct LostPrompt {
    StoryTurn turn;
    std::size_t fault = 0;
  };

  void add(const RecordedExchange& exchange);
  WorldJson world() const;

  // How often this key has called the operation, this call included.
  std::int64_t count(const RecordedExchange& exchange, const RecordedCall& call);
  void add_fault(const RecordedExchange& exchange, const RecordedCall& call, std::int64_t number,
                 const WorldJson& effect);
  void name_ids(const RecordedCall& call, const WorldJson& request);
  void add_reply(const RecordedExchange& exchange, const RecordedCall& call,
                 const WorldJson& request, const WorldJson& reply);
  void add_start(const RecordedExchange& exchange, const WorldJson& request,
                 const WorldJson& reply);
  void add_continue(const RecordedExchange& exchange, const RecordedCall& call,
                    const WorldJson& request, const WorldJson& reply);
  void add_lost(const RecordedExchange& exchange, const RecordedCall& call,
                const WorldJson& request, bool executed);
  void add_poll(const RecordedExchange& exchange, const RecordedCall& call, const WorldJson& reply);
  void add_timeline(const RecordedExchange& exchange, const RecordedCall& call,
                    const WorldJson& reply);
  void add_list(const RecordedExchange& exchange, const RecordedCall& call, const WorldJson& reply);
  void add_blind_read(const RecordedExchange& exchange, const RecordedCall& call);
  void find_lost(JobStory& story, const WorldJson& message);

  std::size_t key_of(const RecordedExchange& exchange);
  JobStory& job(const std::string& id, std::size_t key);
  StoryTurn new_turn(const RecordedExchange& exchange, const WorldJson& request);

  WorldJson job_json(const JobStory& story, const std::vector<WorldJson>& timelines) const;
  void add_scripts(const JobStory& story, const std::vector<WorldJson>& timelines,
                   std::map<std::uint64_t, WorldJson>& scripts) const;
  WorldJson when_json(const JobStory& story, const StoryTurn& turn, const PromptMatch& match,
                      std::size_t number) const;
  WorldJson faults_json() const;
  bool has_place(const JobStory& story) const;
  std::string world_time(std::int64_t unix_ms) const;

  std::deque<JobStory> stories;
  std::map<std::string, JobStory*, std::less<>> by_id;
  std::map<std::string, JobStory*, std::less<>> by_message;
  SeenAgents agents;
  SeenFiles files;
  KnownIds ids;
  std::vector<std::string> keys;
  std::map<std::pair<std::size_t, std::string>, std::int64_t> counts;  // by key and operation
  std::vector<SeenFault> faults;
  std::vector<LostPrompt> lost;
  std::uint64_t prompts = 0;
  bool oldest_first = false;             // so was the first list of conversations sorted
  bool any_list = false;                 // of conversations
  std::optional<std::int64_t> began_ms;  // Unix time at which the recording began
  mutable std::string text;              // of the world; "" when it has to be made anew
};

std::size_t WorldBuilder::Impl::key_of(const RecordedExchange& exchange) {
  const auto place = std::find(keys.begin(), keys.end(), exchange.key);
  if (place == keys.end()) keys.push_back(exchange.key);
  return static_cast<std::size_t>(std::find(keys.begin(), keys.end(), exchange.key) - keys.begin());
}

std::int64_t WorldBuilder::Impl::count(const RecordedExchange& exchange, const RecordedCall& call) {
  return ++counts[{key_of(exchange), call.operation}];
}

void WorldBuilder::Impl::add(const RecordedExchange& exchange) {
  text.clear();
  const auto call = call_of(exchange);
  // Without a key the fake refuses by itself, and counts no call.
  if (!call || exchange.key.empty()) return;
  constexpr std::int64_t kUs = 1000;
  if (!began_ms) {
    const auto at = mock::parse_timestamp(exchange.at);
    if (at) began_ms = *at - (exchange.began_us / kUs);
  }
  const std::int64_t number = count(exchange, *call);
  const WorldJson request = json_of(exchange.request_body);
  name_ids(*call, request);
  const auto failure = failure_of(exchange, *call);
  const WorldJson reply = json_of(exchange.reply_body);
  const bool refuses_job =
      failure && call->operation == "continue" && text_in(reply, "error") == kNoApiJob;
  if (refuses_job) {
    job(call->parameter, key_of(exchange)).refuses_prompts = true;
    add_fault(exchange, *call, number, failure->effect);
    faults.back().refused_job = call->parameter;
    return;
  }
  if (failure) add_fault(exchange, *call, number, failure->effect);
  const bool is_read = call->operation == "poll" || call->operation == "messages";
  if (!failure || failure->has_reply) {
    add_reply(exchange, *call, request, reply);
  } else if (is_read && failure->executed) {
    add_blind_read(exchange, *call);
  } else if (call->operation == "start" || call->operation == "continue") {
    add_lost(exchange, *call, request, failure->executed);
  }
}

void WorldBuilder::Impl::add_fault(const RecordedExchange& exchange, const RecordedCall& call,
                                   std::int64_t number, const WorldJson& effect) {
  const std::size_t key = key_of(exchange);
  const bool goes_on =
      !faults.empty() && faults.back().key == key && faults.back().operation == call.operation &&
      faults.back().number + faults.back().times == number && faults.back().effect == effect &&
      call.operation != "start" && call.operation != "continue";
  if (goes_on) {
    ++faults.back().times;
  } else {
    faults.push_back({call.operation, key, number, 1, effect});
  }
}

void WorldBuilder::Impl::name_ids(const RecordedCall& call, const WorldJson& request) {
  ids.name(call.parameter);
  ids.name(text_in(request, "agent_id"));
}

void WorldBuilder::Impl::add_reply(const RecordedExchange& exchange, const RecordedCall& call,
                                   const WorldJson& request, const WorldJson& reply) {
  const std::string& operation = call.operation;
  if (operation == "start") return add_start(exchange, request, reply);
  if (operation == "continue") return add_continue(exchange, call, request, reply);
  if (operation == "poll") return add_poll(exchange, call, reply);
  if (operation == "messages") return add_timeline(exchange, call, reply);
  if (operation == "conversations") return add_list(exchange, call, reply);
  if (operation == "agents" && reply.is_array()) {
    for (const WorldJson& agent : reply) {
      ids.tell(text_in(agent, "id"));
      agents.add(agent);
    }
  } else if (operation == "agent") {
    ids.tell(text_in(reply, "id"));
    agents.add(reply);
  } else if (operation == "create_agent") {
    ids.tell(text_in(reply, "id"));
    agents.add_created(reply);
  } else if (operation == "attachment" && reply.is_object()) {
    files.add(call.parameter, reply, exchange.reply_body.left_out);
  } else if (operation == "upload") {
    ids.tell(text_in(reply, "attachment_id"));
  }
}

StoryTurn WorldBuilder::Impl::new_turn(const RecordedExchange& exchange, const WorldJson& request) {
  StoryTurn turn;
  turn.prompt = text_in(request, "prompt");
  turn.has_attachments = has_list(request, "attachment_ids") && !request["attachment_ids"].empty();
  turn.order = ++prompts;
  turn.sent_us = exchange.began_us;
  turn.posted_us = exchange.ended_us;
  return turn;
}

JobStory& WorldBuilder::Impl::job(const std::string& id, std::size_t key) {
  const auto known = by_id.find(id);
  if (known != by_id.end()) return *known->second;
  JobStory& story = stories.emplace_back(id, false);
  story.key = key;
  by_id[id] = &story;
  return story;
}

void WorldBuilder::Impl::add_start(const RecordedExchange& exchange, const WorldJson& request,
                                   const WorldJson& reply) {
  const std::string id = text_in(reply, "job_id");
  StoryTurn turn = new_turn(exchange, request);
  turn.message_id = text_in(reply, "message_id");
  ids.tell(id);
  ids.tell(turn.message_id);
  JobStory& story = stories.emplace_back(id, true);
  by_id[id] = &story;
  by_message[turn.message_id] = &story;
  story.key = key_of(exchange);
  story.agent = agents.named(text_in(request, "agent_id"));
  story.ask_mode = request.is_object() && request.value("ask_mode", WorldJson()) == true;
  story.add_prompt(std::move(turn));
}

void WorldBuilder::Impl::add_continue(const RecordedExchange& exchange, const RecordedCall& call,
                                      const WorldJson& request, const WorldJson& reply) {
  JobStory& story = job(call.parameter, key_of(exchange));
  StoryTurn turn = new_turn(exchange, request);
  turn.message_id = text_in(reply, "message_id");
  ids.tell(turn.message_id);
  by_message[turn.message_id] = &story;
  story.add_prompt(std::move(turn));
}

void WorldBuilder::Impl::add_lost(const RecordedExchange& exchange, const RecordedCall& call,
                                  const WorldJson& request, bool executed) {
  StoryTurn turn = new_turn(exchange, request);
  if (turn.prompt.empty()) return;
  if (!executed) {
    if (exchange.status == 0) lost.push_back({std::move(turn), faults.size() - 1});
    return;
  }
  if (call.operation == "continue") {
    job(call.parameter, key_of(exchange)).add_prompt(std::move(turn));
    return;
  }
  JobStory& story = stories.emplace_back("", true);
  story.key = key_of(exchange);
  story.agent = agents.named(text_in(request, "agent_id"));
  story.ask_mode = request.value("ask_mode", WorldJson()) == true;
  story.add_prompt(std::move(turn));
}

// A prompt in a timeline that no reply named is one whose reply was lost: so the call took effect.
void WorldBuilder::Impl::find_lost(JobStory& story, const WorldJson& message) {
  const std::string id = text_in(message, "id");
  if (text_in(message, "role") != "user" || story.knows(id)) return;
  const auto sent = std::find_if(lost.begin(), lost.end(), [&](const LostPrompt& prompt) {
    return prompt.turn.prompt == text_in(message, "content");
  });
  if (sent == lost.end()) return;
  faults[sent->fault].effect["executed"] = true;
  StoryTurn turn = std::move(sent->turn);
  turn.message_id = id;
  by_message[id] = &story;
  story.add_prompt(std::move(turn));
  lost.erase(sent);
}

void WorldBuilder::Impl::add_poll(const RecordedExchange& exchange, const RecordedCall& call,
                                  const WorldJson& reply) {
  const std::string id = text_in(reply, "job_id");
  if (id.empty()) return add_blind_read(exchange, call);  // nobody kept what it said
  const auto known = by_message.find(call.parameter);
  JobStory& story = known == by_message.end() ? job(id, key_of(exchange)) : *known->second;
  by_message.try_emplace(call.parameter, &story);
  ids.tell(id);
  story.add_poll({exchange.began_us, exchange.ended_us}, reply);
}

void WorldBuilder::Impl::add_timeline(const RecordedExchange& exchange, const RecordedCall& call,
                                      const WorldJson& reply) {
  if (!has_list(reply, "messages")) return add_blind_read(exchange, call);
  JobStory& story = job(call.parameter, key_of(exchange));
  const WorldJson& messages = reply["messages"];
  for (const WorldJson& message : messages) {
    const std::string id = text_in(message, "id");
    ids.tell(id);
    by_message.try_emplace(id, &story);
    if (!lost.empty()) find_lost(story, message);
  }
  story.add_timeline({exchange.began_us, exchange.ended_us}, messages);
}

void WorldBuilder::Impl::add_list(const RecordedExchange& exchange, const RecordedCall& call,
                                  const WorldJson& reply) {
  const std::string agent = agents.named(call.parameter);
  if (!any_list) oldest_first = exchange.target.find("_at_asc") != std::string::npos;
  any_list = true;
  if (!has_list(reply, "conversations")) return;
  for (const WorldJson& listed : reply["conversations"]) {
    const std::string id = text_in(listed, "id");
    if (id.empty()) continue;
    ids.tell(id);
    JobStory& story = job(id, key_of(exchange));
    if (story.agent.empty()) story.agent = agent;
    story.add_listing({exchange.began_us, exchange.ended_us}, listed);
  }
}

void WorldBuilder::Impl::add_blind_read(const RecordedExchange& exchange,
                                        const RecordedCall& call) {
  const auto& index = call.operation == "poll" ? by_message : by_id;
  const auto known = index.find(call.parameter);
  if (known != index.end()) {
    known->second->add_blind_read({exchange.began_us, exchange.ended_us});
  }
}

std::string WorldBuilder::Impl::world_time(std::int64_t unix_ms) const {
  std::string time;
  mock::append_timestamp(time, unix_ms - began_ms.value_or(unix_ms) + kWorldBeginsMs);
  return time;
}

WorldJson WorldBuilder::Impl::job_json(const JobStory& story,
                                       const std::vector<WorldJson>& timelines) const {
  WorldJson job = WorldJson::object();
  const std::string_view prefix =
      story.id().starts_with(mock::kJobPrefix) ? mock::kJobPrefix : mock::kLegacyJobPrefix;
  if (ids.is_fixed(story.id(), prefix)) {
    job["id"] = story.id();
  } else if (mock::parse_id(story.id(), mock::kLegacyJobPrefix)) {
    // Of the older kind the fake makes none by itself.
    const mock::Ulid other = {mock::mix(1, story.id()), mock::mix(2, story.id())};
    job["id"] = mock::make_id(mock::kLegacyJobPrefix, other);
  }
  job["agent_id"] = story.agent;
  const WorldJson& listed = story.listed();
  const std::string origin = text_in(listed, "origin");
  if (mock::origin_from(origin)) job["origin"] = origin;
  if (story.refuses_prompts && (!job.contains("origin") || origin == "api")) {
    job["origin"] = "slack";
    job["x-interpolated"] = "no reply showed where it was started, only that it takes no prompts";
  }
  const std::string status = text_in(listed, "status");
  const bool takes_prompts = std::any_of(story.turns().begin(), story.turns().end(),
                                         [](const StoryTurn& turn) { return !turn.is_seeded; });
  const bool is_open = status == "active" || status == "error";
  if (mock::job_status_from(status) && (is_open || !takes_prompts)) job["status"] = status;
  if (story.ask_mode) job["ask_mode"] = true;
  const auto created = clock_in(listed, "created_at");
  const auto updated = clock_in(listed, "updated_at");
  if (created) job["created_at"] = world_time(*created);
  if (created && updated && *updated >= *created) job["updated_at"] = world_time(*updated);
  for (const WorldJson& message : story.earlier()) {
    WorldJson said =
        earlier_message(message, [this](const std::string& file) { return files.path_of(file); });
    if (said.is_null()) continue;
    const std::string id = text_in(message, "id");
    if (ids.is_fixed(id, mock::kMessagePrefix)) said["id"] = id;
    job["messages"].push_back(std::move(said));
  }
  const bool runs = !story.turns().empty() && story.turns().front().is_seeded;
  if (runs) job["timeline"] = timelines.front();
  return job;
}

WorldJson WorldBuilder::Impl::when_json(const JobStory& story, const StoryTurn& turn,
                                        const PromptMatch& match, std::size_t number) const {
  WorldJson when = WorldJson::object();
  if (agents.is_in_world(story.agent)) when["agent_id"] = story.agent;
  when["prompt"] = match.prompt;
  when["turn"] = number;
  // Of a conversation that began before the recording it is not known.
  if (story.is_started()) when["ask_mode"] = story.ask_mode;
  when["has_attachments"] = turn.has_attachments;
  return when;
}

void WorldBuilder::Impl::add_scripts(const JobStory& story, const std::vector<WorldJson>& timelines,
                                     std::map<std::uint64_t, WorldJson>& scripts) const {
  std::size_t number = 0;
  for (const WorldJson& message : story.earlier()) {
    if (text_in(message, "role") == "user") ++number;
  }
  for (std::size_t i = 0; i < story.turns().size(); ++i) {
    const StoryTurn& turn = story.turns()[i];
    if (turn.is_seeded) continue;  // it is one of those earlier messages
    const PromptMatch match = match_of(turn.prompt, ids);
    WorldJson& script = scripts[turn.order];
    script = {{"when", when_json(story, turn, match, ++number)}, {"timeline", timelines[i]}};
    if (match.left) script["x-left"] = *match.left;
  }
}

// A conversation that only refused prompts, and that no list showed, would show in the lists of a
// world that has it.
bool WorldBuilder::Impl::has_place(const JobStory& story) const {
  return !any_list || !story.listed().is_null() || story.reads() > 0 || !story.turns().empty();
}

WorldJson WorldBuilder::Impl::faults_json() const {
  WorldJson all = WorldJson::array();
  for (const SeenFault& fault : faults) {
    const auto refused = by_id.find(fault.refused_job);
    if (refused != by_id.end() && has_place(*refused->second)) continue;
    WorldJson json = {{"at", fault.operation + "#" + std::to_string(fault.number)}};
    if (fault.times > 1) json["times"] = fault.times;
    json["do"] = fault.effect;
    all.push_back(std::move(json));
  }
  return all;
}

WorldJson WorldBuilder::Impl::world() const {
  const FilePathOf path_of = [this](const std::string& id) { return files.path_of(id); };
  std::map<std::uint64_t, WorldJson> scripts;
  WorldJson jobs = WorldJson::array();
  SeenAgents all_agents = agents;
  for (const JobStory& story : stories) {
    const auto timelines = timelines_of(story, path_of);
    if (!story.is_started() && has_place(story)) {
      WorldJson job = job_json(story, timelines);
      if (!agents.is_in_world(story.agent)) job["agent_id"] = all_agents.any();
      jobs.push_back(std::move(job));
    }
    add_scripts(story, timelines, scripts);
  }
  return {{"agents", all_agents.json(ids)},
          {"jobs", by_age(std::move(jobs), oldest_first)},
          {"turns", in_order(scripts)},
          {"faults", faults_json()}};
}

WorldBuilder::WorldBuilder() : impl_(std::make_unique<Impl>()) {}
WorldBuilder::~WorldBuilder() = default;
WorldBuilder::WorldBuilder(WorldBuilder&&) noexcept = default;
WorldBuilder& WorldBuilder::operator=(WorldBuilder&&) noexcept = default;

void WorldBuilder::add(const RecordedExchange& exchange) {
  impl_->add(exchange);
}

std::string WorldBuilder::world_json() const {
  constexpr int kIndent = 2;
  if (impl_->text.empty()) {
    impl_->text =
        impl_->world().dump(kIndent, ' ', false, WorldJson::error_handler_t::replace) + "\n";
  }
  return impl_->text;
}

std::vector<mock::File> WorldBuilder::files() const {
  (void)world_json();  // which tells what the world refers to
  return impl_->files.files();
}

}  // namespace nairi::contracts
