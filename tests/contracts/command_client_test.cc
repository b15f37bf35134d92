// Clients that are programs: what they get, and what the report says of each way to fail.
// The clients are shell scripts; the only one that anybody waits for is one that hangs.
#include "harness/client/command_client.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace nairi::contracts {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Kind = ClientAnswer::Kind;

constexpr milliseconds kShort{200};  // for clients that hang
constexpr milliseconds kLong{60'000};
constexpr std::size_t kMoreThanAPipeHolds = 100'000;

CommandOptions shell(const std::string& script, milliseconds deadline = kLong) {
  return {.command = {"/bin/sh", "-c", script}, .deadline = deadline, .stdio = false};
}

CommandOptions shell_with_stdio(const std::string& script, milliseconds deadline = kLong) {
  CommandOptions options = shell(script, deadline);
  options.stdio = true;
  return options;
}

Json job(const std::string& id = "a") {
  return {{"id", id}, {"base_url", "http://127.0.0.1:9/api/public/v1"}, {"api_key", "nr_a"}};
}

ClientAnswer run(const std::string& script, milliseconds deadline = kLong) {
  return command_client(shell(script, deadline))(job());
}

// A pipe that is open for writing in us and in what we start. Reading from it ends only when
// all of them are gone: a process that is a zombie until somebody collects it counts as gone.
class Lifeline {
 public:
  Lifeline() {
    if (::pipe(ends_.data()) != 0) throw std::runtime_error("no pipe");
    ::fcntl(ends_[0], F_SETFD, FD_CLOEXEC);
  }
  ~Lifeline() { ::close(ends_[0]); }
  Lifeline(const Lifeline&) = delete;
  Lifeline& operator=(const Lifeline&) = delete;

  // Whether all who held it have gone. Waits for those that are about to.
  bool all_gone() {
    ::close(ends_[1]);
    pollfd file{ends_[0], POLLIN, 0};
    constexpr int kMostMs = 10'000;
    return ::poll(&file, 1, kMostMs) == 1 && (file.revents & POLLHUP) != 0;
  }

 private:
  std::array<int, 2> ends_{};
};

TEST(ACommandClient, GetsItsJobInItsEnvironment) {
  const ClientAnswer answer =
      run(R"(printf '{"outcome": "completed", "job": %s, "url": "%s", "key": "%s"}\n' )"
          R"("$NAIRI_JOB" "$NAIRI_BASE_URL" "$NAIRI_API_KEY")");
  ASSERT_EQ(answer.kind, Kind::answered) << answer.how;
  EXPECT_EQ(answer.result, Json({{"outcome", "completed"},
                                 {"job", job()},
                                 {"url", "http://127.0.0.1:9/api/public/v1"},
                                 {"key", "nr_a"}}));
}

TEST(ACommandClient, GetsTheCaUnderTheNamesThatLibrariesKnow) {
  Json with_ca = job();
  with_ca["ca_file"] = "/tmp/ca.pem";
  const ClientAnswer answer = command_client(shell(
      R"(echo "{\"outcome\": \"$SSL_CERT_FILE $NODE_EXTRA_CA_CERTS $REQUESTS_CA_BUNDLE\"}")"))(
      with_ca);
  EXPECT_EQ(answer.result["outcome"], "/tmp/ca.pem /tmp/ca.pem /tmp/ca.pem");
}

TEST(ACommandClient, IsAnsweredWithoutALineEnd) {
  EXPECT_EQ(run(R"(printf '{"outcome": "failed"}')").result["outcome"], "failed");
}

TEST(ACommandClient, ThatIsEndedByASignalCrashed) {
  const ClientAnswer answer = run("echo before >&2; kill -SEGV $$");
  EXPECT_EQ(answer.kind, Kind::broke);
  EXPECT_EQ(answer.how, "crashed: Segmentation fault");
  EXPECT_EQ(answer.notes, "before\n");
}

TEST(ACommandClient, ThatExitsWithAnyOtherCodeCrashed) {
  const ClientAnswer answer = run(R"(echo '{"outcome": "completed"}'; echo why >&2; exit 3)");
  EXPECT_EQ(answer.kind, Kind::broke);
  EXPECT_EQ(answer.how, "crashed: exit code 3");
  EXPECT_EQ(answer.notes, "why\n");
}

TEST(ACommandClient, SaysThatItCanNotByExitCode127) {
  EXPECT_EQ(run("exit 127").kind, Kind::unsupported);
}

TEST(ACommandClient, SaysThatItCanNotByExitCode127InWordsOfItsOwnToo) {
  for (const char* said : {"", "unsupported: conversations", "operation not found", "no uploads",
                           "not found: conversations", "agents: not supported\\n"}) {
    EXPECT_EQ(run("printf '" + std::string(said) + "' >&2; exit 127").kind, Kind::unsupported)
        << said;
  }
}

TEST(ACommandClient, ThatMissesAProgramCrashed) {
  for (const char* script :
       {"no-such-program", "true; no-such-program --now", "/no/such/program", "env no-such-program",
        "bash -c no-such-program", "set -e; printf 'log\\n' >&2; no-such-program; true"}) {
    const ClientAnswer answer = run(script);
    EXPECT_EQ(answer.kind, Kind::broke) << script << answer.notes;
    EXPECT_EQ(answer.how, "crashed: exit code 127, as a program or a file is missing");
    EXPECT_THAT(answer.notes, HasSubstr("no"));
  }
}

TEST(ACommandClient, MayOpenItsStandardFilesByName) {
  const ClientAnswer answer = run(
      R"(cat </dev/stdin; echo note >/dev/stderr; echo '{"outcome": "completed"}' >/dev/stdout)");
  EXPECT_EQ(answer.kind, Kind::answered) << answer.how << answer.notes;
  EXPECT_EQ(answer.notes, "note\n");
}

TEST(ACommandClient, ReachesUsPastAProxy) {
  struct {
    const char* upper;  // as they are set for us; null: not at all
    const char* lower;
    const char* seen;
  } const kProxies[]{
      {nullptr, nullptr, "127.0.0.1,localhost,::1 127.0.0.1,localhost,::1"},
      {"a", nullptr, "a,127.0.0.1,localhost,::1 a,127.0.0.1,localhost,::1"},
      {nullptr, "b", "b,127.0.0.1,localhost,::1 b,127.0.0.1,localhost,::1"},
      {"a", "b", "a,127.0.0.1,localhost,::1 b,127.0.0.1,localhost,::1"},
  };
  const auto set = [](const char* name, const char* value) {
    if (value == nullptr) {
      ::unsetenv(name);
    } else {
      ::setenv(name, value, 1);
    }
  };
  for (const auto& [upper, lower, seen] : kProxies) {
    set("NO_PROXY", upper);
    set("no_proxy", lower);
    EXPECT_EQ(run(R"(echo "{\"outcome\": \"$NO_PROXY $no_proxy\"}")").result["outcome"], seen);
  }
  set("NO_PROXY", nullptr);
  set("no_proxy", nullptr);
}

TEST(ACommandClient, IsEndedWhenTheRunIs) {
  Lifeline lifeline;
  std::stop_source source;
  CommandOptions options = shell("sleep 1000");
  options.stop = source.get_token();
  std::thread other([&] { source.request_stop(); });
  EXPECT_EQ(command_client(options)(job()).kind, Kind::stopped);
  other.join();
  EXPECT_TRUE(lifeline.all_gone());
}

TEST(ACommandClient, SaysThatItCanNotByItsOutcome) {
  EXPECT_EQ(run(R"(echo '{"outcome": "unsupported"}')").kind, Kind::unsupported);
}

TEST(ACommandClient, ThatPrintsGarbageGivesNoResult) {
  for (const char* garbage : {"hello", "[]", "{}", "\\377\\376", "{\"outcome\": ", "3"}) {
    const ClientAnswer answer = run(std::string("printf '%b\\n' '") + garbage + "'; echo note >&2");
    EXPECT_EQ(answer.kind, Kind::broke) << garbage;
    EXPECT_THAT(answer.how, StartsWith("printed no result: expected one line of JSON")) << garbage;
    EXPECT_EQ(answer.notes, "note\n");
  }
}

TEST(ACommandClient, ThatPrintsNothingGivesNoResult) {
  EXPECT_THAT(run("true").how, HasSubstr("got \"\""));
}

TEST(ACommandClient, ThatPrintsTwoLinesGivesNoResult) {
  const ClientAnswer answer =
      run(R"(echo '{"outcome": "completed"}'; echo '{"outcome": "failed"}')");
  EXPECT_EQ(answer.kind, Kind::broke);
  EXPECT_THAT(answer.how, StartsWith("printed no result"));
}

TEST(ACommandClient, ThatHangsIsEnded) {
  Lifeline lifeline;
  constexpr milliseconds kEnoughToSpeak{2000};
  const ClientAnswer answer = run("echo waiting >&2; sleep 1000", kEnoughToSpeak);
  EXPECT_EQ(answer.kind, Kind::broke);
  EXPECT_THAT(answer.how, StartsWith("hung"));
  EXPECT_EQ(answer.notes, "waiting\n");
  EXPECT_TRUE(lifeline.all_gone());
}

TEST(ACommandClient, ThatDoesNotListenToSigtermIsKilled) {
  Lifeline lifeline;
  const ClientAnswer answer = run("trap '' TERM; sleep 1000; sleep 1000", kShort);
  EXPECT_THAT(answer.how, StartsWith("hung"));
  EXPECT_TRUE(lifeline.all_gone());
}

TEST(ACommandClient, ThatEndsOnSigtermHungAllTheSame) {
  const ClientAnswer answer = run(
      R"(trap 'echo "{\"outcome\": \"completed\"}"; exit 0' TERM; while :; do sleep 0.05; done)",
      kShort);
  EXPECT_EQ(answer.kind, Kind::broke);
  EXPECT_THAT(answer.how, StartsWith("hung"));
}

TEST(ACommandClient, LeavesNoChildBehind) {
  Lifeline lifeline;
  const ClientAnswer answer = run(R"(sleep 1000 & echo '{"outcome": "completed"}')");
  EXPECT_EQ(answer.kind, Kind::answered) << answer.how;
  EXPECT_TRUE(lifeline.all_gone());
}

// Nobody can end what left the process group, but nobody has to wait for it either.
TEST(ACommandClient, IsNotWaitedForWhenAChildLeftItsGroup) {
  const ClientAnswer answer =
      run(R"(setsid sleep 1000 & echo "{\"outcome\": \"completed\", \"child\": $!}")");
  ASSERT_EQ(answer.kind, Kind::answered) << answer.how;
  ::kill(answer.result["child"].get<pid_t>(), SIGKILL);
}

TEST(ACommandClient, ThatFloodsIsEnded) {
  const ClientAnswer answer = run("yes");
  EXPECT_EQ(answer.kind, Kind::broke);
  EXPECT_EQ(answer.how, "wrote more output than is read");
}

TEST(ACommandClient, MayWriteMuchOnBothSides) {
  const ClientAnswer answer = run(R"sh(
    yes | head -c 1000000 >&2
    printf '{"outcome": "%s"}' "$(yes zzzzzzz | head -c 1000000 | tr -d '[:space:]')")sh");
  ASSERT_EQ(answer.kind, Kind::answered) << answer.how.substr(0, 200);
  EXPECT_EQ(answer.result["outcome"].get<std::string>().size(), 875'000U);
  EXPECT_EQ(answer.notes.size(), 1'000'000U);
}

TEST(ACommandClient, ThatIsNotThereCanNotBeStarted) {
  const ClientAnswer answer = command_client({.command = {"no-such-client"}})(job());
  EXPECT_EQ(answer.kind, Kind::broke);
  EXPECT_EQ(answer.how, "can't start no-such-client: No such file or directory");
}

TEST(ACommandClient, ReadsNoInput) {
  EXPECT_EQ(run(R"(cat >&2; echo '{"outcome": "completed"}')").kind, Kind::answered);
}

TEST(ACommandClient, RunsSeveralJobsAtATime) {
  const RemoteClient client = command_client(shell(R"(printf '{"outcome": %s}\n' "$NAIRI_JOB")"));
  constexpr std::size_t kJobs = 8;
  std::array<ClientAnswer, kJobs> answers;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kJobs; ++i) {
      threads.emplace_back([&, i] { answers[i] = client(job(std::to_string(i))); });
    }
  }
  for (std::size_t i = 0; i < kJobs; ++i) {
    EXPECT_EQ(answers[i].result["outcome"], job(std::to_string(i))) << answers[i].how;
  }
}

// Answers each job with its own process id; job "crash" ends it, job "hang" never comes back.
constexpr const char* kLoop = R"(
while read -r job; do
  case "$job" in
    *crash*) echo "it was $job" >&2; kill -KILL $$ ;;
    *leave*) exit 3 ;;
    *cannot*) exit 127 ;;
    *hang*) sleep 1000 ;;
    *garbage*) echo oh ;;
    *) echo "{\"outcome\": \"completed\", \"pid\": $$, \"job\": $job}" ;;
  esac
