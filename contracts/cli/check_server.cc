#include <algorithm>
#include <cstdio>
#include <string_view>
#include <utility>

#include "cli/client_command.h"
#include "cli/running.h"
#include "harness/cases/case_reader.h"
#include "harness/cases/files.h"
#include "harness/server/cost.h"
#include "harness/server/patience.h"
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
  if (path.empty()) return Values();
  const auto text = read_text_file(path);
  return text ? parse_states(*text, path) : tl::unexpected(text.error());
}

// A name that is nearly one that a case asks for is a typing mistake, and would leave that case
// unchecked. So all cases count, also those that are not chosen this time.
void warn_of_typos(const std::string& path, const Values& states, const std::vector<Case>& cases) {
  mock::Words asked_for = {"api_key"};
  const auto add = [&asked_for](const std::vector<Case>& asking) {
    for (const Case& it : asking) {
      for (const auto& [name, fixed] : it.given) asked_for.emplace_back(name);
    }
  };
  const auto all = built_in_cases();
  if (all) add(*all);
  add(cases);
  for (const auto& [name, value] : states) {
    if (std::find(asked_for.begin(), asked_for.end(), name) != asked_for.end()) continue;
    const std::string_view meant = mock::nearest(name, asked_for);
    if (meant.empty()) continue;
    complain(path + ": no case asks for " + mock::in_quotes(name) + "; did you mean " +
             mock::in_quotes(meant) + "?");
  }
}

bool is_loopback(std::string_view url) {
  const std::string_view host = url.substr(url.find("//") + 2);
  return host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
}

// Plays a case as it was played; the key itself is not shown.
std::string command_of(const CheckServerOptions& options) {
  std::string command = "nairi-contract server";
  const auto add = [&command](const char* name, const std::string& value) {
    if (!value.empty()) command += std::string(" ") + name + " " + word_in_shell(value);
  };
  for (const std::string& file : options.run.contracts) add("--contracts", file);
  if (options.run.strict) command += " --strict";
  if (options.target.empty()) {
    return options.way == "in-process" ? command : command + " --over " + options.way;
  }
  add("--target", options.target);
  if (!options.api_key.empty()) command += " --api-key \"$KEY\"";
  add("--states", options.states_file);
  add("--ca-file", options.ca_file);
  if (options.poll_ms != CheckServerOptions().poll_ms) {
    add("--poll-ms", std::to_string(options.poll_ms));
  }
  if (options.requests_per_second) add("--rate", Json(*options.requests_per_second).dump());
  return command;
}

// Leaves those that the server's states are enough for. One that needs others is not checked.
std::vector<Case> checkable(std::vector<Case> cases, const Values& states) {
  std::erase_if(cases, [&states](const Case& it) {
    return std::any_of(it.given.begin(), it.given.end(),
                       [&](const auto& given) { return !states.contains(given.first); });
  });
  return cases;
}

// Who pays for it is told before anything is sent.
void announce(const CheckServerOptions& options, const Cost& cost) {
  const bool could_be_less = cost.conversations > 0 && !options.frugal;
  complain(std::string("this run makes, where the contracts are kept") +
           (could_be_less ? " (--frugal: less):" : ":"));
  complain(in_words(cost));
}

// "" when there is none.
std::string key_of(const CheckServerOptions& options, const Values& states) {
  if (!options.api_key.empty() || !states.contains("api_key")) return options.api_key;
  return states.at("api_key");
}

tl::expected<Subjects, std::string> subjects_of(const CheckServerOptions& options, Values states,
                                                const Interruption& interruption) {
  if (options.target.empty()) {
    if (options.way == "http") return scripted_subjects(Way::http);
    if (options.way == "https") return scripted_subjects(Way::https);
    return scripted_subjects(Way::in_process);
  }
  std::string key = key_of(options, states);
  if (key.empty()) {
    return tl::unexpected(
        std::string("--target needs --api-key, or \"api_key\" in the --states file"));
  }
  return foreign_subjects({.url = options.target,
                           .api_key = std::move(key),
                           .states = std::move(states),
                           .ca_file = options.ca_file,
                           .poll_interval = std::chrono::milliseconds(options.poll_ms),
                           .requests_per_second = options.requests_per_second,
                           .stop = interruption.stop()});
}

// Whether it is a list of agents without this one, whatever that is called by. Of what is no such
// list the cases tell.
bool lacks_agent(const HttpReply& reply, const Json& agent) {
  const Json agents = read_json(reply.body);
  const auto is_agent = [](const Json& it) {
    return it.is_object() && it.value("agent_id", Json()).is_string();
  };
  const auto is_meant = [&](const Json& it) { return std::ranges::find(it, agent) != it.end(); };
  return reply.status == 200 && agents.is_array() && std::ranges::all_of(agents, is_agent) &&
         std::ranges::none_of(agents, is_meant);
}

