// What nobody should send. None of it costs the process, or a neighbour its answer.
#include <gtest/gtest.h>

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "http/wire.h"
#include "reached.h"

namespace nairi::tests {
namespace {

using mock::Wire;

constexpr const char* kKey = "Authorization: Bearer nr_test\r\n";
const std::string kPrefix = "/api/public/v1";
const std::string kStart = kPrefix + "/conversations/start";

struct BadRequest {
  const char* name;
  std::string bytes;
  int status;
};

void PrintTo(const BadRequest& request, std::ostream* out) {
  *out << request.name;
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

std::string start(const std::string& body) {
  return mock::post(kStart, body, kKey);
}

std::string start_with_prompt(const std::string& json_text) {
  return start(R"({"agent_id": "my-agent", "prompt": ")" + json_text + "\"}");
}

std::string read(const std::string& path, const std::string& fields = {}) {
  return mock::get(kPrefix + path, kKey + fields);
}

std::vector<BadRequest> bad_bodies() {
  const std::size_t mega = std::size_t{1} << 20;
  return {
      {"NoJson", start("agent_id=my-agent"), 400},
      {"NoBody", start(""), 400},
      {"NoObject", start("[1]"), 400},
      {"DeepArrays", start(repeated("[", 100'000)), 400},
      {"DeepObjects", start(repeated("{\"a\":", 100'000)), 400},
      {"MegabyteOfDigits", start("{\"agent_id\": " + std::string(mega, '7') + "}"), 400},
      {"InvalidUtf8", start_with_prompt("\xff\xfe"), 400},
      {"LoneSurrogate", start_with_prompt("\\ud800"), 400},
      {"NulByte", start_with_prompt(std::string("a\0b", 3)), 400},
      {"DuplicateKeys", start(R"({"agent_id": "my-agent", "prompt": 1, "prompt": 2})"), 400},
      {"PromptOfNineMegabytes", start_with_prompt(std::string(9 * mega, 'x')), 413},
      {"LyingLength", "POST " + kStart + " HTTP/1.1\r\nHost: a\r\nContent-Length: 1e9\r\n\r\n",
       400},
      {"EndlessLength",
       "POST " + kStart + " HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
       413}};
}

std::vector<BadRequest> bad_heads() {
  return {
      {"PathOfSixtyKilobytes", read("/messages/" + std::string(60'000, 'x')), 414},
      {"PathOfFifteenKilobytes", read("/messages/" + std::string(15'000, 'x')), 400},
      {"PathOfPercents", read("/messages/" + repeated("%", 15'000)), 400},
      {"PathOfSlashes", read("/agents/" + std::string(15'000, '/')), 404},
      {"PathOfDots", read("/messages/" + repeated("../", 5'000)), 404},
      {"PathWithNul", read("/messages/%00"), 400},
      {"LongHeader", read("/agents", "X-Long: " + std::string(60'000, 'x') + "\r\n"), 200},
      {"TooLongHeader", read("/agents", "X-Long: " + std::string(70'000, 'x') + "\r\n"), 431},
      {"ManyHeaders", read("/agents", repeated("X-Many: 1\r\n", 10'000)), 431},
      {"HeaderWithoutColon", read("/agents", "Nonsense\r\n"), 400},
      {"HeaderWithNul", read("/agents", std::string("X: a\0b\r\n", 8)), 400},
      {"SmuggledLength", read("/agents", "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400},
      {"Garbage", "\x16\x03\x01 and so on\r\n\r\n", 400},
      {"NoVersion", "GET /\r\n\r\n", 400}};
}

class BadInput : public ::testing::TestWithParam<BadRequest> {};

TEST_P(BadInput, HasAnAnswerAndHarmsNobody) {
  Reached reached(Way::http);
  const Client neighbour = reached.client();
  const auto turn = neighbour.start(kBilling, "Refund it");
  Wire wire(reached.server().port());
  wire.send(GetParam().bytes);
  const mock::WireReply reply = wire.reply();
  EXPECT_EQ(reply.status, GetParam().status) << reply.body.substr(0, 500);
  if (GetParam().status >= 400) {
    EXPECT_TRUE(reply.has("application/json")) << reply.head;
    EXPECT_EQ(reply.body.find("{\"error\":\""), 0U) << reply.body.substr(0, 500);
    EXPECT_LT(reply.body.size(), 1000U);
  }
  EXPECT_TRUE(finish(neighbour, turn).completed());
}

std::string name_of(const ::testing::TestParamInfo<BadRequest>& request) {
  return request.param.name;
}

INSTANTIATE_TEST_SUITE_P(Body, BadInput, ::testing::ValuesIn(bad_bodies()), name_of);
INSTANTIATE_TEST_SUITE_P(Head, BadInput, ::testing::ValuesIn(bad_heads()), name_of);

TEST(HalfARequest, ThatEndsHarmsNobody) {
  Reached reached(Way::http);
  const std::string whole = start_with_prompt("Hello");
  for (std::size_t length = 1; length < whole.size(); length += 7) {
    Wire(reached.server().port()).send(whole.substr(0, length));
  }
  const auto conversations = reached.client().conversations("my-agent");
  ASSERT_TRUE(conversations) << error_of(conversations);
  for (const Conversation& conversation : conversations->conversations) {
    EXPECT_LT(conversation.created_at, "2026-04-13T11:30:12.000Z") << "one was started";
  }
}

TEST(HalfARequest, ThatStallsDelaysNobody) {
  Reached reached(Way::http);
  std::vector<Wire> stalled;
  for (int i = 0; i < 50; ++i) {
    stalled.emplace_back(reached.server().port());
    stalled.back().send(start_with_prompt("Hello").substr(0, 150));
  }
  EXPECT_TRUE(reached.client().agents());
}

TEST(Upload, OfOneByteTooManyIsRefused) {
  Reached reached(Way::http);
  const std::size_t most = std::size_t{50} << 20;
  const auto refused = reached.client().upload("large.bin", std::string(most + 1, 'x'));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 413) << error_of(refused);
  EXPECT_TRUE(reached.client().agents());
}

// The length alone is enough: nothing of the body is waited for.
TEST(Upload, ThatAnnouncesTooMuchIsRefusedBeforeItIsSent) {
  Reached reached(Way::http);
  Wire wire(reached.server().port());
  const auto reply = wire.ask("POST " + kPrefix + "/attachments HTTP/1.1\r\nHost: a\r\n" + kKey +
                              "Content-Length: 100000000\r\n\r\n");
  EXPECT_EQ(reply.status, 413) << reply.body;
  EXPECT_TRUE(reached.client().agents());
}

}  // namespace
}  // namespace nairi::tests
