#include "engine/api/fidelity.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "engine/api/arguments.h"
#include "protocol/target.h"
#include "world/embedded.h"

namespace nairi::mock {
namespace {

constexpr std::string_view kAssumed = "assumed";
constexpr std::string_view kOfOtherOrigin = "job is not an API job";

// An error that rests on a guess of its own, whatever the document says of its status.
struct Guess {
  std::string_view operation;  // "" is any
  std::string_view text;       // as the fake words it
  std::string_view statement;
};
// The first that fits.
constexpr std::array kGuesses = {
    Guess{"", "job not found", "unknown-conversation"},
    Guess{"", "attachment not found", "unknown-attachment"},
    Guess{"start", "agent not found", "unknown-agent-of-a-start"},
    Guess{"agent", "agent not found", "unknown-agent-id"},
    Guess{"update_agent", "agent not found", "unknown-agent-id"},
    Guess{"delete_agent", "agent not found", "unknown-agent-id"},
    Guess{"deploy", "agent not found", "unknown-agent-id"},
    Guess{"messages", kOfOtherOrigin, "other-origins-can-be-read"},
    Guess{"conversations", "invalid sort", "bad-sort"},
    Guess{"conversations", "invalid updated_after", "bad-sort"},
    Guess{"", "too many attachments", "eleventh-attachment"},
    Guess{"", "unknown field", "unknown-fields"},
    Guess{"upload", "file is too large", "too-large"},
};

bool says(const Reply& reply, std::string_view text) {
  return reply.body.find("\"" + std::string(text) + "\"") != std::string::npos;
}

// Whether an id was refused that is well-formed, of another kind.
bool is_of_another_kind(std::string_view operation, const Request& request, const Reply& reply) {
  constexpr std::string_view kWithIds[] = {"messages", "continue", "poll", "attachment"};
  const bool has_id =
      std::find(std::begin(kWithIds), std::end(kWithIds), operation) != std::end(kWithIds);
  if (!has_id || reply.body.find("\"invalid ") == std::string::npos) return false;
  const auto segments = split_path(split_target(request.target).path);
  return std::any_of(segments.begin(), segments.end(), is_id);
}

// The guess that an error rests on; "" for none.
std::string_view guess_of(std::string_view operation, const Request& request, const Reply& reply,
                          const Knobs& knobs) {
  if (reply.status < 400) return {};
  const bool is_ended = operation == "continue" && says(reply, knobs.continue_ended_error);
  if (is_ended) return "continue-when-ended";
  for (const Guess& guess : kGuesses) {
    const bool is_there = guess.operation.empty() || guess.operation == operation;
    if (is_there && says(reply, guess.text)) return guess.statement;
  }
  if (is_of_another_kind(operation, request, reply)) return "id-of-another-kind";
  const bool is_of_a_file = operation == "upload" && reply.status == knobs.missing_file_status;
  return is_of_a_file ? "missing-part" : "";
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

}  // namespace

Basis basis_of(std::string_view operation, const Request& request, const Reply& reply,
               const Knobs& knobs) {
  static const Sources sources = read_sources();
  if (request.method == "HEAD") return {kAssumed};
  const std::string_view statement = guess_of(operation, request, reply, knobs);
  if (!statement.empty()) return {kAssumed, statement};
  if (operation == "continue" && reply.status == 400) {
    return {says(reply, kOfOtherOrigin) ? "seed" : "documented"};  // REFERENCE: POST …/continue
  }
  const std::string status = std::to_string(reply.status);
  for (const std::string& listed : {status, status.substr(0, 1) + "XX"}) {
    const auto found = sources.find(std::pair(std::string(operation), listed));
    if (found != sources.end()) return {found->second};
  }
  return {kAssumed};
}

std::string fidelity_text(const Basis& basis, const Fidelity& fidelity) {
  const auto settled = fidelity.statements.find(basis.statement);
  if (settled == fidelity.statements.end()) return std::string(basis.source);
  const std::string day = confirmed_on(settled->second);
  if (!day.empty()) return "confirmed " + day;
  const std::string& refuted_on = settled->second.refuted_on;
  return std::string(basis.source) + (refuted_on.empty() ? "" : ", refuted " + refuted_on);
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
