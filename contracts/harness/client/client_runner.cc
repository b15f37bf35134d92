#include "harness/client/client_runner.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "harness/cases/pattern.h"
#include "harness/client/judgement.h"
#include "harness/client/witness.h"
#include "harness/server/subject.h"
#include "harness/server/temporary_folder.h"
#include "nairi/mock/api.h"
#include "nairi/mock/in_process.h"
#include "nairi/mock/server.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

constexpr const char* kKey = "nr_contract";
// Nobody outside knows it: it is used when the client has ended.
constexpr const char* kControlToken = "of the harness";

// An agent with so many conversations, as a state.
struct AgentWithConversations {
  const char* state;
  const char* slug;
  std::size_t conversations;
};
constexpr std::array kAgentsWithConversations{
    AgentWithConversations{"busy_agent", "busy-agent", 120},  // more than fit on a page
    AgentWithConversations{"full_agent", "full-agent", 100},  // as many as fit on one, or on two
};
constexpr std::int64_t kVirtualPollMs = 2000;

// A transport whose exchanges are seen.
class WitnessedTransport : public Transport {
 public:
  WitnessedTransport(std::shared_ptr<Transport> fake, Witness& witness)
      : fake_(std::move(fake)), witness_(witness) {}

  Result<HttpReply> send(const HttpRequest& request) override {
    return witness_.pass(*fake_, request);
  }
  Clock& clock() override { return fake_->clock(); }

 private:
  std::shared_ptr<Transport> fake_;
  Witness& witness_;
};

std::int64_t unix_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

mock::FakeOptions fake_options(const Case& contract_case, mock::ClockMode clock,
                               std::int64_t poll_ms, const mock::Fidelity& fidelity) {
  mock::FakeOptions options;
  options.control_token = kControlToken;
  options.fidelity = fidelity;
  options.clock = clock;
  options.wall_ms = unix_ms;
  options.speed = contract_case.speed.value_or(1);
  options.mutate_additive = contract_case.mutate_additive;
  options.judge = true;
  options.judging.in_suite = true;
  options.judging.min_poll_ms = poll_ms;
  return options;
}

// What is downloaded belongs to this conversation.
constexpr const char* kDownloadJob = "job_01KRK1V46BXS73CSNK2VRD0WN0";

// Asked of another fake of the same world, which has the same ids: so nobody but the client is seen
// by the one that it talks to.
Json ask_twin(mock::Fake& twin, const std::string& path) {
  const mock::Reply reply =
      twin.handle({.method = "GET",
                   .target = std::string(mock::kApiPrefix) + path,
                   .headers = {{"Authorization", std::string("Bearer ") + kKey}}});
  return read_json(reply.body);
}

mock::World without_faults(mock::World world) {
  world.faults.clear();
  return world;
}

std::string download_id(const mock::World& world) {
  mock::Fake twin(without_faults(world));
  const Json timeline = ask_twin(twin, std::string("/conversations/") + kDownloadJob + "/messages");
  return timeline.at("messages").at(0).at("attachment_ids").at(0);
}

// The values of the case's states, and the job with them filled in.
Json make_job(const Case& contract_case, const mock::World& world, const mock::Fake& fake,
              std::int64_t poll_ms, TemporaryFolder& folder) {
  Values states = states_of(fake);
  for (const AgentWithConversations& agent : kAgentsWithConversations) {
    states[agent.state] = agent.slug;
  }
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
  if (job.contains("download")) {
    job["path"] = folder.path_of(job["download"].at("filename"));
    job["attachment_id"] = download_id(world);
    job.erase("download");
  }
  return job;
}

// What a job that lists conversations should find, in the order that the client asked for.
std::vector<std::string> whole_list(const mock::World& world, const mock::FakeOptions& options,
                                    const Json& job, const Witness& witness) {
  std::vector<std::string> ids;
  if (job.at("op") != "conversations") return ids;
  const Seen seen = seen_in(witness.trace());
  const std::string* sort = find_parameter(seen, "sort");
  const std::string order = sort == nullptr ? "" : "&sort=" + percent_encode(*sort);
  mock::Fake twin(without_faults(world), options);
  constexpr std::size_t kPage = 100;
  while (true) {
    const Json page =
        ask_twin(twin, "/agents/" +
                           percent_encode(job.at("agent_id").get_ref<const std::string&>()) +
                           "/conversations?limit=" + std::to_string(kPage) +
                           "&offset=" + std::to_string(ids.size()) + order)
            .value("conversations", Json());
    for (const Json& conversation : page) ids.push_back(conversation.at("id"));
    if (page.size() < kPage) return ids;
  }
}

// The answer, and what the client wrote where it was told to.
ClientAnswer with_file(ClientAnswer answer, const Json& job) {
  if (!job.contains("path") || !answer.result.is_object()) return answer;
  if (auto bytes = TemporaryFolder::read(job.at("path"))) {
    answer.result["file"] = std::move(*bytes);
  }
  return answer;
}

// All that the fake kept, whichever keys the client sent.
void keep_journal(mock::Fake& fake, const mock::Verdicts& verdicts, CaseResult& result) {
  const mock::Reply reply =
      fake.handle({.method = "GET",
                   .target = std::string(mock::kControlPrefix) + "/journal?all=true",
                   .headers = {{"Authorization", std::string("Bearer ") + kControlToken}}});
  result.journal = reply.body;
  result.verdicts = mock::to_json(verdicts);
}

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

