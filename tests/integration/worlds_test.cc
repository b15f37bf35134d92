// `nairi-mock check` and `nairi-mock world`, and the worlds that the fake is given by name or by
// pipe.
#include <gtest/gtest.h>

#include <string>

#include "serving.h"

namespace nairi::tests {
namespace {

TEST(Check, SaysWhatAGoodWorldHolds) {
  const std::string world = source_path("fixtures/worlds/default.json");
  const Finished good = run_mock({"check", world});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_EQ(good.err, "");
  EXPECT_EQ(good.out, world + ": good: 4 agents, 7 jobs, 11 turn scripts, 3 keys\n");
}

TEST(Check, OneBadWorldAmongGoodOnesFails) {
  const Finished checked =
      run_mock({"check", source_path("fixtures/worlds/default.json"), "/nonexistent/w.json"});
  EXPECT_EQ(checked.exit_code, 2);
  EXPECT_NE(checked.out.find("good"), std::string::npos);
  EXPECT_NE(checked.err.find("/nonexistent/w.json"), std::string::npos) << checked.err;
}

TEST(Check, CommandsNoTerminal) {
  const TemporaryFolder folder;
  const std::string path = folder / "w.json";
  write_file(path, R"({"agents": [{"agent_id": "a\u001b[2J\u009b2J\u202e", "\u009b\u202e": 1}]})");
  const Finished checked = run_mock({"check", path});
  EXPECT_EQ(checked.exit_code, 2);
  for (const char* bad : {"\x1b", "\xc2\x9b", "\xe2\x80\xae"}) {
    EXPECT_EQ(checked.err.find(bad), std::string::npos) << checked.err;
  }
  EXPECT_NE(checked.err.find("\\x9b"), std::string::npos) << checked.err;
}

constexpr const char* kUnusual = R"({"turns": [{"timeline": [{"status": "pending", "progress": [
  {"progress_type": "step", "sumary": "s"}]}]}]})";

TEST(Check, HintsAtWhatIsUnusualAndIsContentAllTheSame) {
  const TemporaryFolder folder;
  const std::string path = folder / "w.json";
  write_file(path, kUnusual);
  const Finished checked = run_mock({"check", path});
  EXPECT_EQ(checked.exit_code, 0);
  EXPECT_EQ(checked.out, path + ": good: 0 agents, 0 jobs, 1 turn script, 0 keys\n");
  const std::string place = ": /turns/0/timeline/0/progress/0: hint: ";
  EXPECT_EQ(checked.err, path + ":2:3" + place + "missing required key \"summary\"\n" + path +
                             ":2:29" + place +
                             "unknown key \"sumary\"; did you mean \"summary\"?\n");
}

TEST(Check, WithoutHintsSaysNothingOfTheUnusual) {
  const TemporaryFolder folder;
  write_file(folder / "w.json", kUnusual);
  const Finished checked = run_mock({"check", "--no-hints", folder / "w.json"});
  EXPECT_EQ(checked.exit_code, 0);
  EXPECT_EQ(checked.err, "");
}

TEST(Check, TakesBuiltInWorldsByName) {
  EXPECT_EQ(run_mock({"check", "builtin:daemon", "--no-hints"}).exit_code, 0);
  const Finished unknown = run_mock({"check", "builtin:deamon"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_EQ(unknown.err,
            "builtin:deamon: no world \"deamon\" is built in; did you mean \"daemon\"?\n");
}

// A world from where no file is: standard input, or a pipe.
Finished with_input(const std::string& arguments, const std::string& text) {
  const TemporaryFolder folder;
  write_file(folder / "in", text);
  return run({"/bin/sh", "-c",
              "cat " + (folder / "in").string() + " | " + NAIRI_MOCK_PROGRAM + " " + arguments});
}

TEST(Check, TakesStandardInputAndPipes) {
  const std::string world = R"({"agents": [{"agent_id": "a", "nam": "A"}]})";
  for (const std::string path : {"-", "/dev/stdin"}) {
    const Finished good = with_input("check " + path, R"({"agents": [{"agent_id": "a"}]})");
    EXPECT_EQ(good.exit_code, 0) << good.err;
    EXPECT_EQ(good.out, path + ": good: 1 agent, 0 jobs, 0 turn scripts, 0 keys\n");
    const Finished bad = with_input("check " + path, world);
    EXPECT_EQ(bad.exit_code, 2);
    EXPECT_EQ(bad.err, path + ":1:31: /agents/0: unknown key \"nam\"; did you mean \"name\"?\n");
  }
}

TEST(Serve, TakesAWorldFromAPipe) {
  const Finished asked =
      with_input("run --world /dev/stdin -- " + std::string(NAIRI_PROGRAM) + " agents",
                 R"({"agents": [{"agent_id": "piped"}]})");
  EXPECT_EQ(asked.exit_code, 0) << asked.err;
  EXPECT_TRUE(asked.out.starts_with("piped\t")) << asked.out;
}

TEST(BuiltInWorlds, AreListedAndPrintedAsTheirFiles) {
  EXPECT_EQ(run_mock({"world", "--list"}).out, "daemon\ndefault\nrefund\n");
  EXPECT_EQ(run_mock({"world"}).out, read_file(source_path("fixtures/worlds/default.json")));
  for (const char* name : {"daemon", "default", "refund"}) {
    EXPECT_EQ(run_mock({"world", name}).out,
              read_file(source_path("fixtures/worlds/" + std::string(name) + ".json")));
  }
}

TEST(BuiltInWorlds, OfAnotherNameAreNone) {
  const Finished unknown = run_mock({"world", "attachments/receipt.pdf"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_EQ(unknown.out, "");
  EXPECT_NE(unknown.err.find("is built in"), std::string::npos) << unknown.err;
}

TEST(BuiltInWorlds, AreServedByName) {
  const Serving serving({"--world", "builtin:daemon", "--world", "builtin:default"});
  const Finished agents = serving.ask({"agents"});
  EXPECT_NE(agents.out.find("daemon-agent"), std::string::npos) << agents.out << agents.err;
  EXPECT_NE(agents.out.find("billing-agent"), std::string::npos);
}

}  // namespace
}  // namespace nairi::tests
