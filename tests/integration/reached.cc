#include "reached.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <utility>

#include "nairi/http_transport.h"
#include "nairi/mock/in_process.h"
#include "nairi/mock/world_file.h"

namespace nairi::tests {

Reached::Reached(Way way, mock::FakeOptions options)
    : fake_(mock::default_world(), std::move(options)) {
  if (way == Way::in_process) return;
  server_.emplace(fake_, mock::ServerOptions{.tls = {.own_ca = way == Way::https}});
  write_file(folder_ / "ca.pem", server_->ca_pem());
}

std::shared_ptr<Transport> Reached::transport() {
  if (!server_) return nairi::mock::in_process(fake_);
  return open_http(*server_, server_->ca_pem().empty() ? "" : (folder_ / "ca.pem").string());
}

Client Reached::client(const std::string& key) {
  return client_of(transport(), key);
}

std::shared_ptr<Transport> open_http(const mock::Server& server, const std::string& ca_file) {
  auto transport = HttpTransport::open(server.base_url(), {.ca_file = ca_file});
  if (!transport) throw std::runtime_error(transport.error().message);
  return *transport;
}

Client client_of(std::shared_ptr<Transport> transport, const std::string& key) {
  return Client(std::move(transport), {.api_key = key, .clock = std::make_shared<SkippedTime>()});
}

Outcome finish(const Client& client, const Result<Turn>& turn) {
  if (!turn) throw std::runtime_error(turn.error().message);
  auto outcome = client.wait(*turn);
  if (!outcome) throw std::runtime_error(outcome.error().message);
  return *outcome;
}

}  // namespace nairi::tests
