// nairi-contract as its users run it: exit codes, what it says, and the files that it writes.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "files.h"
#include "program.h"

namespace nairi::tests {
namespace {

using nlohmann::json;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Finished contract(const Words& arguments) {
  Words words{NAIRI_CONTRACT_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run(words);
}

// A case that every server passes, fails or differs in: "expects" is the pattern of the status.
std::string case_expecting(const std::string& name, const std::string& status) {
  return R"({"name": ")" + name + R"(", "why": "REFERENCE: Agents", "source": "documented",
    "steps": [{"id": "agents", "call": {"get": "/agents"}, "reply": {"status": )" +
         status + "}}]}";
}

class TheProgram : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    write_file(folder_ / name, text);
    return folder_ / name;
  }
  std::string path(const std::string& name) const { return folder_ / name; }

  std::string passing() { return write("passing.json", case_expecting("passing", "200")); }
  std::string failing() { return write("failing.json", case_expecting("failing", "418")); }
  std::string differing() {
    return write("differing.json",
                 case_expecting("differing", R"({"source": "assumed", "in": [418]})"));
  }

  TemporaryFolder folder_;
};

TEST_F(TheProgram, EndsWith0WhenNothingIsBroken) {
  const Finished run = contract({"server", "--case", "lifecycle/*"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, StartsWith("our fake, in-process: "));
  EXPECT_EQ(run.err, "");
}

TEST_F(TheProgram, EndsWith1WhenAContractIsBroken) {
  const Finished run = contract({"server", "--contracts", failing()});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.out, StartsWith("FAILED failing (documented)\n"));
  EXPECT_THAT(run.out, HasSubstr("agents: status (documented)\n      wanted the number 418\n"
                                 "      got    the number 200\n"));
}

TEST_F(TheProgram, SaysHowToRunACaseAgain) {
  const std::string file = failing();
  const Finished run = contract({"server", "--contracts", file, "--over", "http"});
  EXPECT_THAT(run.out, HasSubstr("  again: nairi-contract server --contracts " + file +
                                 " --over http --case failing --trace\n"));
  const Finished again =
      contract({"server", "--contracts", file, "--over", "http", "--case", "failing", "--trace"});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.out, HasSubstr("    agents> GET /agents\n    agents< 200 [{"));
}

TEST_F(TheProgram, LetsAServerDifferFromAssumptionsUnlessStrict) {
  const std::string file = differing();
  const Finished run = contract({"server", "--contracts", file});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, StartsWith("DIFFERS differing"));
  EXPECT_EQ(contract({"server", "--contracts", file, "--strict"}).exit_code, 1);
}

TEST_F(TheProgram, EndsWith2ForABadCaseFile) {
  const Finished run = contract({"server", "--contracts", write("bad.json", R"({"name": 3})")});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("bad.json:1:10: /name: expected a string, got the number 3\n"));
}

TEST_F(TheProgram, EndsWith2ForACaseThatIsNotThere) {
  const Finished run = contract({"server", "--case", "lifecycle/complets"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.err,
            "nairi-contract: no case is called \"lifecycle/complets\"; did you mean "
            "\"lifecycle/completes\"?\nnairi-contract server --list names them all.\n");
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(contract({"client", "--case", "nope"}).err,
              EndsWith("\nnairi-contract client --list names them all.\n"));
}

TEST_F(TheProgram, EndsWith2ForACaseOfTheOtherSide) {
  const Finished client = contract({"client", "--case", "auth/missing-key"});
  EXPECT_EQ(client.exit_code, 2);
  EXPECT_EQ(client.err,
            "nairi-contract: \"auth/missing-key\" has no part for a client: "
            "nairi-contract server plays it\n");
  const Finished server = contract({"server", "--case", "client/uploads-a-file"});
  EXPECT_EQ(server.exit_code, 2);
  EXPECT_EQ(server.err,
            "nairi-contract: \"client/uploads-a-file\" has no part for a server: "
            "nairi-contract client plays it\n");
  EXPECT_EQ(contract({"client", "--contracts", passing()}).err,
            "nairi-contract: none of these cases has a part for a client: nairi-contract server "
            "plays them\n");
}

TEST_F(TheProgram, EndsWith2ForABadStatesFile) {
  struct {
    const char* text;
    const char* said;
  } const files[]{{R"({"agent": })", "states.json:1:11: not JSON"},
                  {"[]", "states.json: expected an object of names and texts, got an array"},
                  {R"({"agent": 3})", "states.json: /agent: expected a text, got the number 3"},
                  {"{}", "--target needs --api-key, or \"api_key\" in the --states file"}};
  for (const auto& [text, said] : files) {
    const Finished run = contract(
        {"server", "--target", "http://127.0.0.1:9", "--states", write("states.json", text)});
    EXPECT_EQ(run.exit_code, 2) << text;
    EXPECT_THAT(run.err, HasSubstr(said));
  }
  const Finished missing =
      contract({"server", "--target", "http://127.0.0.1:9", "--states", path("none.json")});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err, HasSubstr("can't read " + path("none.json")));
}

