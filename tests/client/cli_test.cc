#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "run.h"
#include "scripted_transport.h"

namespace nairi::tests {
namespace {

class Cli : public ::testing::Test {
 protected:
  int run(const std::vector<std::string>& arguments) {
    std::vector<const char*> argv{"nairi"};
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    out.str("");
    err.str("");
    return cli::run(
        static_cast<int>(argv.size()), argv.data(),
        {.out = out,
         .err = err,
         .variables = [this](const std::string& name) -> std::optional<std::string> {
           const auto at = variables.find(name);
           return at == variables.end() ? std::nullopt : std::optional(at->second);
         },
         .connect = [this](const std::string& base_url,
                           const HttpOptions& options) -> Result<std::shared_ptr<Transport>> {
           connected_to = base_url;
           ca_file = options.ca_file;
           return server;
         },
         .err_is_terminal = terminal,
         .err_columns = [this] { return columns; },
         .stop = source.get_token()});
  }
  void starts() { server->reply(200, R"({"job_id":"job_1","message_id":"cmsg_1"})"); }
  void completes_with(const std::string& text) {
    const auto user = message_json("cmsg_1", "user", "completed", "hi");
    server->reply(200, user);
    server->reply(200,
                  timeline_json({user, message_json("cmsg_2", "assistant", "completed", text)}));
  }
  bool err_has(const std::string& text) { return err.str().find(text) != std::string::npos; }

  std::shared_ptr<ScriptedTransport> server = std::make_shared<ScriptedTransport>();
  std::map<std::string, std::string> variables{{"NAIRI_API_KEY", "nr_test"}};
  bool terminal = false;
  std::size_t columns = 80;
  std::stop_source source;
  std::ostringstream out;
  std::ostringstream err;
  std::string connected_to;
  std::string ca_file;
};

TEST_F(Cli, AskPrintsTheAnswerAndNothingElseOnStdout) {
  starts();
  completes_with("Refunded");
  EXPECT_EQ(run({"ask", "--agent", "billing-agent", "Refund it"}), 0) << err.str();
  EXPECT_EQ(out.str(), "Refunded\n");
  EXPECT_EQ(server->requests[0].body, R"({"agent_id":"billing-agent","prompt":"Refund it"})");
}

TEST_F(Cli, FollowUpsContinueTheConversation) {
  starts();
  completes_with("one");
  starts();
  completes_with("two");
  EXPECT_EQ(run({"ask", "--agent", "a", "1", "--follow-up", "2", "--ask-mode"}), 0) << err.str();
  EXPECT_EQ(out.str(), "one\ntwo\n");
  EXPECT_EQ(server->requests[3].target, "/conversations/job_1/continue");
}

TEST_F(Cli, AskContinuesAConversationThatExists) {
  starts();
  completes_with("two");
  EXPECT_EQ(run({"ask", "--job", "job_1", "And then?"}), 0) << err.str();
  EXPECT_EQ(out.str(), "two\n");
  EXPECT_EQ(server->requests[0].target, "/conversations/job_1/continue");
  EXPECT_EQ(server->requests[0].body, R"({"prompt":"And then?"})");
}

TEST_F(Cli, RefusalToContinueExitsWithOne) {
  server->reply(400, R"({"error":"job is not an API job"})");
  EXPECT_EQ(run({"ask", "--job", "job_1", "Hello"}), 1);
  EXPECT_EQ(out.str(), "");
  EXPECT_TRUE(err_has("400")) << err.str();
  EXPECT_TRUE(err_has("job is not an API job")) << err.str();
}

TEST_F(Cli, AskTakesEitherAnAgentOrAJob) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"ask", "hi"}, {"ask", "--agent", "a", "--job", "job_1", "hi"}}) {
    EXPECT_EQ(run(arguments), 2);
    EXPECT_TRUE(err_has("either --agent (a new conversation) or --job (one that exists)"));
  }
}

