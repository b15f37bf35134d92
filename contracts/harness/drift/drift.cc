#include "harness/drift/drift.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>

#include "harness/drift/ledger.h"
#include "harness/watch/expectations.h"
#include "harness/watch/replies.h"
#include "harness/watch/traffic.h"
#include "harness/watch/watches.h"

namespace nairi::contracts {
namespace {

// In the order in which they ended.
std::vector<Exchange> read_exchanges(const NamedRecording& named) {
  std::vector<Exchange> exchanges;
  exchanges.reserve(named.recording.exchanges.size());
  for (const RecordedExchange& recorded : named.recording.exchanges) {
    exchanges.push_back(read_exchange(recorded, named.name));
  }
  std::stable_sort(exchanges.begin(), exchanges.end(), [](const Exchange& a, const Exchange& b) {
    return a.recorded->ended_us < b.recorded->ended_us;
  });
  return exchanges;
}

// What is known to be there, for each key: whatever good answers before and after were about, or
// named.
class Existing {
 public:
  explicit Existing(const std::vector<Exchange>& exchanges) {
    for (const Exchange& exchange : exchanges) {
      if (exchange.is("delete_agent") && !deleted_us_) deleted_us_ = exchange.recorded->began_us;
      if (!exchange.succeeded()) continue;
      add(exchange, exchange.path_id);
      if (exchange.sent) add(exchange, text_in(*exchange.sent, "agent_id"));
      if (exchange.body) add_ids(exchange, *exchange.body);
    }
  }

  // What goes with a deleted agent, nobody says.
  bool has_all_of(const Exchange& exchange) const {
    if (deleted_us_ && exchange.recorded->ended_us > *deleted_us_) return false;
    const std::string agent = exchange.sent ? text_in(*exchange.sent, "agent_id") : "";
    return has(exchange, exchange.path_id) && has(exchange, agent);
  }

 private:
  static std::string of_key(const Exchange& exchange, const std::string& name) {
    return exchange.recorded->key + " " + name;
  }
  void add(const Exchange& exchange, const std::string& name) {
    if (name.empty()) return;
    const RecordedExchange& recorded = *exchange.recorded;
    Seen& seen = known_.try_emplace(of_key(exchange, name), Seen{recorded.ended_us}).first->second;
    seen.last_began_us = std::max(seen.last_began_us, recorded.began_us);
  }
  bool has(const Exchange& exchange, const std::string& name) const {
    if (name.empty()) return true;
    const auto seen = known_.find(of_key(exchange, name));
    return seen != known_.end() && exchange.began_after(seen->second.first_ended_us) &&
           seen->second.last_began_us >= exchange.recorded->ended_us;
  }
  // Of the reply itself, and of the elements of its list.
  void add_ids(const Exchange& exchange, const Json& value) {
    constexpr std::array<std::string_view, 5> kNames = {"id", "agent_id", "job_id", "message_id",
                                                        "attachment_id"};
    if (value.is_object()) {
      for (const std::string_view name : kNames) add(exchange, text_in(value, name));
    }
    if (!value.is_structured()) return;
    for (const Json& child : value) {
      if (child.is_structured()) add_ids(exchange, child);
    }
  }

  struct Seen {
    std::int64_t first_ended_us = 0;
    std::int64_t last_began_us = 0;
  };
  std::map<std::string, Seen> known_;
  std::optional<std::int64_t> deleted_us_;  // when the first deletion of an agent began
};

void look_at(const NamedRecording& named, const Expectations& expectations, Drift& drift) {
  const std::vector<Exchange> exchanges = read_exchanges(named);
  const Existing existing(exchanges);
  Findings& findings = drift.findings;
  Knowledge knowledge(exchanges);
  PromptWatch prompts(knowledge, findings);
  MessageWatch messages(knowledge, findings);
  ListWatch lists(knowledge, findings);
  ThingWatch things(findings);
  for (const Exchange& exchange : exchanges) {
    ++drift.exchanges;
    check_reply(exchange, findings);
    if (!exchange.passed_over.empty()) {
      findings.pass_over(exchange.passed_over, exchange);
      continue;
    }
    expectations.check(exchange, existing.has_all_of(exchange), findings);
    prompts.see(exchange);
    messages.see(exchange);
    lists.see(exchange);
    things.see(exchange);
    if (exchange.operation == nullptr) {
      findings.pass_over("no operation of openapi.json", exchange);
    } else {
      ++drift.judged;
    }
  }
}

// What a recording says of one assumption, as the other findings are told.
Observation observation_of(const Settled& settled, const LedgerEntry& entry,
                           const NamedRecording& named) {
  Observation seen{.gravity = Gravity::settles, .id = settled.id, .says = {}, .why = settled.why};
  seen.source = settled.source;
  seen.held = settled.confirmed;
  seen.broken = settled.refuted;
  const auto& exchanges = named.recording.exchanges;
  const auto shown = std::find_if(
      exchanges.begin(), exchanges.end(),
      [&](const RecordedExchange& exchange) { return exchange.number == settled.exchange; });
  if (shown != exchanges.end()) seen.first = sighting_of(read_exchange(*shown, named.name));
  if (!entry.example.is_object()) return seen;
  seen.says = entry.example.value("at", "");
  seen.wanted = entry.example.value("expected", "");
  seen.got = entry.example.value("got", "");
  seen.manner = entry.knob.is_null() ? "" : entry.knob.dump();
  return seen;
}

// Of several recordings the first that refutes a guess is shown.
void settle_guesses(std::span<const NamedRecording> recordings, Findings& findings) {
  std::vector<Observation> guesses;
  for (const NamedRecording& named : recordings) {
    Ledger ledger;
    const auto settled = ledger.settle(named.recording, named.name, true);
    if (!settled) continue;  // only another service's is refused
    for (const Settled& one : *settled) {
      const Observation seen = observation_of(one, *ledger.find(one.id), named);
      const auto known = std::find_if(guesses.begin(), guesses.end(),
                                      [&](const Observation& it) { return it.id == seen.id; });
      if (known == guesses.end()) {
        guesses.push_back(seen);
        continue;
      }
      const std::size_t held = known->held + seen.held;
      const std::size_t broken = known->broken + seen.broken;
      if (known->broken == 0 && seen.broken > 0) *known = seen;
      known->held = held;
      known->broken = broken;
    }
  }
  findings.settle(guesses);
}

Drift look_at_all(std::span<const NamedRecording> recordings, const Expectations& expectations) {
  Drift drift;
  for (const NamedRecording& named : recordings) look_at(named, expectations, drift);
  settle_guesses(recordings, drift.findings);
  return drift;
}

}  // namespace

Drift find_drift(const std::vector<NamedRecording>& recordings, const Expectations& expectations) {
  return look_at_all(recordings, expectations);
}

Drift find_drift_in(const NamedRecording& recording, const Expectations& expectations) {
  return look_at_all({&recording, 1}, expectations);
}

}  // namespace nairi::contracts