TEST_F(TheProgram, TellsOfAMisspeltState) {
  const std::string states =
      write("states.json", R"({"api_key": "k", "agent": "a", "slak_job": "job_1", "mine": "x"})");
  const Finished run = contract({"server", "--target", "http://127.0.0.1:9", "--states", states,
                                 "--case", "lifecycle/completes"});
  EXPECT_THAT(run.err, HasSubstr("states.json: no case asks for \"slak_job\"; did you mean "
                                 "\"slack_job\"?\n"));
  EXPECT_THAT(run.err, Not(HasSubstr("\"agent\"")));
  EXPECT_THAT(run.err, Not(HasSubstr("mine")));
}

TEST_F(TheProgram, EndsWith2ForABadCommandLine) {
  for (const Words& words :
       {Words{}, Words{"serve"}, Words{"server", "--over", "pigeon"},
        Words{"server", "--source", "rumour"}, Words{"client", "--jobs", "0"}}) {
    const Finished run = contract(words);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.err, HasSubstr("--help."));
  }
}

// What each mistake is answered with.
TEST_F(TheProgram, TellsMistakesInPlainWords) {
  struct {
    Words words;
    const char* said;
  } const mistakes[]{
      {{},
       "say what to do: server, survey, client, explore, drift, record, import, lint, selftest, "
       "fidelity\nSee nairi-contract "
       "--help."},
      {{"server", "--target", ""},
       "--target needs a value; got \"\"\nSee nairi-contract server --help."},
      {{"server", "--target", " "},
       "--target needs a value; got \" \"\nSee nairi-contract server --help."},
      {{"server", "--target"}, "--target needs a value: URL\nSee nairi-contract server --help."},
      {{"server", "--target", "nonsense", "--api-key", "k"},
       "base URL \"nonsense\": expected http:// or https:// in front"},
      {{"server", "--target", "http://127.0.0.1:9", "--api-key", ""},
       "--api-key needs a value; got \"\"\nSee nairi-contract server --help."},
      {{"server", "--target", "http://127.0.0.1:9", "--api-key", "k", "--ca-file", "/none"},
       "CA file /none: expected a file that can be read"},
      {{"server", "--target", "http://127.0.0.1:9", "--api-key", "k", "--rate", "nan"},
       "--rate takes a number from 0.001 to 1000; got \"nan\"\nSee nairi-contract server --help."},
      {{"server", "--states", "x"},
       "--states goes with --target only\nSee nairi-contract server --help."},
      {{"server", "--over", "http", "--target", "http://127.0.0.1:9"},
       "--over goes with our own fake only\nSee nairi-contract server --help."},
      {{"server", "--junit", "a", "--junit", "b"},
       "--junit is given more than once\nSee nairi-contract server --help."},
      {{"server", "--trace=yes"}, "--trace takes no value\nSee nairi-contract server --help."},
      {{"server", "extra"}, "\"extra\" is one word too many\nSee nairi-contract server --help."},
      {{"client", "--jobs", "65", "--", "true"},
       "--jobs takes a whole number from 1 to 64; got \"65\"\nSee nairi-contract client --help."},
      {{"client", "--deadline", "-1", "--", "true"},
       "--deadline takes a whole number from 1 to 3600; got \"-1\"\n"
       "See nairi-contract client --help."},
      {{"client", "--stdio"},
       "--stdio goes with a COMMAND only\nSee nairi-contract client --help."},
      {{"client", "--"}, "there is no COMMAND after --\nSee nairi-contract client --help."},
      {{"explore", "--"}, "there is no COMMAND after --\nSee nairi-contract explore --help."},
      {{"explore", "--", "no-such-client"}, "there is no program \"no-such-client\""},
      {{"explore", "--stdio"},
       "--stdio goes with a COMMAND only\nSee nairi-contract explore --help."},
      {{"explore", "--runs", "0"},
       "--runs takes a whole number from 1 to 2147483647; got \"0\"\n"
       "See nairi-contract explore --help."},
      {{"explore", "--seed", "one"},
       "--seed takes a whole number from 0 to 2147483647; got \"one\"\n"
       "See nairi-contract explore --help."},
      {{"explore", "--time", "3"},
       "--time takes a time such as 500ms, 30s or 2m; got \"3\"\nSee nairi-contract explore "
       "--help."},
      {{"explore", "--out", "/dev/null/out"},
       "can't make the folder /dev/null/out/explore: Not a directory"},
      {{"client", "--", "no-such-client"}, "there is no program \"no-such-client\""},
      {{"client", "--", "/"}, "no program, or not to be run: \"/\""}};
  for (const auto& [words, said] : mistakes) {
    const Finished run = contract(words);
    EXPECT_EQ(run.exit_code, 2) << said;
    EXPECT_EQ(run.err, std::string("nairi-contract: ") + said + "\n");
  }
}

