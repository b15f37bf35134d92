#include <gtest/gtest.h>

#include "api.h"

namespace nairi::mock::testing {
namespace {

// What a reply says of itself; "" for nothing.
class FidelityMark : public ::testing::Test {
 protected:
  std::string of(const std::string& method, const std::string& path, const std::string& body = "") {
    const Answer answer = api.send({.method = method,
                                    .target = "/api/public/v1" + path,
                                    .headers = {{"X-Mock-Fidelity", "1"}},
                                    .body = body});
    const std::string* source = find_header(answer.headers, "X-Mock-Fidelity");
    return source == nullptr ? "" : *source;
  }

  Fake fake{default_world()};
  Api api{fake};
};

constexpr const char* kSlackJob = "job_01KRK1V46BXS73CSNK2VR35NPJ";

TEST_F(FidelityMark, IsToldOnlyWhenAskedFor) {
  EXPECT_EQ(find_header(api.get("/agents").headers, "X-Mock-Fidelity"), nullptr);
  EXPECT_EQ(of("GET", "/agents"), "documented");
}

TEST_F(FidelityMark, OfARefusedSlackJobIsTheSeed) {
  EXPECT_EQ(of("POST", std::string("/conversations/") + kSlackJob + "/continue",
               R"({"prompt": "Hello"})"),
            "seed");
}

TEST_F(FidelityMark, OfAnotherErrorOfTheSameStatusIsNotTheSeed) {
  const Started started = api.start("my-agent", "Hello");
  EXPECT_EQ(of("POST", "/conversations/" + started.job + "/continue", "{}"), "documented");
}

TEST_F(FidelityMark, OfWhatTheApiDoesNotHaveIsAssumed) {
  EXPECT_EQ(of("GET", "/nothing"), "assumed");
  EXPECT_EQ(of("PUT", "/agents"), "assumed");
  EXPECT_EQ(of("HEAD", "/agents"), "assumed");
}

TEST_F(FidelityMark, OfAFaultIsThatItIsOne) {
  EXPECT_EQ(api.control("POST", "/faults", R"({"at": "agents", "do": {"status": 503}})").status,
            200);
  EXPECT_EQ(of("GET", "/agents"), "fault");
}

}  // namespace
}  // namespace nairi::mock::testing
