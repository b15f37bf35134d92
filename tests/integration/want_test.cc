// What becomes of a program that lacks memory, descriptors or room on a disk, or time: it says so,
// and lives on or ends in order.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "http/wire.h"
#include "nairi/mock/fake.h"
#include "nairi/mock/world_file.h"
#include "serving.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define NAIRI_TESTS_SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define NAIRI_TESTS_SANITIZED
#endif

namespace nairi::tests {
namespace {

using mock::get;
using mock::post;
using mock::Wire;
using mock::WireReply;

// `nairi-mock` under limits of a shell: "ulimit -n 20". What runs the tests may have left it files.
Words limited(const std::string& limits, const Words& arguments) {
  const std::string script =
      "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; " + limits + "; exec \"$0\" \"$@\"";
  Words words{"/bin/sh", "-c", script, NAIRI_MOCK_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

std::uint16_t port_of(const std::string& control_url) {
  return static_cast<std::uint16_t>(std::stoi(control_url.substr(control_url.rfind(':') + 1)));
}

std::string upload_of(std::size_t bytes) {
  const std::string head =
      "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
  return post("/api/public/v1/attachments", head + std::string(bytes, 'x') + "\r\n--XX--\r\n",
              "Authorization: Bearer nr_test\r\nContent-Type: multipart/form-data; "
              "boundary=XX\r\n");
}

// `nairi-mock serve` under such limits, there when the constructor returns.
class LimitedServer {
 public:
  explicit LimitedServer(const std::string& limits, const Words& flags = {})
      : program_(limited(limits, arguments(flags))) {
    const Finished ready = run_mock({"ready", "--ready-file", ready_file(), "--wait", "1m"});
    if (ready.exit_code != 0) throw std::runtime_error(ready.err + program_.err());
    port_ = port_of(nlohmann::json::parse(ready.out).at("control_url"));
  }

  std::uint16_t port() const { return port_; }
  bool answers() const { return Wire(port_).ask(get("/__mock/health")).status == 200; }
  void signal(int number) const { program_.signal(number); }
  Finished stop() {
    program_.signal(SIGTERM);
    return program_.wait();
  }

 private:
  std::string ready_file() const { return folder_ / "ready.json"; }
  Words arguments(const Words& flags) const {
    Words words{"serve", "--port", "0", "--log", "none", "--ready-file", ready_file()};
    words.insert(words.end(), flags.begin(), flags.end());
    return words;
  }

  TemporaryFolder folder_;
  Program program_;
  std::uint16_t port_ = 0;
};

TEST(WantOfDescriptors, KeepsNewcomersWaitingAndNobodyElse) {
  LimitedServer server("ulimit -n 24");
  std::vector<Wire> crowd;
  for (int i = 0; i < 40; ++i) crowd.emplace_back(server.port());
  ASSERT_EQ(crowd.front().ask(get("/__mock/health")).status, 200);
  crowd.back().send(get("/__mock/health"));  // nobody has accepted it
  EXPECT_EQ(crowd.front().ask(get("/__mock/health")).status, 200);
  Wire last = std::move(crowd.back());
  crowd.clear();
  EXPECT_EQ(last.reply().status, 200);
  EXPECT_EQ(server.stop().exit_code, 0);
}

#ifndef NAIRI_TESTS_SANITIZED  // which themselves take more than any limit, and write files
TEST(WantOfDescriptors, AtTheStartIsTold) {
  const Finished ended = run(limited("ulimit -n 4", {"serve", "--port", "0"}));
  EXPECT_EQ(ended.exit_code, 2) << ended.err;
  EXPECT_NE(ended.err.find("nairi-mock: "), std::string::npos) << ended.err;
  EXPECT_NE(ended.err.find("Too many open files"), std::string::npos) << ended.err;
}

TEST(WantOfMemory, RefusesWhatDoesNotFitAndServesTheRest) {
  LimitedServer server("ulimit -v 400000");
  const std::string upload = upload_of(std::size_t{40} << 20);
  int refused = 0;
  for (int i = 0; i < 12; ++i) {
    Wire wire(server.port());
    wire.send(upload);
    const int status = wire.reply().status;
    if (status != 201) ++refused;
    EXPECT_TRUE(status == 201 || status == 500 || status == 503) << status;
    ASSERT_TRUE(server.answers());
  }
  EXPECT_GT(refused, 0);
  EXPECT_EQ(Wire(server.port())
                .ask(post("/__mock/reset", "", "Authorization: Bearer nr_test\r\n"))
                .status,
            200);
  Wire wire(server.port());
  wire.send(upload);
  EXPECT_EQ(wire.reply().status, 201);  // there is room again
  EXPECT_EQ(server.stop().exit_code, 0);
}

TEST(WantOfMemory, AtTheStartIsTold) {
  const TemporaryFolder folder;
  const std::string world = folder / "world.json";
  write_file(world, R"({"agents": [{"agent_id": "a", "name": ")" +
                        std::string(std::size_t{40} << 20, 'x') + "\"}]}");
  const Finished ended =
      run(limited("ulimit -v 100000", {"serve", "--port", "0", "--world", world}));
  EXPECT_EQ(ended.exit_code, 2) << ended.err;
  EXPECT_EQ(ended.err, "nairi-mock: there is not enough memory\n");
}

// Where the shell lets no file grow. What is printed goes into a pipe.
void expect_told_of_no_room_for(const std::string& name, const std::string& option) {
  const TemporaryFolder folder;
  const std::string file = folder / name;
  const Finished ended =
      run({"/bin/sh", "-c",
           std::string("{ (ulimit -f 0; ") + NAIRI_MOCK_PROGRAM + " serve --port 0 --log none " +
               option + " " + file + "); echo $?; } 2>&1 | cat"});
  EXPECT_NE(ended.out.find("nairi-mock: can't write " + file + ": File too large\n2\n"),
            std::string::npos)
      << ended.out;
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(AFullDisk, UnderTheReadyFileIsTold) {
  expect_told_of_no_room_for("ready.json", "--ready-file");
}

TEST(AFullDisk, UnderTheCaFileIsTold) {
  expect_told_of_no_room_for("ca.pem", "--tls --ca-file");
}
#endif

TEST(AFullDisk, UnderTheLogCostsTheLogOnly) {
  const TemporaryFolder folder;
  const std::string file = folder / "ready.json";
  const std::string mock = NAIRI_MOCK_PROGRAM;
  const Finished ended =
      run({"/bin/sh", "-c",
           mock + " serve --port 0 --log text --ready-file " + file + " 2>/dev/full >/dev/null & " +
               mock + " ready --ready-file " + file + " --wait 1m --print pid && " + NAIRI_PROGRAM +
               " agents --base-url $(" + mock + " ready --ready-file " + file +
               " --print base_url) --api-key nr_test >/dev/null && kill -TERM $! && wait $!"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
}

TEST(AFullDisk, UnderAReportIsTold) {
  for (const char* report : {"--junit", "--json"}) {
    const Finished ended =
        run({NAIRI_CONTRACT_PROGRAM, "server", "--case", "agents/list", report, "/dev/full"});
    EXPECT_EQ(ended.exit_code, 2) << ended.err;
    EXPECT_EQ(ended.err, "nairi-contract: can't write /dev/full: No space left on device\n");
  }
}

TEST(AFullDisk, UnderADownloadIsTold) {
  const Serving serving;
  Wire wire(port_of(serving.text("control_url")));
  const std::string uploaded = wire.ask(upload_of(10)).body;
  const std::string id = nlohmann::json::parse(uploaded).at("attachment_id");
  const Finished ended = serving.ask({"attachment", id, "--output", "/dev/full"});
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_EQ(ended.err, "nairi: can't write /dev/full\n");
}

TEST(StoppedProcess, GoesOnWhereItWas) {
  LimitedServer server("true");
  Wire wire(server.port());
  ASSERT_EQ(wire.ask(get("/__mock/health")).status, 200);
  server.signal(SIGSTOP);
  ASSERT_TRUE(wire.send(get("/__mock/health")));
  server.signal(SIGCONT);
  EXPECT_EQ(wire.reply().status, 200);
  EXPECT_TRUE(server.answers());
  EXPECT_EQ(server.stop().exit_code, 0);
}

// A wall clock that is set while a turn runs.
class SetClock : public testing::Test {
 protected:
  std::string call(const std::string& method, const std::string& path,
                   const std::string& body = "") {
    return fake_
        .handle({.method = method,
                 .target = "/api/public/v1" + path,
                 .headers = {{"Authorization", "Bearer nr_test"}},
                 .body = body})
        .body;
  }
  nlohmann::json message() { return nlohmann::json::parse(call("GET", "/messages/" + id_)); }

  std::int64_t now_ms_ = 1'776'019'512'000;
  mock::Fake fake_{mock::parse_world(R"({
      "agents": [{"agent_id": "bot"}],
      "turns": [{"timeline": [{"status": "pending", "ms": 1000}, {"status": "completed"}]}]})")
                       .value(),
                   {.clock = mock::ClockMode::wall, .wall_ms = [this] { return now_ms_; }}};
  std::string id_ = nlohmann::json::parse(call("POST", "/conversations/start",
                                               R"({"agent_id": "bot", "prompt": "Hello"})"))
                        .at("message_id");
};

TEST_F(SetClock, BackNeitherStopsATurnNorTurnsItsTimesBack) {
  const auto began = message();
  now_ms_ -= 3'600'000;
  EXPECT_EQ(message(), began);
  now_ms_ += 1000;
  const auto ended = message();
  EXPECT_EQ(ended.at("status"), "completed");
  EXPECT_GE(ended.at("updated_at"), began.at("updated_at"));
}

TEST_F(SetClock, AheadEndsATurnAndNothingElse) {
  now_ms_ += std::int64_t{3'600'000} * 24 * 365 * 10'000;
  const auto ended = message();
  EXPECT_EQ(ended.at("status"), "completed");
  EXPECT_EQ(message(), ended);
}

}  // namespace
}  // namespace nairi::tests
