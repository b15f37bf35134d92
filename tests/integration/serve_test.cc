// `nairi-mock serve` and `nairi-mock ready`: how they start, what they say, how they end.
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdint>
#include <filesystem>
#include <iterator>
#include <ostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "http/wire.h"
#include "nairi/mock/server.h"
#include "serving.h"

namespace nairi::tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

TEST(Serve, PrintsOneLineOfJsonAndWritesItToTheReadyFile) {
  Serving serving;
  const std::string printed = serving.printed();
  EXPECT_EQ(printed, read_file(serving.ready_file()));
  EXPECT_EQ(printed.find('\n'), printed.size() - 1);
  EXPECT_EQ(json::parse(printed), serving.line());
  EXPECT_TRUE(serving.text("base_url").starts_with("http://127.0.0.1:"));
  EXPECT_TRUE(serving.text("base_url").ends_with("/api/public/v1"));
  EXPECT_TRUE(serving.text("control_url").ends_with("/__mock"));
  EXPECT_GE(serving.text("control_token").size(), 32U);
  EXPECT_TRUE(serving.text("api_key").starts_with("nr_"));
  EXPECT_FALSE(serving.line().contains("ca_file"));
  EXPECT_EQ(serving.state("slack_job"), "job_01KRK1V46BXS73CSNK2VR35NPJ");
  EXPECT_EQ(serving.stop().out, printed);
}

TEST(Serve, ReadyFileIsItsOwnersAloneAndTheCaIsForAll) {
  const Serving serving({"--tls"});
  const fs::perms owner = fs::perms::owner_read | fs::perms::owner_write;
  EXPECT_EQ(fs::status(serving.ready_file()).permissions(), owner);
  EXPECT_EQ(fs::status(serving.text("ca_file")).permissions(),
            owner | fs::perms::group_read | fs::perms::others_read);
}

TEST(Serve, EndsWellOnEachSignalThatEndsAndLeavesNoFiles) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
    Serving serving({"--tls"});
    EXPECT_TRUE(fs::exists(serving.ready_file()));
    EXPECT_TRUE(fs::exists(serving.text("ca_file")));
    const Finished ended = serving.stop(signal);
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    EXPECT_FALSE(fs::exists(serving.ready_file()));
    EXPECT_FALSE(fs::exists(serving.text("ca_file")));
  }
}

