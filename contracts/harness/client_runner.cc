#include "harness/client_runner.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "engine/words.h"
#include "harness/own_client.h"
#include "harness/pattern.h"
#include "harness/request_check.h"
#include "harness/subject.h"
#include "harness/temporary_folder.h"
#include "nairi/mock/server.h"
#include "nairi/testing/in_process.h"

namespace nairi::contracts {
namespace {

constexpr std::string_view kPrefix = "/api/public/v1";
constexpr const char* kKey = "nr_contract";
constexpr const char* kBusyAgent = "busy-agent";
constexpr std::int64_t kVirtualPollMs = 2000;

// A status that nobody knew when the client was written, for as long as a turn runs.
void change_status(const Case& contract_case, std::string& body) {
  if (!contract_case.mutate_status) return;
  for (const std::string_view status : {R"("status":"queued")", R"("status":"pending")"}) {
    for (std::size_t at = 0; (at = body.find(status, at)) != std::string::npos;) {
      body.replace(at, status.size(), R"("status":"scheduled")");
    }
  }
}

class CheckingTransport : public Transport {
 public:
  CheckingTransport(std::shared_ptr<Transport> inner, RequestCheck& check,
                    const Case& contract_case)
      : inner_(std::move(inner)), check_(check), case_(contract_case) {}

  Result<HttpReply> send(const HttpRequest& request) override {
    const auto type =
        std::find_if(request.headers.begin(), request.headers.end(),
                     [](const HttpHeader& header) { return header.name == "Content-Type"; });
    check_.see(request.method, request.target, type == request.headers.end() ? "" : type->value,
               request.body);
    auto reply = inner_->send(request);
    if (reply) change_status(case_, reply->body);
    return reply;
  }
  Clock& clock() override { return inner_->clock(); }

