#include "harness/watch/replies.h"

#include <array>
#include <map>
#include <memory>
#include <vector>

#include "harness/openapi/openapi_schema.h"
#include "harness/openapi/openapi_shape.h"
#include "text/json_source.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

constexpr std::string_view kEnvelopeName = "ProgressEnvelope";

std::string brief_json(const Json& value) {
  constexpr std::size_t kMost = 60;
  return mock::cut(value.dump(-1, ' ', false, Json::error_handler_t::replace), kMost);
}

// What the document calls a schema, "Message"; "" when it has no name.
std::string name_of(const Schema* schema, const Schemas& schemas) {
  for (const auto& [name, known] : schemas) {
    if (known.get() == schema) return name;
  }
  return "";
}

// A schema, and all that hold for the same value besides.
struct Described {
  std::vector<const Schema*> schemas;
  std::string name;  // of the last that has one
};

void describe_by(const Schema* schema, const Json& value, const Schemas& named,
                 Described& described) {
  for (; schema != nullptr; schema = schema->target) {
    described.schemas.push_back(schema);
    if (std::string name = name_of(schema, named); !name.empty()) described.name = std::move(name);
    if (!schema->condition) continue;
    Violations violations;
    check_value(*schema->condition, value, {.source = Source::assumed, .pointer = {}}, violations);
    if (violations.empty()) describe_by(schema->consequence.get(), value, named, described);
  }
}

// Walks a reply's value along its schema: which parts are there, and which nobody told of.
class Walk {
 public:
  Walk(const Exchange& exchange, const OperationShape& shape, Findings& findings)
      : exchange_(exchange), shape_(shape), findings_(findings) {}

  void value(const std::vector<const Schema*>& schemas, const Json& value,
             const std::string& pointer, const std::string& fallback) {
    Described described{{}, fallback};
    for (const Schema* schema : schemas) describe_by(schema, value, *shape_.schemas, described);
    if (value.is_object()) members(described, value, pointer);
    if (value.is_array()) elements(described, value, pointer);
    if (value.is_string()) content(described, value, pointer);
  }

  const std::string& name_at(const std::string& pointer) const {
    static const std::string kNone;
    const auto found = names_.find(pointer);
    return found == names_.end() ? kNone : found->second;
  }

 private:
  void members(const Described& described, const Json& object, const std::string& pointer) {
    names_[pointer] = described.name;
    findings_.saw(described.name);
    for (const auto& [key, member] : object.items()) {
      std::vector<const Schema*> schemas;
      for (const Schema* schema : described.schemas) {
        const auto property = schema->properties.find(key);
        if (property != schema->properties.end()) schemas.push_back(property->second.get());
      }
      const std::string label = described.name + "." + key;
      if (schemas.empty()) {
        findings_.add("field " + label, exchange_, brief_json(member), described.name);
        continue;
      }
      findings_.saw(label);
      value(schemas, member, mock::child_pointer(pointer, key), label);
    }
  }

  void elements(const Described& described, const Json& array, const std::string& pointer) {
    std::vector<const Schema*> schemas;
    for (const Schema* schema : described.schemas) {
      if (schema->items) schemas.push_back(schema->items.get());
    }
    if (schemas.empty()) return;
    for (std::size_t i = 0; i < array.size(); ++i) {
      value(schemas, array[i], mock::child_pointer(pointer, i), described.name);
    }
  }

  void content(const Described& described, const Json& text, const std::string& pointer) {
    for (const Schema* schema : described.schemas) {
      if (!schema->content) continue;
      const auto inner = parse_bounded(text.get_ref<const std::string&>());
      if (inner) value({schema->content.get()}, *inner, pointer, std::string(kEnvelopeName));
    }
  }

  const Exchange& exchange_;
  const OperationShape& shape_;
  Findings& findings_;
  std::map<std::string, std::string> names_;  // of objects, by their pointers
};

// --- What a violation comes to ---------------------------------------------------------------

