// What those may do who mean harm: a client, a server, a world file, a case file. docs/security.md
// has the claims that these hold.
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <string>

#include "client/loopback_server.h"
#include "harness/cases/case_reader.h"
#include "harness/client/client_runner.h"
#include "harness/pages/report.h"
#include "nairi/client.h"
#include "nairi/http_transport.h"
#include "nairi/mock/fake.h"
#include "nairi/mock/world_file.h"
#include "support/api.h"
#include "support/files.h"

namespace nairi::tests {
namespace {

using mock::testing::Api;
using mock::testing::Json;
using mock::testing::world_of;

constexpr std::size_t kMiB = std::size_t{1} << 20;

// --- A client ------------------------------------------------------------------------------------

TEST(HostileClient, NamesOfFilesAreOnlyText) {
  mock::Fake fake(mock::default_world());
  Api api(fake);
  const std::string outside = "../nairi-mock-upload.txt";
  for (const std::string name :
       {outside.c_str(), "../../etc/passwd", "/etc/passwd", "a/../../b", "..", "C:\\x"}) {
    const std::string id = api.upload(name, "bytes").json().at("attachment_id");
    EXPECT_EQ(api.get("/attachments/" + id).json().at("filename"), name);
  }
  EXPECT_FALSE(std::filesystem::exists(outside));
}

// The library that reads JSON takes U+0000 for the end of the text; what goes on behind it once had
// no end.
TEST(HostileClient, NothingHidesBehindNulInABody) {
  mock::Fake fake(mock::default_world());
  Api api(fake);
  for (const char* path : {"/world", "/jobs", "/faults", "/clock"}) {
    EXPECT_EQ(
        api.control(std::string(path) == "/world" ? "PUT" : "POST", path, std::string("{}\0{\"", 5))
            .status,
        400)
        << path;
  }
  const std::string body = R"({"agent_id": "my-agent", "prompt": "Hello"})";
  EXPECT_EQ(api.call("POST", "/conversations/start", body + std::string("\0{", 2)).status, 400);
  EXPECT_TRUE(contracts::read_json(body + std::string("\0{", 2)).is_discarded());
}

// Each reply quotes the one before it twice.
TEST(HostileClient, RepliesThatQuoteRepliesDoNotFillTheMemory) {
  mock::Fake fake(mock::default_world());
  Api api(fake);
  const Json first{{{"status", "completed"}, {"reply", std::string(4 * kMiB, 'x')}}};
  const Json later{{{"status", "completed"}, {"reply", "{{previous.reply}}{{previous.reply}}"}}};
  const Json world{
      {"agents", {{{"agent_id", "bot"}}}},
      {"turns", {{{"when", {{"turn", 1}}}, {"timeline", first}}, {{"timeline", later}}}}};
  const auto put = api.control("PUT", "/world", world.dump());
  ASSERT_EQ(put.status, 200) << put.text;
  auto turn = api.start("bot", "Go on");
  for (int turns = 0; turns < 4; ++turns) turn = api.continue_job(turn.job, "Go on");
  ASSERT_EQ(api.finish(turn.message), "completed");
  // 4, 8, and three of at most 16; else it would be 124.
  const std::size_t size = api.get("/conversations/" + turn.job + "/messages").text.size();
  EXPECT_GT(size, 59 * kMiB);
  EXPECT_LT(size, 61 * kMiB);
}

TEST(HostileClient, ATextIsCutWhereTheFakeIsFull) {
  mock::Fake fake(world_of(R"({"agents": [{"agent_id": "bot"}], "turns": [{"timeline": [
      {"status": "completed", "reply": "ääää{{prompt}}{{prompt}}{{prompt}}{{prompt}}"}]}]})"),
                  {.max_kept_bytes = 8000});
  Api api(fake);
  const auto turn = api.start("bot", std::string(3000, 'x'));
  ASSERT_EQ(api.finish(turn.message), "completed");
  const std::string reply = api.messages(turn.job).back().at("content");
  EXPECT_TRUE(reply.starts_with("ääääx"));
  EXPECT_LT(reply.size(), 8000U);
  EXPECT_EQ(
      api.post("/conversations/start", {{"agent_id", "bot"}, {"prompt", std::string(3000, 'x')}})
          .status,
      503);
}

// --- A world file --------------------------------------------------------------------------------

// By backtracking it would take longer than there is time.
TEST(HostileWorld, PatternsTakeTimeInProportionToThePrompt) {
  mock::Fake fake(world_of(R"json({"agents": [{"agent_id": "bot"}], "turns": [
      {"when": {"prompt": {"regex": "^(a+)+$"}}, "timeline": [{"status": "completed", "reply": "hit"}]}
      ]})json"));
  Api api(fake);
  const auto turn = api.start("bot", std::string(100'000, 'a') + "b");
  ASSERT_EQ(api.finish(turn.message), "completed");
  EXPECT_NE(api.messages(turn.job).back().at("content"), "hit");
}

TEST(HostileWorld, PatternsThatWouldTakeTooMuchMemoryAreRefused) {
  const auto world = mock::parse_world(R"json({"agents": [{"agent_id": "bot"}], "turns": [
      {"when": {"prompt": {"regex": "((a{1000}){1000}){1000}"}},
       "timeline": [{"status": "completed"}]}]})json");
  ASSERT_FALSE(world);
  EXPECT_EQ(world.error().front().pointer, "/turns/0/when/prompt/regex");
}

