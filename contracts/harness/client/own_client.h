// Our C++ client as a client under test: the job of docs/test-your-client.md in, its result out.
//
//   Json result = run_own_client(job, nairi::testing::in_process(fake));
//
// Thread-safety: free functions without state.
#ifndef NAIRI_CONTRACTS_HARNESS_CLIENT_OWN_CLIENT_H_
#define NAIRI_CONTRACTS_HARNESS_CLIENT_OWN_CLIENT_H_

#include <memory>

#include "harness/cases/values.h"
#include "nairi/transport.h"

namespace nairi::contracts {

Json run_own_client(const Json& job, const std::shared_ptr<Transport>& transport);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_CLIENT_OWN_CLIENT_H_
