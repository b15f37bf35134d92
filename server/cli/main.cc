// nairi-mock: serves, checks and prints world files, waits for a server.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "text/misspelt.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

// "(default: 4747)", from the value that is there before parsing.
template <typename T>
std::string default_of(const T& value) {
  return "(default: " + CLI::detail::to_string(value) + ")";
}

// An option that takes one of a few words.
template <typename T>
void add_choice(CLI::App* command, const std::string& name, T& value,
                const std::vector<std::pair<std::string, T>>& choices, const std::string& about) {
  const auto choose = [name, &value, choices](const std::string& word) {
    std::string known;
    for (const auto& [choice, chosen] : choices) {
      if (choice == word) {
        value = chosen;
        return;
      }
      known += (known.empty() ? "" : ", ") + choice;
    }
    throw CLI::ValidationError(name, "takes one of " + known + "; got " + in_quotes(word));
  };
  command->add_option_function<std::string>(name, choose, about)->type_name("WORD");
}

// CLI11 wraps negative numbers around.
CLI::Validator from_zero() {
  const auto check = [](const std::string& text) {
    return text.starts_with('-') ? "takes a number from 0; got " + in_quotes(text) : std::string();
  };
  return CLI::Validator(check, "");
}

void add_address(CLI::App* serve, ServeOptions& options) {
  serve->add_option("--host", options.host, "The address to listen on " + default_of(options.host))
      ->type_name("ADDRESS");
  serve->add_option("--port", options.port, "The port; 0 is a free one " + default_of(options.port))
      ->type_name("PORT");
  serve->add_flag("--allow-remote", options.allow_remote,
                  "Let --host be an address that other machines\nreach (default: off)");
  serve->add_flag("--tls", options.tls, "HTTPS, with a CA of its own (default: HTTP)");
  serve
      ->add_option("--ca-file", options.ca_file,
                   "Where --tls writes its CA (default: beside the\nready file, else in the "
                   "temporary folder)")
      ->type_name("FILE");
  serve->add_option("--tls-cert", options.tls_cert, "HTTPS, with this PEM chain (default: none)")
      ->type_name("FILE");
  serve->add_option("--tls-key", options.tls_key, "The PEM key of --tls-cert (default: none)")
      ->type_name("FILE");
  add_choice<Encoding>(
      serve, "--encode", options.encode,
      {{"off", Encoding::plain}, {"chunked", Encoding::chunked}, {"gzip", Encoding::gzip}},
      "How bodies of replies are packed: off, chunked\n(in pieces, to HTTP/1.1), or gzip (for "
      "requests\nthat accept it) (default: off)");
}

void add_play(CLI::App* serve, ServeOptions& options) {
  serve
      ->add_option("--world", options.worlds,
                   "A world file, or builtin:NAME; may be repeated\n(default: builtin:default)")
      ->type_name("FILE")
      ->allow_extra_args(false);
  add_choice<ClockMode>(
      serve, "--clock", options.clock,
      {{"poll", ClockMode::poll}, {"virtual", ClockMode::virtual_time}, {"wall", ClockMode::wall}},
      "What makes a turn go on: poll (reads of the\njob), virtual (told), wall (real time)\n"
      "(default: poll)");
  serve
      ->add_option("--speed", options.speed,
                   "How many times faster the wall clock runs\n" + default_of(options.speed))
      ->check(CLI::Range(0.001, 1'000'000.0).description(""))
      ->type_name("FACTOR");
  serve->add_option("--seed", options.seed, "What ids are made from " + default_of(options.seed))
      ->check(from_zero())
      ->type_name("N");
  add_choice<bool>(serve, "--keys", options.listed_keys_only, {{"any", false}, {"listed", true}},
                   "Which keys are let in: any, or listed in the\nworld (default: any)");
  add_choice<bool>(
      serve, "--mutate", options.mutate_additive, {{"off", false}, {"additive", true}},
      "Replies gain what clients must ignore: off, or\nadditive (unknown fields, roles "
      "and progress\ntypes, other order of keys) (default: off)");
}

