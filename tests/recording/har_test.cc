// Files as several programs write them, in hars/, become recordings; none of their secrets does.
#include "harness/recorder/har.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>
#include <string>

#include "harness/recording/world_builder.h"
#include "nairi/mock/world_file.h"

namespace nairi::contracts {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

std::string text_of_har(const std::string& name) {
  std::ifstream file(std::string(NAIRI_HARS) + "/" + name + ".har", std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Recording read_har(const std::string& name, const HarOptions& options = {}) {
  auto recording = recording_from_har(text_of_har(name), name, options);
  EXPECT_TRUE(recording) << mock::to_string(recording.error(), "\n");
  return recording ? *recording : Recording();
}

std::string refusal_of(const std::string& text, const HarOptions& options = {}) {
  const auto recording = recording_from_har(text, "f.har", options);
  return recording ? "read" : mock::to_string(recording.error(), "\n");
}

std::string lines_of(const Recording& recording) {
  std::string lines = head_line(recording.head);
  for (const RecordedExchange& exchange : recording.exchanges) lines += exchange_line(exchange);
  return lines;
}

std::string world_text(const Recording& recording) {
  WorldBuilder builder;
  for (const RecordedExchange& exchange : recording.exchanges) builder.add(exchange);
  return builder.world_json();
}

TEST(Har, OfABrowserHasTheCallsOfTheApiAlone) {
  const Recording recording = read_har("browser");
  ASSERT_THAT(recording.exchanges, SizeIs(5));
  EXPECT_EQ(recording.head.target, "https://api.nairi.ai/api/public/v1");
  EXPECT_EQ(recording.head.at, "2026-11-26T15:00:01.000Z");
  const RecordedExchange& poll = recording.exchanges[1];
  EXPECT_EQ(poll.target, "/messages/cmsg_01M89T3K4ZFYGVDYJRFCYKJ88M");
  EXPECT_EQ(poll.began_us, 1'000'000);
  EXPECT_EQ(poll.ended_us, 1'012'500);
  EXPECT_EQ(poll.key, "key-1");  // which a browser does not save
}

TEST(Har, MakesAWorldThatLoads) {
  for (const char* name : {"browser", "mitmproxy", "playwright"}) {
    const std::string world = world_text(read_har(name));
    EXPECT_THAT(world, HasSubstr("\"reply\": \"Hi")) << name;
    EXPECT_THAT(world, HasSubstr("\"equals\": \"Hello\"")) << name;
  }
}

TEST(Har, LosesItsSecrets) {
  for (const char* name : {"browser", "mitmproxy", "playwright"}) {
    const Recording recording = read_har(name);
    EXPECT_THAT(lines_of(recording) + world_text(recording), Not(HasSubstr("s3cret"))) << name;
    EXPECT_THAT(lines_of(recording), Not(HasSubstr("czNjcmV0LHJvd3"))) << name;  // in base64
    EXPECT_THAT(lines_of(recording), Not(HasSubstr("an0ther"))) << name;
  }
}

TEST(Har, OfMitmproxyHasZonesBase64AndFailures) {
  const Recording recording = read_har("mitmproxy");
  ASSERT_THAT(recording.exchanges, SizeIs(6));
  EXPECT_EQ(recording.exchanges[0].at, "2026-11-26T15:00:01.000Z");
  EXPECT_EQ(recording.exchanges[0].connection, 1U);
  EXPECT_THAT(recording.exchanges[1].reply_body.kept, HasSubstr("\"pending\""));
  const std::string world = world_text(recording);
  EXPECT_THAT(world, HasSubstr("\"retry_after_s\": 1"));
  EXPECT_THAT(world, HasSubstr("<h1>Bad gateway</h1>"));
  EXPECT_THAT(world, HasSubstr("files/1/report.csv"));
}

TEST(Har, KeepsWhatAttachmentsHoldWhenItIsAsked) {
  const RecordedExchange kept = read_har("mitmproxy", {.with_files = true}).exchanges.back();
  EXPECT_FALSE(kept.reply_body.left_out);
  EXPECT_THAT(kept.reply_body.kept, HasSubstr("czNjcmV0LHJvd3"));
  EXPECT_TRUE(read_har("mitmproxy").exchanges.back().reply_body.left_out);
}

TEST(Har, OfPlaywrightHasFormsFailuresAndMissingBodies) {
  const Recording recording = read_har("playwright");
  ASSERT_THAT(recording.exchanges, SizeIs(6));
  ASSERT_TRUE(recording.exchanges[0].request_body.form);
  EXPECT_EQ(recording.exchanges[0].request_body.form->filename, "a.csv");
  EXPECT_EQ(recording.exchanges[0].request_body.form->content_type, "text/csv");
  EXPECT_EQ(recording.exchanges[2].status, 0);
  EXPECT_EQ(recording.exchanges[2].ending, Ending::reset);
  EXPECT_EQ(recording.exchanges[3].status, 307);
  EXPECT_THAT(world_text(recording), Not(HasSubstr("elsewhere")));
}

TEST(Har, MayBeginWithAByteOrderMarkOnlyInAFile) {
  EXPECT_THAT(refusal_of("\xEF\xBB\xBF{}"), Not(testing::Eq("read")));  // read_text_file() drops it
}

TEST(Har, ThatIsNoneIsRefused) {
  EXPECT_THAT(refusal_of("<html>"), HasSubstr("f.har:1:1"));
  EXPECT_THAT(refusal_of("[]"), HasSubstr("expected a HAR: an object with \"log\""));
  EXPECT_THAT(refusal_of(R"({"log": {"entries": 3}})"), HasSubstr("a list \"entries\""));
}

TEST(Har, WithoutACallOfTheApiSaysWhoseRequestsItHas) {
  const std::string other = R"({"log": {"entries": [{"request": {"method": "GET",
    "url": "https://other.example/x"}}]}})";
  EXPECT_THAT(refusal_of(other), HasSubstr("no call of the API among 1 requests"));
  EXPECT_THAT(refusal_of(other), HasSubstr("https://other.example"));
  EXPECT_THAT(refusal_of(text_of_har("browser"), {.target = "https://nobody.example/v1"}),
              HasSubstr("that begin with https://nobody.example/v1"));
  EXPECT_THAT(refusal_of(R"({"log": {"entries": []}})"), HasSubstr("among 0 requests"));
}