TEST_F(Cli, JsonIsOneDocument) {
  starts();
  completes_with("Refunded");
  EXPECT_EQ(run({"ask", "--agent", "a", "hi", "--json"}), 0);
  EXPECT_TRUE(out.str().starts_with("{\n  \"job_id\": \"job_1\",\n  \"turns\": [\n")) << out.str();
  EXPECT_NE(out.str().find("\"reply\": \"Refunded\""), std::string::npos);
}

TEST_F(Cli, FailedTurnExitsWithOneAndEndsTheConversation) {
  starts();
  const auto user = message_json("cmsg_1", "user", "failed", "hi");
  server->reply(200, user);
  server->reply(200, timeline_json({user, message_json("s", "system", "completed", "declined")}));
  EXPECT_EQ(run({"ask", "--agent", "a", "hi", "--follow-up", "more"}), 1);
  EXPECT_EQ(out.str(), "");
  EXPECT_TRUE(err_has("the turn failed: declined"));
  EXPECT_TRUE(server->script.empty());
}

TEST_F(Cli, ApiErrorExitsWithOneAndIsInTheJsonToo) {
  server->reply(404, R"({"error":"agent not found"})");
  EXPECT_EQ(run({"ask", "--agent", "a", "hi", "--json"}), 1);
  EXPECT_TRUE(err_has("agent not found"));
  EXPECT_NE(out.str().find("\"server_text\": \"agent not found\""), std::string::npos);
}

TEST_F(Cli, UnreachableServerAndDeadlineExitWithThree) {
  for (int i = 0; i < 5; ++i) server->fail(ErrorCode::connection_failed);
  EXPECT_EQ(run({"agents"}), 3);
  starts();
  server->reply(200, message_json("cmsg_1", "user", "queued"));
  server->reply(200, message_json("cmsg_1", "user", "queued"));
  EXPECT_EQ(run({"ask", "--agent", "a", "hi", "--timeout", "1"}), 3);
  EXPECT_TRUE(err_has("still queued"));
}

TEST_F(Cli, AttachmentsAreUploadedFirst) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "nairi-cli.txt";
  std::ofstream(path) << "x";
  server->reply(200, R"({"attachment_id":"att_1"})");
  starts();
  completes_with("ok");
  EXPECT_EQ(run({"ask", "--agent", "a", "hi", "--attach", path.string()}), 0) << err.str();
  EXPECT_EQ(server->requests[1].body,
            R"({"agent_id":"a","prompt":"hi","attachment_ids":["att_1"]})");
  std::filesystem::remove(path);
}

TEST_F(Cli, ProgressIsToldLineByLineOnStderr) {
  starts();
  const auto user = message_json("cmsg_1", "user", "completed", "hi");
  server->reply(200, user);
  server->reply(
      200, timeline_json(
               {user, message_json("p", "progress", "completed",
                                   R"({\"progress_type\":\"tool_use\",\"tool_name\":\"Bash\",)"
                                   R"(\"tool_status\":\"running\",\"tool_input\":\"ls\\n-l\"})")}));
  EXPECT_EQ(run({"ask", "--agent", "a", "hi", "--progress"}), 0);
  EXPECT_TRUE(err_has("completed\nBash running: ls -l\n")) << err.str();
  EXPECT_EQ(out.str(), "\n");
}

TEST_F(Cli, TerminalShowsOneLineAndTakesItAway) {
  terminal = true;
  starts();
  completes_with("ok");
  EXPECT_EQ(run({"ask", "--agent", "a", "hi"}), 0);
  EXPECT_TRUE(err_has("\x1b[2mcompleted\x1b[0m\r\x1b[K")) << err.str();
}

// What a terminal of ten columns is sent for that text of a running tool.
class ProgressLines : public Cli,
                      public ::testing::WithParamInterface<std::pair<const char*, const char*>> {};

