// nairi-contract: checks servers and clients by the contract cases.
#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/running.h"
#include "harness/cases/source.h"
#include "harness/survey/probe.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

constexpr const char* kAboutPage =
    "Write an HTML page that shows what was\nexchanged, 16 MiB at most";

void add_run_options(CLI::App* command, RunOptions& options) {
  command
      ->add_option("--contracts", options.contracts,
                   "Case files or folders (default: the built-in\ncases)")
      ->check(some_text())
      ->type_name("PATH")
      ->allow_extra_args(false);
  command
      ->add_option("--case", options.cases,
                   "Only cases of that name; * stands for\nanything; may be repeated")
      ->check(some_text())
      ->type_name("NAME")
      ->allow_extra_args(false);
  command
      ->add_option(
          "--source", options.sources,
          "Only cases of these sources, with commas:\nseed, documented, client, producer,\nassumed")
      ->delimiter(',')
      ->check(one_of({kSourceWords.begin(), kSourceWords.end()}))
      ->type_name("SOURCE")
      ->allow_extra_args(false);
  command->add_option("--junit", options.junit_file, "Write a JUnit report")
      ->check(some_text())
      ->type_name("FILE");
  command->add_option("--json", options.json_file, "Write a JSON report")
      ->check(some_text())
      ->type_name("FILE");
  command->add_option("--html", options.html_file, kAboutPage)
      ->check(some_text())
      ->type_name("FILE");
  command
      ->add_option("--known-failing", options.known_failing_file,
                   "Names of cases that are known to fail, one on\na line; one that passes is an "
                   "error")
      ->check(some_text())
      ->type_name("FILE");
  add_switch(command, "--trace", options.trace, "Show every exchange");
  add_switch(command, "--list", options.list, "List the cases and what they need; run nothing");
}

