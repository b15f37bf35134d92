#include "harness/server/subject.h"

#include <atomic>
#include <stdexcept>
#include <utility>

#include "harness/server/patience.h"
#include "harness/server/temporary_folder.h"
#include "nairi/http_transport.h"
#include "nairi/mock/in_process.h"
#include "nairi/mock/server.h"
#include "nairi/mock/world_file.h"

namespace nairi::contracts {
namespace {

using std::chrono::milliseconds;

std::shared_ptr<Transport> open_or_throw(const std::string& url, const std::string& ca_file) {
  auto transport = HttpTransport::open(url, {.ca_file = ca_file});
  if (!transport) throw std::runtime_error(transport.error().message);
  return std::move(*transport);
}

// One server on a port for all cases of a run: it hands requests to the fake of the running case.
class Port {
 public:
  explicit Port(bool tls)
      : server_([this](const mock::Request& request) { return fake_.load()->handle(request); },
                mock::ServerOptions{.tls = {.own_ca = tls}}) {
    const std::string ca_file = tls ? folder_.write("ca.pem", server_.ca_pem()) : "";
    transport_ = open_or_throw(server_.base_url(), ca_file);
  }

  void play(mock::Fake& fake) { fake_ = &fake; }
  std::shared_ptr<Transport> transport() const { return transport_; }

 private:
  std::atomic<mock::Fake*> fake_ = nullptr;
  mock::Server server_;
  TemporaryFolder folder_;  // holds the CA of HTTPS
  std::shared_ptr<Transport> transport_;
};

class Tampering : public Transport {
 public:
  Tampering(std::shared_ptr<Transport> inner, Tamper tamper)
      : inner_(std::move(inner)), tamper_(std::move(tamper)) {}

  Result<HttpReply> send(const HttpRequest& request) override {
    auto reply = inner_->send(request);
    if (reply) tamper_(request, *reply);
    return reply;
  }
  Clock& clock() override { return inner_->clock(); }

 private:
  std::shared_ptr<Transport> inner_;
  Tamper tamper_;
};

class Scripted : public Subject {
 public:
  Scripted(const Case& contract_case, Port* port, const mock::Fidelity& fidelity)
      : fake_(world_of(contract_case), {.listed_keys_only = true, .fidelity = fidelity}),
        states_(states_of(fake_)) {
    states_["unknown_api_key"] = "nr_unknown";
    if (port == nullptr) {
      transport_ = nairi::mock::in_process(fake_);
    } else {
      port->play(fake_);
      transport_ = port->transport();
    }
  }

  void tamper(Tamper tamper) {
    transport_ = std::make_shared<Tampering>(std::move(transport_), std::move(tamper));
  }

  Transport& transport() override { return *transport_; }
  const Values& states() const override { return states_; }
  bool scripted() const override { return true; }
  // The poll clock counts reads: nobody has to wait.
  milliseconds poll_interval() const override { return milliseconds(0); }

 private:
  mock::Fake fake_;
  Values states_;
  std::shared_ptr<Transport> transport_;
};

class Foreign : public Subject {
 public:
  Foreign(std::shared_ptr<Transport> transport, std::shared_ptr<const Values> states,
          milliseconds poll_interval)
      : transport_(std::move(transport)),
        states_(std::move(states)),
        poll_interval_(poll_interval) {}

  Transport& transport() override { return *transport_; }
  const Values& states() const override { return *states_; }
  bool scripted() const override { return false; }
  milliseconds poll_interval() const override { return poll_interval_; }

 private:
  std::shared_ptr<Transport> transport_;
  std::shared_ptr<const Values> states_;
  milliseconds poll_interval_;
};

}  // namespace

Subjects scripted_subjects(Way way, std::function<Tamper()> make_tamper, mock::Fidelity fidelity) {
  std::shared_ptr<Port> port;
  if (way != Way::in_process) port = std::make_shared<Port>(way == Way::https);
  return [port, make_tamper = std::move(make_tamper), fidelity = std::move(fidelity)](
             const Case& contract_case) -> tl::expected<std::unique_ptr<Subject>, std::string> {
    auto subject = std::make_unique<Scripted>(contract_case, port.get(), fidelity);
    if (make_tamper) subject->tamper(make_tamper());
    return subject;
  };
}

Subjects foreign_subjects(ForeignServer server) {
  server.states["api_key"] = server.api_key;
  auto states = std::make_shared<const Values>(std::move(server.states));
  const auto pace =
      server.requests_per_second ? std::make_shared<Pace>(*server.requests_per_second) : nullptr;
  return [server = std::move(server), states = std::move(states),
          pace](const Case&) -> tl::expected<std::unique_ptr<Subject>, std::string> {
    // Connections of its own for each case: one that broke must not fail the next.
    auto transport = HttpTransport::open(server.url, {.ca_file = server.ca_file});
    if (!transport) return tl::unexpected(transport.error().message);
    return std::make_unique<Foreign>(spared(std::move(*transport), pace, server.stop), states,
                                     server.poll_interval);
  };
}

Subjects transport_subjects(std::shared_ptr<Transport> transport, Values states,
                            milliseconds poll_interval) {
  auto shared = std::make_shared<const Values>(std::move(states));
  return [transport = std::move(transport), shared = std::move(shared),
          poll_interval](const Case&) -> tl::expected<std::unique_ptr<Subject>, std::string> {
    return std::make_unique<Foreign>(transport, shared, poll_interval);
  };
}

mock::World world_of(const Case& contract_case) {
  static const mock::World built_in = mock::default_world();
  mock::World world = built_in;
  world.turns.insert(world.turns.begin(), contract_case.turns.begin(), contract_case.turns.end());
  return world;
}

Values states_of(const mock::Fake& fake) {
  Values states = Json::parse(fake.states()).get<Values>();
  states["script"] = "true";
  return states;
}

}  // namespace nairi::contracts