TEST_P(ProgressLines, FitTheTerminal) {
  terminal = true;
  columns = 10;
  variables["NO_COLOR"] = "1";
  starts();
  const auto user = message_json("cmsg_1", "user", "completed", "hi");
  server->reply(200, user);
  server->reply(200, timeline_json({user, message_json("p", "progress", "completed",
                                                       std::string(R"({\"progress_type\":\")") +
                                                           GetParam().first + R"(\"})")}));
  EXPECT_EQ(run({"ask", "--agent", "a", "hi"}), 0);
  EXPECT_TRUE(err_has(std::string("\r\x1b[K") + GetParam().second + "\r\x1b[K")) << err.str();
}

INSTANTIATE_TEST_SUITE_P(
    Cli, ProgressLines,
    ::testing::Values(std::pair("123456789", "123456789"), std::pair("1234567890", "123456789"),
                      std::pair("日本語日本語", "日本語日"), std::pair("aé日本🚀x", "aé日本🚀x"),
                      std::pair("aé日本🚀xyz", "aé日本🚀x"), std::pair("12345678日", "12345678"),
                      std::pair(R"(\\u001b[2Jabcdef)", R"(\x1b[2Jab)"),
                      std::pair(R"(\\u009b1Aabcdef)", R"(\x9b1Aabc)"),
                      std::pair("\u202eabcdef", "\\u202eabc"), std::pair(R"(a\\nb\\tc)", "a b c")));

TEST_F(Cli, BytesThatAreNoUtf8DoNotReachTheTerminal) {
  server->reply(302, "",
                {{"Location",
                  "http://x/\x9b"
                  "31m\xe6\x97"}});
  EXPECT_EQ(run({"agents"}), 1);
  EXPECT_TRUE(err_has("http://x/\\x9b31m\\xe6\\x97")) << err.str();
}

TEST_F(Cli, NoColorLeavesOutColors) {
  terminal = true;
  variables["NO_COLOR"] = "1";
  starts();
  completes_with("ok");
  EXPECT_EQ(run({"ask", "--agent", "a", "hi"}), 0);
  EXPECT_FALSE(err_has("\x1b[2m"));
}

TEST_F(Cli, ControlCharactersOfTheServerDoNotReachTheTerminal) {
  starts();
  completes_with(R"(a\u001b]0;x\u0007\u009bm\r\tb\nc)");
  EXPECT_EQ(run({"ask", "--agent", "a", "hi"}), 0);
  EXPECT_EQ(out.str(), "a\\x1b]0;x\\x07\\x9bm\\x0d\tb\nc\n");
}

TEST_F(Cli, ListsAgents) {
  server->reply(200, R"([{"id":"cci_1","agent_id":"acme/ops","name":"Ops","new":1}])");
  EXPECT_EQ(run({"agents"}), 0);
  EXPECT_EQ(out.str(), "acme/ops\tcci_1\tOps\n");
  server->reply(200, R"([{"id":"cci_1","agent_id":"acme/ops","name":"Ops","new":1}])");
  EXPECT_EQ(run({"agents", "--json"}), 0);
  EXPECT_NE(out.str().find("\"new\": 1"), std::string::npos);
}

TEST_F(Cli, MessagesHideProgressUnlessAllAreWanted) {
  const std::string timeline = timeline_json({message_json("a", "user", "completed", "hi"),
                                              message_json("p", "progress", "completed", "{}")});
  server->reply(200, timeline).reply(200, timeline);
  EXPECT_EQ(run({"messages", "job_1"}), 0);
  EXPECT_EQ(out.str(), "2026-04-12T18:45:00.000Z  user (completed): hi\n");
  EXPECT_EQ(run({"messages", "job_1", "--all"}), 0);
  EXPECT_NE(out.str().find("progress (completed)"), std::string::npos);
}

TEST_F(Cli, ConversationsTakeTheApisFilters) {
  server->reply(200, R"({"conversations":[{"id":"job_1","status":"error","updated_at":"t"}],)"
                     R"("next_cursor":"c2"})");
  EXPECT_EQ(run({"conversations", "ops", "--status", "error", "--limit", "1"}), 0);
  EXPECT_EQ(server->requests.back().target, "/agents/ops/conversations?status=error&limit=1");
  EXPECT_EQ(out.str(), "job_1\terror\tt\n");
  EXPECT_TRUE(err_has("--cursor c2"));
}