void add_records(CLI::App* serve, ServeOptions& options) {
  serve
      ->add_option("--ready-file", options.ready_file,
                   "Write the ready line to this file\n(default: to stdout only)")
      ->type_name("FILE");
  add_choice<LogFormat>(
      serve, "--log", options.log,
      {{"text", LogFormat::text}, {"json", LogFormat::json}, {"none", LogFormat::none}},
      "A line on stderr for each request: text, json\nor none (default: text)");
  serve
      ->add_option("--journal-max", options.journal_max,
                   "How many exchanges are kept " + default_of(options.journal_max))
      ->check(from_zero())
      ->type_name("N");
  add_choice<JudgeMode>(
      serve, "--judge", options.judge,
      {{"off", JudgeMode::off}, {"warn", JudgeMode::warn}, {"fail", JudgeMode::fail}},
      "Say at the end how the clients behaved: off,\nwarn, or fail (exit 1 for a broken MUST)\n"
      "(default: off)");
}

// What goes together. CLI11's own needs() and excludes() fill the help with notes.
void check_combinations(const CLI::App& serve, const ServeOptions& options) {
  if (serve.count("--speed") > 0 && options.clock != ClockMode::wall) {
    throw CLI::ValidationError("--speed", "goes with --clock wall only");
  }
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    throw CLI::ValidationError("--tls-cert", "and --tls-key go together");
  }
  if (options.tls && !options.tls_cert.empty()) {
    throw CLI::ValidationError("--tls",
                               "makes a certificate of its own: leave it out with --tls-cert");
  }
  if (!options.ca_file.empty() && !options.tls) {
    throw CLI::ValidationError("--ca-file", "goes with --tls only");
  }
}

void add_serve(CLI::App& app, ServeOptions& options) {
  CLI::App* serve = app.add_subcommand("serve", "Serve the fake until SIGTERM or Ctrl-C");
  add_play(serve, options);
  add_address(serve, options);
  add_records(serve, options);
  serve->callback([serve, &options] { check_combinations(*serve, options); });
}

int explain(const CLI::App& app, const std::vector<std::string>& arguments,
            const CLI::ParseError& error) {
  const std::string typo = misspelt_argument(app, arguments);
  std::fprintf(stderr, "nairi-mock: %s\nSee nairi-mock --help.\n",
               typo.empty() ? error.what() : typo.c_str());
  return kExitUsage;
}

int run(int argc, char** argv) {
  CLI::App app("An offline fake of Nairi's Conversations API", "nairi-mock");
  app.require_subcommand(1);
  app.fallthrough(false);
  app.get_formatter()->column_width(26);
  app.set_version_flag("--version", NAIRI_MOCK_VERSION);
  app.failure_message(CLI::FailureMessage::simple);
  app.footer("Exit codes: 0 good, 1 rule broken, 2 usage or a bad file, 3 no server in time.");
  ServeOptions options;
  add_serve(app, options);

  std::vector<std::string> worlds;
  CLI::App* check_command = app.add_subcommand("check", "Check world files");
  check_command->add_option("files", worlds, "World files")->required()->type_name("FILE");
  bool no_hints = false;
  check_command->add_flag("--no-hints", no_hints,
                          "Say nothing of what is unusual, but no mistake\n(default: off)");

  std::string world_name = "default";
  bool list = false;
  CLI::App* world_command =
      app.add_subcommand("world", "Print a built-in world, to start your own from");
  world_command->add_option("name", world_name, "Its name " + default_of(world_name))
      ->type_name("NAME");
  world_command->add_flag("--list", list, "Print the names of all instead (default: off)");

  std::string ready_file;
  std::string wait = "10s";
  CLI::App* ready_command =
      app.add_subcommand("ready", "Wait for a server, and print its ready line");
  ready_command->add_option("--ready-file", ready_file, "The ready file of the server")
      ->required()
      ->type_name("FILE");
  ready_command
      ->add_option("--wait", wait, "For how long at most: 500ms, 10s, 2m " + default_of(wait))
      ->type_name("TIME");

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    return explain(app, {argv + 1, argv + argc}, error);
  }
  if (check_command->parsed()) return check(worlds, !no_hints);
  if (world_command->parsed()) return list ? list_worlds() : print_world(world_name);
  if (!ready_command->parsed()) return serve(options);
  const auto duration = parse_duration(wait);
  if (duration) return ready(ready_file, *duration);
  std::fprintf(stderr, "nairi-mock: --wait takes a time such as 500ms, 10s or 2m, got \"%s\"\n",
               wait.c_str());
  return kExitUsage;
}

}  // namespace
}  // namespace nairi::mock

int main(int argc, char** argv) {
  return nairi::mock::run(argc, argv);
}