 private:
  std::shared_ptr<Transport> inner_;
  RequestCheck& check_;
  const Case& case_;
};

mock::FakeOptions fake_options(const Case& contract_case, mock::ClockMode clock,
                               std::int64_t poll_ms) {
  mock::FakeOptions options;
  options.clock = clock;
  options.mutate_additive = contract_case.mutate_additive;
  options.judge = true;
  options.judging.in_suite = true;
  options.judging.min_poll_ms = poll_ms;
  return options;
}

// The values of the case's states, and the job with them filled in.
Json make_job(const Case& contract_case, const mock::Fake& fake, std::int64_t poll_ms,
              TemporaryFolder& folder) {
  Values states = states_of(fake);
  states["busy_agent"] = kBusyAgent;
  Values values;
  for (const auto& [name, fixed] : contract_case.given) {
    if (fixed) {
      values[name] = *fixed;
    } else if (states.contains(name)) {
      values[name] = states.at(name);
    }
  }
  Json job = fill_all(contract_case.client->job, values);
  job["id"] = contract_case.name;
  job["api_key"] = kKey;
  job["poll_ms"] = poll_ms;
  if (job.contains("attachments")) {
    for (Json& file : job["attachments"]) {
      file = folder.write(file.at("filename"), file.at("text").get<std::string>());
    }
  }
  return job;
}

// What a program said last before it ended.
std::string last_lines(const std::string& text) {
  constexpr std::size_t kMost = 400;
  if (text.empty()) return "";
  const Json end = text.size() <= kMost ? text : "…" + text.substr(text.size() - kMost);
  return "; stderr ends with " + end.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Gathers what is to be said of one run.
class Judgement {
 public:
  Judgement(const Case& contract_case, const ClientOptions& options)
      : case_(contract_case), options_(options) {
    result_.result.name = contract_case.name;
    result_.result.why = contract_case.why;
    result_.result.source = contract_case.source;
  }

  void answer(const ClientAnswer& answer) {
    switch (answer.kind) {
      case ClientAnswer::Kind::unsupported:
        result_.result.verdict = Verdict::not_checked;
        result_.result.reason =
            "the client says \"unsupported\" or exits with 127" + last_lines(answer.notes);
        return;
      case ClientAnswer::Kind::broke:
        add(result_part(), "", "one line of JSON, and exit code 0",
            answer.how + last_lines(answer.notes));
        return;
      case ClientAnswer::Kind::answered:
        break;
    }
    gave_up_ = answer.result.value("outcome", Json()) == "error";
    Values values;
    Matching matching{values, true, case_.source};
    match(case_.client->expect, &answer.result, "", matching);
    for (const Mismatch& mismatch : matching.mismatches) {
      add(result_part(), mismatch.pointer, mismatch.wanted, mismatch.got);
    }
    // Why a client came to another outcome, it says itself.
    const auto error = answer.result.find("error");
    if (!matching.mismatches.empty() && error != answer.result.end()) {
      result_.result.mismatches.back().got += "; its error: " + error->dump();
    }
  }

  void traffic(const mock::Verdicts& verdicts) {
    result_.traffic = verdicts.traffic;
    // An error that is expected is not one that comes from never having asked.
    const bool silent = verdicts.traffic.requests == 0;
    if (silent && result_.result.verdict != Verdict::not_checked) {
      add("result", "", "at least one request", "none");
    }
    for (const mock::Verdict& verdict : verdicts.verdicts) {
      if (verdict.rule == "polls-until-terminal" && ends_otherwise()) continue;
      // Who comes to its deadline may look a last time.
      if (verdict.rule == "polls-no-faster-than-asked" && lists("deadline-kept")) continue;
      result_.rules.push_back({std::string(verdict.rule), verdict.level, verdict.outcome});
      const bool counts = verdict.level == mock::RuleLevel::must ||
                          (options_.strict && verdict.level == mock::RuleLevel::should);
      if (counts && verdict.outcome == mock::Outcome::broken) break_rule(verdict);
    }
  }

  void requests(const std::vector<std::string>& wrong) {
    for (const std::string& request : wrong) {
      add("rule valid-requests", "", "requests that fit openapi.json", request);
    }
  }

  // How long the client took, of the time that it was given.
  void duration(std::chrono::milliseconds taken, const Json& job) {
    constexpr std::int64_t kSlackMs = 2000;
    const auto deadline = job.find("deadline_ms");
    if (deadline == job.end() || !lists("deadline-kept")) return;
    const std::int64_t most = deadline->get<std::int64_t>() * 3 / 2 + kSlackMs;
    if (taken.count() <= most) return;
    add("rule deadline-kept", "", "an end within " + deadline->dump() + " ms",
        "one after " + std::to_string(taken.count()) + " ms");
  }

  // A key that came to where a redirect pointed.
  void leaked_key() {
    add("rule auth-on-every-call", "", "no key sent to another origin on a redirect",
        "the Authorization header, there");
  }

  ClientResult finish(std::chrono::microseconds duration) {
    CaseResult& result = result_.result;
    if (result.verdict != Verdict::not_checked) {
      if (result.mismatches.empty()) check_exercised();
      charge_the_cause();
      note_result_rules();
      result.verdict = result.mismatches.empty() ? Verdict::passed : Verdict::failed;
    }
    result.duration = duration;
    return std::move(result_);
  }

 private:
  void add(std::string part, std::string pointer, std::string wanted, std::string got) {
    result_.result.mismatches.push_back({.step = "client",
                                         .part = std::move(part),
                                         .pointer = std::move(pointer),
                                         .wanted = std::move(wanted),
                                         .got = std::move(got),
                                         .source = case_.source});
  }

  bool lists(std::string_view id) const {
    const auto& rules = case_.client->rules;
    return std::find(rules.begin(), rules.end(), id) != rules.end();
  }

  // Who is to keep a deadline may leave a turn that has not ended; and of a status that was changed
  // on the way the fake knows nothing.
  bool ends_otherwise() const {
    return lists("deadline-kept") || lists("unknown-status-is-not-terminal");
  }

  // When the requests were wrong, a wrong result follows from that.
  void charge_the_cause() {
    const std::string consequence = result_part();
    Mismatches& mismatches = result_.result.mismatches;
    const bool has_cause =
        std::any_of(mismatches.begin(), mismatches.end(), [&](const Mismatch& mismatch) {
          return mismatch.part.starts_with("rule ") && mismatch.part != consequence;
        });
    for (Mismatch& mismatch : mismatches) {
      if (has_cause && mismatch.part == consequence) mismatch.part = "result";
    }
  }

  // The rule that a wrong result breaks.
  const mock::Rule* result_rule() const {
    for (const std::string& id : case_.client->rules) {
      const mock::Rule* rule = mock::find_rule(id);
      if (rule != nullptr && rule->judged_by == mock::JudgedBy::result) return rule;
    }
    return nullptr;
  }

  std::string result_part() const {
    const mock::Rule* rule = result_rule();
    return rule == nullptr ? "result" : "rule " + std::string(rule->id);
  }

  void break_rule(const mock::Verdict& verdict) {
    std::string got = verdict.sentence;
    for (const mock::Evidence& evidence : verdict.evidence) {
      got += "; #" + std::to_string(evidence.number) + " " + evidence.text;
    }
    const mock::Rule& rule = *mock::find_rule(verdict.rule);
    add("rule " + std::string(rule.id), "", "a client that " + std::string(rule.sentence), got);
  }

  // A rule that the case is there for and that nothing put to the test was not checked.
  void check_exercised() {
    for (const std::string& id : case_.client->rules) {
      const auto found = std::find_if(result_.rules.begin(), result_.rules.end(),
                                      [&](const RuleResult& it) { return it.rule == id; });
      // A client that reports an error may have given up before it came to the rule.
      const bool unseen = !gave_up_ && found != result_.rules.end() &&
                          found->level == mock::RuleLevel::must &&
                          found->outcome == mock::Outcome::not_seen;
      if (unseen) add("rule " + id, "", "requests that put the rule to the test", "none");
    }
  }

  void note_result_rules() {
    const auto broken = [&](const std::string& part) {
      return std::any_of(result_.result.mismatches.begin(), result_.result.mismatches.end(),
                         [&](const Mismatch& mismatch) { return mismatch.part == part; });
    };
    const auto note = [&](std::string_view id) {
      const bool is_broken = broken("rule " + std::string(id));
      // What traffic judges, too, has its line already.
      std::erase_if(result_.rules, [&](const RuleResult& rule) { return rule.rule == id; });
      result_.rules.push_back({std::string(id), mock::RuleLevel::must,
                               is_broken ? mock::Outcome::broken : mock::Outcome::kept});
    };
    if (const mock::Rule* rule = result_rule()) note(rule->id);
    if (result_.traffic.requests > 0) note("valid-requests");
  }

  const Case& case_;
  const ClientOptions& options_;
  ClientResult result_;
  bool gave_up_ = false;
};

std::chrono::microseconds since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                               begin);
}

// Where redirects lead: notes whether a key comes along.
class Trap {
 public:
  Trap()
      : server_([this](const mock::Request& request) {
          if (mock::find_header(request.headers, "Authorization") != nullptr) leaked_ = true;
          return mock::Reply{.status = 404, .body = R"({"error": "another origin"})"};
        }) {}