TEST_F(TheProgram, TriesTheFilesOfAReportBeforeTheRun) {
  const std::string ran = path("ran");
  for (const char* option : {"--junit", "--json", "--markdown", "--known-failing"}) {
    const Finished run = contract({"client", "--case", "client/ask-mode", option, path("none/file"),
                                   "--", "/bin/sh", "-c", "touch " + ran});
    EXPECT_EQ(run.exit_code, 2) << option;
    EXPECT_THAT(run.err, HasSubstr(path("none/file") + ": No such file or directory"));
    EXPECT_EQ(run.out, "");
  }
  EXPECT_FALSE(std::filesystem::exists(ran));
}

TEST_F(TheProgram, DoesNotLoseOutputInSilence) {
  for (const char* lost : {">/dev/full", ">&-"}) {
    for (const char* words : {"--help", "server --list", "server --case lifecycle/completes",
                              "lint contracts/cases/agents/list.json", "fidelity"}) {
      const Finished run =
          tests::run({"/bin/sh", "-c", "cd \"$1\"; exec \"$0\" " + std::string(words) + " " + lost,
                      NAIRI_CONTRACT_PROGRAM, source_path("")});
      EXPECT_EQ(run.exit_code, 2) << words << lost;
      EXPECT_EQ(run.err, "nairi-contract: the output could not be written\n") << words << lost;
    }
  }
  const Finished report = contract({"server", "--contracts", passing(), "--json", "/dev/full"});
  EXPECT_EQ(report.exit_code, 2);
  EXPECT_EQ(report.err, "nairi-contract: can't write /dev/full: No space left on device\n");
}

TEST_F(TheProgram, PassesOverTheMarkThatEditorsPutInFrontOfAFile) {
  const std::string mark = "\xEF\xBB\xBF";
  const std::string list = write("known.txt", mark + "failing\n");
  const Finished known = contract({"server", "--contracts", failing(), "--known-failing", list});
  EXPECT_EQ(known.exit_code, 0) << known.out << known.err;
  const std::string states = write("states.json", mark + R"({"api_key": "k"})");
  EXPECT_EQ(contract({"server", "--target", "http://127.0.0.1:9", "--states", states}).exit_code,
            3);
}

TEST_F(TheProgram, EndsItsClientsAndWritesItsReportsWhenItIsEnded) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    // The client opens a pipe with a name, says so, and then does nothing.
    const std::string pipe = path("pipe" + std::to_string(signal));
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    Program program({NAIRI_CONTRACT_PROGRAM, "client", "--case", "client/*", "--jobs", "1",
                     "--junit", path("junit.xml"), "--json", path("report.js"), "--", "/bin/sh",
                     "-c", "exec 3>" + pipe + "; echo begun >&3; sleep 1000"});
    std::ifstream from_client(pipe);
    std::string word;
    EXPECT_TRUE(from_client >> word);
    program.signal(signal);
    const Finished run = program.wait();
    EXPECT_EQ(run.exit_code, 128 + signal);
    EXPECT_THAT(run.err, HasSubstr("nairi-contract: ended by a signal: "));
    EXPECT_FALSE(from_client >> word);  // the end comes when nobody is left who holds the pipe
    const json report = json::parse(read_file(path("report.js")));
    EXPECT_GT(report.at("cases").size(), 30U);
    for (const json& it : report.at("cases")) EXPECT_EQ(it.at("reason"), "not run") << it;
    EXPECT_THAT(read_file(path("junit.xml")), EndsWith("</testsuites>\n"));
  }
}

