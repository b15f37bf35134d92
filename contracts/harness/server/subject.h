// A server under test: how it is reached and what it offers.
//
//   Subjects in_process = scripted_subjects(Way::in_process);
//   auto subject = in_process(contract_case);            // a fresh fake that plays the case
//   auto foreign = foreign_subjects({.url = "http://127.0.0.1:8080", .api_key = "nr_test"});
//
// Thread-safety: subjects are made one at a time; each is used by one thread.
#ifndef NAIRI_CONTRACTS_HARNESS_SERVER_SUBJECT_H_
#define NAIRI_CONTRACTS_HARNESS_SERVER_SUBJECT_H_

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <tl/expected.hpp>

#include "harness/cases/case.h"
#include "harness/cases/values.h"
#include "nairi/mock/fake.h"
#include "nairi/transport.h"

namespace nairi::contracts {

class Subject {
 public:
  virtual ~Subject() = default;
  virtual Transport& transport() = 0;
  virtual const Values& states() const = 0;  // by name: agents, jobs, keys, prompts
  virtual bool scripted() const = 0;         // whether it plays the case's timelines
  // Between two polls of one step.
  virtual std::chrono::milliseconds poll_interval() const = 0;
};

// Makes the subject for one case; an error is a sentence.
using Subjects = std::function<tl::expected<std::unique_ptr<Subject>, std::string>(const Case&)>;

enum class Way { in_process, http, https };

// What is done to each answer on its way back: how broken servers are made.
using Tamper = std::function<void(const HttpRequest&, HttpReply&)>;

// Our own fake, a fresh one for each case, with the case's timelines. Throws std::runtime_error
// when no port can be opened. A tamper is made anew for each case, so that it may count. The fake
// acts after the ledger.
Subjects scripted_subjects(Way way, std::function<Tamper()> make_tamper = {},
                           mock::Fidelity fidelity = {});

struct ForeignServer {
  std::string url;  // with or without the prefix
  std::string api_key;
  Values states;  // of the tester's --states file
  std::string ca_file = {};
  std::chrono::milliseconds poll_interval{200};
  std::optional<double> requests_per_second = {};  // none: as fast as it goes
  std::stop_token stop = {};                       // ends requests and pauses
};

// A server that is not ours: it can't be scripted.
Subjects foreign_subjects(ForeignServer server);

// The same behind a transport of the tester's own, which all cases share.
Subjects transport_subjects(std::shared_ptr<Transport> transport, Values states,
                            std::chrono::milliseconds poll_interval);

// The world of a case: the built-in one, with the case's timelines before its turns.
mock::World world_of(const Case& contract_case);

// What the fake of that world calls its states, and "script".
Values states_of(const mock::Fake& fake);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_SERVER_SUBJECT_H_