constexpr std::array kWordsOfReplies{
    WordsOfReply{"Error", "REFERENCE: Basics: Errors: always `{\"error\": \"<text>\"}`"},
    WordsOfReply{
        "ProgressEnvelope",
        "REFERENCE: Messages: Progress envelope (`content` of a `progress` message) [D][C]: "
        "`{\"job_id\", \"processed_message_id\", \"progress_type\", …}`"},
    WordsOfReply{"Message.content", "REFERENCE: Messages: `content` | string | always"},
    WordsOfReply{"Message.id", "REFERENCE: Messages: `id` | `cmsg_…` | always"},
    WordsOfReply{"Message.job_id", "REFERENCE: Messages: `job_id` | `job_…`/`j_…` | always"},
    WordsOfReply{
        "Message.created_at",
        "REFERENCE: Basics: Times: RFC 3339, UTC, milliseconds, `Z`: `2026-04-12T18:45:12.000Z`"},
    WordsOfReply{
        "Message.updated_at",
        "REFERENCE: Basics: Times: RFC 3339, UTC, milliseconds, `Z`: `2026-04-12T18:45:12.000Z`"},
    WordsOfReply{"Message.attachment_ids", "REFERENCE: Messages: only when there are any"},
    WordsOfReply{
        "Message.role",
        "REFERENCE: Messages: `role` | `user`, `assistant`, `system`, `progress` | always"},
    WordsOfReply{
        "Message.status",
        "REFERENCE: Messages: `status` | `queued`, `pending`, `completed`, `failed` | always"},
    WordsOfReply{
        "Message.progress_type",
        "REFERENCE: Messages: on `progress` messages, copied from the envelope when present"},
    WordsOfReply{
        "Message.tool_",
        "REFERENCE: Messages: on `progress` messages, copied from the envelope when present"},
    WordsOfReply{
        "Message.parent_",
        "REFERENCE: Messages: on `progress` messages, copied from the envelope when present"},
    WordsOfReply{
        "Message.",
        "REFERENCE: Messages: on assistant messages whose agent reports usage; all six are left "
        "out together otherwise"},
    WordsOfReply{
        "Timeline",
        "REFERENCE: GET /conversations/{job_id}/messages: `{\"messages\": [ … ]}`: the whole "
        "timeline, oldest first"},
    WordsOfReply{
        "Conversation",
        "REFERENCE: GET /agents/{agent_id}/conversations: Answers `{\"conversations\": [{\"id\", "
        "\"status\", \"created_at\", \"updated_at\", …}]}`"},
    WordsOfReply{"Agent", "REFERENCE: Agents: `GET /agents` → a bare JSON array of"},
    WordsOfReply{"Deployment",
                 "REFERENCE: Agents: `POST /agents/{agent_id}/deploy` (`update_config_only`) → 202 "
                 "`{\"status\": \"<text>\"}` at once; the work goes on behind it"},
    WordsOfReply{"Upload", "REFERENCE: Attachments: answers `{\"attachment_id\": \"att_…\"}`"},
    WordsOfReply{
        "Attachment",
        "REFERENCE: Attachments: `GET /attachments/{id}` → `{\"id\", \"filename\", \"data\": "
        "\"<base64>\"}` (further metadata may be present)"},
    WordsOfReply{
        "Turn",
        "REFERENCE: POST /conversations/start: Answers `{\"job_id\": \"job_…\", \"message_id\": "
        "\"cmsg_…\"}`: the new job, and the *user* message to poll"},
    WordsOfReply{
        "start",
        "REFERENCE: POST /conversations/start: Answers `{\"job_id\": \"job_…\", \"message_id\": "
        "\"cmsg_…\"}`: the new job, and the *user* message to poll"},
    WordsOfReply{
        "continue",
        "REFERENCE: POST /conversations/{job_id}/continue: Answers `{\"job_id\", \"message_id\"}` "
        "for the new user message"},
    WordsOfReply{
        "messages",
        "REFERENCE: GET /conversations/{job_id}/messages: `{\"messages\": [ … ]}`: the whole "
        "timeline, oldest first"},
    WordsOfReply{"poll",
                 "REFERENCE: GET /messages/{message_id}: One message of any role (shape below)"},
    WordsOfReply{"deploy",
                 "REFERENCE: Agents: `POST /agents/{agent_id}/deploy` (`update_config_only`) → 202 "
                 "`{\"status\": \"<text>\"}` at once; the work goes on behind it"},
    WordsOfReply{
        "create_agent",
        "REFERENCE: Agents: `POST /agents` (`name`, `instances_count` ≥ 1 else 400) → 201 with "
        "the agent"},
    WordsOfReply{"delete_agent", "REFERENCE: Agents: `DELETE` → 204"},
    WordsOfReply{"update_agent", "REFERENCE: Agents: `PATCH /agents/{agent_id}` → the agent"},
    WordsOfReply{"agent", "REFERENCE: Agents: `GET /agents` → a bare JSON array of"},
    WordsOfReply{
        "conversations",
        "REFERENCE: GET /agents/{agent_id}/conversations: Answers `{\"conversations\": [{\"id\", "
        "\"status\", \"created_at\", \"updated_at\", …}]}`"},
    WordsOfReply{"upload", "REFERENCE: Attachments: answers `{\"attachment_id\": \"att_…\"}`"},
    WordsOfReply{
        "attachment",
        "REFERENCE: Attachments: `GET /attachments/{id}` → `{\"id\", \"filename\", \"data\": "
        "\"<base64>\"}` (further metadata may be present)"},
};

std::string words_about(std::string_view label) {
  for (const WordsOfReply& words : kWordsOfReplies) {
    if (label.starts_with(words.part)) return std::string(words.why);
  }
  return "";
}

// A word where the document lists those that are known: clients must ignore others.
std::string new_word(const std::string& label, const Json& body, const std::string& pointer) {
  const Json::json_pointer at(pointer);
  if (!body.contains(at) || !body.at(at).is_string()) return "";
  const std::string word = brief_json(body.at(at));
  if (label == "Message.role") return "role " + word;
  if (label == "Message.status") return "status of a message " + word;
  if (label == "Conversation.status") return "status of a conversation " + word;
  return "";
}

