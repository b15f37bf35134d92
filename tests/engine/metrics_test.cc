// GET /__mock/metrics, in Prometheus' text format.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>

#include "worlds.h"

namespace nairi::mock::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

// A page, read as strictly as the format and the rules for names allow; throws on anything else.
class Page {
 public:
  explicit Page(const std::string& text) {
    if (!text.ends_with('\n')) throw std::runtime_error("the last line has no end");
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) read(line);
    if (state_ != State::samples) throw std::runtime_error("a family without TYPE at the end");
  }

  // By name and labels, as they are written.
  const std::map<std::string, double>& samples() const { return samples_; }
  double at(const std::string& sample) const {
    const auto found = samples_.find(sample);
    return found == samples_.end() ? -1 : found->second;
  }
  const std::set<std::string>& families() const { return families_; }

 private:
  enum class State { help, samples };

  void read(const std::string& line) {
    static const std::regex help("# HELP ([a-z][a-z0-9_]*) ([^\\\\]+)");
    static const std::regex type("# TYPE ([a-z][a-z0-9_]*) (counter|gauge)");
    static const std::regex sample(
        R"re(([a-z][a-z0-9_]*)(\{[a-z_]+="([^"\\]|\\["\\n])*"(,[a-z_]+="([^"\\]|\\["\\n])*")*\})? (-?[0-9.e+-]+))re");
    std::smatch found;
    if (std::regex_match(line, found, help)) {
      family_ = found[1];
      if (state_ == State::help && !families_.empty()) fail("two HELP lines", line);
      if (!families_.insert(family_).second) fail("a family that was there", line);
      state_ = State::help;
    } else if (std::regex_match(line, found, type)) {
      const bool is_counter = found[2] == "counter";
      if (state_ != State::help || found[1] != family_) fail("TYPE without HELP", line);
      if (is_counter != family_.ends_with("_total")) fail("a name that is not of its type", line);
      state_ = State::samples;
    } else if (std::regex_match(line, found, sample)) {
      if (state_ != State::samples || found[1] != family_) fail("a sample of no family", line);
      const double value = std::stod(found[6]);
      if (value < 0) fail("less than nothing", line);
      if (!samples_.emplace(found[1].str() + found[2].str(), value).second) fail("a twin", line);
    } else {
      fail("no line of the format", line);
    }
  }
  [[noreturn]] static void fail(const std::string& what, const std::string& line) {
    throw std::runtime_error(what + ": " + line);
  }

  State state_ = State::samples;
  std::string family_;
  std::set<std::string> families_;
  std::map<std::string, double> samples_;
};

Page page_of(Fake& fake) {
  return Page(Api(fake, "").control("GET", "/metrics").text);
}

TEST(Metrics, AreWellFormed) {
  const auto server = std::make_shared<ServerFigures>();
  Fake fake(default_world(), {.server = server, .version = "1.2.3"});
  Api api(fake);
  api.start("my-agent", "hello");
  api.control("POST", "/faults", R"({"at": "poll", "do": {"status": 503}})");
  api.get("/messages/cmsg_1");
  api.get("/nowhere");
  const Page page = page_of(fake);
  EXPECT_EQ(page.at("nairi_mock_build_info{version=\"1.2.3\"}"), 1);
  EXPECT_THAT(page.families(),
              IsSupersetOf({"nairi_mock_requests_total", "nairi_mock_faults_total",
                            "nairi_mock_keys", "nairi_mock_journal_dropped_total",
                            "nairi_mock_connections_open", "nairi_mock_event_loop_lag_seconds"}));
}

TEST(Metrics, AreTextThatAScraperKnows) {
  Fake fake(plain_world());
  const Reply reply = fake.handle({.method = "GET", .target = "/__mock/metrics"});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.content_type, "text/plain; version=0.0.4; charset=utf-8");
}

TEST(Metrics, CountRequestsByOperationAndStatus) {
  Fake fake(plain_world());
  Api api(fake);
  const Started turn = api.start("bot", "hello");
  api.get("/messages/" + turn.message);
  api.get("/messages/" + turn.message);
  api.get("/messages/cmsg_1");
  Api(fake, "").get("/agents");
  api.get("/nowhere");
  const Page page = page_of(fake);
  const auto count = [&](const std::string& labels) {
    return page.at("nairi_mock_requests_total{" + labels + "}");
  };
  EXPECT_EQ(count(R"(operation="start",status="200")"), 1);
  EXPECT_EQ(count(R"(operation="poll",status="200")"), 2);
  EXPECT_EQ(count(R"(operation="poll",status="400")"), 1);
  EXPECT_EQ(count(R"(operation="agents",status="401")"), 1);
  EXPECT_EQ(count(R"(operation="unrouted",status="404")"), 1);
}

TEST(Metrics, CountWhatWasRefusedBeforeTheFakeSawIt) {
  Fake fake(plain_world());
  fake.note_refused({.request = {.method = "POST", .target = "/api/public/v1/attachments"},
                     .whole_head = true,
                     .reply = {.status = 413, .body = {}},
                     .why = "too large"});
  fake.note_refused(
      {.request = {.method = "GET", .target = "/x"}, .reply = {.status = 0, .body = {}}});
  const Page page = page_of(fake);
  EXPECT_EQ(page.at(R"(nairi_mock_requests_total{operation="upload",status="413"})"), 1);
  EXPECT_EQ(page.at(R"(nairi_mock_requests_total{operation="unrouted",status="none"})"), 1);
}

TEST(Metrics, CountNoCallsOfTheControlApi) {
  Fake fake(plain_world());
  Api api(fake);
  api.control("POST", "/reset");
  api.control("GET", "/nowhere");
  EXPECT_THAT(Api(fake, "").control("GET", "/metrics").text,
              Not(HasSubstr("nairi_mock_requests_total{")));
}

