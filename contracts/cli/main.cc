// nairi-contract: checks servers and clients by the contract cases.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "harness/cases/source.h"
#include "text/misspelt.h"

namespace nairi::contracts {
namespace {

void add_run_options(CLI::App* command, RunOptions& options) {
  command
      ->add_option("--contracts", options.contracts,
                   "Case files or folders (default: the built-in\ncases)")
      ->type_name("PATH")
      ->allow_extra_args(false);
  command
      ->add_option("--case", options.cases,
                   "Only cases of that name; * stands for\nanything; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command
      ->add_option(
          "--source", options.sources,
          "Only cases of these sources, with commas:\nseed, documented, client, producer,\nassumed")
      ->delimiter(',')
      ->check(CLI::IsMember(std::vector<std::string>(kSourceWords.begin(), kSourceWords.end()))
                  .description(""))
      ->type_name("SOURCE")
      ->allow_extra_args(false);
  command->add_option("--junit", options.junit_file, "Write a JUnit report")->type_name("FILE");
  command->add_option("--json", options.json_file, "Write a JSON report")->type_name("FILE");
  command
      ->add_option("--known-failing", options.known_failing_file,
                   "Names of cases that are known to fail, one on\na line; one that passes is an "
                   "error")
      ->type_name("FILE");
  command->add_flag("--trace", options.trace, "Show every exchange");
  command->add_flag("--list", options.list, "List the cases and what they need; run nothing");
}

void add_server(CLI::App& app, CheckServerOptions& options) {
  CLI::App* server = app.add_subcommand("server", "Check a server; without --target, our fake");
  server->add_option("--target", options.target, "The server, with or without\n/api/public/v1")
      ->type_name("URL");
  server->add_option("--api-key", options.api_key, "The key to test with")->type_name("KEY");
  server
      ->add_option("--states", options.states_file,
                   "What the server has: a JSON object of names\nand texts")
      ->type_name("FILE");
  server->add_option("--ca-file", options.ca_file, "Trust this PEM file")->type_name("FILE");
  server->add_option("--poll-ms", options.poll_ms, "Between two polls of --target (default: 200)")
      ->check(CLI::Range(1, 60'000).description(""))
      ->type_name("MS");
  server
      ->add_option("--over", options.way,
                   "How our fake is reached: in-process, http,\nhttps (default: in-process)")
      ->check(CLI::IsMember({"in-process", "http", "https"}).description(""))
      ->type_name("WAY");
  server->add_flag("--strict", options.run.strict, "Differing from an assumption fails, too");
  add_run_options(server, options.run);
}

void add_client(CLI::App& app, CheckClientOptions& options) {
  CLI::App* client =
      app.add_subcommand("client", "Check a client: nairi-contract client -- COMMAND ...");
  client->add_option("command", options.command,
                     "The client's command (default: our own client,\nin process)");
  client->add_option("--jobs", options.jobs, "How many run at a time (default: 2)")
      ->check(CLI::Range(1, 64).description(""))
      ->type_name("N");
  client
      ->add_option("--deadline", options.deadline_s,
                   "Seconds for one job, then it is ended\n(default: 30)")
      ->check(CLI::Range(1, 3600).description(""))
      ->type_name("S");
  client->add_flag("--stdio", options.stdio, "One process: jobs on stdin, results on stdout");
  client->add_flag("--tls", options.tls, "Over HTTPS, with a CA of its own");
  client->add_flag("--strict", options.run.strict, "Breaking a SHOULD rule fails, too");
  client->add_option("--markdown", options.markdown_file, "Write the rules' table as Markdown")
      ->type_name("FILE");
  add_run_options(client, options.run);
}

int run(int argc, char** argv) {
  CLI::App app("Checks servers and clients by the contracts of the Conversations API",
               "nairi-contract");
  app.require_subcommand(1);
  app.get_formatter()->column_width(26);
  app.set_version_flag("--version", NAIRI_MOCK_VERSION);
  app.failure_message(CLI::FailureMessage::simple);
  app.footer(
      "Exit codes: 0 good, 1 a contract is broken, 2 usage or a bad file, 3 nothing\n"
      "was checked.");
  CheckServerOptions server;
  add_server(app, server);
  CheckClientOptions client;
  add_client(app, client);
  std::vector<std::string> files;
  CLI::App* lint_command = app.add_subcommand("lint", "Check case files, and what they cover");
  lint_command->add_option("files", files, "Case files or folders (default: the built-in cases)")
      ->type_name("PATH");
  CLI::App* selftest_command =
      app.add_subcommand("selftest", "Check that the cases catch broken servers and clients");
  app.add_subcommand("fidelity", "Print what each behaviour rests on, as Markdown");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    const std::string mistake = mock::misspelt_argument(app, {argv + 1, argv + argc});
    std::fprintf(stderr, "nairi-contract: %s\nSee nairi-contract --help.\n",
                 mistake.empty() ? error.what() : mistake.c_str());
    return kExitUsage;
  }
  if (app.got_subcommand("server")) return check_server(server);
  const bool bare = client.command.empty() && argc > 2 && std::string_view(argv[argc - 1]) == "--";
  if (bare) {
    std::fprintf(stderr, "nairi-contract: no command after --\n");
    return kExitUsage;
  }
  if (app.got_subcommand("client")) return check_client(client);
  if (lint_command->parsed()) return lint(files);
  if (app.got_subcommand("fidelity")) return fidelity();
  if (selftest_command->parsed()) return selftest();
  return kExitUsage;
}

}  // namespace
}  // namespace nairi::contracts

int main(int argc, char** argv) {
  try {
    return nairi::contracts::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "nairi-contract: %s\n", error.what());
    return nairi::contracts::kExitUsage;
  }
}
