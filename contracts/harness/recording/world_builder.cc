#include "harness/recording/world_builder.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "harness/recording/job_story.h"
#include "harness/recording/recorded_call.h"
#include "harness/recording/recorded_failure.h"
#include "harness/recording/seen_things.h"
#include "harness/recording/world_writer.h"
#include "text/timestamp.h"

namespace nairi::contracts {
namespace {

using WorldJson = nlohmann::ordered_json;

constexpr std::string_view kNoApiJob = "job is not an API job";  // REFERENCE: continue

bool has_list(const WorldJson& object, const char* key) {
  return object.is_object() && object.contains(key) && object[key].is_array();
}

}  // namespace

struct WorldBuilder::Impl {
  // A prompt whose call got no reply: whether it took effect shows later, if ever.
  struct LostPrompt {
    StoryTurn turn;
    std::size_t fault = 0;
  };

  void add(const RecordedExchange& exchange);

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

  SeenTraffic seen;
  std::map<std::string, JobStory*, std::less<>> by_message;
  std::vector<std::string> keys;
  std::map<std::pair<std::size_t, std::string>, std::int64_t> counts;  // by key and operation
  std::vector<LostPrompt> lost;
  std::uint64_t prompts = 0;
  mutable std::string text;  // of the world; "" when it has to be made anew
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
  if (!seen.began_ms) {
    const auto at = mock::parse_timestamp(exchange.at);
    if (at) seen.began_ms = *at - (exchange.began_us / kUs);
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
    seen.faults.back().refused_job = call->parameter;
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
  const bool goes_on = !seen.faults.empty() && seen.faults.back().key == key &&
                       seen.faults.back().operation == call.operation &&
                       seen.faults.back().number + seen.faults.back().times == number &&
                       seen.faults.back().effect == effect && call.operation != "start" &&
                       call.operation != "continue";
  if (goes_on) {
    ++seen.faults.back().times;
  } else {
    seen.faults.push_back({call.operation, key, number, 1, effect});
  }
}

void WorldBuilder::Impl::name_ids(const RecordedCall& call, const WorldJson& request) {
  seen.ids.name(call.parameter);
  seen.ids.name(text_in(request, "agent_id"));
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
      seen.ids.tell(text_in(agent, "id"));
      seen.agents.add(agent);
    }
  } else if (operation == "agent") {
    seen.ids.tell(text_in(reply, "id"));
    seen.agents.add(reply);
  } else if (operation == "create_agent") {
    seen.ids.tell(text_in(reply, "id"));
    seen.agents.add_created(reply);
  } else if (operation == "attachment" && reply.is_object()) {
    seen.files.add(call.parameter, reply, exchange.reply_body.left_out);
  } else if (operation == "upload") {
    seen.ids.tell(text_in(reply, "attachment_id"));
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
  const auto known = seen.by_id.find(id);
  if (known != seen.by_id.end()) return *known->second;
  JobStory& story = seen.stories.emplace_back(id, false);
  story.key = key;
  seen.by_id[id] = &story;
  return story;
}

void WorldBuilder::Impl::add_start(const RecordedExchange& exchange, const WorldJson& request,
                                   const WorldJson& reply) {
  const std::string id = text_in(reply, "job_id");
  StoryTurn turn = new_turn(exchange, request);
  turn.message_id = text_in(reply, "message_id");
  seen.ids.tell(id);
  seen.ids.tell(turn.message_id);
  JobStory& story = seen.stories.emplace_back(id, true);
  seen.by_id[id] = &story;
  by_message[turn.message_id] = &story;
  story.key = key_of(exchange);
  story.agent = seen.agents.named(text_in(request, "agent_id"));
  story.ask_mode = request.is_object() && request.value("ask_mode", WorldJson()) == true;
  story.add_prompt(std::move(turn));
}

void WorldBuilder::Impl::add_continue(const RecordedExchange& exchange, const RecordedCall& call,
                                      const WorldJson& request, const WorldJson& reply) {
  JobStory& story = job(call.parameter, key_of(exchange));
  StoryTurn turn = new_turn(exchange, request);
  turn.message_id = text_in(reply, "message_id");
  seen.ids.tell(turn.message_id);
  by_message[turn.message_id] = &story;
  story.add_prompt(std::move(turn));
}

void WorldBuilder::Impl::add_lost(const RecordedExchange& exchange, const RecordedCall& call,
                                  const WorldJson& request, bool executed) {
  StoryTurn turn = new_turn(exchange, request);
  if (turn.prompt.empty()) return;
  if (!executed) {
    if (exchange.status == 0) lost.push_back({std::move(turn), seen.faults.size() - 1});
    return;
  }
  if (call.operation == "continue") {
    job(call.parameter, key_of(exchange)).add_prompt(std::move(turn));
    return;
  }
  JobStory& story = seen.stories.emplace_back("", true);
  story.key = key_of(exchange);
  story.agent = seen.agents.named(text_in(request, "agent_id"));
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
  seen.faults[sent->fault].effect["executed"] = true;
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
  seen.ids.tell(id);
  story.add_poll({exchange.began_us, exchange.ended_us}, reply);
}

void WorldBuilder::Impl::add_timeline(const RecordedExchange& exchange, const RecordedCall& call,
                                      const WorldJson& reply) {
  if (!has_list(reply, "messages")) return add_blind_read(exchange, call);
  JobStory& story = job(call.parameter, key_of(exchange));
  const WorldJson& messages = reply["messages"];
  for (const WorldJson& message : messages) {
    const std::string id = text_in(message, "id");
    seen.ids.tell(id);
    by_message.try_emplace(id, &story);
    if (!lost.empty()) find_lost(story, message);
  }
  story.add_timeline({exchange.began_us, exchange.ended_us}, messages);
}

void WorldBuilder::Impl::add_list(const RecordedExchange& exchange, const RecordedCall& call,
                                  const WorldJson& reply) {
  const std::string agent = seen.agents.named(call.parameter);
  if (!seen.any_list) seen.oldest_first = exchange.target.find("_at_asc") != std::string::npos;
  seen.any_list = true;
  if (!has_list(reply, "conversations")) return;
  for (const WorldJson& listed : reply["conversations"]) {
    const std::string id = text_in(listed, "id");
    if (id.empty()) continue;
    seen.ids.tell(id);
    JobStory& story = job(id, key_of(exchange));
    if (story.agent.empty()) story.agent = agent;
    story.add_listing({exchange.began_us, exchange.ended_us}, listed);
  }
}

void WorldBuilder::Impl::add_blind_read(const RecordedExchange& exchange,
                                        const RecordedCall& call) {
  const auto& index = call.operation == "poll" ? by_message : seen.by_id;
  const auto known = index.find(call.parameter);
  if (known != index.end()) {
    known->second->add_blind_read({exchange.began_us, exchange.ended_us});
  }
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
        written_world(impl_->seen).dump(kIndent, ' ', false, WorldJson::error_handler_t::replace) +
        "\n";
  }
  return impl_->text;
}

std::vector<mock::File> WorldBuilder::files() const {
  (void)world_json();  // which tells what the world refers to
  return impl_->seen.files.files();
}

}  // namespace nairi::contracts