done)";

TEST(AStdioClient, DoesManyJobsInOneProcess) {
  const RemoteClient client = command_client(shell_with_stdio(kLoop));
  const ClientAnswer first = client(job("one"));
  const ClientAnswer second = client(job("two"));
  ASSERT_EQ(first.kind, Kind::answered) << first.how;
  EXPECT_EQ(first.result["job"], job("one"));
  EXPECT_EQ(second.result["job"], job("two"));
  EXPECT_EQ(first.result["pid"], second.result["pid"]);
}

TEST(AStdioClient, IsStartedAnewAfterACrash) {
  const RemoteClient client = command_client(shell_with_stdio(kLoop));
  const ClientAnswer before = client(job("one"));
  const ClientAnswer crashed = client(job("crash"));
  const ClientAnswer after = client(job("two"));
  EXPECT_EQ(crashed.kind, Kind::broke);
  EXPECT_EQ(crashed.how, "crashed: Killed");
  EXPECT_THAT(crashed.notes, HasSubstr("\"id\":\"crash\""));
  ASSERT_EQ(after.kind, Kind::answered) << after.how;
  EXPECT_EQ(after.result["job"], job("two"));
  EXPECT_NE(before.result["pid"], after.result["pid"]);
}

TEST(AStdioClient, ThatLeavesHasNoResult) {
  const RemoteClient client = command_client(shell_with_stdio(kLoop));
  EXPECT_EQ(client(job("leave")).how, "crashed: exit code 3");
  EXPECT_EQ(client(job("cannot")).kind, Kind::unsupported);
  EXPECT_THAT(command_client(shell_with_stdio("true"))(job()).how, StartsWith("printed no result"));
}