TEST_F(TheProgram, EndsWith2WhenAReportCanNotBeWritten) {
  const Finished run =
      contract({"server", "--contracts", passing(), "--junit", path("none/junit.xml")});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("can't write " + path("none/junit.xml")));
}

TEST_F(TheProgram, EndsWith3WhenNothingWasChecked) {
  const Finished none = contract({"server", "--contracts", passing(), "--source", "seed,client"});
  EXPECT_EQ(none.exit_code, 3);
  EXPECT_EQ(none.err, "nairi-contract: nothing was checked\n");
  const Finished nobody =
      contract({"server", "--target", "http://127.0.0.1:9", "--api-key", "nr_a"});
  EXPECT_EQ(nobody.exit_code, 3);
  EXPECT_EQ(nobody.err,
            "nairi-contract: nothing listens on http://127.0.0.1:9: is the server running?\n");
}

TEST_F(TheProgram, ChoosesCasesByTheirSource) {
  const Finished run = contract({"server", "--list", "--source", "seed,client"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, HasSubstr("lifecycle/completes "));
  EXPECT_THAT(run.out, Not(HasSubstr(" documented ")));
  EXPECT_THAT(run.out, Not(HasSubstr(" assumed ")));
}

TEST_F(TheProgram, KnowsWhatIsKnownToFail) {
  const std::string file = failing();
  const std::string list = write("known.txt", "# nobody knows why\nfailing\n");
  const Finished run = contract({"server", "--contracts", file, "--known-failing", list});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, StartsWith("KNOWN failing"));
  EXPECT_THAT(run.out, HasSubstr(": 1 case, 0 passed, 1 known to fail, "));
}

TEST_F(TheProgram, EndsWith1ForAKnownFailureThatPassesOrIsNotThere) {
  const std::string list = write("known.txt", "passing\nmissing\n");
  const Finished run = contract({"server", "--contracts", passing(), "--known-failing", list});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.err, HasSubstr(list + ": passing is listed as failing, but it passed: take it "
                                        "off the list\n"));
  EXPECT_THAT(run.err, HasSubstr(list + ": missing is listed as failing, but no case that ran is "
                                        "called so\n"));
  EXPECT_EQ(
      contract({"server", "--contracts", passing(), "--known-failing", path("none")}).exit_code, 2);
}

TEST_F(TheProgram, WritesReports) {
  passing();
  failing();
  differing();
  const Finished run = contract({"server", "--contracts", folder_.path(), "--junit",
                                 path("junit.xml"), "--json", path("report.js")});
  EXPECT_EQ(run.exit_code, 1);
  const Finished read =
      tests::run({NAIRI_PYTHON, source_path("tests/contracts/junit_counts.py"), path("junit.xml")});
  EXPECT_EQ(
      read.out,
      "our fake, in-process\ntests 3 3\nfailures 1 1\nerrors 0 0\nskipped 1 1\n"
      "contracts differing skipped system-out\ncontracts failing failure\ncontracts passing\n")
      << read.err;
  const json report = json::parse(read_file(path("report.js")));
  EXPECT_EQ(report.at("passed"), 1);
  EXPECT_EQ(report.at("failed"), 1);
  EXPECT_EQ(report.at("differ"), 1);
}

TEST_F(TheProgram, ChecksOurClient) {
  const Finished run = contract({"client", "--case", "client/ask-mode"});
  EXPECT_EQ(run.exit_code, 0) << run.out;
  EXPECT_THAT(run.out, HasSubstr("\ndocs/rules.md says of each rule why, and what to do\n"
                                 "our client, in process: 1 case, 1 passed, "));
}

