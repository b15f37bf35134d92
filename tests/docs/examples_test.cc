// The C++ examples of the pages that are no whole files, compiled from the pages' text and run.
// examples.py puts each into a file of the build folder.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "files.h"
#include "nairi/client.h"
#include "nairi/environment.h"
#include "nairi/mock/fake.h"
#include "nairi/mock/in_process.h"
#include "nairi/mock/server.h"
#include "nairi/mock/world_file.h"

namespace {

void report(const nairi::Error& error) {
  ADD_FAILURE() << error.message;
}

std::string shown;
void show(const std::string& text) {
  shown = text;
}

void first_example_of_the_client(){
#include "client_1.inc"
}

// The turn is over when the client first looks, as `wait` polls every 2 s of real time.
TEST(ClientPage, TheFirstExampleRunsOverHttp) {
  nairi::mock::Fake fake(nairi::mock::parse_world(R"({
    "agents": [{"agent_id": "billing-agent"}],
    "turns": [{"timeline": [{"status": "completed", "reply": "Refunded."}]}]})")
                             .value());
  nairi::mock::Server server(fake);
  setenv("NAIRI_BASE_URL", server.base_url().c_str(), 1);
  setenv("NAIRI_API_KEY", "nr_test", 1);
  first_example_of_the_client();
  EXPECT_EQ(shown, "Refunded.");
}

TEST(ClientPage, TheSecondExampleIsAClientOfAFake) {
#include "client_2.inc"
  EXPECT_TRUE(client.start("my-agent", "Hello"));
}

// The world of the page's name is one of ours.
TEST(PageOnTests, TheFakeInProcessPlaysAWorldFile) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(nairi::tests::source_path("fixtures/worlds"));
#include "in_process.inc"
  std::filesystem::current_path(before);
  EXPECT_TRUE(client.start("billing-agent", "Refund it"));
}

}  // namespace
