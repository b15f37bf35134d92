#include "engine/api/fidelity.h"

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "world/embedded.h"

namespace nairi::mock {
namespace {

constexpr std::string_view kAssumed = "assumed";

// Errors of one operation and status that do not come from the same place.
struct KnownError {
  std::string_view operation;
  int status;
  std::string_view text;
  std::string_view source;
};
constexpr std::array<KnownError, 3> kKnownErrors{{
    {"continue", 400, "job is not an API job", "seed"},  // REFERENCE: POST …/continue
    {"continue", 400, "job is not active", kAssumed},
    {"continue", 400, "", "documented"},  // "" is any other
}};

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

}  // namespace

std::string_view source_of(std::string_view operation, const Request& request, const Reply& reply) {
  static const Sources sources = read_sources();
  if (request.method == "HEAD") return kAssumed;
  for (const KnownError& known : kKnownErrors) {
    const bool fits = known.operation == operation && known.status == reply.status &&
                      reply.body.find(known.text) != std::string::npos;
    if (fits) return known.source;
  }
  const std::string status = std::to_string(reply.status);
  for (const std::string& listed : {status, status.substr(0, 1) + "XX"}) {
    const auto found = sources.find(std::pair(std::string(operation), listed));
    if (found != sources.end()) return found->second;
  }
  return kAssumed;
}

}  // namespace nairi::mock
