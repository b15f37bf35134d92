// `nairi-mock ready`, and what becomes of ready files and CA files.
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "nairi/mock/server.h"
#include "serving.h"

namespace nairi::tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

Finished ready_now(const std::string& file, const Words& more = {}) {
  Words words{"ready", "--ready-file", file, "--wait", "0s"};
  words.insert(words.end(), more.begin(), more.end());
  return run_mock(words);
}

TEST(Ready, PrintsTheReadyLine) {
  const Serving serving;
  const Finished ready = ready_now(serving.ready_file());
  EXPECT_EQ(ready.exit_code, 0) << ready.err;
  EXPECT_EQ(ready.out, read_file(serving.ready_file()));
}

TEST(Ready, PrintsOneFieldAsItIs) {
  const Serving serving({"--tls"});
  for (const char* field : {"base_url", "control_url", "control_token", "api_key", "ca_file"}) {
    EXPECT_EQ(ready_now(serving.ready_file(), {"--print", field}).out, serving.text(field) + "\n");
  }
  EXPECT_EQ(ready_now(serving.ready_file(), {"--print", "pid"}).out,
            serving.line().at("pid").dump() + "\n");
  EXPECT_EQ(json::parse(ready_now(serving.ready_file(), {"--print", "states"}).out),
            serving.line().at("states"));
}

