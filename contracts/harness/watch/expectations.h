// What the contract cases say of a recorded exchange: a step whose request is of the same form,
// with the same mistake in it, predicts status and body of the reply.
//
//   const Expectations expectations(cases);
//   expectations.check(exchange, known_agent, findings);
//
// Of a step without a visible mistake nothing is predicted: its reply rests on steps before it.
// Thread-safety: immutable.
#ifndef NAIRI_CONTRACTS_HARNESS_WATCH_EXPECTATIONS_H_
#define NAIRI_CONTRACTS_HARNESS_WATCH_EXPECTATIONS_H_

#include <string>
#include <string_view>
#include <vector>

#include "harness/cases/case.h"
#include "harness/watch/findings.h"
#include "harness/watch/traffic.h"

namespace nairi::contracts {

// One way in which a request is not as openapi.json describes it: "/prompt", "missing".
struct Oddity {
  std::string place;
  std::string kind;

  bool operator==(const Oddity&) const = default;
};
using Oddities = std::vector<Oddity>;

// What is asked, as far as a reply can be told from it.
struct AskedFor {
  std::string method;
  std::string target;
  bool has_key = true;
  std::string content_type = {};
  std::string body = {};
  bool has_whole_body = true;  // false: files were not kept
};
AskedFor asked_in(const RecordedExchange& recorded);
// Empty for a request without mistakes, and for one that openapi.json does not know.
Oddities oddities_of(const AskedFor& asked);

class Expectations {
 public:
  explicit Expectations(std::vector<Case> cases);

  // `things_exist`: what the path and agent_id name is known to exist. Otherwise a 404 is as good
  // as any other refusal, since nobody knows what is looked at first.
  void check(const Exchange& exchange, bool things_exist, Findings& findings) const;

  // Those that say what becomes of a recorded request, each once, in their order.
  std::vector<const Case*> used() const;

 private:
  struct Prediction {
    const Case* of = nullptr;
    const Step* step = nullptr;
    const ApiOperation* operation = nullptr;
    bool has_key = true;
    Oddities oddities;
    Source source = Source::assumed;  // of the status
  };
  const Prediction* nearest(const Exchange& exchange, const AskedFor& asked,
                            const Oddities& oddities) const;

  std::vector<Case> cases_;
  std::vector<Prediction> predictions_;
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_WATCH_EXPECTATIONS_H_
