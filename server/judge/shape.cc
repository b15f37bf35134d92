// REFERENCE: POST /conversations/start, POST /conversations/{job_id}/continue, Agents, Attachments.
#include "judge/shape.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "protocol/body.h"
#include "protocol/multipart.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

enum class Type { text, flag, integer, list_of_text };

struct Field {
  std::string_view name;
  Type type;
  bool required;
};

constexpr Field kStart[] = {{"agent_id", Type::text, true},
                            {"prompt", Type::text, true},
                            {"ask_mode", Type::flag, false},
                            {"attachment_ids", Type::list_of_text, false}};
constexpr Field kContinue[] = {{"prompt", Type::text, true},
                               {"attachment_ids", Type::list_of_text, false}};
constexpr Field kCreateAgent[] = {{"name", Type::text, true},
                                  {"instances_count", Type::integer, false}};

bool fits(const nlohmann::json& value, Type type) {
  switch (type) {
    case Type::text:
      return value.is_string();
    case Type::flag:
      return value.is_boolean();
    case Type::integer:
      return value.is_number_integer();
    case Type::list_of_text:
      return value.is_array() && std::all_of(value.begin(), value.end(),
                                             [](const auto& item) { return item.is_string(); });
  }
  return false;
}

std::span<const Field> fields_of(Operation operation) {
  if (operation == Operation::start_conversation) return kStart;
  if (operation == Operation::continue_conversation) return kContinue;
  if (operation == Operation::create_agent) return kCreateAgent;
  return {};
}

}  // namespace

bool takes_body(Operation operation) {
  return !fields_of(operation).empty() || operation == Operation::upload_attachment;
}

std::optional<std::string> shape_mistake(Operation operation, const Request& request) {
  if (operation == Operation::upload_attachment) {
    const std::string* type = find_header(request.headers, "Content-Type");
    const auto part = find_part(type == nullptr ? "" : *type, request.body, "file");
    return part ? std::nullopt : std::optional(part.error().text);
  }
  const auto body = Body::parse(request.body);
  if (!body) return body.error().text;
  for (const Field& field : fields_of(operation)) {
    const nlohmann::json* value = body->find(field.name);
    if (value == nullptr && field.required) return std::string(field.name) + " is missing";
    if (value != nullptr && !fits(*value, field.type)) {
      return std::string(field.name) + " is " + describe(*value);
    }
  }
  return std::nullopt;
}

}  // namespace nairi::mock
