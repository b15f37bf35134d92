#include "engine/api/arguments.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "nairi/mock/api.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

tl::unexpected<Failure> malformed(const Organization& organization, std::string_view what,
                                  std::string_view form, std::string_view got) {
  const int status = is_id(got) ? organization.knobs().other_kind_status : 400;
  return fail(status, "invalid " + std::string(what) + " id",
              "expected " + std::string(form) +
                  " and 26 characters of Crockford's base32 in upper case, got " + in_quotes(got));
}

tl::unexpected<Failure> missing(int status, std::string_view what, std::string_view got,
                                std::string_view more = {}) {
  return fail(status, std::string(what) + " not found",
              "the key's organization has no " + std::string(what) + " " + in_quotes(got) +
                  std::string(more));
}

// `; did you mean "my-agent"?` Among the first thousand, so that a slip holds up nobody.
std::string nearest_slug(Organization& organization, std::string_view slug) {
  constexpr std::size_t kMost = 1000;
  Words slugs;
  for (const Agent& agent : organization.agents()) {
    if (slugs.size() == kMost) break;
    if (!agent.deleted) slugs.push_back(agent.profile->agent_id);
  }
  return hint(slug, slugs);
}

tl::unexpected<Failure> bad_list(const nlohmann::json& got) {
  return fail(400, "invalid attachment_ids",
              "attachment_ids must be an array of att_ ids, got " + describe(got));
}

}  // namespace

Checked<Body> read_body(const Organization& organization, std::string_view text,
                        const Words& fields) {
  auto body = Body::parse(text);
  if (!body || !organization.knobs().refuses_unknown_fields) return body;
  if (const auto unknown = body->unknown_field(fields)) {
    return fail(400, "unknown field",
                "the body has a field " + in_quotes(*unknown) + hint(*unknown, fields));
  }
  return body;
}

const Words& fields_of_body(std::string_view operation) {
  static const Words start = {"agent_id", "prompt", "ask_mode", "attachment_ids"};
  static const Words prompt = {"prompt", "attachment_ids"};
  static const Words profile = {"name", "instances_count", "description", "system_prompt"};
  static const Words deploy = {"update_config_only"};
  static const Words none;
  if (operation == "start") return start;
  if (operation == "continue") return prompt;
  if (operation == "create_agent" || operation == "update_agent") return profile;
  return operation == "deploy" ? deploy : none;
}

Checked<Job*> find_job(Organization& organization, std::string_view id) {
  const bool legacy = id.starts_with(kLegacyJobPrefix);
  const auto ulid = parse_id(id, legacy ? kLegacyJobPrefix : kJobPrefix);
  if (!ulid) return malformed(organization, "job", "job_ or j_", id);
  Job* job = organization.find_job(*ulid, legacy);
  if (job == nullptr) return missing(organization.knobs().unknown_conversation_status, "job", id);
  return job;
}

Checked<Organization::Found> find_message(Organization& organization, std::string_view id) {
  const auto ulid = parse_id(id, kMessagePrefix);
  if (!ulid) return malformed(organization, "message", "cmsg_", id);
  const auto found = organization.find_message(*ulid);
  if (!found) return missing(404, "message", id);
  return *found;
}

Checked<const Attachment*> find_attachment(Organization& organization, std::string_view id) {
  const auto ulid = parse_id(id, kAttachmentPrefix);
  if (!ulid) return malformed(organization, "attachment", "att_", id);
  const Attachment* attachment = organization.find_attachment(*ulid);
  if (attachment == nullptr) {
    return missing(organization.knobs().unknown_attachment_status, "attachment", id);
  }
  return attachment;
}

Checked<Agent*> find_agent(Organization& organization, std::string_view slug_or_id,
                           std::optional<int> unknown_status) {
  Agent* agent = nullptr;
  if (slug_or_id.starts_with(kAgentPrefix)) {
    const auto ulid = parse_id(slug_or_id, kAgentPrefix);
    if (!ulid) return malformed(organization, "agent", "a slug, or cci_", slug_or_id);
    agent = organization.find_agent(*ulid);
  } else {
    agent = organization.find_agent(slug_or_id);
  }
  if (agent == nullptr) {
    const int status = unknown_status.value_or(organization.knobs().unknown_agent_status);
    return missing(status, "agent", slug_or_id, nearest_slug(organization, slug_or_id));
  }
  return agent;
}

bool is_id(std::string_view text) {
  constexpr std::string_view kPrefixes[] = {kJobPrefix, kLegacyJobPrefix, kMessagePrefix,
                                            kAttachmentPrefix, kAgentPrefix};
  return std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                     [&](std::string_view prefix) { return parse_id(text, prefix).has_value(); });
}

bool has_id(Organization& organization, std::string_view id) {
  if (const auto job = parse_id(id, kJobPrefix)) return organization.find_job(*job, false);
  if (const auto job = parse_id(id, kLegacyJobPrefix)) return organization.find_job(*job, true);
  if (const auto message = parse_id(id, kMessagePrefix)) {
    return organization.find_message(*message).has_value();
  }
  if (const auto file = parse_id(id, kAttachmentPrefix)) return organization.find_attachment(*file);
  const auto agent = parse_id(id, kAgentPrefix);
  return agent && organization.find_agent(*agent) != nullptr;
}

Checked<std::vector<Ulid>> find_attachments(Organization& organization, const Body& body) {
  std::vector<Ulid> ids;
  const nlohmann::json* list = body.find("attachment_ids");
  if (list == nullptr) return ids;
  if (!list->is_array()) {
    return bad_list(*list);
  }
  if (list->size() > kMostAttachments) {  // assumed: the code
    return fail(organization.knobs().eleventh_attachment_status, "too many attachments",
                "attachment_ids may hold at most " + std::to_string(kMostAttachments) +
                    " ids, got " + std::to_string(list->size()));
  }
  for (const nlohmann::json& item : *list) {
    if (!item.is_string()) return bad_list(item);
    const auto& text = item.get_ref<const std::string&>();
    const auto ulid = parse_id(text, kAttachmentPrefix);
    if (!ulid || organization.find_attachment(*ulid) == nullptr) {
      return fail(400, "invalid attachment id",
                  "the key's organization has no file " + in_quotes(text));
    }
    ids.push_back(*ulid);
  }
  return ids;
}

std::optional<Failure> check_room(const Organization& organization, const Call& call) {
  if (organization.has_room_for(call.request.body.size())) return std::nullopt;
  return Failure{503, "nairi-mock keeps at most " +
                          std::to_string(organization.universe().max_kept_bytes) +
                          " bytes of conversations and files: reset the keys that are done with "
                          "POST /__mock/reset"};
}

}  // namespace nairi::mock
