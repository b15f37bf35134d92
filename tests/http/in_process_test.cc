// A fault comes out of the in-process transport as it does out of a socket.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "nairi/http_transport.h"
#include "nairi/mock/fake.h"
#include "nairi/mock/in_process.h"
#include "nairi/mock/server.h"
#include "nairi/mock/world_file.h"

namespace nairi::mock {
namespace {

// "200", or the error's code.
std::string outcome(Transport& transport, std::chrono::milliseconds limit) {
  const auto reply = transport.send({.method = "GET",
                                     .target = "/agents",
                                     .headers = {{"Authorization", "Bearer nr_test"}},
                                     .body = {},
                                     .time_limit = limit});
  return reply ? std::to_string(reply->status) : std::string(to_string(reply.error().code));
}

struct Case {
  const char* name;
  const char* effect;
  const char* outcome;
};

class InProcessFault : public ::testing::TestWithParam<Case> {};

TEST_P(InProcessFault, IsWhatASocketShows) {
  constexpr std::chrono::seconds kLong{30};
  Fake fake(default_world());
  const auto faults =
      *parse_faults(R"({"at": "agents", "do": )" + std::string(GetParam().effect) + "}");
  fake.add_faults("nr_test", faults);
  Server server(fake);
  EXPECT_EQ(outcome(**HttpTransport::open(server.base_url()), kLong), GetParam().outcome);
  EXPECT_EQ(outcome(*nairi::mock::in_process(fake), kLong), GetParam().outcome);
}

INSTANTIATE_TEST_SUITE_P(
    Of, InProcessFault,
    ::testing::Values(Case{"Reset", R"({"reset_after_bytes": 0})", "connection_lost"},
                      Case{"ResetInTheBody", R"({"reset_after_bytes": 1000000})",
                           "connection_lost"},
                      Case{"Empty", R"({"empty_response": true})", "connection_lost"},
                      Case{"Truncated", R"({"truncate_after_bytes": 5})", "connection_lost"},
                      Case{"Malformed", R"({"malformed_json": true})", "200"},
                      Case{"Status", R"({"status": 503})", "503"},
                      Case{"Chunked", R"({"encode": "chunked"})", "200"},
                      Case{"Gzip", R"({"encode": "gzip"})", "200"},
                      Case{"CutChunks", R"({"encode": "chunked", "truncate_after_bytes": 1000000})",
                           "connection_lost"},
                      Case{"BrokenChunks", R"({"encode": "chunked", "reset_after_bytes": 1000000})",
                           "connection_lost"},
                      Case{"CutGzip", R"({"encode": "gzip", "truncate_after_bytes": 1000000})",
                           "connection_lost"},
                      Case{"Page", R"({"status": 502, "body": "<p>"})", "502"},
                      Case{"Redirect", R"({"redirect_to": "http://127.0.0.1:9"})", "307"},
                      Case{"Drip", R"({"drip_bytes_per_s": 1000000})", "200"}),
    [](const auto& tested) { return tested.param.name; });

TEST(InProcessHead, HasTheHeadersOfGetAndNoBody) {
  Fake fake(default_world());
  const auto reply = nairi::mock::in_process(fake)->send(
      {.method = "HEAD", .target = "/agents", .headers = {{"Authorization", "Bearer nr_test"}}});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "");
  EXPECT_NE(find_header(*reply, "Content-Type"), nullptr);
}

TEST(InProcessDrip, TakesItsTimeWithoutWaiting) {
  Fake fake(default_world());
  fake.add_faults("nr_test", *parse_faults(R"({"at": "agents", "do": {"drip_bytes_per_s": 1}})"));
  const auto transport = nairi::mock::in_process(fake);
  EXPECT_EQ(outcome(*transport, std::chrono::seconds(30)), "timed_out");
  EXPECT_EQ(outcome(*transport, std::chrono::hours(24)), "200");
}

}  // namespace
}  // namespace nairi::mock