TEST_F(TheProgram, ChecksAClientThatIsACommand) {
  const Finished run =
      contract({"client", "--case", "client/ask-mode", "--", "/bin/sh", "-c", "echo oops; exit 4"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.out, HasSubstr("crashed: exit code 4"));
  EXPECT_THAT(run.out, HasSubstr("again: nairi-contract client --case client/ask-mode --trace -- "
                                 "/bin/sh -c "));
}

TEST_F(TheProgram, ChecksNothingOfAClientThatCanNot) {
  const Finished run =
      contract({"client", "--case", "client/ask-mode", "--", "/bin/sh", "-c", "exit 127"});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.out, HasSubstr("NOT CHECKED client/ask-mode"));
}

TEST_F(TheProgram, ExploresOurClient) {
  const Finished run = contract({"explore", "--seed", "7", "--runs", "20"});
  EXPECT_EQ(run.exit_code, 0) << run.out;
  EXPECT_THAT(run.out, StartsWith("our client, in process: seed 7, 20 runs, 0 kinds of failure, "));
  EXPECT_EQ(run.err, "");
}

TEST_F(TheProgram, ExploresForSomeTime) {
  const Finished run = contract({"explore", "--time", "20ms"});
  EXPECT_EQ(run.exit_code, 0) << run.out;
}

TEST_F(TheProgram, WritesTheShortestCaseOfAFailureAndSaysHowToRunIt) {
  const Words crashing{"--", "/bin/sh", "-c", "exit 4"};
  Words words{"explore", "--runs", "4", "--out", path("")};
  words.insert(words.end(), crashing.begin(), crashing.end());
  const Finished run = contract(words);
  EXPECT_EQ(run.exit_code, 1) << run.err;
  const std::string name = "explore/seed-1-run-";
  EXPECT_THAT(run.out, HasSubstr("FAILED " + name));
  const std::string file = path(run.out.substr(run.out.find(name), name.size() + 1)) + ".json";
  EXPECT_THAT(run.out, HasSubstr("  result none: seen in 4 runs, this is the shortest\n  again: "
                                 "nairi-contract client --contracts " +
                                 file + " --trace -- /bin/sh -c 'exit 4'\n"));
  EXPECT_EQ(contract({"lint", file}).exit_code, 0);
  words = {"client", "--contracts", file};
  words.insert(words.end(), crashing.begin(), crashing.end());
  EXPECT_EQ(contract(words).exit_code, 1);
}

TEST_F(TheProgram, PrintsTheCaseOfAFailureWhenItHasNoFolder) {
  const Finished run = contract({"explore", "--runs", "1", "--", "/bin/sh", "-c", "exit 4"});
  const std::size_t begin = run.out.find("\n{\n");
  ASSERT_NE(begin, std::string::npos) << run.out;
  const std::string text = run.out.substr(begin, run.out.find("\n}\n") + 3 - begin);
  EXPECT_EQ(json::parse(text).at("name"), "explore/seed-1-run-1");
}

TEST_F(TheProgram, ExploresNothingOfAClientThatCanNot) {
  const Finished run = contract({"explore", "--runs", "3", "--", "/bin/sh", "-c", "exit 127"});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.out, HasSubstr("3 runs, 0 kinds of failure, 3 not checked"));
  EXPECT_THAT(run.err, HasSubstr("nothing was checked"));
}

TEST_F(TheProgram, LintsFiles) {
  const Finished sound = contract({"lint"});
  EXPECT_EQ(sound.exit_code, 0) << sound.err;
  EXPECT_THAT(sound.out, EndsWith(" cases, 0 mistakes\n"));
  const Finished unsound = contract({"lint", failing()});
  EXPECT_EQ(unsound.exit_code, 1);
  EXPECT_THAT(unsound.err, HasSubstr("graded documented"));
}

constexpr const char* kRecordingHead =
    R"({"recording":1,"target":"http://127.0.0.1:9","at":"2026-11-26T16:00:00.000Z","by":"me"})"
    "\n";
constexpr const char* kRecordedList =
    R"({"number":1,"key":"key-1","connection":1,"at":"2026-11-26T16:00:00.000Z","began_us":1,)"
    R"("ended_us":2,"request":{"method":"GET","target":"/agents","headers":[],)"
    R"("body":{"text":"","bytes":0}},"reply":{"status":200,)"
    R"("headers":[["content-type","application/json"]],"body":{"text":"[]","bytes":2}},)"
    R"("ending":"whole"})"
    "\n";