  std::string origin() const { return server_.root_url(); }
  bool leaked() const { return leaked_; }

 private:
  std::atomic<bool> leaked_ = false;
  mock::Server server_;
};

// An agent with more conversations than fit on a page.
void add_busy_agent(mock::World& world) {
  constexpr int kConversations = 120;
  mock::AgentSpec agent;
  agent.agent_id = kBusyAgent;
  agent.name = "Busy";
  world.agents.push_back(std::move(agent));
  mock::JobSpec job;
  job.agent_id = kBusyAgent;
  world.jobs.insert(world.jobs.end(), kConversations, job);
}

mock::World client_world(const Case& contract_case, const std::string& other_origin) {
  mock::World world = world_of(contract_case);
  if (contract_case.given.contains("busy_agent")) add_busy_agent(world);
  world.faults = contract_case.faults;
  for (mock::FaultSpec& fault : world.faults) {
    if (fault.effect.redirect_to) fault.effect.redirect_to = other_origin;
  }
  return world;
}

bool redirects(const Case& contract_case) {
  return std::any_of(contract_case.faults.begin(), contract_case.faults.end(),
                     [](const mock::FaultSpec& fault) { return fault.effect.redirect_to; });
}

void see(RequestCheck& check, const mock::Request& request) {
  std::string_view target = request.target;
  if (target.starts_with(kPrefix)) target.remove_prefix(kPrefix.size());
  const std::string* type = mock::find_header(request.headers, "Content-Type");
  check.see(request.method, target, type == nullptr ? "" : *type, request.body);
}

}  // namespace

InProcessClient own_client() {
  return [](const Json& job, const std::shared_ptr<Transport>& transport) {
    return ClientAnswer{.kind = ClientAnswer::Kind::answered,
                        .result = run_own_client(job, transport),
                        .how = {},
                        .notes = {}};
  };
}

ClientResult run_client_case(const Case& contract_case, const InProcessClient& client,
                             const ClientOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  // Nothing listens there, and in process nobody would go.
  mock::Fake fake(client_world(contract_case, "http://127.0.0.1:9"),
                  fake_options(contract_case, mock::ClockMode::virtual_time, kVirtualPollMs));
  RequestCheck check;
  TemporaryFolder folder;
  const Json job = make_job(contract_case, fake, kVirtualPollMs, folder);
  Judgement judgement(contract_case, options);
  std::shared_ptr<Transport> transport = nairi::testing::in_process(fake);
  const std::chrono::milliseconds start = transport->clock().now();
  judgement.answer(
      client(job, std::make_shared<CheckingTransport>(transport, check, contract_case)));
  judgement.duration(transport->clock().now() - start, job);
  judgement.traffic(fake.verdicts_of_all());
  judgement.requests(check.wrong());
  return judgement.finish(since(begin));
}

ClientResult run_client_case(const Case& contract_case, const RemoteClient& client,
                             const ClientOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  std::optional<Trap> trap;
  if (redirects(contract_case)) trap.emplace();
  mock::Fake fake(client_world(contract_case, trap ? trap->origin() : ""),
                  fake_options(contract_case, mock::ClockMode::poll, options.poll_ms));
  RequestCheck check;
  mock::Server server(
      [&](const mock::Request& request) {
        see(check, request);
        mock::Reply reply = fake.handle(request);
        change_status(contract_case, reply.body);
        return reply;
      },
      mock::ServerOptions{.tls = {.own_ca = options.tls}});
  TemporaryFolder folder;
  Json job = make_job(contract_case, fake, options.poll_ms, folder);
  job["base_url"] = server.base_url();
  if (options.tls) job["ca_file"] = folder.write("ca.pem", server.ca_pem());
  Judgement judgement(contract_case, options);
  const auto start = std::chrono::steady_clock::now();
  judgement.answer(client(job));
  judgement.duration(std::chrono::duration_cast<std::chrono::milliseconds>(since(start)), job);
  server.stop();
  judgement.traffic(fake.verdicts_of_all());
  judgement.requests(check.wrong());
  if (trap && trap->leaked()) judgement.leaked_key();
  return judgement.finish(since(begin));
}

}  // namespace nairi::contracts
