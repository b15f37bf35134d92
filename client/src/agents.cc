// The calls about agents (REFERENCE: Agents).
#include "api_caller.h"
#include "decode.h"
#include "encode.h"
#include "nairi/client.h"
#include "target.h"

namespace nairi {
namespace {

Target agent_target(std::string_view agent_id) {
  return Target("/agents").segment(agent_id, "an agent's slug or id");
}

}  // namespace

Result<std::vector<Agent>> Client::agents() const {
  return caller_->call({"GET", "/agents"}, decode_agents);
}

Result<Agent> Client::agent(std::string_view agent_id) const {
  return agent_target(agent_id).text().and_then([&](std::string target) {
    return caller_->call({"GET", std::move(target)}, decode_agent);
  });
}

Result<Agent> Client::create_agent(const NewAgent& agent) const {
  return encode_agent(agent).and_then([&](std::string body) {
    return caller_->call({"POST", "/agents", std::move(body)}, decode_agent);
  });
}

Result<Agent> Client::update_agent(std::string_view agent_id, const AgentChanges& changes) const {
  const auto target = agent_target(agent_id).text();
  if (!target) return tl::unexpected(target.error());
  return encode_changes(changes).and_then([&](std::string body) {
    return caller_->call({"PATCH", *target, std::move(body)}, decode_agent);
  });
}

Result<void> Client::delete_agent(std::string_view agent_id) const {
  return agent_target(agent_id)
      .text()
      .and_then([&](std::string target) {
        return caller_->send({"DELETE", std::move(target)});
      })
      .map([](const HttpReply&) {});
}

Result<std::string> Client::deploy_agent(std::string_view agent_id,
                                         const DeployOptions& options) const {
  const auto target = agent_target(agent_id).path("/deploy").text();
  if (!target) return tl::unexpected(target.error());
  return encode_deploy(options).and_then([&](std::string body) {
    return caller_->call({"POST", *target, std::move(body)}, decode_deployment);
  });
}

}  // namespace nairi