TEST(Serve, OutlivesItsTerminalUnderNohup) {
  // It ends by the second signal, and says nothing of the first: that would have been its end.
  const TemporaryFolder folder;
  const std::string file = folder / "ready.json";
  const std::string mock = NAIRI_MOCK_PROGRAM;
  const Finished ended = run({"/bin/sh", "-c",
                              "trap '' HUP; " + mock + " serve --port 0 --log none --ready-file " +
                                  file + " >/dev/null & " + mock + " ready --ready-file " + file +
                                  " --print pid; kill -HUP $!; " + mock + " ready --ready-file " +
                                  file + " --print pid; kill -TERM $!; wait $!"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  const std::size_t half = ended.out.size() / 2;
  EXPECT_GT(half, 1U);
  EXPECT_EQ(ended.out.substr(0, half), ended.out.substr(half));
}

TEST(Serve, EndsWithItsParentIfToldAndLeavesNoFiles) {
  const TemporaryFolder folder;
  const std::string file = folder / "ready.json";
  const std::string mock = NAIRI_MOCK_PROGRAM;
  // The server holds the writing end of this pipe, so that `cat` ends when the server has ended.
  const Finished ended =
      run({"/bin/sh", "-c",
           "sh -c '" + mock + " serve --with-parent --port 0 --log none --ready-file " + file +
               " & " + mock + " ready --ready-file " + file + " --print pid >&2' | cat"});
  EXPECT_NE(ended.err, "");
  EXPECT_EQ(nlohmann::json::parse(ended.out).at("pid").dump() + "\n", ended.err);
  EXPECT_FALSE(fs::exists(file));
}

TEST(Serve, GoesOnWhenNobodyReadsWhatItSays) {
  const TemporaryFolder folder;
  const std::string file = folder / "ready.json";
  const std::string mock = NAIRI_MOCK_PROGRAM;
  // `true` takes no line of the log, and is gone at once.
  const Finished ended =
      run({"/bin/sh", "-c",
           "{ " + mock + " serve --port 0 --ready-file " + file +
               " >/dev/null & echo $! >&3; } 2>&1 3>" + (folder / "pid").string() + " | true; " +
               mock + " ready --ready-file " + file + " --print base_url"});
  const std::string url = ended.out.substr(0, ended.out.find('\n'));
  const auto agents = [&] { return run_nairi({"agents", "--base-url", url, "--api-key", "nr_a"}); };
  EXPECT_EQ(agents().exit_code, 0) << ended.err;
  EXPECT_EQ(agents().exit_code, 0);
  run({"/bin/sh", "-c", "kill $(cat " + (folder / "pid").string() + ")"});
}

TEST(Serve, TlsIsTrustedWithItsCaOnly) {
  const Serving serving({"--tls"});
  EXPECT_TRUE(serving.text("base_url").starts_with("https://"));
  EXPECT_EQ(serving.ask({"agents"}).exit_code, 0);
  const Finished untrusting =
      run_nairi({"agents", "--base-url", serving.text("base_url"), "--api-key", "nr_test"});
  EXPECT_EQ(untrusting.exit_code, 3);
  EXPECT_NE(untrusting.err.find("certificate"), std::string::npos) << untrusting.err;
}

TEST(Serve, ListedKeysAreTheOnlyOnes) {
  const Serving serving({"--keys", "listed"});
  EXPECT_EQ(serving.ask({"agents"}, "nr_demo").exit_code, 0);
  const Finished refused = serving.ask({"agents"}, "nr_anybody");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("401"), std::string::npos) << refused.err;
}

TEST(Serve, EncodePacksEveryReplyForWhomItMay) {
  const std::string plain = Serving().ask({"agents"}).out;
  const std::pair<const char*, const char*> packings[] = {
      {"chunked", "Transfer-Encoding: chunked\r\n"}, {"gzip", "Content-Encoding: gzip\r\n"}};
  for (const auto& [word, field] : packings) {
    const Serving serving({"--encode", word});
    EXPECT_EQ(serving.ask({"agents"}).out, plain) << word;
    const std::string url = serving.text("base_url");
    mock::Wire wire(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
    wire.send(mock::get("/__mock/health", "Accept-Encoding: gzip\r\n"));
    EXPECT_TRUE(wire.reply(true).has(field)) << word;
  }
}

TEST(Serve, CorsLetsOneOriginIn) {
  const Serving serving({"--cors", "http://localhost:5173"});
  mock::Wire wire(serving.port());
  const auto preflight = [&](const std::string& target, const std::string& origin) {
    return wire.ask("OPTIONS " + target + " HTTP/1.1\r\nHost: localhost\r\nOrigin: " + origin +
                    "\r\nAccess-Control-Request-Method: POST\r\n"
                    "Access-Control-Request-Headers: authorization\r\n\r\n");
  };
  const auto leave = preflight("/api/public/v1/conversations/start", "http://localhost:5173");
  EXPECT_EQ(leave.status, 204);
  EXPECT_TRUE(leave.has("Access-Control-Allow-Origin: http://localhost:5173\r\n")) << leave.head;
  EXPECT_TRUE(leave.has("Access-Control-Allow-Headers: authorization\r\n")) << leave.head;
  EXPECT_EQ(preflight("/api/public/v1/agents", "http://elsewhere.test").status, 403);
  EXPECT_EQ(preflight("/__mock/reset", "http://localhost:5173").status, 403);
  const auto reply =
      wire.ask(mock::get("/api/public/v1/agents", "Origin: http://localhost:5173\r\n"));
  EXPECT_EQ(reply.status, 401);
  EXPECT_TRUE(reply.has("Access-Control-Allow-Origin: http://localhost:5173\r\n")) << reply.head;
}

TEST(Serve, ControlHostsMayCallTheControlApi) {
  const Serving serving({"--control-host", "fake", "--control-host", "other"});
  mock::Wire wire(serving.port());
  const auto status = [&](const std::string& host) {
    return wire.ask("GET /__mock/health HTTP/1.1\r\nHost: " + host + "\r\n\r\n").status;
  };
  EXPECT_EQ(status("FAKE:4747"), 200);
  EXPECT_EQ(status("other"), 200);
  EXPECT_EQ(status("evil.example"), 403);
}

TEST(Serve, HasTheControlTokenThatItIsGiven) {
  const std::string token = "one-that-outlives-0";
  EXPECT_EQ(Serving({"--control-token", token}).text("control_token"), token);
  const TemporaryFolder folder;
  const std::string file = folder / "ready.json";
  const Finished told = run_mock({"run", "--ready-file", file, "--", NAIRI_MOCK_PROGRAM, "ready",
                                  "--ready-file", file, "--print", "control_token"},
                                 {"NAIRI_CONTROL_TOKEN=" + token});
  EXPECT_EQ(told.out, token + "\n") << told.err;
}

// Linux shows them as folders.
std::ptrdiff_t threads_of(const Serving& serving) {
  const int pid = serving.line().at("pid");
  const std::filesystem::directory_iterator tasks("/proc/" + std::to_string(pid) + "/task");
  return std::distance(begin(tasks), end(tasks));
}

TEST(Serve, ThreadsShareTheConnectionsAndEndTogether) {
  const Serving one;
  Serving three({"--threads", "3"});
  EXPECT_EQ(threads_of(three), threads_of(one) + 2);
  std::vector<mock::Wire> wires;
  for (int i = 0; i < 6; ++i) wires.emplace_back(three.port());
  for (mock::Wire& wire : wires) EXPECT_EQ(wire.ask(mock::get("/__mock/health")).status, 200);
  EXPECT_EQ(three.stop().exit_code, 0);
  for (mock::Wire& wire : wires) EXPECT_EQ(wire.rest(), "");
}

TEST(Serve, LocalhostIsNotRemoteAndTheCertificateNamesIt) {
  const Serving serving({"--host", "LocalHost", "--tls", "--tls-name", "fake.test"});
  EXPECT_TRUE(serving.text("base_url").starts_with("https://LocalHost:"));
  EXPECT_EQ(serving.ask({"agents"}).exit_code, 0);
}

TEST(Serve, LogIsJsonWithoutKeys) {
  Serving serving({"--log", "json"});
  serving.ask({"agents"}, "nr_secret");
  serving.ask({"messages", "nr_secret"}, "nr_secret");
  const Finished ended = serving.stop();
  EXPECT_EQ(ended.err.find("nr_secret"), std::string::npos) << ended.err;
  std::istringstream lines(ended.err);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const json entry = json::parse(line, nullptr, false);
    ASSERT_TRUE(entry.is_object()) << line;
    EXPECT_EQ(entry.at("method"), "GET");
    EXPECT_EQ(entry.at("status"), count == 0 ? 200 : 400);
  }
  EXPECT_EQ(count, 2);
}

TEST(Serve, SaysWhereItsPageIsAndLogsNobodyWhoFollowsTheJournal) {
  Serving serving;
  const std::string page = serving.text("control_url") + "/#token=" + serving.text("control_token");
  mock::Wire wire(serving.port());
  EXPECT_EQ(wire.ask(mock::get("/__mock/")).status, 200);
  const std::string bearer = "Authorization: Bearer " + serving.text("control_token") + "\r\n";
  EXPECT_EQ(wire.ask(mock::get("/__mock/journal?all=true&after=0", bearer)).status, 200);
  const std::string log = serving.stop().err;
  EXPECT_NE(log.find("Look at it at " + page + "\n"), std::string::npos) << log;
  EXPECT_NE(log.find(" 200 GET /__mock/\n"), std::string::npos) << log;
  EXPECT_EQ(log.find("after="), std::string::npos) << log;
}

TEST(Serve, AddressOfItsPageHoldsATokenOfAnyCharacters) {
  Serving serving({"--control-token", "a+b/c=d~e.f-0123456789"});
  const std::string said = serving.stop().err;
  EXPECT_NE(said.find("#token=a%2Bb"), std::string::npos) << said;
}

TEST(Serve, LogTextNamesTheRequestWithoutKeys) {
  Serving serving;
  serving.ask({"agents"}, "nr_secret");
  const Finished ended = serving.stop();
  EXPECT_NE(ended.err.find(" 200 GET /api/public/v1/agents\n"), std::string::npos) << ended.err;
  EXPECT_EQ(ended.err.find("nr_secret"), std::string::npos) << ended.err;
}

// Escapes, of terminals of seven bits and of eight, and what turns the direction of writing.
TEST(Serve, LogCommandsNoTerminal) {
  for (const char* format : {"text", "json"}) {
    Serving serving({"--log", format});
    const std::string url = serving.text("control_url");
    const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
    const std::string hostile =
        "\xc2\x9b"
        "2J\xe2\x80\xae\xff";
    for (const std::string& said :
         {mock::get("/api/public/v1/" + hostile), mock::get("/", "Host: " + hostile + "\r\n"),
          hostile + " / HTTP/1.1\r\n\r\n", std::string("\x1b[2J / HTTP/1.1\r\n\r\n")}) {
      mock::Wire(port).ask(said);
    }
    const std::string log = serving.stop().err;
    for (const char* bad : {"\x1b", "\xc2\x9b", "\xe2\x80\xae", "\xff"}) {
      EXPECT_EQ(log.find(bad), std::string::npos) << log;
    }
    EXPECT_NE(log.find("x9b2J"), std::string::npos) << log;
  }
}

TEST(Serve, TheKeysOfTlsAreInNoFile) {
  const Serving serving({"--tls"});
  int files = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(serving.ready_file()).parent_path())) {
    EXPECT_EQ(read_file(entry.path()).find("PRIVATE KEY"), std::string::npos) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 2);
}

