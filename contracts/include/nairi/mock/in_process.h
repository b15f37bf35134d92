// Joins the client to the fake without a socket: the transport of choice for tests.
//
//   nairi::mock::Fake fake(nairi::mock::load_world("refund.json"));
//   nairi::Client client(nairi::mock::in_process(fake), {.api_key = "nr_test"});
//   auto done = client.wait(*client.start("billing-agent", "Refund it"));   // returns at once
//
// Its clock is the fake's: under the poll and virtual clocks a sleep moves time and returns at
// once, delays of replies included; under the wall clock it really sleeps.
//
// Thread-safety: like nairi::mock::Fake. Threads that share one transport share its time, too.
// Not promised: what only a socket can show: keep-alive, and how many bytes came before a reset or
// an early end, which are connection_lost here as there.
#ifndef NAIRI_MOCK_IN_PROCESS_H_
#define NAIRI_MOCK_IN_PROCESS_H_

#include <memory>

#include "nairi/mock/fake.h"
#include "nairi/transport.h"

namespace nairi::mock {

// `fake` must outlive the transport.
std::shared_ptr<Transport> in_process(Fake& fake);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_IN_PROCESS_H_
