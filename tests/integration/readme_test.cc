// The library example of README.md: compiled and run here, and shown there word for word.
#include <gtest/gtest.h>

#include <string>

#include "files.h"
#include "nairi/client.h"
#include "nairi/mock/fake.h"
#include "nairi/mock/world_file.h"
#include "nairi/testing/in_process.h"

namespace {

// README begin
TEST(Billing, RefundsTheFailedCharge) {
  nairi::mock::Fake fake(nairi::mock::default_world());  // in process, no socket
  nairi::Client client(nairi::testing::in_process(fake), {.api_key = "nr_test"});

  auto turn = client.start("billing-agent", "Refund the failed charge");
  auto done = client.wait(*turn);  // polls like any client, and never really sleeps
  EXPECT_EQ(done->text(), "Refunded cus_123 as asked: \"Refund the failed charge\"");

  auto refused = client.continue_conversation("job_01KRK1V46BXS73CSNK2VR35NPJ", "Hello");
  EXPECT_EQ(refused.error().server_text, "job is not an API job");  // a job from Slack
}
// README end

TEST(Readme, ShowsTheExampleThatIsTestedHere) {
  using nairi::tests::read_source;
  const std::string begin = "// README begin\n";
  const std::string source = read_source("tests/integration/readme_test.cc");
  const std::size_t first = source.find(begin) + begin.size();
  const std::string example = source.substr(first, source.find("// README end\n") - first);
  EXPECT_NE(read_source("README.md").find("```cpp\n" + example + "```\n"), std::string::npos)
      << "README.md does not show this example word for word as a cpp block:\n"
      << example;
}

}  // namespace
