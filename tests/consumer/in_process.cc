// A test without a socket, as a user of the installed libraries would write it.
#include <cstdio>

#include "nairi/client.h"
#include "nairi/mock/fake.h"
#include "nairi/mock/in_process.h"
#include "nairi/mock/world_file.h"

int main() {
  nairi::mock::Fake fake(nairi::mock::default_world());
  nairi::Client client(nairi::mock::in_process(fake), {.api_key = "nr_consumer"});
  auto turn = client.start("billing-agent", "Refund the failed charge");
  if (!turn) return 1;
  auto outcome = client.wait(*turn);
  if (!outcome || !outcome->completed()) return 1;
  std::puts(outcome->text().c_str());
  return 0;
}
