// The contract cases as tests of your own: each case puts a server to its steps, or gives a client
// a job, and says whether the contract was kept. docs/contracts.md shows a whole GoogleTest suite.
//
//   for (const std::string& name : nairi::contracts::client_case_names("client/*")) {
//     const auto report = nairi::contracts::run_client_case(name, my_client);
//     EXPECT_EQ(report.verdict, nairi::contracts::CaseVerdict::passed) << report.text;
//   }
//
// Thread-safety: every function may be called from any thread; a case has a fake of its own. Cases
// may run at the same time if the client, or the server's transport, may be used so.
// Not promised: the set of cases and the words of their reports, from one version to the next.
// Where a client reaches the fake in process, what only a socket shows is not tested, nor that a
// program starts and ends as it should: that is what `nairi-contract client` is for.
#ifndef NAIRI_CONTRACTS_CASES_H_
#define NAIRI_CONTRACTS_CASES_H_

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nairi/transport.h"

namespace nairi::contracts {

enum class CaseVerdict {
  passed,
  failed,
  differs,      // only what nobody knows of the API (assumed, or of a producer) was not met
  not_checked,  // a state that the case needs is missing, or the client does not support the job
  known,        // failed, and a list of known failures says so; none of the functions below does
};

std::string_view to_string(CaseVerdict verdict);  // "passed", "not checked", "known to fail", …

struct CaseReport {
  std::string name;  // "lifecycle/completes"
  CaseVerdict verdict = CaseVerdict::passed;
  std::string text;   // the verdict, what the case is for, and every mismatch; ends with a line end
  std::string trace;  // every exchange
};

// The names of the cases that have steps for a server, or a job for a client, in alphabetical
// order. In a pattern "*" stands for anything: "lifecycle/*". None fits: an empty list.
std::vector<std::string> server_case_names(std::string_view pattern = "*");
std::vector<std::string> client_case_names(std::string_view pattern = "*");

// A server that is not scripted: it does what it does.
struct ServerUnderTest {
  std::shared_ptr<Transport> transport;  // not null; its clock is slept on between two polls
  // What it has, by the names of docs/contracts.md ("States"): "api_key", "agent", … A case that
  // needs another state is not checked.
  std::map<std::string, std::string> states;
  std::chrono::milliseconds poll_interval{200};
};

// Puts the fake, in process and playing the case's timelines, to the steps of a case. This and the
// next two throw std::invalid_argument, with a sentence, when no case of that side has the name.
CaseReport run_server_case(const std::string& name);

// The same for a server of yours. Cases write: one that has seen many others may answer otherwise.
CaseReport run_server_case(const std::string& name, const ServerUnderTest& server);

// A client under test. `job_json` is the job of docs/test-your-client.md, without "base_url": the
// transport leads to a fake. What comes back is the result, one JSON object as text. Whatever it
// throws that is a std::exception counts as a crash. The transport's clock is virtual: who sleeps
// on it, does not wait.
using ClientUnderTest =
    std::function<std::string(const std::string& job_json, std::shared_ptr<Transport> transport)>;

// Gives the job of a case to a client, and judges it by its result and by what the fake saw.
CaseReport run_client_case(const std::string& name, const ClientUnderTest& client);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_CASES_H_