TEST(Serve, LogSaysThatItsTimesAreUtc) {
  Serving serving;
  serving.ask({"agents"});
  const std::string log = serving.stop().err;
  const std::size_t status = log.find(" 200 GET ");
  ASSERT_NE(status, std::string::npos) << log;
  EXPECT_EQ(log[status - 1], 'Z') << log;
}

TEST(Serve, LogHasTheHintForPeopleInBothForms) {
  for (const auto& [format, expected] : {std::pair("text", "messages: expected job_ or "),
                                         std::pair("json", "\"hint\":\"expected job_")}) {
    Serving serving({"--log", format});
    serving.ask({"messages", "nr_secret"}, "nr_secret");
    const std::string log = serving.stop().err;
    EXPECT_NE(log.find(expected), std::string::npos) << log;
    EXPECT_EQ(log.find("nr_secret"), std::string::npos) << log;
  }
}

TEST(Serve, LogAndJournalHoldWhatTheFakeNeverSaw) {
  Serving serving;
  const std::string key = "Authorization: Bearer nr_test\r\n";
  mock::Wire(serving.port()).ask(mock::get("/api/public/v1/agents", key + "Expect: x\r\n"));
  mock::Wire(serving.port()).ask("\x16\x03\x01");
  const std::string journal =
      mock::Wire(serving.port()).ask(mock::get("/__mock/journal", key)).body;
  EXPECT_NE(journal.find("\"status\":417"), std::string::npos) << journal;
  const std::string log = serving.stop().err;
  EXPECT_NE(log.find("Z 417 GET /api/public/v1/agents: expected no Expect but 100-continue, got "),
            std::string::npos)
      << log;
  EXPECT_NE(log.find("Z 400: expected plain HTTP on this port, got a TLS handshake; use http://"),
            std::string::npos)
      << log;
}

