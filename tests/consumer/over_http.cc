// The same fake on a port, and the client's own transport.
#include <chrono>
#include <cstdio>

#include "nairi/client.h"
#include "nairi/http_transport.h"
#include "nairi/mock/fake.h"
#include "nairi/mock/server.h"
#include "nairi/mock/world_file.h"

int main() {
  nairi::mock::Fake fake(nairi::mock::default_world());
  nairi::mock::Server server(fake);
  auto transport = nairi::HttpTransport::open(server.base_url());
  if (!transport) return 1;
  nairi::Client client(*transport,
                       {.api_key = "nr_consumer", .poll_interval = std::chrono::milliseconds(1)});
  auto turn = client.start("billing-agent", "Refund the failed charge");
  if (!turn) return 1;
  auto outcome = client.wait(*turn);
  if (!outcome || !outcome->completed()) return 1;
  std::puts(outcome->text().c_str());
  return 0;
}