void add_agent(const AgentWithConversations& wanted, mock::World& world) {
  mock::AgentSpec agent;
  agent.agent_id = wanted.slug;
  agent.name = "Busy";
  world.agents.push_back(std::move(agent));
  mock::JobSpec job;
  job.agent_id = wanted.slug;
  world.jobs.insert(world.jobs.end(), wanted.conversations, job);
}

// A conversation in which the agent sent the file that is to be downloaded.
void add_download(const Json& file, mock::World& world) {
  mock::MessageSpec message;
  message.role = mock::Role::assistant;
  message.content = "Here it is.";
  const std::string bytes = fill(file.at("text").get_ref<const std::string&>(), {});
  message.attachments.push_back({file.at("filename"), std::make_shared<const std::string>(bytes)});
  mock::JobSpec job;
  job.id = kDownloadJob;
  job.agent_id = world.agents.front().agent_id;
  job.messages.push_back(std::move(message));
  world.jobs.push_back(std::move(job));
}

template <typename Thing>
void join(std::vector<Thing>& to, std::size_t at, const std::vector<Thing>& more) {
  to.insert(to.begin() + static_cast<std::ptrdiff_t>(at), more.begin(), more.end());
}

mock::World client_world(const Case& contract_case, const std::string& other_origin) {
  mock::World world = world_of(contract_case);
  join(world.agents, world.agents.size(), contract_case.world.agents);
  join(world.jobs, world.jobs.size(), contract_case.world.jobs);
  join(world.turns, contract_case.turns.size(), contract_case.world.turns);
  for (const AgentWithConversations& agent : kAgentsWithConversations) {
    if (contract_case.given.contains(agent.state)) add_agent(agent, world);
  }
  const Json& job = contract_case.client->job;
  if (job.contains("download")) add_download(job.at("download"), world);
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

}  // namespace

ClientAnswer read_result(const std::string& line, std::string notes) {
  Json result = read_json(line);
  if (!result.is_object() || !result.contains("outcome")) {
    return {ClientAnswer::Kind::broke, Json(),
            "printed no result: expected one line of JSON with an \"outcome\", got " +
                mock::in_quotes(line),
            std::move(notes)};
  }
  if (result["outcome"] == "unsupported") {
    return {ClientAnswer::Kind::unsupported, Json(), {}, std::move(notes)};
  }
  return {ClientAnswer::Kind::answered, std::move(result), {}, std::move(notes)};
}

ClientResult run_client_case(const Case& contract_case, const InProcessClient& client,
                             const ClientCaseOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  // Nothing listens there, and in process nobody would go.
  const mock::World world = client_world(contract_case, "http://127.0.0.1:9");
  const mock::FakeOptions how =
      fake_options(contract_case, mock::ClockMode::virtual_time, kVirtualPollMs, options.fidelity);
  mock::Fake fake(world, how);
  Witness witness(contract_case);
  TemporaryFolder folder;
  const Json job = make_job(contract_case, world, fake, kVirtualPollMs, folder);
  Judgement judgement(contract_case, options, job);
  std::shared_ptr<Transport> transport = nairi::mock::in_process(fake);
  const std::chrono::milliseconds start = transport->clock().now();
  judgement.answer(
      with_file(client(job, std::make_shared<WitnessedTransport>(transport, witness)), job));
  judgement.duration(transport->clock().now() - start);
  const mock::Verdicts verdicts = fake.verdicts_of_all();
  judgement.traffic(verdicts);
  judgement.requests(witness, whole_list(world, how, job, witness));
  ClientResult result = judgement.finish(since(begin));
  if (options.keeps_journal) keep_journal(fake, verdicts, result.result);
  return result;
}

ClientResult run_client_case(const Case& contract_case, const RemoteClient& client,
                             const ClientCaseOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  std::optional<Trap> trap;
  if (redirects(contract_case)) trap.emplace();
  const mock::World world = client_world(contract_case, trap ? trap->origin() : "");
  const mock::ClockMode clock = contract_case.speed ? mock::ClockMode::wall : mock::ClockMode::poll;
  const mock::FakeOptions how =
      fake_options(contract_case, clock, options.poll_ms, options.fidelity);
  mock::Fake fake(world, how);
  Witness witness(contract_case);
  mock::ServerOptions server_options{.tls = {.own_ca = options.tls}};
  server_options.on_refused = [&](const mock::RefusedRequest& refused) {
    witness.note(fake, refused);
  };
  mock::Server server([&](const mock::Request& request) { return witness.pass(fake, request); },
                      std::move(server_options));
  TemporaryFolder folder;
  Json job = make_job(contract_case, world, fake, options.poll_ms, folder);
  job["base_url"] = server.base_url();
  if (options.tls) job["ca_file"] = folder.write("ca.pem", server.ca_pem());
  Judgement judgement(contract_case, options, job);
  const auto start = std::chrono::steady_clock::now();
  judgement.answer(with_file(client(job), job));
  judgement.duration(std::chrono::duration_cast<std::chrono::milliseconds>(since(start)));
  server.stop();
  const mock::Verdicts verdicts = fake.verdicts_of_all();
  judgement.traffic(verdicts);
  judgement.requests(witness, whole_list(world, how, job, witness));
  if (trap && trap->leaked()) judgement.leaked_key();
  ClientResult result = judgement.finish(since(begin));
  if (options.keeps_journal) keep_journal(fake, verdicts, result.result);
  return result;
}

}  // namespace nairi::contracts
