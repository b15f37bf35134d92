// The daemon set, fixtures/worlds/daemon.json: each of its turns comes to the same under each
// clock.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "engine/worlds.h"

namespace nairi::mock::testing {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using Texts = std::vector<std::string>;

constexpr std::int64_t kNow = 1'800'000'000'000;

World daemon_world() {
  return *read_worlds({"builtin:daemon"});
}

// A conversation with a fake whose clock the test moves.
class Conversation {
 public:
  Conversation(World world, ClockMode clock)
      : clock_(clock),
        fake_(std::move(world), {.clock = clock, .wall_ms = [this] { return wall_ms_; }}),
        api_(fake_) {}

  void start(const std::string& prompt, bool ask_mode) {
    started_ = api_.start("daemon-agent", prompt, {{"ask_mode", ask_mode}});
  }

  // Goes on until the prompt has its last status.
  std::string end() {
    for (int step = 0; step < 1000; ++step) {
      const std::string status = api_.status(started_.message);
      if (status == "completed" || status == "failed") return status;
      pass(step < 400 ? 100 : 60'000);
    }
    return "";
  }

  // Long enough for everything that comes later.
  void go_on() {
    for (int read = 0; read < 20; ++read) api_.status(started_.message);
    pass(std::int64_t{48} * 3600 * 1000);
  }

  Json timeline() { return api_.messages(started_.job); }
  std::string job_status() { return api_.job_status("daemon-agent", started_.job); }

 private:
  void pass(std::int64_t ms) {
    if (clock_ == ClockMode::virtual_time) fake_.advance(ms);
    if (clock_ == ClockMode::wall) wall_ms_ += ms;
  }

  ClockMode clock_;
  std::int64_t wall_ms_ = kNow;
  Fake fake_;
  Api api_;
  Started started_;
};

// "assistant: It builds.", and of progress "text: …", "tool_use Bash running" and so on.
std::string line_of(const Json& message) {
  if (message.at("role") != "progress") {
    return message.at("role").get<std::string>() + ": " + message.at("content").get<std::string>();
  }
  const Json envelope = Json::parse(message.at("content").get<std::string>());
  std::string line = envelope.at("progress_type");
  for (const char* field : {"tool_use_id", "parent_tool_use_id", "tool_name", "tool_status"}) {
    if (envelope.contains(field)) line += " " + envelope.at(field).get<std::string>();
  }
  for (const char* field : {"text_delta", "summary"}) {
    if (envelope.contains(field)) line += ": " + envelope.at(field).get<std::string>();
  }
  return line;
}

Texts lines_of(const Json& timeline) {
  Texts lines;
  for (const Json& message : timeline) lines.push_back(line_of(message));
  return lines;
}

// One turn: the prompt, its last status, the messages behind it at that moment, those that come
// later, and the job's status in the end.
struct Told {
  const char* name;
  const char* prompt;
  const char* status;
  Texts at_the_end;
  Texts later = {};
  const char* job_status = "active";
  bool ask_mode = false;
};

void PrintTo(const Told& told, std::ostream* out) {
  *out << told.name;
}

const std::vector<Told>& all_told() {
  static const std::vector<Told> all = {
      {"BlocksBetweenTools",
       "blocks between tools",
       "completed",
       {"text: I'll look at the tests first.", "tool_use toolu_01A Bash running",
        "tool_use toolu_01A Bash completed", "text: One fails. I'll read it.",
        "tool_use toolu_01B Read running", "tool_use toolu_01B Read completed",
        "text: The month is counted from zero.", "assistant: The month is counted from zero."}},
      {"LastTwoBlocksJoined",
       "last two blocks joined",
       "completed",
       {"text: Looking.", "tool_use toolu_02A Grep running", "tool_use toolu_02A Grep completed",
        "text: There are three.", "text: All are old.", "assistant: There are three.All are old."}},
      {"AllBlocksJoined",
       "all blocks joined",
       "completed",
       {"text: First I looked.", "step: Reasoning...", "text: Then I understood.",
        "assistant: First I looked.Then I understood."}},
      {"TheLongestBlock",
       "the longest block",
       "completed",
       {"text: The build fails because the lock file is older than the manifest.", "text: Done.",
        "assistant: The build fails because the lock file is older than the manifest."}},
      {"SubagentWithText",
       "subagent with text",
       "completed",
       {"tool_use toolu_03A Task running",
        "subagent toolu_03A running: Subagent started: Find the flaky test",
        "text toolu_03A: I am the subagent, and look at the history.",
        "tool_use toolu_03B toolu_03A Bash running", "tool_use toolu_03B toolu_03A Bash completed",
        "subagent toolu_03A completed: Subagent finished", "tool_use toolu_03A Task completed",
        "text: It is clock_test.", "assistant: It is clock_test."}},
      {"CodexStyle",
       "codex style",
       "completed",
       {"step: Reasoning...", "tool_use shell in_progress", "tool_use apply_patch failed",
        "step updated: Updated checklist: 2/5 items done", "text: The patch does not apply.",
        "assistant: The patch does not apply."}},
      {"OpencodeStyle",
       "opencode style",
       "completed",
       {"tool_use read success", "tool_use bash completed", "text: It builds.",
        "assistant: It builds."}},
      {"Heartbeats",
       "heartbeats",
       "completed",
       {"tool_use toolu_04A Bash running", "tool_heartbeat Bash running: Running for 12s...",
        "tool_heartbeat Bash running: Running for 24s...", "tool_use toolu_04A Bash completed",
        "assistant: Built."}},
      {"ToolsInAskMode",
       "tools in ask mode",
       "completed",
       {"tool_use toolu_05A Read running", "tool_use toolu_05A Read completed",
        "assistant: It is called App."},
       {},
       "active",
       true},
      {"LateProgress",
       "late progress",
       "completed",
       {"tool_use toolu_06A Bash running", "assistant: Built."},
       {"tool_use toolu_06B Bash completed", "text: Built."}},
      {"FailureWithTwoMessages",
       "failure with two messages",
       "failed",
       {"step: Reasoning...",
        "system: nairid encountered error: exit status 1: credit balance is too low",
        "system: nairid encountered error: failed to run the agent: exit status 1: credit balance "
        "is too low"},
       {},
       "error"},
      {"AnswerThenError",
       "answer then error",
       "completed",
       {"assistant: The report is written.",
        "system: nairid encountered error: failed to upload report.pdf"}},
      {"AutoCommitFailed",
       "auto-commit failed",
       "failed",
       {"text: I changed two files.",
        "system: nairid encountered error: auto-commit failed: the branch is protected"},
       {},
       "error"},
      {"NoResponse", "no response", "completed", {"assistant: (agent returned no response)"}},
      {"EmptyTurn", "empty turn", "completed", {}},
      {"LatePullRequest",
       "late pull request",
       "completed",
       {"assistant: The fix is ready."},
       {"system: Agent opened a [pull request](https://github.com/acme/app/pull/42)",
        "system: New commit added: [3f2c1ab](https://github.com/acme/app/commit/3f2c1ab) in "
        "[#42](https://github.com/acme/app/pull/42)"}},
      {"MergedPullRequest",
       "merged pull request",
       "completed",
       {"assistant: The fix is ready."},
       {"system: Agent opened a [pull request](https://github.com/acme/app/pull/43)",
        "system: Job complete - Pull request was merged by Ada"},
       "completed"},
      {"IdleCompletion",
       "idle completion",
       "completed",
       {"assistant: That is all."},
       {"system: Job complete - Thread is inactive"},
       "completed"},
      {"DeletedBranch",
       "deleted branch",
       "completed",
       {"assistant: The branch is pushed."},
       {"system: Agent opened a [pull request](https://github.com/acme/app/pull/44)"},
       "abandoned"},
      {"EmptyAttachment",
       "empty attachment",
       "failed",
       {"system: nairid encountered error: failed to read attachment: file is empty"},
       {},
       "error"},
      {"TimeoutAfterAnHour",
       "timeout after an hour",
       "failed",
       {"tool_use toolu_07A Bash running", "tool_heartbeat Bash running: Running for 1800s...",
        "system: nairid encountered error: session timed out after 1h0m0s"},
       {},
       "error"},
  };
  return all;
}

class DaemonWorld : public ::testing::TestWithParam<Told> {
 protected:
  static void play(ClockMode clock) {
    const Told& told = GetParam();
    Conversation conversation(daemon_world(), clock);
    conversation.start(told.prompt, told.ask_mode);
    EXPECT_EQ(conversation.end(), told.status);
    Texts expected = {"user: " + std::string(told.prompt)};
    const auto expect_also = [&](const Texts& more) {
      expected.insert(expected.end(), more.begin(), more.end());
      EXPECT_THAT(lines_of(conversation.timeline()), ElementsAreArray(expected));
    };
    expect_also(told.at_the_end);
    conversation.go_on();
    expect_also(told.later);
    const Json timeline = conversation.timeline();
    EXPECT_EQ(timeline.at(0).at("status"), told.status);
    std::string before;
    for (const Json& message : timeline) {
      const std::string created_at = message.at("created_at");
      EXPECT_LE(before, created_at);
      before = created_at;
    }
    EXPECT_EQ(conversation.job_status(), told.job_status);
  }
};

TEST_P(DaemonWorld, PlaysUnderThePollClock) {
  play(ClockMode::poll);
}

TEST_P(DaemonWorld, PlaysUnderTheVirtualClock) {
  play(ClockMode::virtual_time);
}

TEST_P(DaemonWorld, PlaysUnderTheWallClock) {
  play(ClockMode::wall);
}

INSTANTIATE_TEST_SUITE_P(Turns, DaemonWorld, ::testing::ValuesIn(all_told()),
                         [](const auto& told) { return std::string(told.param.name); });

TEST(DaemonWorldFile, HasATestForEachTurn) {
  Texts prompts;
  for (const TurnScript& turn : daemon_world().turns) {
    prompts.push_back(turn.when.prompt_contains.value_or(""));
  }
  Texts tested;
  for (const Told& told : all_told()) tested.emplace_back(told.prompt);
  EXPECT_THAT(tested, ::testing::UnorderedElementsAreArray(prompts));
}

TEST(DaemonWorldFile, SaysOfEachTurnWhichStatementsItPlays) {
  const Json file = Json::parse(*built_in_world("daemon"));
  EXPECT_GE(file.at("turns").size(), 21U);
  for (const Json& turn : file.at("turns")) {
    ASSERT_FALSE(turn.at("x-why").empty()) << turn;
    for (const Json& why : turn.at("x-why")) {
      EXPECT_TRUE(why.get<std::string>().starts_with("REFERENCE: ")) << why;
    }
  }
}

TEST(DaemonWorldFile, JoinsTheDefaultWorld) {
  EXPECT_TRUE(read_worlds({"builtin:daemon", "builtin:default"}));
}

TEST(DefaultWorldFile, HasNothingUnusual) {
  const auto checked = check_worlds({"builtin:default"});
  ASSERT_TRUE(checked);
  EXPECT_THAT(checked->hints, IsEmpty());
}

}  // namespace
}  // namespace nairi::mock::testing
