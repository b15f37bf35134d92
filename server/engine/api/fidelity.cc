#include "engine/api/fidelity.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "engine/api/guesses.h"
#include "world/embedded.h"

namespace nairi::mock {
namespace {

constexpr std::string_view kAssumed = "assumed";
// Which 2xx these answer, nobody says, whatever is known of the rest.
std::string_view guess_of_status(std::string_view operation, const Reply& reply) {
  if (reply.status >= 300) return {};
  if (operation == "start") return "start-status";
  if (operation == "continue") return "continue-status";
  return operation == "upload" ? "upload-status" : "";
}

using Sources = std::map<std::pair<std::string, std::string>, std::string, std::less<>>;

// The document's sources by operation and status.
Sources read_sources() {
  Sources sources;
  const auto document = nlohmann::json::parse(embedded_contract("openapi.json").value_or("{}"));
  for (const auto& [path, methods] : document.at("paths").items()) {
    for (const auto& [method, operation] : methods.items()) {
      if (!operation.is_object() || !operation.contains("operationId")) continue;
      for (const auto& [status, reply] : operation.at("responses").items()) {
        const bool elsewhere = reply.contains("$ref");
        const auto pointer =
            elsewhere ? reply.at("$ref").get<std::string>().substr(1) : std::string();
        const auto& described =
            elsewhere ? document.at(nlohmann::json::json_pointer(pointer)) : reply;
        sources[{operation.at("operationId"), status}] = described.value("x-source", "assumed");
      }
    }
  }
  return sources;
}

std::string settled_text(std::string_view source, std::string_view statement,
                         const Fidelity& fidelity) {
  const auto settled = fidelity.statements.find(statement);
  if (settled == fidelity.statements.end()) return std::string(source);
  const std::string day = confirmed_on(settled->second);
  if (!day.empty()) return "confirmed " + day;
  const std::string& refuted_on = settled->second.refuted_on;
  return std::string(source) + (refuted_on.empty() ? "" : ", refuted " + refuted_on);
}

}  // namespace

Basis basis_of(std::string_view operation, const Request& request, const Reply& reply,
               const Knobs& knobs, std::string_view guess_of_its_job) {
  static const Sources sources = read_sources();
  if (request.method == "HEAD") return {kAssumed};
  if (const auto guess = guess_of(operation, request, reply, knobs)) return {kAssumed, *guess};
  if (reply.status < 400 && !guess_of_its_job.empty()) return {kAssumed, guess_of_its_job};
  if (operation == "continue" && reply.status == 400) {
    // REFERENCE: POST …/continue.
    const bool is_of_other_origin = reply.body.find("job is not an API job") != std::string::npos;
    return {is_of_other_origin ? "seed" : "documented"};
  }
  const std::string status = std::to_string(reply.status);
  for (const std::string& listed : {status, status.substr(0, 1) + "XX"}) {
    const auto found = sources.find(std::pair(std::string(operation), listed));
    if (found != sources.end()) return {found->second, {}, guess_of_status(operation, reply)};
  }
  return {kAssumed};
}

std::string fidelity_text(const Basis& basis, const Fidelity& fidelity) {
  std::string text = settled_text(basis.source, basis.statement, fidelity);
  if (basis.status_statement.empty()) return text;
  return text + ", status " + settled_text(kAssumed, basis.status_statement, fidelity);
}

void tell_as_service(Reply& reply, const Knobs& knobs) {
  if (reply.status < 400 || knobs.error_texts.empty()) return;
  auto body = nlohmann::ordered_json::parse(reply.body, nullptr, false);
  if (!body.is_object() || !body.contains("error") || !body["error"].is_string()) return;
  const auto theirs = knobs.error_texts.find(body["error"].get_ref<const std::string&>());
  if (theirs == knobs.error_texts.end()) return;
  body["error"] = theirs->second;
  reply.body = body.dump();
}

}  // namespace nairi::mock