TEST(Har, OfSeveralServicesNeedsATarget) {
  const std::string two = R"({"log": {"entries": [
    {"startedDateTime": "2026-11-26T15:00:00Z", "request": {"method": "GET",
     "url": "https://a.example/api/public/v1/agents"}, "response": {"status": 200}},
    {"startedDateTime": "2026-11-26T15:00:01Z", "request": {"method": "GET",
     "url": "http://b.example/x/api/public/v1/agents"}, "response": {"status": 200}}]}})";
  EXPECT_THAT(refusal_of(two), HasSubstr("choose one with --target"));
  const auto one =
      recording_from_har(two, "f.har", {.target = "http://b.example/x/api/public/v1/"});
  ASSERT_TRUE(one);
  ASSERT_THAT(one->exchanges, SizeIs(1));
  EXPECT_EQ(one->exchanges[0].target, "/agents");
}

TEST(Har, SaysWhichEntryHasNoTime) {
  EXPECT_THAT(refusal_of(R"({"log": {"entries": [{"startedDateTime": "yesterday", "request":
    {"method": "GET", "url": "https://a.example/api/public/v1/agents"}}]}})"),
              HasSubstr("/log/entries/0: expected a \"startedDateTime\""));
}

// One entry of a HAR; `request` and `response` are further members of theirs.
std::string har_of(const std::string& url, const std::string& method, const std::string& request,
                   const std::string& response) {
  return R"({"log": {"entries": [{"startedDateTime": "2026-11-26T15:00:00Z", "request": {"method": ")" +
         method + R"(", "url": ")" + url + "\"" + request + R"(}, "response": {"status": 200)" +
         response + "}}]}}";
}