TEST(Serve, LogHoldsRefusalsAsJson) {
  Serving serving({"--log", "json"});
  mock::Wire(serving.port()).ask("GET /x HTTP/1.1\r\n\r\n");
  const json entry = json::parse(serving.stop().err);
  EXPECT_EQ(entry.at("status"), 400);
  EXPECT_EQ(entry.at("target"), "/x");
  EXPECT_EQ(entry.at("refused"), "expected a Host field in an HTTP/1.1 request, got none");
}

TEST(Serve, LogSaysInWordsWhyAHandshakeFailed) {
  Serving serving({"--tls"});
  mock::Wire wire(serving.port());
  wire.send("\x01\x02\x03\x04\x05\x06\x07\x08\x09");
  wire.rest();  // until the server has closed
  const std::string log = serving.stop().err;
  EXPECT_NE(log.find("Z ---: the TLS handshake failed: the client sent something that is no TLS\n"),
            std::string::npos)
      << log;
}

TEST(Serve, LogNoneSaysNothing) {
  Serving serving({"--log", "none"});
  serving.ask({"agents"});
  EXPECT_EQ(serving.stop().err, "");
}

TEST(Serve, PlaysTheWorldsThatItIsGiven) {
  const TemporaryFolder folder;
  write_file(folder / "a.json", R"({"agents": [{"agent_id": "one"}]})");
  write_file(folder / "b.json", R"({"agents": [{"agent_id": "two"}]})");
  const Serving serving({"--world", folder / "a.json", "--world", folder / "b.json"});
  const std::string agents = serving.ask({"agents"}).out;
  EXPECT_TRUE(agents.starts_with("one\t")) << agents;
  EXPECT_NE(agents.find("\ntwo\t"), std::string::npos) << agents;
}

