// nairi-mock: serves, runs commands with a fake, checks and prints world files, waits for a server.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <new>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/ready_file.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

constexpr std::uint64_t kMostThreads = 64;

// An option that takes a duration.
void add_duration(CLI::App* command, const std::string& name, std::chrono::milliseconds& value,
                  const std::string& about) {
  const auto read = [name, &value](const std::string& text) {
    const auto duration = parse_duration(text);
    if (!duration) {
      throw CLI::ValidationError(name,
                                 "takes a time such as 500ms, 10s or 2m; got " + in_quotes(text));
    }
    value = *duration;
  };
  command->add_option_function<std::string>(name, read, about)->type_name("TIME");
}

void add_address(CLI::App* serve, ServeOptions& options) {
  add_text(serve, "--host", options.host, "ADDRESS",
           "The address to listen on " + default_of(options.host));
  add_number(serve, "--port", options.port, {0, 65535}, "PORT", "The port; 0 is a free one");
  add_switch(serve, "--allow-remote", options.allow_remote,
             "Let --host be an address that other machines\nreach (default: off)");
  add_number(serve, "--threads", options.threads, {1, kMostThreads}, "N",
             "Threads that share the connections");
  add_texts(
      serve, "--control-host", options.control_hosts, "NAME",
      "A name by which /__mock may be called besides\nlocalhost; may be repeated (default: none)");
  add_text(serve, "--control-token", options.control_token, "TOKEN",
           "The control token; better given by\nNAIRI_CONTROL_TOKEN, which no list of processes\n"
           "shows (default: a new one for each start)")
      ->envname("NAIRI_CONTROL_TOKEN");
  add_texts(serve, "--cors", options.cors, "ORIGIN",
            "An origin whose pages browsers let call the API,\nnever /__mock; may be repeated "
            "(default: none)");
  add_switch(serve, "--tls", options.tls, "HTTPS, with a CA of its own (default: HTTP)");
  add_texts(serve, "--tls-name", options.tls_names, "NAME",
            "What the certificate of --tls names besides\nlocalhost and --host; may be "
            "repeated\n(default: none)");
  add_text(serve, "--ca-file", options.ca_file, "FILE",
           "Where --tls writes its CA (default: beside the\nready file, else in the temporary "
           "folder)");
  add_text(serve, "--tls-cert", options.tls_cert, "FILE",
           "HTTPS, with this PEM chain (default: none)");
  add_text(serve, "--tls-key", options.tls_key, "FILE",
           "The PEM key of --tls-cert (default: none)");
  add_choice<Encoding>(
      serve, "--encode", options.encode,
      {{"off", Encoding::plain}, {"chunked", Encoding::chunked}, {"gzip", Encoding::gzip}},
      "How bodies of replies are packed: off, chunked\n(in pieces, to HTTP/1.1), or gzip (for "
      "requests\nthat accept it) (default: off)");
}

// Whose the standard input is.
enum class Input { ours, of_the_command };

void add_play(CLI::App* serve, ServeOptions& options, Input input) {
  const bool is_ours = input == Input::ours;
  add_texts(serve, "--world", options.worlds, "FILE",
            std::string(is_ours ? "A world file, - for standard input, or\nbuiltin:NAME"
                                : "A world file, or builtin:NAME") +
                "; may be repeated\n(default: builtin:default)");
  add_choice<ClockMode>(
      serve, "--clock", options.clock,
      {{"poll", ClockMode::poll}, {"virtual", ClockMode::virtual_time}, {"wall", ClockMode::wall}},
      "What makes a turn go on: poll (reads of the\njob), virtual (told), wall (real time)\n"
      "(default: poll)");
  add_factor(serve, "--speed", options.speed, 0.001, 1'000'000,
             "How many times faster the wall clock runs\n");
  add_number(serve, "--seed", options.seed, {0, UINT64_MAX}, "N", "What ids are made from");
  add_choice<bool>(serve, "--keys", options.listed_keys_only, {{"any", false}, {"listed", true}},
                   "Which keys are let in: any, or listed in the\nworld (default: any)");
  add_choice<bool>(
      serve, "--mutate", options.mutate_additive, {{"off", false}, {"additive", true}},
      "Replies gain what clients must ignore: off, or\nadditive (unknown fields, roles "
      "and progress\ntypes, other order of keys) (default: off)");
  add_text(serve, "--fidelity", options.fidelity, "FILE",
           std::string("A ledger of what is known of the service, which\nthe fake follows") +
               (is_ours ? "; - is standard input" : "") + " (default: none)");
  add_switch(serve, "--only-confirmed", options.only_confirmed,
             "Say on which guesses the run relied that nobody\nhas confirmed (default: off)");
}