RecordedExchange only_exchange_of(const std::string& har) {
  const auto recording = recording_from_har(har, "f.har");
  EXPECT_TRUE(recording);
  return recording && recording->exchanges.size() == 1 ? recording->exchanges.front()
                                                       : RecordedExchange();
}

constexpr const char* kStartUrl = "https://a.example/api/public/v1/conversations/start";

TEST(Har, LosesThePasswordOfItsUrls) {
  const auto recording = recording_from_har(
      har_of("https://me:s3cret-pw@a.example/api/public/v1/agents", "GET", "",
             R"(, "content": {"text": "of s3cret-pw", "mimeType": "text/s3cret-pw"})"),
      "f.har");
  ASSERT_TRUE(recording);
  EXPECT_EQ(recording->head.target, "https://a.example/api/public/v1");
  EXPECT_THAT(lines_of(*recording), Not(HasSubstr("s3cret")));
}

TEST(Har, WithoutABodySaysNothingOfIt) {
  for (const char* content :
       {"", R"(, "content": {"size": -1})", R"(, "content": {"size": 0})",
        R"(, "content": {"size": 9})", R"(, "content": {"size": 9, "encoding": "base64"})"}) {
    const RecordedExchange seen = only_exchange_of(har_of(kStartUrl, "POST", "", content));
    EXPECT_TRUE(seen.reply_body.left_out) << content;
    EXPECT_TRUE(seen.request_body.left_out) << content;
  }
  const std::string saved =
      har_of(kStartUrl, "POST", R"(, "postData": {"text": ""})", R"(, "content": {"text": ""})");
  EXPECT_FALSE(only_exchange_of(saved).reply_body.left_out);
  EXPECT_FALSE(only_exchange_of(saved).request_body.left_out);
  const std::string get = har_of("https://a.example/api/public/v1/agents", "GET", "", "");
  EXPECT_FALSE(only_exchange_of(get).request_body.left_out);
}

TEST(Har, LeavesWordsThatCookiesHaveToo) {
  const RecordedExchange seen = only_exchange_of(
      har_of("https://a.example/api/public/v1/agents", "GET",
             R"(, "cookies": [{"value": "false"}, {"value": "completed"}, {"value": "user"}])",
             R"(, "content": {"text": "[false, \"completed\", \"user\"]"})"));
  EXPECT_EQ(seen.reply_body.kept, R"([false, "completed", "user"])");
}

TEST(Har, TakesAKeyThatIsMissingForTheOneThatOthersHave) {
  const std::string two = R"({"log": {"entries": [
    {"startedDateTime": "2026-11-26T15:00:00Z", "request": {"method": "GET",
     "url": "https://a.example/api/public/v1/agents",
     "headers": [{"name": "Authorization", "value": "Bearer nr_secret-1"}]},
     "response": {"status": 200}},
    {"startedDateTime": "2026-11-26T15:00:01Z", "request": {"method": "GET",
     "url": "https://a.example/api/public/v1/agents"}, "response": {"status": 200}},
    {"startedDateTime": "2026-11-26T15:00:02Z", "request": {"method": "GET",
     "url": "https://a.example/api/public/v1/agents"}, "response": {"status": 401}}]}})";
  const auto recording = recording_from_har(two, "f.har");
  ASSERT_TRUE(recording);
  ASSERT_THAT(recording->exchanges, SizeIs(3));
  EXPECT_EQ(recording->exchanges[1].key, "key-1");
  EXPECT_EQ(recording->exchanges[2].key, "");
}

}  // namespace
}  // namespace nairi::contracts