const std::string kTestKey = "Authorization: Bearer nr_test\r\nUser-Agent: t\r\n";

// A client that retries what was refused.
void ask_twice_for_nothing(const Serving& serving) {
  mock::Wire wire(serving.port());
  for (int i = 0; i < 2; ++i) {
    wire.ask(mock::get("/api/public/v1/messages/cmsg_01KP3SRTDEBBB61MF4T1X9BMVF", kTestKey));
  }
}

TEST(Serve, JudgesItsClientsAtTheEnd) {
  Serving good({"--judge", "fail", "--log", "none"});
  good.ask({"ask", "--agent", "my-agent", "hello", "--poll-interval", "0.01"});
  const Finished well = good.stop();
  EXPECT_EQ(well.exit_code, 0) << well.err;
  EXPECT_NE(well.err.find("MUST    kept        polls-until-terminal\n"), std::string::npos)
      << well.err;
}

TEST(Serve, FailsForABrokenRuleOnlyIfTold) {
  for (const auto& [mode, code] : {std::pair("warn", 0), std::pair("fail", 1)}) {
    Serving serving({"--judge", mode, "--log", "none"});
    ask_twice_for_nothing(serving);
    const Finished ended = serving.stop();
    EXPECT_EQ(ended.exit_code, code) << ended.err;
    EXPECT_NE(ended.err.find("MUST    broken      no-retry-on-4xx\n"), std::string::npos)
        << ended.err;
  }
}

TEST(Serve, ClientThatWasWaitingWhenItWasStoppedIsNotJudgedForThat) {
  for (const int signal : {SIGTERM, SIGINT}) {
    Serving serving({"--judge", "fail", "--log", "none"});
    mock::Wire wire(serving.port());
    const auto started =
        wire.ask(mock::post("/api/public/v1/conversations/start",
                            R"({"agent_id": "my-agent", "prompt": "go"})", kTestKey));
    const std::string message = nlohmann::json::parse(started.body).at("message_id");
    wire.ask(mock::get("/api/public/v1/messages/" + message, kTestKey));
    const Finished ended = serving.stop(signal);
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    EXPECT_NE(ended.err.find("MUST    not judged  polls-until-terminal\n"
                             "          not judged: a turn was waited for when the server was "
                             "stopped\n"),
              std::string::npos)
        << ended.err;
  }
}