TEST(AStdioClient, ThatHangsIsEnded) {
  Lifeline lifeline;
  EXPECT_THAT(command_client(shell_with_stdio(kLoop, kShort))(job("hang")).how, StartsWith("hung"));
  EXPECT_TRUE(lifeline.all_gone());
}

TEST(AStdioClient, ThatPrintsGarbageGoesOn) {
  const RemoteClient client = command_client(shell_with_stdio(kLoop));
  EXPECT_THAT(client(job("garbage")).how, StartsWith("printed no result"));
  EXPECT_EQ(client(job("two")).kind, Kind::answered);
}

TEST(AStdioClient, MustNotAnswerTheNextJobBeforeItIsAsked) {
  const RemoteClient client = command_client(shell_with_stdio(
      R"(while read -r job; do echo '{"outcome": "completed", "id": "one"}'; echo '{"outcome": "failed", "id": "one"}'; done)"));
  EXPECT_EQ(client(job("one")).kind, Kind::answered);
  const ClientAnswer second = client(job("two"));
  EXPECT_EQ(second.kind, Kind::broke);
  EXPECT_EQ(second.how, "answered another job: expected the id \"two\", got the text \"one\"");
}

TEST(AStdioClient, ThatDoesNotReadALargeJobIsEndedAtItsDeadline) {
  Json large = job();
  large["prompts"] = {std::string(kMoreThanAPipeHolds, 'x')};
  EXPECT_THAT(command_client(shell_with_stdio("sleep 1000", kShort))(large).how,
              StartsWith("hung"));
}

TEST(AStdioClient, ThatEndsBeforeItsJobIsReadHarmsNobody) {
  Json large = job();
  large["prompts"] = {std::string(kMoreThanAPipeHolds, 'x')};
  EXPECT_EQ(command_client(shell_with_stdio("exit 3"))(large).how, "crashed: exit code 3");
}

TEST(AStdioClient, IsGoneWithItsOwner) {
  Lifeline lifeline;
  {
    const RemoteClient client = command_client(shell_with_stdio(kLoop));
    client(job("one"));
  }
  EXPECT_TRUE(lifeline.all_gone());
}

}  // namespace
}  // namespace nairi::contracts
