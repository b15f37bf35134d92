// nairi-mock: serves, checks world files, waits for a server.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "app/commands.h"
#include "engine/words.h"

namespace nairi::mock {
namespace {

void add_serve(CLI::App& app, ServeOptions& options) {
  CLI::App* serve = app.add_subcommand("serve", "Serve the fake until SIGTERM or Ctrl-C");
  serve->add_option("--world", options.worlds, "A world file; may be repeated [the built-in world]")
      ->type_name("FILE")
      ->allow_extra_args(false);
  serve->add_option("--host", options.host, "The address to listen on")->capture_default_str();
  serve->add_option("--port", options.port, "The port; 0 is a free one")->capture_default_str();
  serve->add_flag("--allow-remote", options.allow_remote,
                  "Let --host be an address that other machines reach");
  const std::map<std::string, ClockMode> clocks = {
      {"poll", ClockMode::poll}, {"virtual", ClockMode::virtual_time}, {"wall", ClockMode::wall}};
  serve
      ->add_option("--clock", options.clock,
                   "What makes a turn go on: poll (reads of the job), virtual (told), wall (real "
                   "time) [poll]")
      ->transform(CLI::Transformer(clocks).description(""))
      ->check(CLI::IsMember(clocks).description(""))
      ->type_name("CLOCK");
  auto* speed =
      serve->add_option("--speed", options.speed, "How many times faster the wall clock runs")
          ->check(CLI::Range(0.001, 1'000'000.0).description(""))
          ->capture_default_str();
  serve->add_option("--seed", options.seed, "What ids are made from")->capture_default_str();
  const std::map<std::string, bool> keys = {{"any", false}, {"listed", true}};
  serve
      ->add_option("--keys", options.listed_keys_only,
                   "Which keys are let in: any, or listed in the world [any]")
      ->transform(CLI::Transformer(keys).description(""))
      ->type_name("WHICH");
  auto* tls = serve->add_flag("--tls", options.tls, "HTTPS, with a CA of its own");
  auto* cert = serve->add_option("--tls-cert", options.tls_cert, "HTTPS, with this PEM chain");
  auto* key = serve->add_option("--tls-key", options.tls_key, "The PEM key of --tls-cert");
  cert->needs(key)->excludes(tls)->type_name("FILE");
  key->needs(cert)->excludes(tls)->type_name("FILE");
  serve
      ->add_option("--ca-file", options.ca_file,
                   "Where --tls writes its CA [beside the ready file, or in the temporary folder]")
      ->needs(tls)
      ->type_name("FILE");
  serve->add_option("--ready-file", options.ready_file, "Write the ready line to this file")
      ->type_name("FILE");
  const std::map<std::string, LogFormat> logs = {
      {"text", LogFormat::text}, {"json", LogFormat::json}, {"none", LogFormat::none}};
  serve->add_option("--log", options.log, "A line for each request: text, json or none [text]")
      ->transform(CLI::Transformer(logs).description(""))
      ->type_name("FORMAT");
  serve->add_option("--journal-max", options.journal_max, "How many exchanges are kept")
      ->capture_default_str();
  serve->callback([&options, speed] {
    if (speed->count() > 0 && options.clock != ClockMode::wall) {
      throw CLI::ValidationError("--speed", "goes with --clock wall only");
    }
  });
}

// Every flag and command of the program, for "did you mean".
std::vector<std::string> known_words(const CLI::App& app) {
  std::vector<std::string> words;
  for (const CLI::App* command : app.get_subcommands({})) {
    words.push_back(command->get_name());
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
    }
  }
  return words;
}

int explain(const CLI::App& app, const std::vector<std::string>& arguments,
            const CLI::ParseError& error) {
  std::string text = error.what();
  const auto words = known_words(app);
  const Words known(words.begin(), words.end());
  for (const std::string& argument : arguments) {
    const std::string_view word = std::string_view(argument).substr(0, argument.find('='));
    const bool is_known = std::find(known.begin(), known.end(), word) != known.end();
    if (is_known || text.find(word) == std::string::npos) continue;
    text += hint(word, known);
    break;
  }
  std::fprintf(stderr, "nairi-mock: %s\nSee nairi-mock --help.\n", text.c_str());
  return kExitUsage;
}

int run(int argc, char** argv) {
  CLI::App app("An offline fake of Nairi's Conversations API", "nairi-mock");
  app.require_subcommand(1);
  app.fallthrough(false);
  app.get_formatter()->column_width(26);
  app.set_version_flag("--version", NAIRI_MOCK_VERSION);
  app.failure_message(CLI::FailureMessage::simple);
  ServeOptions options;
  add_serve(app, options);

  std::vector<std::string> worlds;
  CLI::App* check_command = app.add_subcommand("check", "Check world files");
  check_command->add_option("files", worlds, "World files")->required()->type_name("FILE");

  std::string ready_file;
  std::string wait = "10s";
  CLI::App* ready_command =
      app.add_subcommand("ready", "Wait until a server is there, and print its ready line");
  ready_command->add_option("--ready-file", ready_file, "The ready file of the server")
      ->required()
      ->type_name("FILE");
  ready_command->add_option("--wait", wait, "For how long at most: 500ms, 10s, 2m")
      ->capture_default_str()
      ->type_name("TIME");

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    return explain(app, {argv + 1, argv + argc}, error);
  }
  if (check_command->parsed()) return check(worlds);
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