void add_records(CLI::App* serve, ServeOptions& options) {
  add_text(serve, "--ready-file", options.ready_file, "FILE",
           "Write the ready line to this file\n(default: none)");
  add_choice<LogFormat>(
      serve, "--log", options.log,
      {{"text", LogFormat::text}, {"json", LogFormat::json}, {"none", LogFormat::none}},
      std::string("A line on stderr for each request: text, json\nor none (default: ") +
          (options.log == LogFormat::none ? "none)" : "text)"));
  constexpr std::uint64_t kMostEntries = 1'000'000'000;
  add_number(serve, "--journal-max", options.journal_max, {0, kMostEntries}, "N",
             "How many exchanges are kept");
  add_duration(serve, "--keep-idle", options.keep_idle,
               "How long a key must have been idle to make room\nfor others, once there is none "
               "(default: 60m)");
  add_choice<JudgeMode>(
      serve, "--judge", options.judge,
      {{"off", JudgeMode::off}, {"warn", JudgeMode::warn}, {"fail", JudgeMode::fail}},
      "Say at the end how the clients behaved: off,\nwarn, or fail (exit 1 for a broken MUST,\n"
      "3 if there was nothing to judge) (default: off)");
  add_text(serve, "--report", options.report, "FILE",
           "When it ends, write an HTML page that shows the\nrun, 16 MiB at most (default: none)");
}

// Worlds, as they are named on a command line.
void check_worlds_of(const std::string& name, const std::vector<std::string>& paths) {
  if (std::find(paths.begin(), paths.end(), "") != paths.end()) {
    throw CLI::ValidationError(name, "takes the name of a file; got \"\"");
  }
  if (std::count(paths.begin(), paths.end(), "-") > 1) {
    throw CLI::ValidationError(name, "takes - (standard input) once only");
  }
}

// RFC 6750's, so that the page's address and a header can hold it.
bool is_control_token(std::string_view token) {
  constexpr std::size_t kShortest = 16;
  constexpr std::size_t kLongest = 512;  // as of any key
  constexpr std::string_view kCharacters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=";
  return token.size() >= kShortest && token.size() <= kLongest &&
         token.find_first_not_of(kCharacters) == std::string_view::npos;
}

// What goes together. CLI11's own needs() and excludes() fill the help with notes.
void check_combinations(const CLI::App& serve, const ServeOptions& options) {
  if (serve.count("--speed") > 0 && options.clock != ClockMode::wall) {
    throw CLI::ValidationError("--speed", "goes with --clock wall only");
  }
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    throw CLI::ValidationError("--tls-cert", "and --tls-key go together");
  }
  check_worlds_of("--world", options.worlds);
  const bool is_world_piped =
      std::find(options.worlds.begin(), options.worlds.end(), "-") != options.worlds.end();
  if (options.fidelity == "-" && is_world_piped) {
    throw CLI::ValidationError("--fidelity", "and --world can't both be - (standard input)");
  }
  if (options.tls && !options.tls_cert.empty()) {
    throw CLI::ValidationError("--tls",
                               "makes a certificate of its own: leave it out with --tls-cert");
  }
  if (!options.tls_names.empty() && !options.tls) {
    throw CLI::ValidationError("--tls-name", "goes with --tls only");
  }
  if (!options.ca_file.empty() && !options.tls) {
    throw CLI::ValidationError("--ca-file", "goes with --tls only");
  }
  if (!options.ca_file.empty() && options.ca_file == options.ready_file) {
    throw CLI::ValidationError("--ca-file", "and --ready-file can't be one file");
  }
  if (!options.control_token.empty() && !is_control_token(options.control_token)) {
    throw CLI::ValidationError("--control-token",
                               "(or NAIRI_CONTROL_TOKEN) takes 16 to 512 of the characters that "
                               "stand behind \"Bearer \": letters, digits and -._~+/=");
  }
  if (!options.report.empty() &&
      (options.report == options.ready_file || options.report == options.ca_file)) {
    throw CLI::ValidationError("--report", "needs a file of its own");
  }
}