TEST_F(Cli, ConversationsCanBeReadToTheEnd) {
  server->reply(200, R"({"conversations":[{"id":"job_1","status":"error"}],"next_cursor":"c2"})");
  server->reply(200, R"({"conversations":[{"id":"job_2","status":"error"}],"next_cursor":null})");
  EXPECT_EQ(run({"conversations", "ops", "--all"}), 0);
  EXPECT_EQ(out.str(), "job_1\terror\t\njob_2\terror\t\n");
}

TEST_F(Cli, AttachmentIsWrittenToAFileOrToStdout) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "nairi-download.txt";
  const std::string file = R"({"id":"att_1","filename":"a.txt","data":"YWI="})";
  server->reply(200, file).reply(200, file).reply(200, file);
  EXPECT_EQ(run({"attachment", "att_1", "-o", path.string()}), 0);
  std::ifstream written(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(written), {}), "ab");
  EXPECT_EQ(run({"attachment", "att_1", "-o", "-"}), 0);
  EXPECT_EQ(out.str(), "ab");
  EXPECT_EQ(run({"attachment", "att_1", "-o", "/nonexistent/x"}), 2);
  std::filesystem::remove(path);
}

TEST_F(Cli, EnvironmentIsReadAndFlagsWin) {
  variables["NAIRI_BASE_URL"] = "http://env";
  variables["NAIRI_CA_FILE"] = "env.pem";
  server->reply(200, "[]").reply(200, "[]");
  EXPECT_EQ(run({"agents"}), 0);
  EXPECT_EQ(connected_to, "http://env");
  EXPECT_EQ(ca_file, "env.pem");
  EXPECT_EQ(run({"agents", "--base-url", "http://flag", "--ca-file", "f", "--api-key", "nr_f"}), 0);
  EXPECT_EQ(connected_to, "http://flag");
  EXPECT_EQ(ca_file, "f");
  EXPECT_EQ(server->requests.back().headers.front().value, "Bearer nr_f");
}

TEST_F(Cli, MissingKeyIsAUsageError) {
  variables.clear();
  EXPECT_EQ(run({"agents"}), 2);
  EXPECT_TRUE(
      err_has("expected an API key, came none: give one with --api-key, or in "
              "NAIRI_API_KEY\n"))
      << err.str();
}

TEST_F(Cli, BlankSettingsAreUsageErrorsAndReachNoServer) {
  for (const char* name : {"NAIRI_BASE_URL", "NAIRI_API_KEY", "NAIRI_CA_FILE"}) {
    for (const char* blank : {"", " ", "\n"}) {
      variables = {{"NAIRI_API_KEY", "nr_test"}};
      variables[name] = blank;
      EXPECT_EQ(run({"agents"}), 2) << name;
      EXPECT_TRUE(err_has("nairi: " + std::string(name) + " is set but empty: expected "));
    }
  }
  variables = {{"NAIRI_API_KEY", "nr_test"}};
  for (const char* option : {"--base-url", "--api-key", "--ca-file"}) {
    for (const char* blank : {"", " "}) {
      EXPECT_EQ(run({"agents", option, blank}), 2) << option;
      EXPECT_TRUE(err_has(std::string("nairi: ") + option + " needs a value; got \"")) << err.str();
    }
  }
  EXPECT_EQ(connected_to, "");
}

TEST_F(Cli, BlankVariableDoesNotMatterWhereAnOptionIsGiven) {
  variables = {{"NAIRI_BASE_URL", ""}, {"NAIRI_API_KEY", ""}, {"NAIRI_CA_FILE", ""}};
  server->reply(200, "[]");
  EXPECT_EQ(run({"agents", "--base-url", "http://a", "--api-key", "k", "--ca-file", "f"}), 0);
  EXPECT_EQ(connected_to, "http://a");
}