TEST_F(TheProgram, EndsWith2ForARecordingThatDoesNotLoad) {
  const std::string head = kRecordingHead;
  const std::string good = write("good.jsonl", head + kRecordedList);
  EXPECT_EQ(contract({"drift", good}).exit_code, 0);
  struct {
    std::string text;
    const char* said;
  } const files[]{{"", "bad.jsonl:1:1: expected a recording, got nothing"},
                  {"[]\n", "bad.jsonl:1:1: expected an object, got an array"},
                  {R"({"recording":2})"
                   "\n",
                   "/recording: expected an integer from 1 to 1, got the number 2"},
                  {head + "{\"number\":x\n" + kRecordedList, "bad.jsonl:2:11: not JSON"},
                  {head + "{\"number\":1}\n", "bad.jsonl:2:1: missing required key \"key\""}};
  for (const auto& [text, said] : files) {
    const std::string bad = write("bad.jsonl", text);
    for (const Words& words :
         {Words{"drift", bad}, Words{"drift", good, bad}, Words{"drift", good, "--against", bad}}) {
      const Finished run = contract(words);
      EXPECT_EQ(run.exit_code, 2) << text;
      EXPECT_THAT(run.err, HasSubstr(said));
      EXPECT_EQ(run.out, "");
    }
  }
  const Finished missing = contract({"drift", path("none")});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err, HasSubstr("can't read " + path("none")));
}

TEST_F(TheProgram, EndsWith2ForALedgerOrAReportOfDriftThatCanNotBe) {
  const std::string good = write("good.jsonl", std::string(kRecordingHead) + kRecordedList);
  struct {
    Words words;
    const char* said;
  } const runs[]{
      {{"--ledger", write("l.json", "{}")}, "l.json:1:1: missing required key \"fidelity\""},
      {{"--ledger", write("m.json", "x")}, "m.json:1:1: not JSON"},
      {{"--json", path("none/a")}, "can't write"},
      {{"--junit", path("none/a")}, "can't write"},
      {{"--markdown", path("none/a")}, "can't write"}};
  for (const auto& [words, said] : runs) {
    Words all{"drift", good};
    all.insert(all.end(), words.begin(), words.end());
    const Finished run = contract(all);
    EXPECT_EQ(run.exit_code, 2) << words.front();
    EXPECT_THAT(run.err, HasSubstr(said));
  }
}

TEST_F(TheProgram, EndsWith2ForALedgerOfAnotherServiceUnlessAnyIsMeant) {
  const std::string head = kRecordingHead;
  const std::string ledger = path("fidelity.json");
  const std::string one = write("one.jsonl", head + kRecordedList);
  std::string moved = head;
  moved.replace(moved.find(":9"), 2, ":8");
  const std::string other = write("other.jsonl", moved + kRecordedList);
  EXPECT_EQ(contract({"drift", one, "--ledger", ledger}).exit_code, 0);
  const Finished run = contract({"drift", other, "--ledger", ledger});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("--any-service adds it all the same"));
  EXPECT_EQ(contract({"drift", other, "--ledger", ledger, "--any-service"}).exit_code, 0);
}

TEST_F(TheProgram, EndsWith3WhenARecordingHasNothingToCheck) {
  const std::string unknown =
      R"({"number":1,"key":"key-1","connection":1,"at":"2026-11-26T16:00:00.000Z","began_us":1,)"
      R"("ended_us":2,"request":{"method":"GET","target":"/agents","headers":[],)"
      R"("body":{"text":"","bytes":0}},"reply":{"status":0,"headers":[],)"
      R"("body":{"text":"","bytes":0}},"ending":"none"})"
      "\n";
  for (const std::string& lines : {std::string(), unknown}) {
    const Finished run = contract({"drift", write("few.jsonl", kRecordingHead + lines)});
    EXPECT_EQ(run.exit_code, 3) << run.out;
    EXPECT_THAT(run.err, HasSubstr("nothing was checked"));
  }
}

TEST_F(TheProgram, HasHelpEverywhere) {
  for (const Words& words :
       {Words{"-h"}, Words{"server", "-h"}, Words{"client", "-h"}, Words{"explore", "-h"},
        Words{"lint", "-h"}, Words{"selftest", "-h"}}) {
    const Finished run = contract(words);
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.out, HasSubstr("Usage: nairi-contract"));
  }
}

}  // namespace
}  // namespace nairi::tests