TEST(Metrics, CountEveryStatusHoweverManyThereAre) {
  Fake fake(plain_world());
  Api api(fake);
  for (int status = 400; status < 600; ++status) {
    api.control("POST", "/reset");
    api.control("POST", "/faults", Json({{"at", "agents"}, {"do", {{"status", status}}}}).dump());
    ASSERT_EQ(api.get("/agents").status, status);
  }
  const Page page = page_of(fake);
  double sum = 0;
  for (const auto& [sample, value] : page.samples()) {
    if (sample.starts_with("nairi_mock_requests_total{operation=\"agents\"")) sum += value;
  }
  EXPECT_EQ(sum, 200);
  EXPECT_GT(page.at(R"(nairi_mock_requests_total{operation="agents",status="other"})"), 0);
}

TEST(Metrics, CountTheFaultsThatStruck) {
  Fake fake(plain_world());
  Api api(fake);
  api.control("POST", "/faults", R"({"at": "agents#2", "do": {"reset_after_bytes": 0}})");
  for (int i = 0; i < 3; ++i) api.get("/agents");
  EXPECT_EQ(page_of(fake).at(R"(nairi_mock_faults_total{operation="agents"})"), 1);
}

TEST(Metrics, TellWhatIsHeld) {
  Fake fake(plain_world(), {.max_organizations = 7, .journal_max_entries = 2});
  for (const char* key : {"nr_1", "nr_2", "nr_3"}) Api(fake, key).get("/agents");
  const Page page = page_of(fake);
  EXPECT_EQ(page.at("nairi_mock_keys"), 3);
  EXPECT_EQ(page.at("nairi_mock_keys_limit"), 7);
  EXPECT_EQ(page.at("nairi_mock_journal_entries"), 2);
  EXPECT_EQ(page.at("nairi_mock_journal_dropped_total"), 1);
  EXPECT_GT(page.at("nairi_mock_kept_bytes"), 0);
}

// A counter that went back would be taken for a new start.
TEST(Metrics, OutliveAReset) {
  Fake fake(plain_world(), {.journal_max_entries = 1});
  Api api(fake);
  api.get("/agents");
  api.get("/agents");
  fake.reset_all();
  const Page page = page_of(fake);
  EXPECT_EQ(page.at(R"(nairi_mock_requests_total{operation="agents",status="200"})"), 2);
  EXPECT_EQ(page.at("nairi_mock_journal_dropped_total"), 1);
  EXPECT_EQ(page.at("nairi_mock_journal_entries"), 0);
  EXPECT_EQ(page.at("nairi_mock_keys"), 0);
}

TEST(Metrics, TellOfTheServerWhatItHandsOver) {
  const auto server = std::make_shared<ServerFigures>();
  Fake fake(plain_world(), {.server = server});
  server->open = 3;
  server->accepted = 10;
  server->refused = 2;
  server->lag_us = 1'500;
  server->longest_lag_us = 250'000;
  server->draining = true;
  server->started_unix_ms = 1'776'019'512'500;
  const Page page = page_of(fake);
  EXPECT_EQ(page.at("nairi_mock_connections_open"), 3);
  EXPECT_EQ(page.at("nairi_mock_connections_accepted_total"), 10);
  EXPECT_EQ(page.at("nairi_mock_connections_refused_total"), 2);
  EXPECT_EQ(page.at("nairi_mock_event_loop_lag_seconds"), 0.0015);
  EXPECT_EQ(page.at("nairi_mock_event_loop_lag_longest_seconds"), 0.25);
  EXPECT_EQ(page.at("nairi_mock_draining"), 1);
  EXPECT_EQ(page.at("nairi_mock_start_time_seconds"), 1'776'019'512.5);
}

TEST(Metrics, SayNothingOfAServerThatIsNotThere) {
  Fake fake(plain_world());
  EXPECT_EQ(page_of(fake).families().count("nairi_mock_connections_open"), 0U);
}

TEST(Metrics, HoldNoKeysNorTargets) {
  Fake fake(plain_world());
  Api api(fake, "nr_very_secret");
  api.start("bot", "also_secret");
  api.get("/secret_path");
  const std::string text = Api(fake, "").control("GET", "/metrics").text;
  EXPECT_THAT(text, Not(HasSubstr("secret")));
  EXPECT_THAT(text, Not(HasSubstr("bot")));
}

TEST(Metrics, EscapeWhatLabelsMustNotHold) {
  Fake fake(plain_world(), {.version = "a\"b\\c\nd"});
  EXPECT_EQ(page_of(fake).at(R"(nairi_mock_build_info{version="a\"b\\c\nd"})"), 1);
}

TEST(Metrics, AreForTheSameCallersAsTheRestOfTheControlApi) {
  Fake fake(plain_world());
  const auto status = [&](const char* header, const char* value) {
    return fake.handle({.method = "GET", .target = "/__mock/metrics", .headers = {{header, value}}})
        .status;
  };
  EXPECT_EQ(status("Host", "127.0.0.1:4747"), 200);
  EXPECT_EQ(status("Host", "evil.example"), 403);
  EXPECT_EQ(status("Origin", "http://evil.example"), 403);
}

TEST(Health, SaysThatTheServerDrains) {
  const auto server = std::make_shared<ServerFigures>();
  Fake fake(plain_world(), {.server = server});
  Api api(fake, "");
  EXPECT_EQ(api.control("GET", "/health").status, 200);
  server->draining = true;
  const Answer draining = api.control("GET", "/health");
  EXPECT_EQ(draining.status, 503);
  EXPECT_EQ(draining.json().at("status"), "draining");
}

}  // namespace
}  // namespace nairi::mock::testing
