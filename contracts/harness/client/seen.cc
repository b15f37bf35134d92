#include "harness/client/seen.h"

#include <algorithm>
#include <utility>

#include "harness/cases/values.h"

namespace nairi::contracts {
namespace {

Json parsed(const std::string& text) {
  return read_json(text);
}

bool is_end(const Json& message) {
  const std::string status = text_in(message, "status");
  return status == "completed" || status == "failed";
}

// A message may be read many times, and grow.
void take_message(SeenMessage message, Seen& seen) {
  const auto known = std::ranges::find(seen.messages, message.id, &SeenMessage::id);
  if (known != seen.messages.end()) {
    *known = std::move(message);
  } else {
    seen.messages.push_back(std::move(message));
  }
}

void take_timeline(const Json& reply, Seen& seen) {
  if (!reply.is_object() || !reply.value("messages", Json()).is_array()) return;
  std::size_t turn = 0;
  for (const Json& message : reply.at("messages")) {
    std::string role = text_in(message, "role");
    if (role == "user") {
      ++turn;
      seen.saw_an_end = seen.saw_an_end || is_end(message);
    }
    take_message({text_in(message, "id"), std::move(role), text_in(message, "content"), turn},
                 seen);
  }
}

void take_prompt(const TraceEntry& entry, bool starts, Seen& seen) {
  const Json body = parsed(entry.sent);
  if (!body.is_object() || !body.value("prompt", Json()).is_string()) return;
  SentPrompt prompt{entry.step, starts, body.at("prompt"), {}, entry.status / 100 == 2};
  const Json ids = body.value("attachment_ids", Json());
  for (const Json& id : ids) {
    if (id.is_string()) prompt.attachments.push_back(id);
  }
  seen.prompts.push_back(std::move(prompt));
}

void take_file(const TraceEntry& entry, Seen& seen) {
  const auto part = find_form_part(entry.sent_type, entry.sent, "file");
  if (!part) return;
  seen.files.push_back({entry.step, part->filename.value_or(""), std::string(part->bytes),
                        text_in(parsed(entry.received), "attachment_id")});
}

void take_query(std::string_view target, Seen& seen) {
  if (!seen.list_query.empty()) return;
  seen.list_query = read_query(split_target(target).query).value_or(QueryParameters());
}

}  // namespace

const std::string* find_parameter(const Seen& seen, std::string_view name) {
  const auto found = std::ranges::find(
      seen.list_query, name, [](const auto& pair) -> std::string_view { return pair.first; });
  return found == seen.list_query.end() ? nullptr : &found->second;
}

Seen seen_in(const std::vector<TraceEntry>& trace) {
  Seen seen;
  for (const TraceEntry& entry : trace) {
    const std::string request = entry.request.substr(0, entry.request.find(" (at "));
    if (request == "POST /conversations/start") {
      take_prompt(entry, true, seen);
    } else if (request.starts_with("POST /conversations/") && request.ends_with("/continue")) {
      take_prompt(entry, false, seen);
    } else if (request == "POST /attachments") {
      take_file(entry, seen);
    } else if (request.starts_with("GET /conversations/") && request.ends_with("/messages")) {
      take_timeline(parsed(entry.received), seen);
    } else if (request.starts_with("GET /agents/") &&
               split_target(request).path.ends_with("/conversations")) {
      take_query(request, seen);
    } else if (request.starts_with("GET /messages/")) {
      seen.saw_an_end = seen.saw_an_end || is_end(parsed(entry.received));
    }
  }
  return seen;
}

}  // namespace nairi::contracts
