#include "harness/recording/told_message.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include "harness/recording/recorded_call.h"

namespace nairi::contracts {
namespace {

using ToldJson = nlohmann::ordered_json;

// The agent's files, or those that a prompt of before had.
void add_files(const ToldJson& message, const FilePathOf& path_of, ToldJson& said) {
  const auto ids = message.find("attachment_ids");
  if (ids == message.end() || !ids->is_array()) return;
  for (const ToldJson& id : *ids) {
    if (id.is_string()) said["attachments"].push_back(path_of(id.get<std::string>()));
  }
}

bool is_count(const ToldJson& message, std::string_view key) {
  const auto member = message.find(std::string(key));
  return member != message.end() && member->is_number_unsigned() &&
         *member <= std::numeric_limits<std::int64_t>::max();
}

void add_usage(const ToldJson& message, ToldJson& said) {
  const auto cost = message.find("cost_usd");
  const bool is_whole = cost != message.end() && cost->is_number() && cost->get<double>() >= 0 &&
                        is_count(message, "input_tokens") && is_count(message, "output_tokens") &&
                        message.contains("model") && message["model"].is_string();
  if (!is_whole) return;
  ToldJson usage = {{"cost_usd", *cost}};
  for (const char* key :
       {"input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"}) {
    if (is_count(message, key)) usage[key] = message[key];
  }
  usage["model"] = message["model"];
  said["usage"] = std::move(usage);
}

// The envelope's fields, as a world names them; null when it has what a world can't say.
ToldJson envelope_fields(const ToldJson& envelope) {
  if (!envelope.is_object() || text_in(envelope, "progress_type").empty()) return nullptr;
  ToldJson fields = {{"progress_type", envelope["progress_type"]}};
  for (const auto& [name, value] : envelope.items()) {
    if (name == "job_id" || name == "processed_message_id" || name == "progress_type") continue;
    const bool is_plain = value.is_string() || value.is_number() || value.is_boolean();
    if (!is_plain || name == "raw" || name.starts_with("x-")) return nullptr;
    fields[name] = value;
  }
  return fields;
}

using TextToTemplate = std::function<std::string(const std::string&)>;

// `change` makes a template of a text, or leaves it as it is.
ToldJson progress_of(const ToldJson& message, const TextToTemplate& change) {
  const std::string content = text_in(message, "content");
  ToldJson progress = envelope_fields(ToldJson::parse(content, nullptr, false));
  if (progress.is_null()) {
    progress = {{"raw", content}};
    for (const char* key :
         {"progress_type", "tool_use_id", "parent_tool_use_id", "tool_name", "tool_status"}) {
      if (!text_in(message, key).empty()) progress[key] = message[key];
    }
  }
  for (auto& [name, value] : progress.items()) {
    const bool is_template = value.is_string() && name != "progress_type";
    if (is_template) value = change(value.get<std::string>());
  }
  return progress;
}

}  // namespace

bool is_final(std::string_view status) {
  return status == "completed" || status == "failed";
}

std::string world_status(const std::string& status) {
  return status == "queued" || is_final(status) ? status : "pending";
}

std::string template_of(const std::string& text, const std::string& job_id) {
  std::string out;
  bool is_behind_brace = false;  // a single one: "{" and "{{job_id}}" would be read otherwise
  for (std::size_t i = 0; i < text.size();) {
    if (text.compare(i, 2, "{{") == 0) {
      out += "{{{{";
      i += 2;
      is_behind_brace = false;
    } else if (!job_id.empty() && !is_behind_brace && text.compare(i, job_id.size(), job_id) == 0) {
      out += "{{job_id}}";
      i += job_id.size();
    } else {
      is_behind_brace = text[i] == '{';
      out += text[i++];
    }
  }
  return out;
}

bool is_sayable(const ToldJson& message) {
  const std::string role = text_in(message, "role");
  return role == "assistant" || role == "system" || role == "progress";
}

Saying saying_of(const ToldJson& message, const std::string& job_id, const FilePathOf& path_of) {
  const auto as_template = [&](const std::string& text) { return template_of(text, job_id); };
  const std::string role = text_in(message, "role");
  if (role == "progress") return {"progress", progress_of(message, as_template)};
  const std::string text = text_in(message, "content");
  if (role == "system" && !message.contains("attachment_ids")) {
    return {"system", as_template(text)};
  }
  ToldJson said = {{"role", role}, {"content", as_template(text)}};
  const std::string status = text_in(message, "status");
  if (status != "completed") said["status"] = world_status(status);
  add_files(message, path_of, said);
  if (role == "assistant") add_usage(message, said);
  return {"messages", std::move(said)};
}

void add_reply(ToldJson& terminal, const ToldJson& message, const std::string& job_id,
               const FilePathOf& path_of) {
  terminal["reply"] = template_of(text_in(message, "content"), job_id);
  add_files(message, path_of, terminal);
  add_usage(message, terminal);
}

ToldJson earlier_message(const ToldJson& message, const FilePathOf& path_of) {
  const std::string role = text_in(message, "role");
  constexpr std::array<std::string_view, 4> kRoles = {"user", "assistant", "system", "progress"};
  if (std::find(kRoles.begin(), kRoles.end(), role) == kRoles.end()) return nullptr;
  ToldJson said = {{"role", role}};
  if (role == "progress") {
    said["progress"] = progress_of(message, [](const std::string& text) { return text; });
    return said;
  }
  said["content"] = text_in(message, "content");
  const std::string status = world_status(text_in(message, "status"));
  if (status != "completed") said["status"] = status;
  add_files(message, path_of, said);
  if (role == "assistant") add_usage(message, said);
  return said;
}

}  // namespace nairi::contracts