TEST_F(Cli, UnknownAgentIsToldWithTheNearestOne) {
  const std::string agents = R"([{"id":"cci_1","agent_id":"billing-agent","name":"B"}])";
  server->reply(404, R"({"error":"agent not found"})").reply(200, agents);
  EXPECT_EQ(run({"ask", "--agent", "biling-agent", "hi"}), 1);
  EXPECT_TRUE(
      err_has("nairi: there is no agent biling-agent; did you mean billing-agent? (nairi "
              "agents lists them)\n"))
      << err.str();
  server->reply(404, R"({"error":"agent not found"})").reply(200, agents);
  EXPECT_EQ(run({"conversations", "xyz"}), 1);
  EXPECT_TRUE(err_has("nairi: there is no agent xyz (nairi agents lists them)\n")) << err.str();
}

TEST_F(Cli, SomethingElseThatIsNotFoundIsNotBlamedOnTheAgent) {
  server->reply(404, R"({"error":"attachment not found"})");
  server->reply(200, R"([{"id":"cci_1","agent_id":"a","name":"A"}])");
  EXPECT_EQ(run({"ask", "--agent", "a", "hi"}), 1);
  EXPECT_FALSE(err_has("there is no agent")) << err.str();
}

TEST_F(Cli, InterruptedAskSaysWhichJobGoesOn) {
  starts();
  server->on_send = [this] {
    if (server->requests.size() == 2) source.request_stop();
  };
  server->reply(200, message_json("cmsg_1", "user", "pending", "hi"));
  EXPECT_EQ(run({"ask", "--agent", "a", "hi", "--json"}), 130);
  EXPECT_TRUE(err_has(
      "nairi: interrupted\nnairi: job job_1 goes on; to look at it: nairi messages job_1\n"));
  EXPECT_NE(out.str().find(R"("code": "cancelled")"), std::string::npos) << out.str();
  EXPECT_EQ(server->requests.size(), 2U);
}

TEST_F(Cli, OutputThatIsLostIsNotGood) {
  out.setstate(std::ios::badbit);
  server->reply(200, "[]");
  EXPECT_EQ(run({"agents"}), 2);
  EXPECT_TRUE(err_has("nairi: the output could not be written")) << err.str();
  EXPECT_EQ(run({"--version"}), 2);
  server->reply(404, R"({"error":"no"})");
  EXPECT_EQ(run({"agents"}), 1);  // what went wrong first
}

// What each mistake is answered with.
TEST_F(Cli, MistakesAreToldInPlainWords) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> mistakes{
      {{}, "say what to do: ask, agents, messages, conversations, attachment\nSee nairi --help."},
      {{"ask"}, "nairi ask needs PROMPT\nSee nairi ask --help."},
      {{"ask", "--agent", "a", ""}, "prompt needs a value; got \"\"\nSee nairi ask --help."},
      {{"ask", "--agent", "a", "hi", "there"},
       "\"there\" is one word too many\nSee nairi ask --help."},
      {{"ask", "--agent", "a", "--agent", "b", "hi"},
       "--agent is given more than once\nSee nairi ask --help."},
      {{"ask", "--agent", "a", "hi", "--timeout", "nan"},
       "--timeout takes seconds from 0 to 1000000000; got \"nan\"\nSee nairi ask --help."},
      {{"ask", "--agent", "a", "hi", "--timeout", "inf"},
       "--timeout takes seconds from 0 to 1000000000; got \"inf\"\nSee nairi ask --help."},
      {{"ask", "--agent", "a", "hi", "--timeout", "-1"},
       "--timeout takes seconds from 0 to 1000000000; got \"-1\"\nSee nairi ask --help."},
      {{"ask", "--agent", "a", "hi", "--timeout", "1e99"},
       "--timeout takes seconds from 0 to 1000000000; got \"1e99\"\nSee nairi ask --help."},
      {{"ask", "--agent", "a", "hi", "--timeout", "5s"},
       "--timeout takes seconds from 0 to 1000000000; got \"5s\"\nSee nairi ask --help."},
      {{"ask", "--agent", "a", "hi", "--timeout"},
       "--timeout needs a value: SECONDS\nSee nairi ask --help."},
      {{"ask", "--agent", "a", "hi", "--poll-interval", "0"},
       "--poll-interval takes seconds from 0.001 to 1000000000; got \"0\"\nSee nairi ask --help."},
      {{"ask", "--agent", "a", "hi", "--progress=maybe"},
       "--progress takes no value\nSee nairi ask --help."},
      {{"agents", "--base-url"}, "--base-url needs a value: URL\nSee nairi agents --help."},
      {{"agents", "-z"}, "\"-z\" is no option\nSee nairi agents --help."},
      {{"conversations", "a", "--limit", "99999999999999999999"},
       "--limit takes a whole number; got \"99999999999999999999\"\nSee nairi conversations "
       "--help."},
      {{"conversations", "a", "--limit", "1.5"},
       "--limit takes a whole number; got \"1.5\"\nSee nairi conversations --help."},
      {{"attachment", "a"}, "nairi attachment needs --output FILE\nSee nairi attachment --help."}};
  for (const auto& [arguments, said] : mistakes) {
    EXPECT_EQ(run(arguments), 2) << said;
    EXPECT_EQ(err.str(), "nairi: " + said + "\n");
  }
}

