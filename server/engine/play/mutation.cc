#include "engine/play/mutation.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "text/hash.h"
#include "text/ulid.h"

namespace nairi::mock {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 2> kKinds = {"telemetry", "reviewer"};

// The same for each id, and its own inverse: strangers need not be remembered.
Ulid other_id(Ulid id, std::size_t kind, std::uint64_t seed) {
  return {id.high, id.low ^ mix(seed, kKinds[kind])};
}

std::string stranger_id(const std::string& original, std::size_t kind, std::uint64_t seed) {
  return make_id(kMessagePrefix, other_id(*parse_id(original, kMessagePrefix), kind, seed));
}

// An answer, or what a system message says of the turn: never the first message of a job, so that
// a stranger is neither the first nor the last one.
bool has_strangers(std::string_view role) {
  return role == "assistant" || role == "system";
}

Json stranger_of(const Json& original, std::size_t kind, std::uint64_t seed) {
  Json stranger;
  stranger["id"] = stranger_id(original.at("id").get<std::string>(), kind, seed);
  stranger["job_id"] = original.at("job_id");
  if (kind == 0) {
    stranger["content"] = Json{
        {"job_id", original.at("job_id")},
        {"progress_type", kKinds[0]},
        {"reading", 42}}.dump();
    stranger["role"] = "progress";
    stranger["progress_type"] = kKinds[0];
  } else {
    stranger["content"] = "A message of a role that came later.";
    stranger["role"] = kKinds[1];
  }
  stranger["status"] = "completed";
  stranger["created_at"] = original.at("created_at");
  stranger["updated_at"] = original.at("created_at");
  return stranger;
}

Json unknown_value(std::uint64_t number) {
  switch (number % 4) {
    case 0:
      return "later";
    case 1:
      return number % 1000;
    case 2:
      return true;
    default:
      return Json::array({Json::object()});
  }
}

// Each object differs, and one with an id is the same wherever it is read.
void mutate(Json& value, std::uint64_t seed, std::uint64_t state) {
  std::uint64_t index = 0;
  if (value.is_array()) {
    for (Json& element : value) mutate(element, seed, mix(state ^ ++index));
    return;
  }
  if (!value.is_object()) return;
  if (value.contains("id") && value.at("id").is_string()) {
    state = mix(seed, value.at("id").get_ref<const std::string&>());
  }
  using Member = std::pair<std::uint64_t, std::string>;
  std::vector<Member> order;
  for (auto& [key, member] : value.items()) {
    const std::uint64_t place = mix(state, key);
    mutate(member, seed, place);
    order.emplace_back(place, key);
  }
  const std::string added = "x_new_" + std::to_string(mix(state) % 100);
  value[added] = unknown_value(mix(state, added));
  order.emplace_back(mix(state, added), added);
  std::sort(order.begin(), order.end());
  Json reordered = Json::object();
  for (const auto& [place, key] : order) reordered[key] = std::move(value[key]);
  value = std::move(reordered);
}

// Changes a body that is JSON; nothing else is one of ours.
template <typename Change>
void change(Reply& reply, const Change& change_json) {
  Json json = Json::parse(reply.body, nullptr, false);
  if (json.is_discarded()) return;
  change_json(json);
  reply.body = json.dump();
}

// Adds a field that nobody knows to each object, and changes the order of keys.
void add_fields(Reply& reply, std::uint64_t seed) {
  change(reply, [&](Json& json) { mutate(json, mix(seed), mix(seed)); });
}

void add_strangers(Reply& timeline, std::uint64_t seed) {
  change(timeline, [&](Json& json) {
    if (!json.contains("messages")) return;  // an error
    Json all = Json::array();
    for (Json& message : json.at("messages")) {
      if (!all.empty() && has_strangers(message.at("role").get<std::string>())) {
        for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
          all.push_back(stranger_of(message, kind, seed));
        }
      }
      all.push_back(std::move(message));
    }
    json.at("messages") = std::move(all);
  });
}

// A message that is not there. It stands for the one that it precedes.
struct Stranger {
  std::size_t kind;
  std::string original_id;
};

// nullopt for any other id.
std::optional<Stranger> find_stranger(Organization& organization, std::string_view id,
                                      std::uint64_t seed) {
  const auto ulid = parse_id(id, kMessagePrefix);
  if (!ulid) return std::nullopt;
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
    const Ulid original = other_id(*ulid, kind, seed);
    const auto found = organization.find_message(original);
    const bool listed = found && has_strangers(to_string(found->message->role)) &&
                        found->message != &found->job->messages.front();
    if (listed) return Stranger{kind, make_id(kMessagePrefix, original)};
  }
  return std::nullopt;
}

// Turns a reply with the original message into one with the stranger.
void become_stranger(Reply& message, const Stranger& stranger, std::uint64_t seed) {
  change(message, [&](Json& json) { json = stranger_of(json, stranger.kind, seed); });
}

}  // namespace

Reply play_mutated(Operation operation, Organization& organization, const std::string& parameter,
                   std::uint64_t seed, const std::function<Reply(const std::string&)>& play) {
  const bool reads_one = operation == Operation::get_message;
  const auto stranger = reads_one ? find_stranger(organization, parameter, seed) : std::nullopt;
  Reply reply = play(stranger ? stranger->original_id : parameter);
  if (stranger) become_stranger(reply, *stranger, seed);
  if (operation == Operation::list_messages) add_strangers(reply, seed);
  add_fields(reply, seed);
  return reply;
}

}  // namespace nairi::mock