TEST(Serve, DoesNotEndWellWhenThereWasNothingToJudge) {
  for (const bool asked : {false, true}) {
    for (const auto& [mode, code] : {std::pair("warn", 0), std::pair("fail", 3)}) {
      Serving serving({"--judge", mode, "--log", "none"});
      if (asked) {
        mock::Wire(serving.port())
            .ask(mock::get("/agents", "Authorization: Bearer nr_test\r\nUser-Agent: t\r\n"));
      }
      const Finished ended = serving.stop();
      EXPECT_EQ(ended.exit_code, code) << ended.err;
      EXPECT_NE(ended.err.find(asked ? "nothing was checked: no request was for an operation"
                                     : "nothing was checked: no request came\n"),
                std::string::npos)
          << ended.err;
      EXPECT_EQ(ended.err.find("1 request had no route:\n") != std::string::npos, asked)
          << ended.err;
    }
  }
}

TEST(Serve, ABrokenRuleCountsMoreThanThatNothingWasChecked) {
  Serving serving({"--judge", "fail", "--log", "none"});
  mock::Wire(serving.port()).ask(mock::get("/agents"));  // without a key
  EXPECT_EQ(serving.stop().exit_code, 1);
}

// A command line that is refused, and what must be said about it.
struct Refusal {
  const char* name;
  Words arguments;
  Words said;
};

void PrintTo(const Refusal& refusal, std::ostream* out) {
  *out << refusal.name;
}

std::vector<Refusal> refusals() {
  return {{"MisspeltCommand", {"srve"}, {"\"srve\"", "did you mean \"serve\"?"}},
          {"NoCommand", {}, {"say what to do: serve, run, check, world, fidelity, ready"}},
          {"MisspeltFlag", {"serve", "--prot", "1"}, {"\"--prot\"", "did you mean \"--port\"?"}},
          {"MisspeltFlagWithValue", {"serve", "--sed=1"}, {"did you mean \"--seed\"?"}},
          {"RemoteHost",
           {"serve", "--port", "0", "--host", "0.0.0.0"},
           {"0.0.0.0 can be reached from other machines", "--allow-remote"}},
          {"HostWithItsPort",
           {"serve", "--host", "localhost:80"},
           {"is no address to listen on", "its port by --port"}},
          {"TlsNameWithoutTls", {"serve", "--tls-name", "fake"}, {"--tls-name", "--tls only"}},
          {"TlsNameThatIsNone",
           {"serve", "--port", "0", "--tls", "--tls-name", "https://fake"},
           {"\"https://fake\" can't be named by a certificate"}},
          {"ControlHostThatIsNone",
           {"serve", "--port", "0", "--control-host", "http://fake"},
           {"\"http://fake\" is no host's name"}},
          {"ControlTokenThatIsShort",
           {"serve", "--port", "0", "--control-token", "secret"},
           {"--control-token", "16 to 512"}},
          {"ControlTokenThatIsNoKey",
           {"serve", "--port", "0", "--control-token", std::string(513, 'x')},
           {"--control-token", "16 to 512"}},
          {"ControlTokenWithABlank",
           {"serve", "--port", "0", "--control-token", "not a bearer token"},
           {"--control-token", "letters, digits"}},
          {"OriginThatIsNone",
           {"serve", "--port", "0", "--cors", "localhost:5173"},
           {"\"localhost:5173\" is no origin", "such as http://localhost:5173"}},
          {"SpeedWithoutWallClock", {"serve", "--speed", "2"}, {"--speed", "--clock wall only"}},
          {"SpeedOfNothing", {"serve", "--clock", "wall", "--speed", "0"}, {"--speed"}},
          {"UnknownClock", {"serve", "--clock", "sun"}, {"poll, virtual, wall", "\"sun\""}},
          {"UnknownLog", {"serve", "--log", "1"}, {"text, json, none", "\"1\""}},
          {"UnknownJudge", {"serve", "--judge", "on"}, {"off, warn, fail", "\"on\""}},
          {"UnknownKeys", {"serve", "--keys", "1"}, {"any, listed", "\"1\""}},
          {"SeedBelowZero", {"serve", "--seed", "-1"}, {"--seed", "-1"}},
          {"JournalBelowZero", {"serve", "--journal-max", "-1"}, {"--journal-max", "-1"}},
          {"ThreadsOfNobody", {"serve", "--threads", "0"}, {"--threads", "from 1 to 64", "\"0\""}},
          {"ThreadsBeyondAll", {"serve", "--threads", "65"}, {"--threads", "65"}},
          {"PortBeyondAll", {"serve", "--port", "65536"}, {"--port", "65536"}},
          {"CertificateWithoutKey", {"serve", "--tls-cert", "c"}, {"--tls-key go together"}},
          {"KeyWithoutCertificate", {"serve", "--tls-key", "k"}, {"--tls-cert"}},
          {"TwoCertificates",
           {"serve", "--tls", "--tls-cert", "c", "--tls-key", "k"},
           {"certificate of its own"}},
          {"CaFileWithoutTls", {"serve", "--ca-file", "f"}, {"--ca-file", "--tls only"}},
          {"CertificateThatIsNotThere",
           {"serve", "--port", "0", "--tls-cert", "/nonexistent/c", "--tls-key", "/nonexistent/k"},
           {"/nonexistent/c"}},
          {"ReadyFileNowhere",
           {"serve", "--port", "0", "--ready-file", "/nonexistent/r"},
           {"can't write /nonexistent/r"}},
          {"WorldThatIsNotThere", {"serve", "--world", "/nonexistent/w.json"}, {"w.json"}},
          {"CheckOfNothing", {"check"}, {"files"}},
          {"ReadyWithoutUnit",
           {"ready", "--ready-file", "r", "--wait", "10"},
           {"--wait takes a time such as 500ms, 10s or 2m; got \"10\""}}};
}