void add_server(CLI::App& app, CheckServerOptions& options) {
  CLI::App* server = app.add_subcommand("server", "Check a server; without --target, our fake");
  server->add_option("--target", options.target, "The server, with or without\n/api/public/v1")
      ->check(some_text())
      ->type_name("URL");
  server->add_option("--api-key", options.api_key, "The key to test with")
      ->check(some_text())
      ->type_name("KEY");
  server
      ->add_option("--states", options.states_file,
                   "What the server has: a JSON object of names\nand texts")
      ->check(some_text())
      ->type_name("FILE");
  server->add_option("--ca-file", options.ca_file, "Trust this PEM file")
      ->check(some_text())
      ->type_name("FILE");
  server->add_option("--poll-ms", options.poll_ms, "Between two polls of --target (default: 200)")
      ->check(whole_number_between(1, 60'000))
      ->type_name("MS");
  server
      ->add_option("--rate", options.requests_per_second,
                   "At most so many requests a second to --target\n(default: as fast as it goes)")
      ->check(number_between(0.001, 1000))
      ->type_name("N");
  server
      ->add_option("--over", options.way,
                   "How our fake is reached: in-process, http,\nhttps (default: in-process)")
      ->check(one_of({"in-process", "http", "https"}))
      ->type_name("WAY");
  add_switch(server, "--strict", options.run.strict, "Differing from an assumption fails, too");
  add_switch(server, "--frugal", options.frugal,
             "Only cases that begin no conversation, and\nchange nothing that was there");
  server
      ->add_option("--max-conversations", options.max_conversations,
                   "With --frugal: also those that check the most\nfor so many conversations")
      ->check(whole_number_between(0, 100'000))
      ->type_name("N");
  add_run_options(server, options.run);
  server->callback([server, &options] {
    if (!options.frugal) refuse_without(*server, "--frugal", {"--max-conversations"});
    if (server->count("--target") > 0) {
      refuse_without(*server, "our own fake", {"--over"});
    } else {
      refuse_without(*server, "--target",
                     {"--api-key", "--states", "--ca-file", "--poll-ms", "--rate"});
      if (!options.run.list) refuse_without(*server, "--target or --list", {"--frugal"});
    }
  });
}

void add_survey(CLI::App& app, SurveyCommandOptions& options) {
  CLI::App* survey = app.add_subcommand(
      "survey", "Learn what a real service does, for few\nconversations or none");
  survey->add_option("--target", options.target, "The service, with or without\n/api/public/v1")
      ->check(some_text())
      ->type_name("URL");
  survey->add_option("--agent", options.agent, "The agent that is asked: its slug or id")
      ->check(some_text())
      ->type_name("AGENT");
  survey
      ->add_option(
          "--conversations", options.conversations,
          "How many it begins, 0 to 5; each costs what the\nagent's work costs (default: 0)")
      ->check(whole_number_between(0, kMostConversations))
      ->type_name("N");
  survey->add_option("--api-key", options.api_key, "The key (default: NAIRI_API_KEY)")
      ->check(some_text())
      ->type_name("KEY");
  survey
      ->add_option("--other-api-key", options.other_api_key,
                   "A key of another organization: what it must not\nsee is asked for")
      ->check(some_text())
      ->type_name("KEY");
  survey->add_option("--ca-file", options.ca_file, "Trust this PEM file")
      ->check(some_text())
      ->type_name("FILE");
  survey->add_option("--out", options.out_folder, "Where the recording goes (default: survey)")
      ->check(some_text())
      ->type_name("FOLDER");
  survey
      ->add_option("--ledger", options.ledger_file,
                   "What was settled is added there\n(default: FOLDER/fidelity.json)")
      ->check(some_text())
      ->type_name("FILE");
  survey
      ->add_option("--requests-per-second", options.requests_per_second,
                   "At most so many (default: 10)")
      ->check(number_between(0.001, 1000))
      ->type_name("R");
  survey
      ->add_option("--turn-deadline", options.turn_deadline_s,
                   "Seconds that a turn is waited for (default: 600)")
      ->check(whole_number_between(1, 7200))
      ->type_name("S");
  add_switch(survey, "--yes", options.yes, "Do it; without it only what it would do is said");
  add_switch(survey, "--list", options.list, "List each request; send nothing");
  survey->callback([survey, &options] {
    if (options.list) return;
    for (const char* needed : {"--target", "--agent"}) {
      if (survey->count(needed) == 0) throw CLI::ValidationError(needed, "is needed");
    }
  });
}

void add_client(CLI::App& app, CheckClientOptions& options) {
  CLI::App* client =
      app.add_subcommand("client", "Check a client: nairi-contract client -- COMMAND ...");
  client->add_option("command", options.command,
                     "The client's command (default: our own client,\nin process)");
  client->add_option("--jobs", options.jobs, "How many run at a time (default: 2)")
      ->check(whole_number_between(1, 64))
      ->type_name("N");
  client
      ->add_option("--deadline", options.deadline_s,
                   "Seconds for one job, then it is ended\n(default: 30)")
      ->check(whole_number_between(1, 3600))
      ->type_name("S");
  add_switch(client, "--stdio", options.stdio, "One process: jobs on stdin, results on stdout");
  add_switch(client, "--tls", options.tls, "Over HTTPS, with a CA of its own");
  add_switch(client, "--strict", options.run.strict, "Breaking a SHOULD rule fails, too");
  client->add_option("--markdown", options.markdown_file, "Write the rules' table as Markdown")
      ->check(some_text())
      ->type_name("FILE");
  add_run_options(client, options.run);
  client->callback([client] {
    if (client->count("command") > 0) return;
    refuse_without(*client, "a COMMAND", {"--jobs", "--deadline", "--stdio", "--tls"});
  });
}

void add_explore(CLI::App& app, ExploreCommandOptions& options, std::int64_t& time_ms) {
  CLI::App* explore = app.add_subcommand(
      "explore", "Look for what no case has: nairi-contract explore --\nCOMMAND ...");
  explore->add_option("command", options.command,
                      "The client's command (default: our own client,\nin process)");
  explore->add_option("--seed", options.seed, "Which schedules (default: 1)")
      ->check(whole_number_between(0, 2'147'483'647))
      ->type_name("N");
  explore
      ->add_option("--runs", options.runs,
                   "How many schedules (default: 500; with --time\nno limit)")
      ->check(whole_number_between(1, 2'147'483'647))
      ->type_name("N");
  explore->add_option("--time", time_ms, "Begin no run after so long: 500ms, 30s, 2m")
      ->transform(some_time())
      ->type_name("T");
  explore->add_option("--jobs", options.jobs, "How many run at a time (default: 2)")
      ->check(whole_number_between(1, 64))
      ->type_name("N");
  explore->add_option("--deadline", options.deadline_s, "Seconds for one job (default: 20)")
      ->check(whole_number_between(1, 3600))
      ->type_name("S");
  add_switch(explore, "--stdio", options.stdio, "One process: jobs on stdin, results on stdout");
  add_switch(explore, "--strict", options.strict, "Breaking a SHOULD rule fails, too");
  explore->add_option("--out", options.out_folder, "Write the cases into this folder")
      ->check(some_text())
      ->type_name("FOLDER");
  explore->add_option("--html", options.html_file, kAboutPage)
      ->check(some_text())
      ->type_name("FILE");
  explore->callback([explore, &options, &time_ms] {
    if (explore->count("--time") > 0) options.time = std::chrono::milliseconds(time_ms);
    constexpr std::uint64_t kRuns = 500;
    if (options.runs == 0) options.runs = options.time ? UINT64_MAX : kRuns;
    if (explore->count("command") == 0) {
      refuse_without(*explore, "a COMMAND", {"--deadline", "--stdio"});
    }
  });
}

void add_drift(CLI::App& app, DriftOptions& options) {
  CLI::App* drift =
      app.add_subcommand("drift", "What recorded traffic tells of a service: what differs");
  drift->add_option("recordings", options.recordings, "Folders that were recorded")
      ->check(some_text())
      ->type_name("RECORDING");
  const auto add_file = [&](const char* name, std::string& file, const char* about) {
    drift->add_option(name, file, about)->check(some_text())->type_name("FILE");
  };
  drift->add_option("--against", options.against, "An older recording, to see what moved")
      ->check(some_text())
      ->type_name("RECORDING");
  add_file("--ledger", options.ledger_file,
           "Add what this settles of our guesses to this\nledger, for nairi-mock --fidelity");
  add_file("--junit", options.junit_file, "Write a JUnit report");
  add_file("--json", options.json_file, "Write a JSON report");
  add_file("--markdown", options.markdown_file, "Write a report as Markdown, for an issue");
  add_file("--html", options.html_file, kAboutPage);
  add_switch(drift, "--any-service", options.any_service,
             "Add to the ledger of another service, too");
  add_switch(drift, "--strict", options.strict, "Additions and refuted guesses fail, too");
  add_switch(drift, "--list", options.list,
             "List each statement and what looks for it, as\nMarkdown; read no recording");
  drift->callback([drift, &options] {
    if (options.recordings.empty() && !options.list) {
      throw CLI::ValidationError("RECORDING", "or --list is needed");
    }
    if (drift->count("--ledger") == 0) refuse_without(*drift, "--ledger", {"--any-service"});
  });
}

void add_record(CLI::App& app, RecordOptions& options) {
  CLI::App* record = app.add_subcommand(
      "record",
      "Pass a client's calls on to a service and write\ndown both: nairi-contract record "
      "--target URL --\nCOMMAND ...");
  record->add_option("command", options.command, "The client's command (default: until Ctrl-C)");
  const auto add_text = [&](const char* name, auto& value, const char* about, const char* type) {
    return record->add_option(name, value, about)->check(some_text())->type_name(type);
  };
  add_text("--target", options.target, "The service, with or without\n/api/public/v1", "URL")
      ->required();
  add_text("--out", options.out_folder,
           "Where the recording is written, or gone on with\n(default: recording)", "FOLDER");
  add_text("--ca-file", options.ca_file,
           "Trust this PEM file for the target (default: the\nsystem's authorities)", "FILE");
  add_switch(record, "--with-files", options.with_files, "Keep what attachments hold");
  add_switch(record, "--on-miss", options.on_miss,
             "Worlds answer; the service only conversations\nthat no script of them knows");
  add_text("--world", options.worlds,
           "With --on-miss: a world to answer from, before\nthat of the recording in --out; may be "
           "repeated",
           "FILE")
      ->allow_extra_args(false);
  record
      ->add_option("--max-conversations", options.max_conversations,
                   "With --on-miss: so many go to the service, each at\nits price (default: 0, "
                   "which is none)")
      ->check(whole_number_between(0, 100'000))
      ->type_name("N");
  add_text("--redact", options.redact,
           "Take out what this regular expression of RE2\nfinds; may be repeated", "REGEX")
      ->allow_extra_args(false);
  record->add_option("--port", options.port, "Port of 127.0.0.1 (default: a free one)")
      ->check(whole_number_between(0, 65535))
      ->type_name("N");
  add_switch(record, "--tls", options.tls, "HTTPS to the client, with a CA of its own");
  add_text("--tls-name", options.tls_names,
           "What the certificate of --tls names besides\nlocalhost; may be repeated", "NAME")
      ->allow_extra_args(false);
  add_text("--tls-cert", options.tls_cert, "HTTPS to the client, with this PEM chain", "FILE");
  add_text("--tls-key", options.tls_key, "The PEM key of --tls-cert", "FILE");
  options.version = NAIRI_MOCK_VERSION;
  record->callback([record, &options] {
    if (options.tls_cert.empty() != options.tls_key.empty()) {
      throw CLI::ValidationError("--tls-cert", "and --tls-key go together");
    }
    if (options.tls && !options.tls_cert.empty()) {
      throw CLI::ValidationError("--tls",
                                 "makes a certificate of its own: leave it out with --tls-cert");
    }
    if (!options.tls) refuse_without(*record, "--tls", {"--tls-name"});
    if (!options.on_miss) refuse_without(*record, "--on-miss", {"--world", "--max-conversations"});
    if (mock::contains({options.worlds.begin(), options.worlds.end()}, "-")) {
      throw CLI::ValidationError("--world", "- would take the standard input, which is COMMAND's");
    }
  });
}

void add_import(CLI::App& app, ImportOptions& options) {
  CLI::App* import = app.add_subcommand(
      "import", "Make a recording from a HAR file, or a\nrecording's world anew");
  import->add_option("file", options.file, "A HAR file; or a recording")
      ->required()
      ->check(some_text())
      ->type_name("FILE");
  import
      ->add_option("--out", options.out_folder,
                   "Where to (default: recording, or the\nrecording's own folder)")
      ->check(some_text())
      ->type_name("FOLDER");
  import
      ->add_option(
          "--target", options.target,
          "What the URLs of the API begin with (default:\neverything up to /api/public/v1)")
      ->check(some_text())
      ->type_name("URL");
  add_switch(import, "--with-files", options.with_files, "Keep what attachments hold");
}

int run(int argc, char** argv) {
  CLI::App app("Checks servers and clients by the contracts of the Conversations API",
               "nairi-contract");
  app.require_subcommand(1);
  app.get_formatter()->column_width(26);
  app.set_version_flag("--version", NAIRI_MOCK_VERSION);
  app.failure_message(CLI::FailureMessage::simple);
  app.footer(
      "Exit codes: 0 good, 1 a contract is broken, 2 usage, or a file or output that\n"
      "can't be read or written, 3 nothing was checked, 128 + n ended by signal n.");
  CheckServerOptions server;
  add_server(app, server);
  SurveyCommandOptions survey_options;
  add_survey(app, survey_options);
  CheckClientOptions client;
  add_client(app, client);
  ExploreCommandOptions explore;
  std::int64_t explore_ms = 0;
  add_explore(app, explore, explore_ms);
  DriftOptions drifting;
  add_drift(app, drifting);
  RecordOptions recording;
  add_record(app, recording);
  ImportOptions import;
  add_import(app, import);
  std::vector<std::string> files;
  CLI::App* lint_command = app.add_subcommand("lint", "Check case files, and what they cover");
  lint_command->add_option("files", files, "Case files or folders (default: the built-in cases)")
      ->check(some_text())
      ->type_name("PATH");
  CLI::App* selftest_command =
      app.add_subcommand("selftest", "Check that the cases catch broken servers and clients");
  std::string ledger_file;
  app.add_subcommand("fidelity", "Print what each behaviour rests on, as Markdown")
      ->add_option("--ledger", ledger_file, "With what traffic has settled: a fidelity.json")
      ->check(some_text())
      ->type_name("FILE");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    complain(explain(app, {argv + 1, argv + argc}, error));
    return kExitUsage;
  }
  if (app.got_subcommand("server")) return check_server(server);
  if (app.got_subcommand("survey")) return survey(survey_options);
  const bool bare = client.command.empty() && explore.command.empty() &&
                    recording.command.empty() && argc > 2 &&
                    std::string_view(argv[argc - 1]) == "--";
  if (bare) {
    complain("there is no COMMAND after --\nSee nairi-contract " +
             app.get_subcommands().front()->get_name() + " --help.");
    return kExitUsage;
  }
  if (app.got_subcommand("explore")) return explore_client(explore);
  if (app.got_subcommand("client")) return check_client(client);
  if (app.got_subcommand("drift")) return drift(drifting);
  if (app.got_subcommand("record")) return record(recording);
  if (app.got_subcommand("import")) return import_recording(import);
  if (lint_command->parsed()) return lint(files);
  if (app.got_subcommand("fidelity")) return fidelity(ledger_file);
  if (selftest_command->parsed()) return selftest();
  return kExitUsage;
}

}  // namespace
}  // namespace nairi::contracts

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a mistake to be told
  using namespace nairi::contracts;
  hold_standard_files();
  int code = kExitUsage;
  try {
    code = run(argc, argv);
  } catch (const std::exception& error) {
    complain(error.what());
  }
  const std::string lost = lost_output();
  if (lost.empty()) return code;
  complain(lost);
  return code == kExitGood ? kExitUsage : code;
}