void add_options_of_serve(CLI::App* serve, ServeOptions& options, Input input) {
  add_play(serve, options, input);
  add_address(serve, options);
  add_records(serve, options);
}

void add_serve(CLI::App& app, ServeOptions& options) {
  CLI::App* serve = app.add_subcommand("serve", "Serve the fake until SIGTERM or Ctrl-C");
  add_options_of_serve(serve, options, Input::ours);
  add_switch(serve, "--with-parent", options.with_parent,
             "End when the process ends that started it\n(default: off)");
  add_duration(serve, "--drain", options.drain,
               "For how long at most, when it is to end, what is\nunder way goes on; "
               "/__mock/health answers 503 then\n(default: 0s, replies being written only)");
  serve->callback([serve, &options] { check_combinations(*serve, options); });
}

struct RunArguments {
  RunArguments() {
    options.port = 0;
    options.log = LogFormat::none;
  }
  ServeOptions options;
  std::vector<std::string> command;
};

void check_command(const RunArguments& arguments) {
  if (arguments.command.empty()) throw CLI::ValidationError("run", "needs a COMMAND to run");
  const auto& worlds = arguments.options.worlds;
  if (std::find(worlds.begin(), worlds.end(), "-") != worlds.end()) {
    throw CLI::ValidationError("--world", "- would take the standard input, which is COMMAND's");
  }
  if (arguments.options.fidelity == "-") {
    throw CLI::ValidationError("--fidelity", "- would take the standard input, which is COMMAND's");
  }
}

CLI::App* add_run(CLI::App& app, RunArguments& arguments) {
  CLI::App* run = app.add_subcommand("run", "Run a command with the fake: run [--] COMMAND ...");
  add_options_of_serve(run, arguments.options, Input::of_the_command);
  run->callback([run, &arguments] {
    check_combinations(*run, arguments.options);
    check_command(arguments);
  });
  run->footer(
      "COMMAND finds NAIRI_BASE_URL, NAIRI_API_KEY (a new one for each run) and\n"
      "NAIRI_CONTROL_URL in its environment; with --tls also SSL_CERT_FILE,\n"
      "NODE_EXTRA_CA_CERTS, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE and NAIRI_CA_FILE.\n"
      "NO_PROXY gains the fake's address.\n\n"
      "Exit codes: that of COMMAND, and 128 + n when signal n ended it. If it is 0:\n"
      "1 rule broken, 2 a file or output that can't be written, 3 nothing to judge.\n"
      "Without COMMAND having run: 2 usage or a bad file, 126 it can't be run, 127\n"
      "there is no such program.");
  return run;
}

struct CheckArguments {
  std::vector<std::string> worlds;
  bool no_hints = false;
};

void add_check(CLI::App& app, CheckArguments& arguments) {
  CLI::App* check = app.add_subcommand("check", "Check world files");
  check->add_option("files", arguments.worlds, "World files; - is standard input")
      ->required()
      ->type_name("FILE");
  add_switch(check, "--no-hints", arguments.no_hints,
             "Say nothing of what is unusual, but no mistake\n(default: off)");
  check->callback([&arguments] { check_worlds_of("check", arguments.worlds); });
}

struct WorldArguments {
  std::string name = "default";
  bool list = false;
};

void add_world(CLI::App& app, WorldArguments& arguments) {
  CLI::App* world = app.add_subcommand("world", "Print a built-in world, to start your own from");
  CLI::Option* name =
      world->add_option("name", arguments.name, "Its name " + default_of(arguments.name))
          ->type_name("NAME");
  add_switch(world, "--list", arguments.list, "Print the names of all instead (default: off)");
  world->callback([name, &arguments] {
    if (arguments.list && name->count() > 0) {
      throw CLI::ValidationError("--list",
                                 "names all worlds: leave " + in_quotes(arguments.name) + " out");
    }
  });
}