TEST(Ready, SaysThatThereIsNoCaWithoutTls) {
  const Serving serving;
  const Finished none = ready_now(serving.ready_file(), {"--print", "ca_file"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_EQ(none.out, "");
  EXPECT_EQ(none.err, "nairi-mock: this server has no ca_file: it runs without --tls\n");
}

TEST(Ready, KeyIsLetIn) {
  for (const Words& flags : {Words{}, Words{"--keys", "listed"}}) {
    const Serving serving(flags);
    EXPECT_EQ(serving.ask({"agents"}, serving.text("api_key")).exit_code, 0);
  }
}

TEST(Ready, AsksOverHttpsAndInPackedReplies) {
  for (const Words& flags :
       {Words{"--tls"}, Words{"--encode", "chunked"}, Words{"--encode", "gzip"},
        Words{"--host", "localhost"}, Words{"--mutate", "additive"}}) {
    const Serving serving(flags);
    EXPECT_EQ(ready_now(serving.ready_file()).exit_code, 0) << flags.front();
  }
}

TEST(Ready, LeavesNoTraceInTheLog) {
  Serving serving({"--log", "json"});
  ready_now(serving.ready_file());
  EXPECT_EQ(serving.stop().err, "");
}

TEST(Ready, GivesUpWithThreeWhenThereIsNoFile) {
  const Finished late = ready_now("/nonexistent/r");
  EXPECT_EQ(late.exit_code, 3);
  EXPECT_EQ(late.out, "");
  EXPECT_EQ(late.err, "nairi-mock: not ready after 0 ms: there is no ready file /nonexistent/r\n");
}

TEST(Ready, RefusesWhatIsNoFileAtOnce) {
  const TemporaryFolder folder;
  const Finished refused = run_mock({"ready", "--ready-file", folder.path(), "--wait", "1000m"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(refused.err, "nairi-mock: " + folder.path().string() + " is a folder, not a file\n");
  EXPECT_EQ(run_mock({"ready", "--ready-file", "/dev/null", "--wait", "1000m"}).err,
            "nairi-mock: /dev/null is a device or a pipe, not a file\n");
}

TEST(Ready, DoesNotTrustAFileOfSomethingElse) {
  const TemporaryFolder folder;
  for (const char* text : {"", "[]", "{", "{\"pid\": 1}", "{\"instance\": \"a\", \"pid\": 1}",
                           R"({"control_url": "h://", "instance": "a", "pid": 1})",
                           R"({"control_url": "http:", "instance": "a", "pid": 1})"}) {
    write_file(folder / "other.json", text);
    const Finished late = ready_now(folder / "other.json");
    EXPECT_EQ(late.exit_code, 3) << text;
    EXPECT_NE(late.err.find("is not a ready file"), std::string::npos) << late.err;
  }
}

// What a server wrote that ended without a chance to remove it.
std::string stale_file(const TemporaryFolder& folder) {
  Serving serving;
  const std::string text = read_file(serving.ready_file());
  serving.stop(SIGKILL);
  write_file(folder / "stale.json", text);
  return text;
}

TEST(Ready, DoesNotTrustTheFileOfAServerThatIsGone) {
  const TemporaryFolder folder;
  const json line = json::parse(stale_file(folder));
  const Finished late = ready_now(folder / "stale.json");
  EXPECT_EQ(late.exit_code, 3);
  EXPECT_NE(late.err.find("is gone or out of reach: nobody answers at http://127.0.0.1:"),
            std::string::npos)
      << late.err;
}

TEST(Ready, DoesNotTrustAnotherServerWhateverItsPid) {
  const Serving serving;
  const TemporaryFolder folder;
  json line = serving.line();
  line["instance"] = "another";
  write_file(folder / "other.json", line.dump());
  const Finished late = ready_now(folder / "other.json");
  EXPECT_EQ(late.exit_code, 3);
  EXPECT_NE(late.err.find("another server answers at http://"), std::string::npos) << late.err;
}

TEST(Ready, BelievesAServerWhosePidMeansNothingHere) {
  const Serving serving;
  const TemporaryFolder folder;
  json line = serving.line();
  line["pid"] = 1 << 30;  // as of another container
  write_file(folder / "other.json", line.dump());
  EXPECT_EQ(ready_now(folder / "other.json").exit_code, 0);
}

// What `ready` makes of a file that names this server, whatever it is.
Finished ready_with_file_of(const mock::Server& server) {
  const TemporaryFolder folder;
  write_file(
      folder / "other.json",
      json{{"control_url", server.root_url() + "/__mock"}, {"instance", "a"}, {"pid", 1}}.dump());
  return ready_now(folder / "other.json");
}

TEST(Ready, DoesNotTrustAServerOfAnotherKind) {
  const mock::Server server([](const mock::Request&) {
    mock::Reply reply;
    reply.status = 404;
    return reply;
  });
  const Finished late = ready_with_file_of(server);
  EXPECT_EQ(late.exit_code, 3);
  EXPECT_NE(late.err.find("is no nairi-mock"), std::string::npos) << late.err;
}

TEST(Ready, DoesNotWaitForAServerThatIsSilent) {
  // A reply that comes in a thousand minutes is none.
  const mock::Server server([](const mock::Request&) {
    mock::Reply reply;
    reply.delay_ms = 60'000'000;
    return reply;
  });
  const Finished late = ready_with_file_of(server);
  EXPECT_EQ(late.exit_code, 3);
  EXPECT_NE(late.err.find("does not answer"), std::string::npos) << late.err;
}

TEST(Ready, NoticesACaThatIsNotTheServers) {
  const Serving serving({"--tls"});
  const Serving other({"--tls"});
  const TemporaryFolder folder;
  json line = serving.line();
  line["ca_file"] = other.text("ca_file");
  write_file(folder / "other.json", line.dump());
  const Finished late = ready_now(folder / "other.json");
  EXPECT_EQ(late.exit_code, 3);
  EXPECT_NE(late.err.find("has no certificate of the CA in"), std::string::npos) << late.err;
}

TEST(ReadyFile, OfAServerThatIsGoneIsReplaced) {
  const TemporaryFolder folder;
  const std::string stale = stale_file(folder);
  const std::string file = folder / "stale.json";
  Program server({NAIRI_MOCK_PROGRAM, "serve", "--port", "0", "--ready-file", file});
  const Finished ready = run_mock({"ready", "--ready-file", file, "--wait", "1m"});
  EXPECT_EQ(ready.exit_code, 0) << ready.err << server.err();
  EXPECT_NE(ready.out, stale);
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait().exit_code, 0);
}

TEST(ReadyFile, OfAServerThatIsGoneIsRemovedEvenIfTheNextOneDoesNotStart) {
  const TemporaryFolder folder;
  stale_file(folder);
  run_mock({"serve", "--world", "/nonexistent/w", "--ready-file", folder / "stale.json"});
  EXPECT_FALSE(fs::exists(folder / "stale.json"));
}

TEST(ReadyFile, OfAServerThatRunsIsLeftToIt) {
  const Serving serving;
  const Finished refused = run_mock({"serve", "--port", "0", "--ready-file", serving.ready_file()});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(refused.out, "");
  EXPECT_EQ(refused.err, "nairi-mock: --ready-file: " + serving.ready_file() +
                             " is that of a server that runs at " + serving.text("base_url") +
                             " (pid " + serving.line().at("pid").dump() +
                             "): end it, or name another file\n");
  EXPECT_EQ(ready_now(serving.ready_file()).exit_code, 0);
}

TEST(ReadyFile, AndCaOfAnotherServerAreNotRemoved) {
  Serving serving({"--tls"});
  const std::string ca_file = serving.text("ca_file");
  write_file(serving.ready_file(), "another's");
  write_file(ca_file, "another's");
  EXPECT_EQ(serving.stop().exit_code, 0);
  EXPECT_EQ(read_file(serving.ready_file()), "another's");
  EXPECT_EQ(read_file(ca_file), "another's");
}

TEST(ReadyFile, NeverReplacesAFileOfAnotherKind) {
  const TemporaryFolder folder;
  write_file(folder / "notes.txt", "mine\n");
  const Finished refused = run_mock({"serve", "--port", "0", "--ready-file", folder / "notes.txt"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("is there already, and no ready file"), std::string::npos)
      << refused.err;
  EXPECT_EQ(read_file(folder / "notes.txt"), "mine\n");
}

TEST(ReadyFile, IsNeverWrittenThroughALink) {
  const TemporaryFolder folder;
  write_file(folder / "empty", "");
  std::filesystem::create_symlink(folder / "empty", folder / "ready.json");
  std::filesystem::create_symlink(folder / "nothing", folder / "ca.pem");
  const Finished ended = run_mock({"run", "--tls", "--ca-file", folder / "ca.pem", "--ready-file",
                                   folder / "ready.json", "--", NAIRI_MOCK_PROGRAM, "ready",
                                   "--ready-file", folder / "ready.json", "--print", "pid"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_TRUE(std::filesystem::is_empty(folder / "empty"));
  EXPECT_FALSE(std::filesystem::exists(folder / "nothing"));
}

TEST(ReadyFile, MayBeAnEmptyFileThatIsThere) {
  const TemporaryFolder folder;
  const std::string file = folder / "made-by-mktemp";
  write_file(file, "");
  const Finished ended = run_mock({"run", "--ready-file", file, "--", NAIRI_MOCK_PROGRAM, "ready",
                                   "--ready-file", file, "--print", "pid"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
}

TEST(CaFile, NeverReplacesTheCaOfSomebodyElse) {
  const TemporaryFolder folder;
  write_file(folder / "ca.pem", read_source("tests/integration/golden/another-ca.pem"));
  const Finished refused = run_mock({"run", "--tls", "--ca-file", folder / "ca.pem", "--", "true"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("is there already, and would be lost"), std::string::npos)
      << refused.err;
  EXPECT_EQ(read_file(folder / "ca.pem"), read_source("tests/integration/golden/another-ca.pem"));
}

TEST(CaFile, NeedsAFolder) {
  const Finished refused = run_mock({"run", "--tls", "--", "true"}, {"TMPDIR=/nonexistent"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(refused.err, "nairi-mock: TMPDIR names no folder for the CA: name a --ca-file\n");
}

TEST(CaFile, ReplacesOneThatAServerLeft) {
  const TemporaryFolder folder;
  const std::string file = folder / "ca.pem";
  Serving gone({"--tls", "--ca-file", file});
  gone.stop(SIGKILL);
  const std::string left = read_file(file);
  EXPECT_NE(left, "");
  const Finished ended = run_mock({"run", "--tls", "--ca-file", file, "--", "cat", file});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_NE(ended.out, left);
}

}  // namespace
}  // namespace nairi::tests
