#include "encode.h"

#include "failure.h"
#include "json_reader.h"

namespace nairi {
namespace {

Result<std::string> written(const Json& document) {
  try {
    return document.dump();
  } catch (const Json::type_error&) {  // the only one that dump() throws
    return invalid_argument("expected valid UTF-8 in every text of the request, came other bytes");
  }
}

// What is not set is left out: the API takes its default (REFERENCE: POST /conversations/start).
void add_attachments(Json& body, const std::vector<std::string>& attachment_ids) {
  if (!attachment_ids.empty()) body["attachment_ids"] = attachment_ids;
}

template <typename T>
void add(Json& body, const char* key, const std::optional<T>& value) {
  if (value) body[key] = *value;
}

}  // namespace

Result<std::string> encode_start(std::string_view agent_id, std::string_view prompt,
                                 const StartOptions& options) {
  Json body{{"agent_id", agent_id}, {"prompt", prompt}};
  if (options.ask_mode) body["ask_mode"] = true;
  add_attachments(body, options.attachment_ids);
  return written(body);
}

Result<std::string> encode_continue(std::string_view prompt, const ContinueOptions& options) {
  Json body{{"prompt", prompt}};
  add_attachments(body, options.attachment_ids);
  return written(body);
}

Result<std::string> encode_agent(const NewAgent& agent) {
  Json body{{"name", agent.name}, {"instances_count", agent.instances_count}};
  add(body, "description", agent.description);
  add(body, "system_prompt", agent.system_prompt);
  return written(body);
}

Result<std::string> encode_changes(const AgentChanges& changes) {
  Json body = Json::object();
  add(body, "name", changes.name);
  add(body, "instances_count", changes.instances_count);
  add(body, "description", changes.description);
  add(body, "system_prompt", changes.system_prompt);
  return written(body);
}

Result<std::string> encode_deploy(const DeployOptions& options) {
  return written(Json{{"update_config_only", options.update_config_only}});
}

}  // namespace nairi
