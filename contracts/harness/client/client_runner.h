// The client side of cases: a client is given a job, meets the case's timeline and faults, and is
// judged by what it returned and by what the server saw.
//
//   CaseResult result = run_client_case(contract_case, own_client, {});
//
// Thread-safety: cases may run at the same time if the client may.
#ifndef NAIRI_CONTRACTS_HARNESS_CLIENT_CLIENT_RUNNER_H_
#define NAIRI_CONTRACTS_HARNESS_CLIENT_CLIENT_RUNNER_H_

#include <functional>
#include <memory>
#include <string>

#include "harness/cases/case.h"
#include "harness/client/client_result.h"
#include "nairi/transport.h"

namespace nairi::contracts {

// A client under test. `job` has everything but "base_url"; the transport leads to the server.
using InProcessClient = std::function<ClientAnswer(const Json& job, std::shared_ptr<Transport>)>;
// A client that is another program: it gets the whole job.
using RemoteClient = std::function<ClientAnswer(const Json& job)>;

// Our C++ client: it does the job of docs/test-your-client.md.
ClientAnswer own_client(const Json& job, const std::shared_ptr<Transport>& transport);

// What a client's line says: its result, that it does not support the job, or that it is broken,
// as the line is no result. `notes` go into the answer.
ClientAnswer read_result(const std::string& line, std::string notes);

// The client side of a case. The case must have one. In process time is virtual: nobody waits.
ClientResult run_client_case(const Case& contract_case, const InProcessClient& client,
                             const ClientCaseOptions& options);
// Over HTTP or HTTPS, on a port of its own.
ClientResult run_client_case(const Case& contract_case, const RemoteClient& client,
                             const ClientCaseOptions& options);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CLIENT_CLIENT_RUNNER_H_