class ReplyCheck {
 public:
  ReplyCheck(const Exchange& exchange, Findings& findings)
      : exchange_(exchange),
        operation_(*exchange.operation),
        findings_(findings),
        walk_(exchange, *operation_.shape, findings) {}

  void check() {
    const auto& recorded = *exchange_.recorded;
    const ReplyShape* reply = operation_.shape->find_reply(std::to_string(recorded.status));
    const std::string status = operation_.id + " " + std::to_string(recorded.status);
    findings_.saw(operation_.id + (exchange_.succeeded() ? " 2xx" : " refused"));
    if (reply != nullptr && reply->content && exchange_.body) {
      walk_.value({reply->content->schema.get()}, *exchange_.body, "", operation_.id);
    }
    const std::string* type = mock::find_header(recorded.reply_headers, "content-type");
    for (const Violation& violation :
         OpenApi::built_in().check_reply(operation_, recorded.status, type == nullptr ? "" : *type,
                                         recorded.reply_body.kept, exchange_.body)) {
      report(violation, status);
    }
  }

 private:
  void report(const Violation& violation, const std::string& status) {
    if (violation.pointer == "status") return report_status(violation);
    if (violation.pointer.starts_with("header")) {
      return look(violation, "header Content-Type of " + status, words_about(operation_.id));
    }
    const std::string label = label_of(violation.pointer);
    const std::string word =
        exchange_.body ? new_word(label, *exchange_.body, violation.pointer) : "";
    if (!word.empty()) return findings_.add(word, exchange_, violation.pointer, label);
    if (violation.got == "null") return report_null(violation, label);
    look(violation, label, words_about(label));
  }

  void report_status(const Violation& violation) {
    if (exchange_.status() / 100 != 2) {
      return findings_.add("code " + violation.got + " of " + operation_.id, exchange_,
                           "documented: " + violation.wanted, "");
    }
    look(violation, operation_.id + " success", words_about(operation_.id), violation.got);
  }

  void report_null(const Violation& violation, const std::string& label) {
    const Fact& fact = facts::kNeverNull;
    findings_.look({.id = std::string(fact.id) + " " + label,
                    .says = label + " is left out, or has a value",
                    .why = std::string(fact.why),
                    .source = fact.source,
                    .wanted = violation.wanted,
                    .got = violation.got,
                    .watch = label.substr(0, label.find('.'))},
                   exchange_, false);
  }

  void look(const Violation& violation, const std::string& label, const std::string& why,
            const std::string& manner = "") {
    const bool missing = violation.got == "nothing";
    findings_.look(
        {.gravity = binds_servers(violation.source) ? Gravity::contradicts : Gravity::settles,
         .id = "openapi " + label,
         .says = label + " is as openapi.json describes it",
         .why = why,
         .source = violation.source,
         .wanted = violation.wanted,
         .got = violation.got,
         .manner = missing ? "nothing" : manner,
         .watch = label.find('.') == std::string::npos ? operation_.id + " 2xx" : label},
        exchange_, false);
  }

  // "Message.status" of "/messages/3/status".
  std::string label_of(const std::string& pointer) const {
    const std::size_t slash = pointer.rfind('/');
    if (slash == std::string::npos) return operation_.id + " body";
    const std::string parent = pointer.substr(0, slash);
    const std::string& name = walk_.name_at(parent);
    if (!name.empty()) return name + "." + pointer.substr(slash + 1);
    return label_of(parent) + "[]";  // an element of a list
  }

  const Exchange& exchange_;
  const ApiOperation& operation_;
  Findings& findings_;
  Walk walk_;
};

// Headers that tell clients how to behave. Those of HTTP and of proxies are no news.
bool matters(std::string_view name) {
  constexpr std::array<std::string_view, 8> kParts = {"ratelimit",   "rate-limit", "retry-after",
                                                      "idempotency", "deprecat",   "sunset",
                                                      "request-id",  "api-version"};
  for (const std::string_view part : kParts) {
    if (name.find(part) != std::string_view::npos) return true;
  }
  return name == "link" || name == "warning";
}

}  // namespace

std::span<const WordsOfReply> words_of_replies() {
  return kWordsOfReplies;
}

void check_reply(const Exchange& exchange, Findings& findings) {
  constexpr int kTooMany = 429;
  if (exchange.status() == kTooMany) findings.add("code 429", exchange, "", "");
  if (exchange.recorded->ending != Ending::whole) return;
  for (const mock::Header& header : exchange.recorded->reply_headers) {
    if (matters(header.name)) findings.add("header " + header.name, exchange, header.value, "");
  }
  if (!exchange.passed_over.empty() || exchange.operation == nullptr) return;
  ReplyCheck(exchange, findings).check();
}

}  // namespace nairi::contracts
