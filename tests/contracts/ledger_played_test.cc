// What recordings settle, as users see it. A whole conversation: our fake confirms what it plays,
// and a server that somebody else wrote refutes what it does otherwise on purpose, and nothing
// else.
#include <gmock/gmock.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "files.h"
#include "harness/client/process.h"
#include "harness/drift/ledger.h"
#include "harness/server/subject.h"
#include "nairi/http_transport.h"
#include "nairi/mock/fidelity.h"
#include "nairi/mock/in_process.h"
#include "nairi/mock/world_file.h"
#include "played_recording.h"
#include "program.h"

namespace nairi::contracts {
namespace {

using ::testing::HasSubstr;
using Ids = std::set<std::string>;

constexpr std::size_t kLeastConfirmed = 60;

// What tests/foreign/server.py does otherwise, by its head and its turns.
const Ids& foreign_choices() {
  static const Ids ids = {
      "continue-status",
      "continue-when-ended",
      "conversations-outlive-their-agent",
      "deltas-and-the-answer",
      "deploy-says",
      "descriptions-are-of-bash",
      "eleventh-attachment",
      "empty-parameter",
      "empty-turn-has-no-answer",
      "error-texts-are-short",
      "files-have-names",
      "first-status",
      "foreign-attachment",
      "foreign-id",
      "instances-count-may-be-absent",
      "list-fields",
      "new-agents-are-not-deployed",
      "next-cursor",
      "notices-are-markdown",
      "notices-follow",
      "offset-over-63-bits",
      "origin-before-body",
      "other-origins-are-listed",
      "other-origins-can-be-read",
      "progress-status",
      "reasons-of-completion",
      "retry-makes-active",
      "scheme-case",
      "slug-of-a-new-agent",
      "start-status",
      "start-with-null",
      "subagent-starts",
      "text-of-bad-limit",
      "text-of-bad-offset",
      "text-of-bad-sort",
      "text-of-bad-status",
      "text-of-bad-updated-after",
      "text-of-body-that-is-no-json",
      "text-of-invalid-attachment-id",
      "text-of-invalid-job-id",
      "text-of-invalid-key",
      "text-of-invalid-message-id",
      "text-of-missing-agent",
      "text-of-missing-key",
      "text-of-missing-prompt",
      "text-of-unknown-agent",
      "text-of-unknown-message",
      "tools-come-in-pairs",
      "turns-in-order",
      "ulid-over-128-bits",
      "unknown-attachment",
      "unknown-conversation",
      "unknown-fields",
      "upload-status",
  };
  return ids;
}

struct Outcome {
  Ids confirmed;
  Ids refuted;          // at least once
  Ids refuted_guesses;  // of these, what is assumed
};

Outcome outcome_of(const Recording& recording) {
  Outcome outcome;
  Ledger ledger;
  const auto settled = ledger.settle(recording, "played");
  const auto taken = mock::parse_fidelity(ledger.to_text());
  const mock::Diagnostics remarks = taken ? taken->hints : taken.error();
  EXPECT_EQ(mock::to_string(remarks, "\n"), "");
  for (const Settled& one : *settled) {
    (one.refuted == 0 ? outcome.confirmed : outcome.refuted).insert(one.id);
    if (one.refuted > 0 && one.source == Source::assumed) outcome.refuted_guesses.insert(one.id);
  }
  return outcome;
}

TEST(ALedgerOfOurFake, ConfirmsWhatItPlaysAndRefutesNothingThatIsAssumed) {
  const auto world = mock::read_worlds({"builtin:default", "builtin:daemon"});
  ASSERT_TRUE(world);
  mock::Fake fake(*world);
  const std::vector<std::string> prompts = {
      "blocks between tools", "subagent with text",   "codex style",
      "heartbeats",           "late progress",        "failure with two messages",
      "answer then error",    "auto-commit failed",   "no response",
      "empty turn",           "late pull request",    "merged pull request",
      "idle completion",      "timeout after an hour"};
  const Outcome outcome =
      outcome_of(Player(mock::in_process(fake), states_of(fake), prompts).play());
  EXPECT_EQ(outcome.refuted_guesses, Ids{});
  EXPECT_GE(outcome.confirmed.size(), kLeastConfirmed);
}

TEST(ALedgerOfAServerWrittenFromReferenceAlone, RefutesWhatItDoesOtherwiseAndNothingElse) {
  const tests::TemporaryFolder folder;
  const std::string file = folder / "states.json";
  Process server({NAIRI_PYTHON, tests::source_path("tests/foreign/server.py"), "--port", "0",
                  "--states-file", file, "--queued-ms", "150", "--pending-ms", "150"},
                 {"PYTHONDONTWRITEBYTECODE=1"});
  const auto line = server.read_line(std::chrono::steady_clock::now() + std::chrono::minutes(1));
  ASSERT_TRUE(line) << "it does not say where it listens";
  const auto transport = HttpTransport::open(Json::parse(*line).at("base_url").get<std::string>());
  ASSERT_TRUE(transport);
  const Json states = Json::parse(tests::read_file(file));
  std::vector<std::string> prompts;
  for (const char* name :
       {"silent_prompt", "tools_prompt", "pull_request_prompt", "closing_prompt"}) {
    prompts.push_back(states.at(name));
  }
  const Outcome outcome =
      outcome_of(Player(*transport, states.get<Values>(), std::move(prompts)).play());
  EXPECT_EQ(outcome.refuted, foreign_choices());
  // What it keeps although nobody says so.
  for (const char* kept : {"errors-are-json", "id-of-another-kind", "prompt-is-unchanged",
                           "terminal-stays", "updated-at-moves", "heartbeat", "padded-base64"}) {
    EXPECT_TRUE(outcome.confirmed.contains(kept)) << kept;
  }
}

// A recording of one start in a file of its own, of that service.
std::string one_start(const tests::TemporaryFolder& folder, const std::string& name, int status,
                      const std::string& service) {
  RecordedExchange start;
  start.at = "2026-11-26T10:00:00.000Z";
  start.method = "POST";
  start.target = "/conversations/start";
  start.number = 1;
  start.status = status;
  start.reply_body.kept = R"({"job_id": "job_01KRK1V46BXS73CSNK2VR35NPJ", "message_id": )"
                          R"("cmsg_01KRK1V46BXS73CSNK2VR35NPM"})";
  start.reply_body.bytes = start.reply_body.kept.size();
  tests::write_file(folder / name,
                    head_line({service, "2026-11-26T10:00:00." + name.substr(0, 3) + "Z", "test"}) +
                        exchange_line(start));
  return folder / name;
}

tests::Finished contract(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{NAIRI_CONTRACT_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return tests::run(words);
}

TEST(DriftWithALedger, SaysHowMuchIsSettledAndThePageShowsIt) {
  const tests::TemporaryFolder folder;
  const std::string ledger = folder / "fidelity.json";
  const std::string first = one_start(folder, "001.jsonl", 202, "https://a.example/api/public/v1");
  const auto drifted = contract({"drift", first, "--ledger", ledger});
  EXPECT_THAT(drifted.out, HasSubstr(ledger + ": settled 1 of "));
  const auto page = contract({"fidelity", "--ledger", ledger});
  EXPECT_EQ(page.exit_code, 0) << page.err;
  EXPECT_THAT(page.out, HasSubstr("| `start-status` refuted 2026-11-26 |"));

  const std::string other = one_start(folder, "002.jsonl", 200, "https://b.example/api/public/v1");
  const auto refused = contract({"drift", other, "--ledger", ledger});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("the ledger is of \"https://a.example/api/public/v1\""));
  EXPECT_EQ(contract({"drift", other, "--ledger", ledger, "--any-service"}).err, "");
  EXPECT_THAT(contract({"fidelity", "--ledger", ledger}).out,
              HasSubstr("`start-status` confirmed 2026-11-26, refuted 2026-11-26"));
}

TEST(DriftWithALedger, SaysWhatIsWrongWithTheCommandLineOrTheFile) {
  const tests::TemporaryFolder folder;
  EXPECT_THAT(contract({"drift", folder / "x", "--any-service"}).err, HasSubstr("--ledger"));
  EXPECT_THAT(contract({"fidelity", "--ledger", folder / "none.json"}).err,
              HasSubstr("none.json: No such file or directory"));
  tests::write_file(folder / "bad.json", R"({"fidelity": 1, "service": "", "statments": {}})");
  const auto bad = contract({"fidelity", "--ledger", folder / "bad.json"});
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_THAT(bad.err, HasSubstr("did you mean \"statements\"?"));
}

}  // namespace
}  // namespace nairi::contracts