TEST(HostileWorld, ReadsNoFileBesidesThoseInItsFolder) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "world");
  write_file(folder / "secret", "secret");
  write_file(folder / "world" / "a", "a");
  const std::string outside = (folder / "secret").string();
  const std::string nul("a\0.txt", 6);
  for (const std::string& path : {std::string("../secret"), std::string("b/../../secret"), outside,
                                  nul, std::string(".."), std::string()}) {
    const Json world{
        {"agents", {{{"agent_id", "bot"}}}},
        {"turns",
         {{{"timeline",
            {{{"status", "completed"}, {"reply", "Here"}, {"attachments", {path}}}}}}}}};
    const auto read = mock::parse_world(world.dump(), {.file = folder / "world" / "world.json"});
    ASSERT_FALSE(read) << path;
    EXPECT_EQ(read.error().front().pointer, "/turns/0/timeline/0/attachments/0") << path;
  }
}

// --- A server ------------------------------------------------------------------------------------

// Zeros that are a thousandth of their size.
std::string packed_zeros(std::size_t bytes) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string zeros(kMiB, '\0');
  std::string packed(2 * kMiB, '\0');
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  for (std::size_t done = 0; done <= bytes; done += zeros.size()) {
    stream.next_in = reinterpret_cast<Bytef*>(zeros.data());
    stream.avail_in = static_cast<uInt>(zeros.size());
    deflate(&stream, done == bytes ? Z_FINISH : Z_NO_FLUSH);
  }
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

TEST(HostileServer, PackedReplyIsNoLargerUnpackedThanAnyOther) {
  const std::string bomb = packed_zeros(64 * kMiB);
  ASSERT_LT(bomb.size(), kMiB);
  LoopbackServer server(
      {{{"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
         "Content-Encoding: gzip\r\nContent-Length: " +
         std::to_string(bomb.size()) + "\r\n\r\n" + bomb}}});
  const auto transport = HttpTransport::open(server.url(), {.max_reply_bytes = kMiB});
  const auto reply = (*transport)->send({.method = "GET", .target = "/agents", .headers = {}});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::malformed_reply);
}

// --- A case file, and whatever is tested by it ---------------------------------------------------

std::string case_with_file(const std::string& name) {
  return Json{{"name", "client/hostile"},
              {"why", {"REFERENCE: Attachments"}},
              {"source", "documented"},
              {"level", "MUST"},
              {"client",
               {{"do",
                 {{"op", "converse"},
                  {"agent_id", "my-agent"},
                  {"prompts", {"Hello"}},
                  {"attachments", {{{"filename", name}, {"text", "x"}}}}}},
                {"expect", {{"outcome", "completed"}}}}}}
      .dump();
}

TEST(HostileCase, WritesNoFileOutsideItsFolder) {
  for (const char* name : {"../x", "/tmp/x", "a/b", "..", ""}) {
    const auto read = contracts::parse_case(case_with_file(name), "client/hostile.json");
    ASSERT_FALSE(read) << name;
    bool is_named = false;
    for (const auto& it : read.error())
      is_named |= it.pointer == "/client/do/attachments/0/filename";
    EXPECT_TRUE(is_named) << name << ": " << mock::to_string(read.error(), "\n");
  }
}

TEST(HostileCase, BodiesAreNoLargerThanSixtyFourMebibytes) {
  const Json step{{"id", "a"},
                  {"call", {{"post", "/agents"}, {"body", "0123456789"}, {"times", 60'000'000}}},
                  {"reply", {{"status", 400}}}};
  const Json contract_case{{"name", "errors/hostile"},
                           {"why", {"REFERENCE: Basics"}},
                           {"source", "documented"},
                           {"level", "MUST"},
                           {"steps", {step}}};
  const auto read = contracts::parse_case(contract_case.dump(), "errors/hostile.json");
  ASSERT_FALSE(read);
  EXPECT_NE(mock::to_string(read.error(), "\n").find("/steps/0/call/body"), std::string::npos);
}

TEST(HostileSubject, SaysNoJsonThatNestsWithoutEnd) {
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  EXPECT_TRUE(contracts::read_json(deep).is_discarded());
  const auto answer =
      contracts::read_result(R"({"outcome": "completed", "replies": )" + deep + "}", "");
  EXPECT_EQ(answer.kind, contracts::ClientAnswer::Kind::broke);
}

TEST(HostileSubject, CommandsNoTerminalThroughAReport) {
  contracts::CaseResult result;
  result.name = "a/b";
  result.verdict = contracts::CaseVerdict::failed;
  result.mismatches.push_back({.step = "a",
                               .part = "body",
                               .pointer = "",
                               .wanted = "text",
                               .got = "\x1b]0;owned\x07 \xc2\x9b"
                                      "2J \xe2\x80\xae"});
  contracts::RunReport report;
  report.results.push_back(result);
  const std::string xml = contracts::junit_report(report);
  EXPECT_NE(xml.find(R"(\x1b]0;owned\x07 \x9b2J \u202e)"), std::string::npos) << xml;
}

}  // namespace
}  // namespace nairi::tests
