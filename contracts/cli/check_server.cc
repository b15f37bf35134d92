#include <algorithm>
#include <cstdio>
#include <string_view>
#include <utility>

#include "cli/running.h"
#include "harness/cases/files.h"
#include "harness/server/runner.h"
#include "nairi/http_transport.h"
#include "text/json_source.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

// Which case needs what of a server.
int list_with_needs(const std::vector<Case>& cases) {
  for (const Case& contract_case : cases) {
    std::string needs;
    for (const auto& [name, fixed] : contract_case.given) needs += " " + name;
    std::printf("%-40s %-10s%s\n", contract_case.name.c_str(),
                std::string(to_string(contract_case.source)).c_str(), needs.c_str());
  }
  return kExitGood;
}

tl::expected<Values, std::string> read_states(const std::string& path) {
  Values states;
  if (path.empty()) return states;
  const auto text = read_text_file(path);
  if (!text) return tl::unexpected(text.error());
  const auto json = mock::parse_json(*text);
  if (!json) {
    const auto [line, column] = mock::line_column(*text, json.error().offset);
    return tl::unexpected(path + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " +
                          json.error().message);
  }
  if (!json->is_object()) {
    return tl::unexpected(path + ": expected an object of names and texts, got " +
                          mock::describe(*json));
  }
  for (const auto& [name, value] : json->items()) {
    if (!value.is_string()) {
      return tl::unexpected(path + ": /" + name + ": expected a text, got " +
                            mock::describe(value));
    }
    states[name] = value;
  }
  return states;
}

// A name that is nearly one that a case asks for is a typing mistake, and would leave that case
// unchecked.
void warn_of_typos(const std::string& path, const Values& states, const std::vector<Case>& cases) {
  mock::Words asked_for = {"api_key"};
  for (const Case& contract_case : cases) {
    for (const auto& [name, fixed] : contract_case.given) asked_for.emplace_back(name);
  }
  for (const auto& [name, value] : states) {
    if (std::find(asked_for.begin(), asked_for.end(), name) != asked_for.end()) continue;
    const std::string_view meant = mock::nearest(name, asked_for);
    if (meant.empty()) continue;
    complain(path + ": no case asks for " + mock::in_quotes(name) + "; did you mean " +
             mock::in_quotes(meant) + "?");
  }
}

std::string command_of(const CheckServerOptions& options) {
  std::string command = "nairi-contract server";
  for (const std::string& file : options.run.contracts) command += " --contracts " + file;
  if (options.target.empty()) {
    return options.way == "in-process" ? command : command + " --over " + options.way;
  }
  command += " --target " + options.target + " --api-key \"$KEY\"";
  if (!options.states_file.empty()) command += " --states " + options.states_file;
  if (!options.ca_file.empty()) command += " --ca-file " + options.ca_file;
  return command;
}

tl::expected<Subjects, std::string> subjects_of(const CheckServerOptions& options,
                                                const std::vector<Case>& cases) {
  if (options.target.empty()) {
    if (options.way == "http") return scripted_subjects(Way::http);
    if (options.way == "https") return scripted_subjects(Way::https);
    return scripted_subjects(Way::in_process);
  }
  auto states = read_states(options.states_file);
  if (!states) return tl::unexpected(states.error());
  warn_of_typos(options.states_file, *states, cases);
  std::string key = options.api_key;
  if (key.empty() && states->contains("api_key")) key = states->at("api_key");
  if (key.empty()) {
    return tl::unexpected(
        std::string("--target needs --api-key, or \"api_key\" in the --states file"));
  }
  return foreign_subjects({.url = options.target,
                           .api_key = std::move(key),
                           .states = std::move(*states),
                           .ca_file = options.ca_file,
                           .poll_interval = std::chrono::milliseconds(options.poll_ms)});
}

// Says once, not for each case, that nobody answers.
bool is_there(const CheckServerOptions& options) {
  const auto transport = HttpTransport::open(options.target, {.ca_file = options.ca_file});
  if (!transport) {
    complain(transport.error().message);
    return false;
  }
  const auto reply = (*transport)->send({.method = "GET", .target = "/agents", .headers = {}});
  if (!reply) complain("can't reach " + options.target + ": " + reply.error().message);
  return reply.has_value();
}

}  // namespace

int check_server(const CheckServerOptions& options) {
  auto cases = choose_cases(options.run);
  if (!cases) return kExitUsage;
  std::erase_if(*cases, [](const Case& it) { return it.steps.empty(); });
  if (options.run.list) return list_with_needs(*cases);
  const auto subjects = subjects_of(options, *cases);
  if (!subjects) {
    complain(subjects.error());
    return kExitUsage;
  }
  if (!options.target.empty() && !is_there(options)) return kExitCouldNotCheck;
  RunReport report{.title = options.target.empty() ? "our fake, " + options.way : options.target,
                   .again = command_of(options),
                   .results = {}};
  for (const Case& contract_case : *cases) {
    report.results.push_back(run_case(contract_case, *subjects));
  }
  return finish_run(options.run, std::move(report));
}

}  // namespace nairi::contracts