struct FidelityArguments {
  std::string ledger;
  bool as_json = false;
};

void add_fidelity(CLI::App& app, FidelityArguments& arguments) {
  CLI::App* fidelity =
      app.add_subcommand("fidelity", "Print what the fake guesses, and what is known of it");
  add_text(fidelity, "--fidelity", arguments.ledger, "FILE",
           "A ledger of what is known of the service; - is\nstandard input (default: none)");
  add_switch(fidelity, "--json", arguments.as_json, "Print JSON (default: off)");
}

struct ReadyArguments {
  std::string file;
  std::string field;
  std::chrono::milliseconds wait = std::chrono::seconds(10);
};

void read_field(const std::string& name, ReadyArguments& arguments) {
  const auto fields = ready_fields();
  if (std::find(fields.begin(), fields.end(), name) == fields.end()) {
    throw CLI::ValidationError("--print", "knows no field " + in_quotes(name) +
                                              hint(name, {fields.begin(), fields.end()}));
  }
  arguments.field = name;
}

void add_ready(CLI::App& app, ReadyArguments& arguments) {
  CLI::App* ready =
      app.add_subcommand("ready", "Wait until a server answers, and print its ready line");
  add_text(ready, "--ready-file", arguments.file, "FILE", "The ready file of the server")
      ->required();
  add_duration(ready, "--wait", arguments.wait,
               "For how long at most: 500ms, 10s, 2m (default: 10s)");
  const auto take_field = [&](const std::string& name) { read_field(name, arguments); };
  ready
      ->add_option_function<std::string>(
          "--print", take_field,
          "Print one field alone: base_url, control_url,\ncontrol_token, api_key, ca_file, "
          "instance, pid\nor states (default: the line)")
      ->type_name("FIELD");
}

int run_command_line(int argc, char** argv) {
  CLI::App app("An offline fake of Nairi's Conversations API", "nairi-mock");
  app.require_subcommand(1);
  app.fallthrough(false);
  app.get_formatter()->column_width(26);
  app.set_version_flag("--version", NAIRI_MOCK_VERSION);
  app.footer(
      "Exit codes: 0 good, 1 rule broken, 2 usage or a bad file,\n"
      "3 no server in time, or nothing to judge.");
  ServeOptions serve_options;
  add_serve(app, serve_options);
  RunArguments run_arguments;
  const CLI::App* run_command = add_run(app, run_arguments);
  CheckArguments check_arguments;
  add_check(app, check_arguments);
  WorldArguments world_arguments;
  add_world(app, world_arguments);
  FidelityArguments fidelity_arguments;
  add_fidelity(app, fidelity_arguments);
  ReadyArguments ready_arguments;
  add_ready(app, ready_arguments);
  const std::vector<std::string> words(argv + 1, argv + argc);
  const std::size_t ours = count_own_words(*run_command, words);
  run_arguments.command = command_after(words, ours);
  try {
    app.parse(static_cast<int>(ours) + 1, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    return complain(explain(app, {argv + 1, argv + 1 + ours}, error));
  }
  if (app.got_subcommand("run")) return run(run_arguments.options, run_arguments.command);
  if (app.got_subcommand("check")) return check(check_arguments.worlds, !check_arguments.no_hints);
  if (app.got_subcommand("world")) {
    return world_arguments.list ? list_worlds() : print_world(world_arguments.name);
  }
  if (app.got_subcommand("fidelity")) {
    return print_fidelity(fidelity_arguments.ledger, fidelity_arguments.as_json);
  }
  if (app.got_subcommand("ready")) {
    return ready(ready_arguments.file, ready_arguments.wait, ready_arguments.field);
  }
  return serve(serve_options);
}

}  // namespace
}  // namespace nairi::mock

int main(int argc, char** argv) try {
  using namespace nairi::mock;
  hold_standard_files();
  const int exit_code = run_command_line(argc, argv);
  const std::string lost = lost_output();
  return lost.empty() || exit_code != kExitGood ? exit_code : complain(lost);
} catch (const std::bad_alloc&) {
  return nairi::mock::complain("there is not enough memory");
}
