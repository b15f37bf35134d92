// Servers that are broken in progress messages and their envelopes.
#include <string>

#include "harness/selftest/broken_servers.h"
#include "harness/selftest/tampering.h"

namespace nairi::contracts {
namespace {

void open_envelopes(Json& message) {
  message["content"] = Json::parse(message["content"].get<std::string>());
}

void other_tool_id_at_end(Json& message) {
  if (message.value("tool_status", "") == "running") return;
  if (!message.contains("tool_use_id")) return;
  message["tool_use_id"] = "toolu_other";
  Json envelope = Json::parse(message["content"].get<std::string>());
  envelope["tool_use_id"] = "toolu_other";
  message["content"] = envelope.dump();
}

void tools_in_place_of_thoughts(Json& message) {
  if (message.value("progress_type", "") != "thinking") return;
  Json envelope = Json::parse(message["content"].get<std::string>());
  envelope["progress_type"] = "tool_use";
  envelope["tool_name"] = "Bash";
  message["content"] = envelope.dump();
  message["progress_type"] = "tool_use";
}

}  // namespace

BrokenServers servers_broken_in_progress() {
  return {
      {"progress content is an object", "progress/step", in_each("progress", open_envelopes)},
      {"progress_type is only in the envelope", "progress/thinking",
       in_each("progress", erase("progress_type"))},
      {"envelope lacks job_id", "progress/text", in_each_envelope(erase("job_id"))},
      {"envelope lacks processed_message_id", "progress/subagent",
       in_each_envelope(erase("processed_message_id"))},
      {"a tool ends under another id", "progress/tool-use",
       in_each("progress", other_tool_id_at_end)},
      {"a tool never ends", "progress/tool-error",
       in_each("progress", set("tool_status", "running"))},
      {"a tool's output is lost", "progress/tool-use", in_each_envelope(erase("tool_output"))},
      {"a heartbeat has no summary", "progress/heartbeat", in_each_envelope(erase("summary"))},
      {"a parent tool is not named", "progress/parent-of-a-tool",
       in_each("progress", erase("parent_tool_use_id"))},
      {"text deltas are not of the answer", "progress/text",
       in_each_envelope(change("text_delta", "…"))},
      {"tools run in ask mode", "progress/no-tools-in-ask-mode",
       in_each("progress", tools_in_place_of_thoughts)},
      {"progress is pending", "progress/own-status", in_each("progress", set("status", "pending"))},
      {"no tool ever runs", "progress/tools-without-ask-mode",
       in_timelines(without_role("progress"))},
  };
}

}  // namespace nairi::contracts
