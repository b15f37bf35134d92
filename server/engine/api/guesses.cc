#include "engine/api/guesses.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "engine/api/arguments.h"
#include "nairi/mock/api.h"
#include "protocol/body.h"
#include "protocol/credentials.h"
#include "protocol/multipart.h"
#include "protocol/target.h"
#include "text/ulid.h"

namespace nairi::mock {
namespace {

using Guess = std::optional<std::string_view>;

constexpr std::string_view kOfOtherOrigin = "job is not an API job";

// An error that rests on a guess of its own.
struct GuessedError {
  std::string_view operation;  // "" is any
  std::string_view text;       // as the fake words it
  std::string_view statement;
};
// The first that fits.
constexpr std::array kGuessedErrors = {
    GuessedError{"", "job not found", "unknown-conversation"},
    GuessedError{"", "attachment not found", "unknown-attachment"},
    GuessedError{"start", "agent not found", "unknown-agent-of-a-start"},
    GuessedError{"agent", "agent not found", "unknown-agent-id"},
    GuessedError{"update_agent", "agent not found", "unknown-agent-id"},
    GuessedError{"delete_agent", "agent not found", "unknown-agent-id"},
    GuessedError{"deploy", "agent not found", "unknown-agent-id"},
    GuessedError{"messages", kOfOtherOrigin, "other-origins-can-be-read"},
    GuessedError{"conversations", "invalid sort", "bad-sort"},
    GuessedError{"conversations", "invalid updated_after", "bad-sort"},
    GuessedError{"conversations", "invalid cursor", "next-cursor"},
    GuessedError{"conversations", "invalid query", ""},
    GuessedError{"", "invalid path", ""},
    GuessedError{"", "too many attachments", "eleventh-attachment"},
    GuessedError{"", "unknown field", "unknown-fields"},
    GuessedError{"upload", "file is too large", "too-large"},
    GuessedError{"upload", "invalid file", "files-have-names"},
    GuessedError{"upload", "invalid file name", ""},
};

bool says(const Reply& reply, std::string_view text) {
  return reply.body.find("\"" + std::string(text) + "\"") != std::string::npos;
}

bool says_invalid(const Reply& reply, std::string_view what) {
  return says(reply, "invalid " + std::string(what));
}

// Well-formed, but for a number that 128 bits can't hold.
bool is_over_128_bits(std::string_view id) {
  const std::size_t prefix = id.find('_');
  if (prefix == std::string_view::npos) return false;
  const std::string ulid(id.substr(prefix + 1));
  if (ulid.size() != kUlidLength || parse_ulid(ulid)) return false;
  return parse_ulid("0" + ulid.substr(1)) && parse_ulid("0" + ulid.substr(0, kUlidLength - 1));
}

// An id of the path, or a start's agent_id, that was refused.
Guess guess_of_id(std::string_view operation, const Request& request, const Reply& reply,
                  const Body* body) {
  if (reply.body.find("\"invalid ") == std::string::npos) return std::nullopt;
  constexpr std::string_view kWithIds[] = {"messages", "continue", "poll", "attachment"};
  const bool has_id =
      std::find(std::begin(kWithIds), std::end(kWithIds), operation) != std::end(kWithIds);
  for (const std::string_view segment : split_path(split_target(request.target).path)) {
    if (is_over_128_bits(segment)) return "ulid-over-128-bits";
    if (has_id && is_id(segment)) return "id-of-another-kind";
  }
  const auto* agent = body == nullptr ? nullptr : body->find("agent_id");
  const bool is_refused = agent != nullptr && agent->is_string() && says_invalid(reply, "agent id");
  if (is_refused && is_over_128_bits(agent->get_ref<const std::string&>())) {
    return "ulid-over-128-bits";
  }
  return std::nullopt;
}

// A parameter that was refused.
Guess guess_of_query(const Request& request, const Reply& reply) {
  const auto query = Query::parse(split_target(request.target).query);
  if (!query) return std::nullopt;
  for (const auto& [name, value] : query->all()) {
    if (!says_invalid(reply, name)) continue;
    if (value.empty()) return "empty-parameter";
    const bool is_number = value.find_first_not_of("0123456789") == std::string::npos;
    if (name == "offset" && is_number) return "offset-over-63-bits";
  }
  return std::nullopt;
}

// A null that was refused where a value need not stand.
Guess guess_of_null(const Body& body, const Reply& reply) {
  const auto is_refused = [&](std::string_view name) {
    const auto* value = body.find(name);
    return value != nullptr && value->is_null() && says_invalid(reply, name);
  };
  if (is_refused("ask_mode") || is_refused("attachment_ids")) return "start-with-null";
  if (is_refused("instances_count") || is_refused("update_config_only")) return "";
  return std::nullopt;
}

bool may_be_attachments(const nlohmann::json& list) {
  return list.is_array() && list.size() <= kMostAttachments &&
         std::all_of(list.begin(), list.end(), [](const nlohmann::json& id) {
           return id.is_string() && parse_id(id.get_ref<const std::string&>(), kAttachmentPrefix);
         });
}

// Whether nothing else could be said against a prompt for a job of another origin.
bool is_good_prompt(const Body* body) {
  if (body == nullptr || !body->required_text("prompt")) return false;
  const auto* list = body->find("attachment_ids");
  return list == nullptr || may_be_attachments(*list);
}

Guess guess_of_error(std::string_view operation, const Request& request, const Reply& reply,
                     const Body* body, const Knobs& knobs) {
  const bool is_ended = operation == "continue" && says(reply, knobs.continue_ended_error);
  if (is_ended) return "continue-when-ended";
  if (operation == "continue" && says(reply, kOfOtherOrigin)) {
    return is_good_prompt(body) ? Guess() : "origin-before-body";
  }
  const bool is_foreign = knobs.foreign_id_status != Knobs().foreign_id_status &&
                          reply.status == knobs.foreign_id_status &&
                          reply.body.find(" not found\"") != std::string::npos;
  if (is_foreign) return operation == "attachment" ? "foreign-attachment" : "foreign-id";
  if (operation == "conversations") {
    if (const Guess guess = guess_of_query(request, reply)) return guess;
  }
  for (const GuessedError& guess : kGuessedErrors) {
    const bool is_there = guess.operation.empty() || guess.operation == operation;
    if (is_there && says(reply, guess.text)) return guess.statement;
  }
  if (const Guess guess = guess_of_id(operation, request, reply, body)) return guess;
  const bool is_of_a_file = operation == "upload" && reply.status == knobs.missing_file_status;
  if (is_of_a_file) return "missing-part";
  return body == nullptr ? Guess() : guess_of_null(*body, reply);
}

// That it was not refused.
Guess guess_of_success(std::string_view operation, const Request& request, const Body* body) {
  constexpr std::size_t kFiftyMegabytes = 50'000'000;
  if (operation == "upload" && request.body.size() > kFiftyMegabytes) {
    const auto file =
        find_part(header_value(request.headers, "Content-Type"), request.body, "file");
    if (file && file->bytes.size() > kFiftyMegabytes) return "fifty-mebibytes";
  }
  if (operation == "conversations") {
    const auto query = Query::parse(split_target(request.target).query);
    if (query && query->find("cursor") != nullptr) return "next-cursor";
  }
  if (body == nullptr) return std::nullopt;
  if (body->unknown_field(fields_of_body(operation))) return "unknown-fields";
  const bool counts_nothing = operation == "create_agent" && !body->has("instances_count");
  return counts_nothing ? Guess("instances-count-may-be-absent") : std::nullopt;
}

// Of a key that was let in, or not, for the case of the word before it.
Guess guess_of_scheme(const Request& request, const Reply& reply, const Knobs& knobs) {
  const bool is_another_case =
      bearer_token(request.headers) && !bearer_token(request.headers, /*exact_scheme=*/true);
  if (!is_another_case || (reply.status == 401 && !knobs.exact_scheme)) return std::nullopt;
  return "scheme-case";
}

}  // namespace

std::optional<std::string_view> guess_of(std::string_view operation, const Request& request,
                                         const Reply& reply, const Knobs& knobs) {
  if (operation.empty()) return std::nullopt;
  std::optional<Body> parsed;
  if (!fields_of_body(operation).empty()) {
    if (auto body = Body::parse(request.body)) parsed = std::move(*body);
  }
  const Body* body = parsed ? &*parsed : nullptr;
  const Guess guess = reply.status >= 400 ? guess_of_error(operation, request, reply, body, knobs)
                                          : guess_of_success(operation, request, body);
  return guess ? guess : guess_of_scheme(request, reply, knobs);
}

std::string_view guess_of_job(Operation operation, Organization& organization,
                              std::string_view id) {
  const Job* job = nullptr;
  if (operation == Operation::get_message) {
    if (const auto found = find_message(organization, id)) job = found->job;
  } else if (operation == Operation::list_messages ||
             operation == Operation::continue_conversation) {
    job = find_job(organization, id).value_or(nullptr);
  }
  if (job == nullptr) return {};
  if (job->origin != Origin::api) return "other-origins-can-be-read";
  return organization.agents()[job->agent].deleted ? "conversations-outlive-their-agent" : "";
}

}  // namespace nairi::mock
