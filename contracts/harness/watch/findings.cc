#include "harness/watch/findings.h"

#include <algorithm>
#include <utility>

namespace nairi::contracts {
Sighting sighting_of(const Exchange& exchange) {
  constexpr std::size_t kDay = 10;  // of a time
  return {exchange.recording, exchange.recorded->number, exchange.request_line(),
          exchange.recorded->at.substr(0, kDay)};
}

void Findings::check(const Fact& fact, const Exchange& exchange, bool holds, const Broken& broken) {
  const Gravity gravity = binds_servers(fact.source) ? Gravity::contradicts : Gravity::settles;
  look({.gravity = gravity,
        .id = std::string(fact.id),
        .says = std::string(fact.says),
        .why = std::string(fact.why),
        .source = fact.source,
        .wanted = broken.wanted,
        .got = broken.got,
        .manner = broken.manner},
       exchange, holds);
}

void Findings::look(const Observation& described, const Exchange& exchange, bool holds) {
  Observation& finding = all_.try_emplace(described.id, described).first->second;
  const bool first_of_its_kind = holds ? finding.held + finding.broken == 0 : finding.broken == 0;
  ++(holds ? finding.held : finding.broken);
  if (!first_of_its_kind) return;
  finding.first = sighting_of(exchange);
  finding.wanted = described.wanted;
  finding.got = described.got;
  finding.manner = described.manner;
}

void Findings::add(const std::string& what, const Exchange& exchange, const std::string& example,
                   const std::string& watch) {
  look({.gravity = Gravity::adds,
        .id = what,
        .says = what,
        .why = "",
        .got = example,
        .watch = watch},
       exchange, false);
}

void Findings::settle(const std::vector<Observation>& guesses) {
  const auto tells_the_same = [](const Observation& guess, const Observation& own) {
    const bool same_exchange = guess.broken > 0 && own.broken > 0 &&
                               guess.first.recording == own.first.recording &&
                               guess.first.exchange == own.first.exchange;
    return own.gravity == Gravity::settles &&
           (same_exchange || (guess.why == own.why && (own.broken == 0 || guess.broken > 0)));
  };
  std::erase_if(all_, [&](const auto& own) {
    return std::any_of(guesses.begin(), guesses.end(),
                       [&](const Observation& guess) { return tells_the_same(guess, own.second); });
  });
  for (const Observation& guess : guesses) all_[guess.id] = guess;
}

void Findings::pass_over(const std::string& reason, const Exchange& exchange) {
  PassedOver& passed = passed_over_[reason];
  if (passed.count++ == 0) passed.first = sighting_of(exchange);
}

std::size_t Findings::seen(const std::string& key) const {
  const auto found = seen_.find(key);
  return found == seen_.end() ? 0 : found->second;
}

const Observation* Findings::find(const std::string& id) const {
  const auto found = all_.find(id);
  return found == all_.end() ? nullptr : &found->second;
}

std::vector<const Observation*> Findings::of(Gravity gravity) const {
  std::vector<const Observation*> found;
  for (const auto& [id, finding] : all_) {
    if (finding.gravity == gravity && finding.tells()) found.push_back(&finding);
  }
  std::stable_sort(found.begin(), found.end(), [](const Observation* a, const Observation* b) {
    return std::pair(a->broken, a->held) > std::pair(b->broken, b->held);
  });
  return found;
}

}  // namespace nairi::contracts
