// One contract case: a conversation with the service, what every server must answer in it, and what
// a client must make of it. The file format is described in docs/contracts.md.
#ifndef NAIRI_CONTRACTS_HARNESS_CASES_CASE_H_
#define NAIRI_CONTRACTS_HARNESS_CASES_CASE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/cases/source.h"
#include "harness/cases/values.h"
#include "nairi/mock/world.h"

namespace nairi::contracts {

enum class Level { must, should };

// One part of a multipart body; `size` zero bytes when there is no text.
struct SentPart {
  std::string name;
  std::optional<std::string> filename;
  std::string text;
  std::size_t size = 0;
};

struct StepCall {
  std::string method;               // "GET"
  std::string path;                 // below the API's prefix, with {names}
  std::optional<std::string> auth;  // none: Bearer {api_key}; "": no Authorization at all
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<Json> json;         // with {names}
  std::optional<std::string> body;  // sent as it is
  std::size_t body_times = 1;       // `body` so many times in a row
  std::vector<SentPart> multipart;
};

// What the answer must be; null is no expectation.
struct Expected {
  Json status;
  std::map<std::string, Json> headers;
  Json json;
  Json body;
};

struct Step {
  std::string id;
  StepCall call;
  Expected reply;                                   // with `until`: of the last answer
  std::vector<std::pair<std::string, Json>> until;  // repeated until these pointers match
  std::vector<std::string> order;  // of the first pointer's values: "queued*", "pending+", "done"
  int polls = 60;                  // budget of `until`
  std::int64_t ms = 60'000;        // budget of `until`
};

// What a client is asked to do, and what must come of it.
struct ClientPart {
  Json job;     // "op", "prompts", …; base_url and api_key are added when it runs
  Json expect;  // pattern of the result
  std::vector<std::string> rules;  // ids of rules that this case exercises
};

struct Case {
  std::string name;  // "ask/completes", also the path of its file
  std::string file;
  std::string text;  // of the file
  std::vector<std::string> why;
  Source source = Source::seed;
  Level level = Level::must;
  // The states that it needs. What is fixed here is true of the scripted fake; another server's
  // tester names what it has. "script" is the state of a server that plays the case's timelines.
  std::map<std::string, std::optional<std::string>> given;
  std::vector<Step> steps;              // empty: there is no server side
  std::vector<mock::TurnScript> turns;  // from the steps' timelines
  std::vector<mock::FaultSpec> faults;  // played to clients only
  bool mutate_additive = false;         // clients meet additive changes
  bool mutate_status = false;           // and statuses that nobody knows
  mock::World world;  // agents, jobs and turns that clients meet besides the built-in ones
  std::optional<double> speed;  // of their turns, which last their `ms`; none: they count reads
  std::optional<ClientPart> client;
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CASES_CASE_H_
