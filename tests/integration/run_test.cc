// `nairi-mock run`: what the command finds, what becomes of its signals and its exit code.
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>

#include "http/wire.h"
#include "serving.h"

namespace nairi::tests {
namespace {

namespace fs = std::filesystem;

// `nairi-mock run [flags] -- sh -c script`.
Finished run_script(const std::string& script, const Words& flags = {},
                    const Words& environment = {}) {
  Words words{"run"};
  words.insert(words.end(), flags.begin(), flags.end());
  for (const std::string& word :
       {std::string("--"), std::string("sh"), std::string("-c"), script}) {
    words.push_back(word);
  }
  return run_mock(words, environment);
}

const std::string kNairi = NAIRI_PROGRAM;

TEST(Run, CommandFindsAFakeAndAKey) {
  const Finished asked = run_script(kNairi + " agents");
  EXPECT_EQ(asked.exit_code, 0) << asked.err;
  EXPECT_NE(asked.out.find("billing-agent"), std::string::npos) << asked.out;
}

TEST(Run, PrintsNothingOfItsOwn) {
  const Finished quiet = run_script("echo out; echo err >&2; " + kNairi + " agents >/dev/null");
  EXPECT_EQ(quiet.out, "out\n");
  EXPECT_EQ(quiet.err, "err\n");
}

TEST(Run, BaseUrlHasThePrefixAndTheControlUrlIsTold) {
  const Finished told = run_script("echo $NAIRI_BASE_URL $NAIRI_CONTROL_URL");
  const std::string base = told.out.substr(0, told.out.find(' '));
  EXPECT_TRUE(base.starts_with("http://127.0.0.1:")) << told.out;
  EXPECT_TRUE(base.ends_with("/api/public/v1")) << told.out;
  EXPECT_EQ(told.out, base + " " + base.substr(0, base.size() - 14) + "/__mock\n");
}

TEST(Run, KeyIsMadeUpAnewAndNeverTheOneFromOutside) {
  const Words outside{"NAIRI_API_KEY=nr_real", "NAIRI_BASE_URL=https://api.nairi.ai"};
  const Finished first = run_script("echo $NAIRI_API_KEY $NAIRI_BASE_URL", {}, outside);
  const Finished second = run_script("echo $NAIRI_API_KEY $NAIRI_BASE_URL", {}, outside);
  EXPECT_TRUE(first.out.starts_with("nr_")) << first.out;
  EXPECT_EQ(first.out.find("real"), std::string::npos) << first.out;
  EXPECT_EQ(first.out.find("nairi.ai"), std::string::npos) << first.out;
  EXPECT_NE(first.out.substr(0, 20), second.out.substr(0, 20));
}

TEST(Run, KeyIsOneOfTheWorldWhereOnlyThoseAreLetIn) {
  const Finished asked =
      run_script("echo $NAIRI_API_KEY; " + kNairi + " agents >/dev/null", {"--keys", "listed"});
  EXPECT_EQ(asked.out, "nr_demo\n");
  EXPECT_EQ(asked.exit_code, 0) << asked.err;
}

TEST(Run, WithTlsTheCommandTrustsTheFake) {
  const Finished asked = run_script(
      kNairi +
          " agents >/dev/null && for ca in $SSL_CERT_FILE $NODE_EXTRA_CA_CERTS "
          "$REQUESTS_CA_BUNDLE $CURL_CA_BUNDLE; do [ $ca = $NAIRI_CA_FILE ] || exit 9; done; "
          "echo $NAIRI_CA_FILE; case $NAIRI_BASE_URL in https:*) ;; *) exit 8;; esac",
      {"--tls"});
  EXPECT_EQ(asked.exit_code, 0) << asked.err;
  EXPECT_FALSE(fs::exists(asked.out.substr(0, asked.out.find('\n'))));
}

TEST(Run, LoopbackNeedsNoProxyAndWhatNeedsNoneStaysSo) {
  const std::string show = "echo \"$NO_PROXY|$no_proxy\"";
  const std::string ours = "127.0.0.1,localhost,::1";
  EXPECT_EQ(run_script(show, {}, {"NO_PROXY=", "no_proxy="}).out, ours + "|" + ours + "\n");
  EXPECT_EQ(run_script(show, {}, {"NO_PROXY=a.example,localhost", "no_proxy=b.example"}).out,
            "a.example,localhost,127.0.0.1,::1|b.example," + ours + "\n");
  EXPECT_EQ(run_script(show, {}, {"NO_PROXY=a.example", "no_proxy="}).out,
            "a.example," + ours + "|a.example," + ours + "\n");
  EXPECT_EQ(run_script(show, {}, {"NO_PROXY=", "no_proxy=b.example"}).out,
            "b.example," + ours + "|b.example," + ours + "\n");
  EXPECT_EQ(run_script(show, {}, {"NO_PROXY=*", "no_proxy=*"}).out, "*|*\n");
}

TEST(Run, ExitCodeIsTheCommands) {
  EXPECT_EQ(run_script("exit 7").exit_code, 7);
  EXPECT_EQ(run_script("kill -TERM $$").exit_code, 128 + SIGTERM);
  EXPECT_EQ(run_script("kill -KILL $$").exit_code, 128 + SIGKILL);
}

TEST(Run, ExitCodeIsTheCommandsWhereEndsOfChildrenAreIgnored) {
  const Finished ended = run({"/usr/bin/env", "--ignore-signal=CHLD", NAIRI_MOCK_PROGRAM, "run",
                              "--", "sh", "-c", "exit 7"});
  EXPECT_EQ(ended.exit_code, 7) << ended.err;
}

TEST(Run, PassesSignalsOn) {
  for (const char* name : {"TERM", "INT", "HUP", "QUIT", "USR1", "USR2"}) {
    const std::string signal = name;
    const Finished ended = run_script("trap 'echo got " + signal + "; exit 7' " + signal +
                                      "; kill -" + signal + " $PPID; while :; do :; done");
    EXPECT_EQ(ended.out, "got " + signal + "\n") << ended.err;
    EXPECT_EQ(ended.exit_code, 7);
  }
}

TEST(Run, WaitsForACommandThatDoesNotMindASignal) {
  const Finished ended = run_script("trap '' TERM; kill -TERM $PPID; echo on; exit 3");
  EXPECT_EQ(ended.out, "on\n");
  EXPECT_EQ(ended.exit_code, 3);
}

TEST(Run, CommandHoldsNoSignalsBack) {
  const Words look{"grep", "^SigBlk", "/proc/self/status"};
  const Finished told = run_mock({"run", look[0], look[1], look[2]});
  EXPECT_NE(told.out, "");
  EXPECT_EQ(told.out, run({"/usr/bin/env", look[0], look[1], look[2]}).out);
}

TEST(Run, CommandHoldsNoSocketOfTheFake) {
  EXPECT_EQ(run_script("ls -l /proc/self/fd | grep -c socket").out, "0\n");
}

TEST(Run, CommandReadsStandardInput) {
  const TemporaryFolder folder;
  write_file(folder / "in", "hello\n");
  const Finished told =
      run({"/bin/sh", "-c",
           std::string(NAIRI_MOCK_PROGRAM) + " run -- cat <" + (folder / "in").string()});
  EXPECT_EQ(told.out, "hello\n") << told.err;
}

TEST(Run, OptionsAfterTheCommandAreTheCommands) {
  EXPECT_EQ(run_mock({"run", "echo", "--tls", "--", "-x"}).out, "--tls -- -x\n");
  EXPECT_EQ(run_mock({"run", "--seed", "3", "--", "echo", "--seed"}).out, "--seed\n");
  EXPECT_EQ(run_mock({"run", "--seed=3", "echo", "run"}).out, "run\n");
}

TEST(Run, FakeEndsWithTheCommand) {
  const TemporaryFolder folder;
  const std::string file = folder / "fake.json";
  const Finished ended = run_script("cat " + file, {"--ready-file", file});
  const std::string url = nlohmann::json::parse(ended.out).at("base_url");
  EXPECT_FALSE(fs::exists(file));
  EXPECT_EQ(run_nairi({"agents", "--base-url", url, "--api-key", "nr_a"}).exit_code, 3);
}

const std::string kTellsItsKey = kNairi + " agents --base-url $NAIRI_BASE_URL/$NAIRI_API_KEY; ";

TEST(Run, BrokenRuleWinsOverAGoodEndOnly) {
  const Finished failed = run_script(kTellsItsKey + "exit 0", {"--judge", "fail"});
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_NE(failed.err.find("MUST    broken      auth-on-every-call\n"), std::string::npos)
      << failed.err;
  EXPECT_EQ(failed.out, "");
  EXPECT_EQ(run_script(kTellsItsKey + "exit 0", {"--judge", "warn"}).exit_code, 0);
  EXPECT_EQ(run_script(kTellsItsKey + "exit 5", {"--judge", "fail"}).exit_code, 5);
}

TEST(Run, TwoRunsOfACommandThatFailsAreNoRetry) {
  const std::string look = kNairi + " messages job_01KP3SRTDEBBB61MF4T1X9BMVF; ";
  const Finished twice = run_script(look + look + "exit 0", {"--judge", "fail"});
  EXPECT_EQ(twice.exit_code, 0) << twice.err;
  EXPECT_NE(twice.err.find("MUST    not judged  no-retry-on-4xx\n"), std::string::npos)
      << twice.err;
}

// What is said of a client that looked once at its turn, and is still there when a signal comes.
// The command ends at USR1 by itself, with this exit code, at others because of them.
std::string judged_when_waiting_at(int signal, const std::string& exit_code = "0") {
  const TemporaryFolder folder;
  const std::string file = folder / "ready";
  Program program({NAIRI_MOCK_PROGRAM, "run", "--judge", "warn", "--ready-file", file, "--", "sh",
                   "-c", "trap 'exit " + exit_code + "' USR1; echo there; while :; do :; done"});
  while (program.out().empty()) std::this_thread::yield();
  const auto line = nlohmann::json::parse(read_file(file));
  const std::string url = line.at("control_url");
  mock::Wire wire(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
  const std::string key = "Authorization: Bearer nr_test\r\n";
  const auto started = wire.ask(mock::post("/api/public/v1/conversations/start",
                                           R"({"agent_id": "my-agent", "prompt": "go"})", key));
  const std::string message = nlohmann::json::parse(started.body).at("message_id");
  wire.ask(mock::get("/api/public/v1/messages/" + message, key));
  program.signal(signal);
  const std::string said = program.wait().err;
  const std::size_t end = said.find("  polls-until-terminal\n");
  return end == std::string::npos ? said : said.substr(end - 10, 10);
}

TEST(Run, ClientThatWasWaitingWhenASignalCameIsNotJudgedForThat) {
  EXPECT_EQ(judged_when_waiting_at(SIGUSR1), "broken    ");
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    EXPECT_EQ(judged_when_waiting_at(signal), "not judged") << signal;
  }
}

TEST(Run, CommandThatSaysItWasEndedBySignalIsTakenAtItsWord) {
  EXPECT_EQ(judged_when_waiting_at(SIGUSR1, "3"), "broken    ");
  for (const char* code : {"124", "130", "137", "143"}) {
    EXPECT_EQ(judged_when_waiting_at(SIGUSR1, code), "not judged") << code;
  }
}

TEST(Run, LogsIfTold) {
  const Finished logged = run_script(kNairi + " agents >/dev/null", {"--log", "text"});
  EXPECT_NE(logged.err.find(" 200 GET /api/public/v1/agents\n"), std::string::npos) << logged.err;
  EXPECT_EQ(logged.err.find("Ctrl-C"), std::string::npos) << logged.err;
}

struct NoStart {
  const char* name;
  const char* program;  // in the folder of the test
  int exit_code;
  const char* said;
};

class RunOfNoProgram : public ::testing::TestWithParam<NoStart> {};

TEST_P(RunOfNoProgram, SaysWhyAndExitsAsAShellDoes) {
  const TemporaryFolder folder;
  write_file(folder / "plain", "hello\n");
  write_file(folder / "no-interpreter", "#!/nonexistent/x\n");
  write_file(folder / "no-marker", "echo hello\n");
  for (const char* name : {"no-interpreter", "no-marker"}) {
    fs::permissions(folder / name, fs::perms::owner_all);
  }
  const Finished none = run({"/bin/sh", "-c",
                             std::string("cd ") + folder.path().string() + "; " +
                                 NAIRI_MOCK_PROGRAM + " run " + GetParam().program});
  EXPECT_EQ(none.exit_code, GetParam().exit_code);
  EXPECT_EQ(none.out, "");
  EXPECT_EQ(none.err, std::string("nairi-mock: can't run ") + GetParam().said + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    Of, RunOfNoProgram,
    ::testing::Values(
        NoStart{"Missing", "nairi-nothing", 127,
                "\"nairi-nothing\": there is no such program in the folders of PATH"},
        NoStart{"MissingFile", "./nothing", 127, "\"./nothing\": there is no such file"},
        NoStart{"WordsInOne", "'nairi-nothing -q'", 127,
                "\"nairi-nothing -q\": there is no such program: give its words one by one, or "
                "say sh -c '...'"},
        NoStart{"Plain", "./plain", 126, "\"./plain\": Permission denied (is it executable?)"},
        NoStart{"Folder", ".", 126, "\".\": it is a folder"},
        NoStart{
            "NoInterpreter", "./no-interpreter", 127,
            "\"./no-interpreter\": the program that its first line names after #! is not there"},
        NoStart{"NoMarker", "./no-marker", 126,
                "\"./no-marker\": it is no program of this machine, nor a script that begins with "
                "#!"}),
    [](const auto& start) { return start.param.name; });

}  // namespace
}  // namespace nairi::tests
