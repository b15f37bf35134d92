// A test without a socket, with the names that the bridge had at first. They go with version 0.2.
#include <cstdio>

#include "nairi/client.h"
#include "nairi/mock/fake.h"
#include "nairi/mock/world_file.h"
#include "nairi/testing/in_process.h"

int main() {
  nairi::mock::Fake fake(nairi::mock::default_world());
  nairi::Client client(nairi::testing::in_process(fake), {.api_key = "nr_consumer"});
  auto turn = client.start("billing-agent", "Refund the failed charge");
  if (!turn) return 1;
  auto outcome = client.wait(*turn);
  if (!outcome || !outcome->completed()) return 1;
  std::puts(outcome->text().c_str());
  return 0;
}