class CommandLine : public ::testing::TestWithParam<Refusal> {};

TEST_P(CommandLine, IsRefusedWithASentence) {
  const Finished refused = run_mock(GetParam().arguments);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(refused.out, "");
  EXPECT_TRUE(refused.err.starts_with("nairi-mock: ")) << refused.err;
  for (const std::string& words : GetParam().said) {
    EXPECT_NE(refused.err.find(words), std::string::npos) << refused.err;
  }
}

INSTANTIATE_TEST_SUITE_P(With, CommandLine, ::testing::ValuesIn(refusals()),
                         [](const auto& refusal) { return refusal.param.name; });

TEST(Serve, RefusesAPortInUse) {
  const mock::Server server([](const mock::Request&) { return mock::Reply{}; });
  const std::string port = std::to_string(server.port());
  const Finished refused = run_mock({"serve", "--port", port});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(refused.out, "");
  EXPECT_EQ(refused.err, "nairi-mock: 127.0.0.1:" + port +
                             " is in use: choose another --port, or 0 for a free one\n");
}

TEST(Serve, RefusesAWorldWithMistakesAndSaysWhere) {
  const TemporaryFolder folder;
  const std::string world = folder / "bad.json";
  write_file(world, "{\"agents\": [\n  {\"agent_id\": \"a\", \"nam\": \"A\"}]}\n");
  const std::string expected = world + ":2:21: ";
  const Finished served = run_mock({"serve", "--port", "0", "--world", world});
  EXPECT_EQ(served.exit_code, 2);
  EXPECT_NE(served.err.find(expected), std::string::npos) << served.err;
  EXPECT_NE(served.err.find("did you mean \"name\"?"), std::string::npos) << served.err;
  const Finished checked = run_mock({"check", world});
  EXPECT_EQ(checked.exit_code, 2);
  EXPECT_TRUE(checked.err.starts_with(expected)) << checked.err;
}

}  // namespace
}  // namespace nairi::tests
