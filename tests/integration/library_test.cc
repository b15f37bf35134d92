// The library as its documentation uses it: in process, and the same fake on a port.
#include <gtest/gtest.h>

#include "nairi/client.h"
#include "nairi/http_transport.h"
#include "nairi/mock/fake.h"
#include "nairi/mock/in_process.h"
#include "nairi/mock/server.h"
#include "nairi/mock/world_file.h"
#include "reached.h"

namespace nairi::tests {
namespace {

TEST(Library, PlaysAWorldFileInProcess) {
  mock::Fake fake(mock::load_world(source_path("fixtures/worlds/refund.json")));
  Client client(nairi::mock::in_process(fake), {.api_key = "nr_test"});
  auto turn = client.start("billing-agent", "Refund the failed charge");
  auto done = client.wait(*turn);
  ASSERT_TRUE(done) << error_of(done);
  EXPECT_TRUE(done->completed());
  EXPECT_EQ(done->text(), "Refunded cus_123 as asked: \"Refund the failed charge\"");
}

TEST(Library, PutsTheSameFakeOnAPort) {
  mock::Fake fake(mock::default_world());
  const auto turn = Client(nairi::mock::in_process(fake), {.api_key = "nr_test"})
                        .start("my-agent", "Asked in process");
  mock::Server server(fake);
  const auto transport = HttpTransport::open(server.base_url());
  ASSERT_TRUE(transport) << error_of(transport);
  const auto message = Client(*transport, {.api_key = "nr_test"}).message(turn->message_id);
  ASSERT_TRUE(message) << error_of(message);
  EXPECT_EQ(message->content, "Asked in process");
}

}  // namespace
}  // namespace nairi::tests