TEST_F(Cli, TyposNameTheNearestCommandOrOption) {
  EXPECT_EQ(run({"agnets"}), 2);
  EXPECT_TRUE(err_has("\"agnets\" is no command of nairi; did you mean agents?")) << err.str();
  EXPECT_EQ(run({"ask", "--agnet", "x", "hi"}), 2);
  EXPECT_TRUE(err_has("--agnet is no option of nairi ask; did you mean --agent?")) << err.str();
  EXPECT_EQ(run({"ask", "--agent", "x", "hi", "--followup=y"}), 2);
  EXPECT_TRUE(err_has("did you mean --follow-up?")) << err.str();
  EXPECT_EQ(run({"zzzzzzzz"}), 2);
  EXPECT_FALSE(err_has("did you mean")) << err.str();
}

TEST_F(Cli, MistakesAreUsageErrorsAndSendNothing) {
  const std::vector<std::vector<std::string>> mistakes{
      {},
      {"ask"},
      {"ask", "hi"},
      {"ask", "--agent", "a"},
      {"ask", "--agent", "a", "hi", "there"},
      {"ask", "--job", "job_1", "hi", "--ask-mode"},
      {"ask", "--agent", "a", "hi", "--timeout", "soon"},
      {"ask", "--agent", "a", "hi", "--timeout", "-1"},
      {"ask", "--agent", "a", "hi", "--poll-interval", "0"},
      {"conversations", "a", "--limit", "many"},
      {"conversations", "a", "--all", "--cursor", "c"},
      {"attachment", "att_1"},
      {"messages", "job_1", "job_2"}};
  for (const auto& arguments : mistakes) {
    EXPECT_EQ(run(arguments), 2) << (arguments.empty() ? "" : arguments.back());
    EXPECT_EQ(out.str(), "");
    EXPECT_TRUE(err_has("nairi: ")) << err.str();
  }
  EXPECT_TRUE(server->requests.empty());
}

TEST_F(Cli, HelpFitsEightyColumns) {
  for (const char* command : {"ask", "agents", "messages", "conversations", "attachment"}) {
    EXPECT_EQ(run({command, "-h"}), 0);
    std::istringstream lines(out.str());
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  }
  EXPECT_EQ(run({"--help"}), 0);
  EXPECT_NE(out.str().find("Exit codes"), std::string::npos);
}

TEST_F(Cli, VersionIsPrinted) {
  EXPECT_EQ(run({"--version"}), 0);
  EXPECT_TRUE(out.str().starts_with("nairi 0.")) << out.str();
}

}  // namespace
}  // namespace nairi::tests