// Why no case could tell anything of the server; "" when some may.
std::string what_is_in_vain(const CheckServerOptions& options, const Values& states,
                            const std::vector<Case>& cases, const HttpReply& reply) {
  if (reply.status == 401) {
    const bool is_option = !options.api_key.empty();
    return options.target + " refuses the key " +
           (is_option ? "of --api-key" : "in " + options.states_file) + ": GET /agents answers 401";
  }
  const bool is_asked = std::ranges::any_of(
      checkable(cases, states), [](const Case& it) { return it.given.contains("agent"); });
  if (!is_asked || !lacks_agent(reply, states.at("agent"))) return {};
  const std::string agent = states.at("agent");
  return options.target + " has no agent " + mock::in_quotes(agent) + ", which " +
         options.states_file + " names: GET /agents does not list it";
}

// Says once, not for each case, that nobody answers, or not to this key. What is wrong, as an exit
// code.
int try_target(const CheckServerOptions& options, const Values& states,
               const std::vector<Case>& cases, const Interruption& interruption) {
  if (options.target.empty()) return kExitGood;
  const auto transport = HttpTransport::open(options.target, {.ca_file = options.ca_file});
  if (!transport) {
    complain(transport.error().message);
    return kExitUsage;
  }
  const auto reply =
      (*transport)
          ->send({.method = "GET",
                  .target = "/agents",
                  .headers = {{"Authorization", "Bearer " + key_of(options, states)}},
                  .time_limit = std::chrono::seconds(30),
                  .stop = interruption.stop()});
  if (reply) {
    const std::string in_vain = what_is_in_vain(options, states, cases, *reply);
    if (!in_vain.empty()) complain(in_vain);
    return in_vain.empty() ? kExitGood : kExitCouldNotCheck;
  }
  if (interruption.signal() != 0) return 128 + interruption.signal();
  complain(for_command_line(reply.error().message));
  return kExitCouldNotCheck;
}

std::vector<CaseResult> play(const std::vector<Case>& cases, const Subjects& subjects,
                             const std::stop_token& stop) {
  std::vector<CaseResult> results;
  for (const Case& it : cases) {
    const auto missed = [&] { return not_run(it.name, it.why, it.source); };
    CaseResult result = stop.stop_requested() ? missed() : run_case(it, subjects);
    // One that was broken off says nothing of the server.
    const bool broken_off = stop.stop_requested() && result.verdict == CaseVerdict::failed;
    results.push_back(broken_off ? missed() : std::move(result));
  }
  return results;
}

// What a server on this machine took for its answers. The first on a connection, which is that of a
// case, is never delayed: acknowledgements are quick there.
std::vector<std::chrono::microseconds> times_of(const CheckServerOptions& options,
                                                const std::vector<CaseResult>& results) {
  std::vector<std::chrono::microseconds> times;
  if (options.target.empty() || !is_loopback(options.target)) return times;
  for (const CaseResult& result : results) {
    for (std::size_t i = 1; i < result.trace.size(); ++i) {
      if (!result.trace[i].received.empty()) times.push_back(result.trace[i].taken);
    }
  }
  return times;
}

// The keys that the server was called with, and others that its states may have.
Secrets secrets_of(const CheckServerOptions& options, const Values& states) {
  Secrets secrets;
  if (!options.api_key.empty()) secrets.push_back(options.api_key);
  for (const auto& [name, value] : states) {
    if (name.find("key") != std::string::npos && !value.empty()) secrets.push_back(value);
  }
  return secrets;
}

int complained(const std::string& mistake) {
  complain(mistake);
  return kExitUsage;
}

}  // namespace

int check_server(const CheckServerOptions& options) {
  auto cases = choose_cases(options.run, Side::server);
  if (!cases) return kExitUsage;
  const auto states = read_states(options.states_file);
  if (!states) return complained(states.error());
  warn_of_typos(options.states_file, *states, *cases);
  if (options.frugal) {
    if (!options.target.empty()) *cases = checkable(std::move(*cases), *states);
    *cases = frugal_cases(std::move(*cases), static_cast<std::size_t>(options.max_conversations));
  }
  if (options.frugal && options.run.list) announce(options, total_cost(*cases));
  if (options.run.list) return list_with_needs(*cases);
  const auto known_failing = prepare_run(options.run);
  if (!known_failing) return kExitUsage;
  const Interruption& interruption = Interruption::begin();
  const auto subjects = subjects_of(options, *states, interruption);
  if (!subjects) return complained(subjects.error());
  const int wrong = try_target(options, *states, *cases, interruption);
  if (wrong != kExitGood) return wrong;
  if (!options.target.empty()) announce(options, total_cost(checkable(*cases, *states)));
  RunReport report{.title = options.target.empty() ? "our fake, " + options.way : options.target,
                   .again = command_of(options),
                   .results = play(*cases, *subjects, interruption.stop())};
  const std::string hint = hint_at_delays(times_of(options, report.results));
  const int code = finish_run(options.run, *known_failing, std::move(report), interruption,
                              secrets_of(options, *states));
  if (!hint.empty()) complain("hint: " + hint);
  return code;
}

}  // namespace nairi::contracts
