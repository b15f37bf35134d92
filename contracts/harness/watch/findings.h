// What was looked at in traffic, and what came of it: each thing once, however often it was seen.
//
//   Findings findings("recording");
//   findings.check(facts::kOldestFirst, exchange, in_order, {.wanted = …, .got = …});
//   for (const Observation* seen : findings.of(Gravity::contradicts)) …
#ifndef NAIRI_CONTRACTS_HARNESS_WATCH_FINDINGS_H_
#define NAIRI_CONTRACTS_HARNESS_WATCH_FINDINGS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cases/source.h"
#include "harness/watch/facts.h"
#include "harness/watch/traffic.h"

namespace nairi::contracts {

enum class Gravity {
  contradicts,  // a fact: seed, documented or client
  adds,         // what nobody told of, and clients must ignore
  settles,      // a guess, one way or the other
};

// An exchange, as a report names it.
struct Sighting {
  std::string recording;
  std::uint64_t exchange = 0;
  std::string request;  // "GET /messages/cmsg_…"
  std::string day;      // "2026-11-26"
};

Sighting sighting_of(const Exchange& exchange);

// One thing that was looked at.
struct Observation {
  Gravity gravity = Gravity::contradicts;
  std::string id;    // the same in each recording: "messages/oldest-first", "field Message.object"
  std::string says;  // a sentence
  std::string why;   // the words of REFERENCE; "" for what only we assume
  Source source = Source::documented;
  std::size_t held = 0;    // how often it was so
  std::size_t broken = 0;  // how often not; of an addition: how often it was there
  Sighting first = {};     // that it was broken, or else held
  std::string wanted = {};
  std::string got = {};
  std::string manner = {};  // what `got` comes to without ids and times, to compare with
  // What has to have been looked at before it can be said that this was not there: a key of seen().
  std::string watch = {};

  // Whether there is something to tell.
  bool tells() const { return gravity == Gravity::settles ? held + broken > 0 : broken > 0; }
  bool refuted() const { return gravity == Gravity::settles && broken > 0; }
};

// How something was not as it should be.
struct Broken {
  std::string wanted;
  std::string got;
  std::string manner = {};
};

class Findings {
 public:
  // Counts a look at a fact. One that binds no server is a guess, which this settles.
  void check(const Fact& fact, const Exchange& exchange, bool holds, const Broken& broken);
  // The same of what is no fact of the list: `described` has all but counts and sightings.
  void look(const Observation& described, const Exchange& exchange, bool holds);
  // Something that nobody told of: "field Message.object", with an example.
  void add(const std::string& what, const Exchange& exchange, const std::string& example,
           const std::string& watch);
  // That a part of a reply was there: "Message.status".
  void saw(const std::string& key) { ++seen_[key]; }
  // Takes what another judge says of guesses, in place of what is said here by the same words or
  // because of the same exchange.
  void settle(const std::vector<Observation>& guesses);
  // An exchange that says nothing of the API, and why.
  void pass_over(const std::string& reason, const Exchange& exchange);

  std::size_t seen(const std::string& key) const;
  const Observation* find(const std::string& id) const;
  // Those of that gravity that tell something: broken ones first, then those seen most often.
  std::vector<const Observation*> of(Gravity gravity) const;
  // All that was looked at, by id.
  const std::map<std::string, Observation>& all() const { return all_; }

  struct PassedOver {
    std::size_t count = 0;
    Sighting first;
  };
  const std::map<std::string, PassedOver>& passed_over() const { return passed_over_; }

 private:
  std::map<std::string, Observation> all_;
  std::map<std::string, std::size_t> seen_;
  std::map<std::string, PassedOver> passed_over_;
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_WATCH_FINDINGS_H_
