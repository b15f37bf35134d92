// What a fake thinks of the client that called it: one verdict for each rule of docs/rules.md that
// the traffic alone can prove or disprove.
//
//   nairi::mock::Fake fake(world, {.judge = true});
//   ... the client under test talks to it ...
//   std::cerr << to_text(fake.verdicts("nr_test"));
//
// Thread-safety: values.
// Not promised: that a client without a broken rule is right. A rule that nothing put to the test
// is `not_seen`, never `kept`.
#ifndef NAIRI_MOCK_VERDICTS_H_
#define NAIRI_MOCK_VERDICTS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nairi::mock {

enum class RuleLevel { must, should, info };

// Who can tell: the server from the traffic, or only one who knows the client's result as well.
enum class JudgedBy { traffic, result };

struct Rule {
  std::string_view id;
  RuleLevel level;
  JudgedBy judged_by;
  std::string_view sentence;   // what a good client does
  bool only_in_suite = false;  // at this level only where the client was told what to do; else INFO

  std::string page() const;  // "docs/rules.md#polls-until-terminal"
};

// All rules, those that only a harness can judge included, in the order of docs/rules.md.
std::span<const Rule> rules();
const Rule* find_rule(std::string_view id);

struct JudgeOptions {
  bool in_suite = false;            // the client does what it was told, and nothing else
  std::int64_t min_poll_ms = 1000;  // the least time between two polls of a message
  std::size_t max_tracked = 4096;   // messages, and again requests, that are watched for each key
};

// How a run came to its end. What its clients left undone then may not be their doing.
struct RunEnd {
  // "" when the clients ended by themselves; else who ended it, while they may have been waiting:
  // "the run was ended by a signal". Must live as long as the verdicts are made.
  std::string_view by = {};
  std::int64_t at_us = 0;  // when, as Request::received_us; 0: nobody knows
};

enum class RuleOutcome {
  kept,        // it could have been broken, and was not
  broken,      // the evidence proves it
  not_seen,    // nothing in the traffic put it to the test
  not_judged,  // it was put to the test, but the outcome can't be told; the sentence says why
  measured,    // a figure, neither good nor bad
};

// An exchange that proves a verdict. Never holds a credential.
struct Evidence {
  std::uint64_t number = 0;  // as in the journal
  std::string at;            // the organization's time as the API writes it; "" when unknown
  std::string text;          // "GET /messages/cmsg_… → 200 completed"
};

struct Verdict {
  static constexpr std::size_t kMostEvidence = 5;

  std::string_view rule;
  RuleLevel level = RuleLevel::must;
  RuleOutcome outcome = RuleOutcome::not_seen;
  std::string sentence;
  std::vector<Evidence> evidence;  // the first kMostEvidence
  std::size_t evidence_count = 0;  // of all
};

// What the figures of level INFO are made from.
struct Traffic {
  std::uint64_t requests = 0;
  std::uint64_t request_bytes = 0;  // of bodies
  std::uint64_t reply_bytes = 0;    // likewise
  std::uint64_t answers = 0;        // turns that the client saw end
  std::uint64_t polls = 0;          // of those turns' messages
  std::uint64_t most_polls = 0;     // of one
  std::uint64_t timed_answers = 0;  // answers of which the time is known
  std::int64_t answer_ms = 0;       // of all timed answers
  std::int64_t longest_answer_ms = 0;
  std::uint64_t played = 0;  // requests that were for an operation of the API
};

// Requests that came to nothing, all for one kind of reason.
struct Strays {
  std::uint64_t count = 0;
  std::string example;  // the first: "GET /api/public/v1/api/public/v1/agents → 404"
  std::string hint;     // what is probably wrong with it
};

struct Verdicts {
  Traffic traffic;
  std::vector<Verdict> verdicts;  // in the order of rules(), those judged by traffic
  Strays unrouted;  // no route fits: an unknown path, or a known one with another method
  Strays refused;   // the fake could not play them (RefusedRequest)

  // nullptr for a rule that traffic does not judge.
  const Verdict* find(std::string_view rule) const;
  bool has_broken(RuleLevel level) const;
  // Whether anything put the rules to the test: one request for an operation of the API, at least.
  bool has_tested() const { return traffic.played > 0; }
};

// One client's run, or all that were ended together.
struct JudgedRun {
  std::uint64_t organization = 0;  // as in the journal; 0: requests that belong to nobody
  bool ended = false;              // the runs that resets ended, whosever they were
  Verdicts verdicts = {};
};

// Of several clients as if they were one: a rule is kept when one kept it and none broke it.
Verdicts merged(const Verdicts& one, const Verdicts& other);

// {"traffic": {…}, "unrouted": {"count", "example", "hint"}, "refused": {…}, "verdicts": [{"rule",
// "level", "outcome", "sentence", "page", "evidence", "evidence_count"}]}
std::string to_json(const Verdicts& verdicts);
// A table of at most 80 columns, and what else there is to say.
std::string to_text(const Verdicts& verdicts);

// "MUST", "SHOULD", "INFO".
std::string_view to_string(RuleLevel level);
// "kept", "broken", "not_seen", "not_judged", "measured".
std::string_view to_string(RuleOutcome outcome);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_VERDICTS_H_
