// What a whole conversation settles: our fake confirms what it plays, and a server that somebody
// else wrote refutes what it does otherwise on purpose, and nothing else.
#include <gmock/gmock.h>

#include <chrono>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "files.h"
#include "harness/client/process.h"
#include "harness/drift/ledger.h"
#include "harness/server/subject.h"
#include "nairi/http_transport.h"
#include "nairi/mock/in_process.h"
#include "nairi/mock/world_file.h"
#include "played_recording.h"

namespace nairi::contracts {
namespace {

using Ids = std::set<std::string>;

struct Outcome {
  Ids confirmed;
  Ids refuted;  // at least once
  std::string sentences;
};

Outcome outcome_of(const Recording& recording) {
  Outcome outcome;
  const auto settled = Ledger().settle(recording, "played");
  for (const Settled& one : *settled) {
    (one.refuted == 0 ? outcome.confirmed : outcome.refuted).insert(one.id);
    outcome.sentences += one.sentence + "\n";
  }
  outcome.sentences += settled_sentence(settled->size());
  return outcome;
}

TEST(ALedgerOfOurFake, RefutesNothingThatIsAssumed) {
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
  std::cerr << outcome.sentences << "\n";
  EXPECT_EQ(outcome.refuted, Ids{});
}

TEST(ALedgerOfAServerWrittenFromReferenceAlone, RefutesWhatItDoesOtherwiseOnPurpose) {
  const tests::TemporaryFolder folder;
  const std::string file = folder / "states.json";
  Process server({NAIRI_PYTHON, tests::source_path("tests/foreign/server.py"), "--port", "0",
                  "--states-file", file, "--queued-ms", "100", "--pending-ms", "100"},
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
  std::cerr << outcome.sentences << "\n";
}

}  // namespace
}  // namespace nairi::contracts
