#include "engine/state/message_text.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "text/json_writer.h"
#include "text/timestamp.h"

namespace nairi::mock {
namespace {

void append_id(std::string& out, std::string_view prefix, Ulid id) {
  out += '"';
  out += prefix;
  append_ulid(out, id);
  out += '"';
}

constexpr std::size_t kFramework = 288;  // of a message: names, ids, times and words

// Which fields of a progress envelope a message repeats at its top level.
constexpr std::array<std::string_view, 4> kCopied = {"tool_use_id", "parent_tool_use_id",
                                                     "tool_name", "tool_status"};

void optional_text(ObjectWriter& writer, std::string_view name,
                   const std::optional<std::string>& text) {
  if (text) {
    writer.field(name, *text);
  } else {
    writer.null(name);  // the one place where null is answered (REFERENCE: Agents)
  }
}

// A world may have named the field.
std::string escaped(std::string_view name) {
  std::string quoted;
  append_json_string(quoted, name);
  return quoted.substr(1, quoted.size() - 2);
}

void append_field(std::string& fields, std::string_view name, std::string_view text) {
  if (!fields.empty()) fields += ',';
  append_json_string(fields, name);
  fields += ':';
  append_json_string(fields, text);
}

}  // namespace

void append_message(std::string& out, const Job& job, const Message& message) {
  out.reserve(out.size() + kFramework + message.content.size() + message.extra.size());
  ShortText<kFramework> begin;
  begin.add(R"({"id":")").add(kMessagePrefix).add(write_ulid, message.id);
  begin.add(R"(","job_id":")").add(job_prefix(job)).add(write_ulid, job.id);
  begin.add(R"(","content":)");
  out.append(begin.view());
  append_json_string(out, message.content);
  ShortText<kFramework> end;
  end.add(R"(,"role":")").add(to_string(message.role));
  end.add(R"(","status":")").add(to_string(message.status));
  end.add(R"(","created_at":")").add(write_timestamp, message.created_at);
  end.add(R"(","updated_at":")").add(write_timestamp, message.updated_at).add(R"(")");
  if (!message.extra.empty()) end.add(",");
  out.append(end.view()).append(message.extra).append("}");
}

// A timeline may have megabytes: room is made once, and growing would copy it as often as it
// doubles.
void append_timeline(std::string& out, const Job& job) {
  constexpr std::string_view kBegin = R"({"messages":[)";
  constexpr std::string_view kEnd = "]}";
  std::size_t size = kBegin.size() + kEnd.size();
  for (const Message& message : job.messages) {
    size += kFramework + message.content.size() + message.extra.size();
  }
  out.reserve(out.size() + size);
  out += kBegin;
  for (const Message& message : job.messages) {
    if (out.back() != '[') out += ',';
    append_message(out, job, message);
  }
  out += kEnd;
}

void append_conversation(std::string& out, const Job& job, bool with_created_at) {
  ShortText<192> text;
  text.add(R"({"id":")").add(job_prefix(job)).add(write_ulid, job.id);
  text.add(R"(","status":")").add(to_string(job.status));
  if (with_created_at) text.add(R"(","created_at":")").add(write_timestamp, job.created_at);
  text.add(R"(","updated_at":")").add(write_timestamp, job.updated_at).add(R"("})");
  out += text.view();
}

void append_agent(std::string& out, const Agent& agent) {
  const AgentSpec& profile = *agent.profile;
  ObjectWriter writer(out);
  append_id(writer.value("id"), kAgentPrefix, agent.id);
  writer.field("name", profile.name)
      .field("agent_id", profile.agent_id)
      .field("instances_count", profile.instances_count);
  optional_text(writer, "description", profile.description);
  writer.field("is_self_hosted", profile.is_self_hosted);
  optional_text(writer, "system_prompt", profile.system_prompt);
  writer.timestamp("created_at", agent.created_at)
      .timestamp("updated_at", agent.updated_at)
      .close();
}

void append_attachment_ids(std::string& extra, std::span<const Ulid> ids) {
  if (ids.empty()) return;
  if (!extra.empty()) extra += ',';
  extra += "\"attachment_ids\":[";
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) extra += ',';
    append_id(extra, kAttachmentPrefix, ids[i]);
  }
  extra += ']';
}

void append_usage(std::string& extra, const Usage& usage) {
  constexpr int kDecimals = 10;
  if (!extra.empty()) extra += ',';
  extra += "\"cost_usd\":";
  append_decimal(extra, usage.cost_usd, kDecimals);
  const auto tokens = [&](std::string_view name, std::int64_t count) {
    extra += ",\"";
    extra += name;
    extra += "\":";
    extra += std::to_string(count);
  };
  tokens("input_tokens", usage.input_tokens);
  tokens("output_tokens", usage.output_tokens);
  tokens("cache_read_tokens", usage.cache_read_tokens);
  tokens("cache_write_tokens", usage.cache_write_tokens);
  append_field(extra, "model", usage.model);
}

ProgressText progress_text(const Job& job, Ulid user_message, const Progress& progress) {
  ProgressText text;
  if (!progress.progress_type.empty()) {
    append_field(text.extra, "progress_type", progress.progress_type);
  }
  for (const auto& [name, value] : progress.fields) {
    if (std::find(kCopied.begin(), kCopied.end(), name) != kCopied.end()) {
      append_field(text.extra, name, value);
    }
  }
  if (progress.raw) {
    text.content = *progress.raw;
    return text;
  }
  ObjectWriter envelope(text.content);
  append_id(envelope.value("job_id"), job_prefix(job), job.id);
  append_id(envelope.value("processed_message_id"), kMessagePrefix, user_message);
  envelope.field("progress_type", progress.progress_type);
  for (const auto& [name, value] : progress.fields) envelope.field(escaped(name), value);
  for (const auto& [name, json] : progress.literals) envelope.value(escaped(name)) += json;
  envelope.close();
  return text;
}

}  // namespace nairi::mock
