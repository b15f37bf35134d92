// Servers that do not give back what they were given: large content, content of real nature, and
// the order and times of things.
#include <re2/re2.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/selftest/broken_servers.h"
#include "harness/selftest/tampering.h"

namespace nairi::contracts {
namespace {

// --- What becomes of a text ---------------------------------------------------------------------

using TextChange = std::function<std::string(std::string)>;

constexpr std::size_t k64KiB = std::size_t{64} << 10U;

TextChange replacing(const std::string& regex, const std::string& by) {
  return [=](std::string text) {
    RE2::GlobalReplace(&text, regex, by);
    return text;
  };
}

TextChange dropping(const std::string& regex) {
  return replacing(regex, "");
}

// Keeps the characters that have room in so many bytes.
TextChange cutting_to(std::size_t bytes) {
  return [=](std::string text) {
    if (text.size() <= bytes) return text;
    std::size_t end = bytes;
    while ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text.resize(end);
    return text;
  };
}

const TextChange& trimming() {
  static const TextChange change = dropping("^\\s+|\\s+\\z");
  return change;
}
const TextChange& keeping_the_first_line() {
  static const TextChange change = dropping("\\n(?s:.*)");
  return change;
}
const TextChange& escaping_html() {
  static const TextChange change = replacing("<", "&lt;");
  return change;
}
const TextChange& making_line_ends_one() {
  static const TextChange change = replacing("\\r\\n", "\n");
  return change;
}
const TextChange& composing() {
  static const TextChange change = replacing("e\\x{308}", "\u00EB");
  return change;
}

// --- Where it happens ---------------------------------------------------------------------------

// A field that holds text.
Edit rewrite(const std::string& key, const TextChange& change) {
  return [=](Json& object) {
    if (object.contains(key) && object[key].is_string()) object[key] = change(object[key]);
  };
}

MakeTamper in_prompts(const TextChange& change) {
  return in_each("user", rewrite("content", change));
}

MakeTamper in_answers(const TextChange& change) {
  return in_each("assistant", rewrite("content", change));
}

MakeTamper in_names_of_files(const TextChange& change) {
  return in_body_of("attachment", rewrite("filename", change));
}

// Every agent, wherever it is answered.
MakeTamper in_each_agent(const Edit& edit) {
  return [=]() -> Tamper {
    std::vector<Tamper> tampers{in_body_of("agents", each(edit))()};
    for (const char* operation : {"agent", "create_agent", "update_agent"}) {
      tampers.push_back(in_body_of(operation, edit)());
    }
    return [=](const HttpRequest& request, HttpReply& reply) {
      for (const Tamper& tamper : tampers) tamper(request, reply);
    };
  };
}

MakeTamper in_agents(const std::string& key, const TextChange& change) {
  return in_each_agent(rewrite(key, change));
}

Edit capping(const std::string& key, std::int64_t most) {
  return [=](Json& object) {
    if (object.contains(key) && object[key] > most) object[key] = most;
  };
}

// --- Other edits --------------------------------------------------------------------------------

void read_as_json(Json& message) {
  Json value = Json::parse(message["content"].get<std::string>(), nullptr, false);
  if (!value.is_discarded()) message["content"] = std::move(value);
}

void short_prompt(Json& message) {
  constexpr std::size_t kPreview = 1000;
  if (message["role"] == "user") rewrite("content", cutting_to(kPreview))(message);
}

void newest_fifty(Json& messages) {
  while (messages.size() > 50) messages.erase(0);
}

void first_fifty(Json& messages) {
  while (messages.size() > 50) messages.erase(messages.size() - 1);
}

void each_progress_once(Json& messages) {
  std::set<Json> seen;
  erase_where(messages, [&](const Json& message) {
    return message["role"] == "progress" && !seen.insert(message["content"]).second;
  });
}

void reverse_attachments(Json& message) {
  if (!message.contains("attachment_ids")) return;
  std::reverse(message["attachment_ids"].begin(), message["attachment_ids"].end());
}

void without_byte_order_mark(Json& attachment) {
  const std::string data = attachment["data"];
  if (data.starts_with("77u/")) attachment["data"] = data.substr(4);
}

void created_with_last_change(Json& object) {
  object["created_at"] = object["updated_at"];
}

// Answers a prompt that was sent before with the message of then.
Tamper knows_prompts_by_their_text() {
  auto known = std::make_shared<std::map<std::string, Json>>();
  return in_answers_to("continue", [known](const HttpRequest& request, Json& turn) {
    turn = known->emplace(request.target + request.body, turn).first->second;
  });
}

// Edits prompts that continue a conversation, when they are read by themselves.
MakeTamper in_follow_ups(const Edit& edit) {
  return [=]() -> Tamper {
    auto ids = std::make_shared<std::set<Json>>();
    const Tamper note = in_answers_to(
        "continue", [ids](const HttpRequest&, Json& turn) { ids->insert(turn["message_id"]); });
    const Tamper change = in_answers_to("poll", [ids, edit](const HttpRequest&, Json& message) {
      if (ids->contains(message["id"])) edit(message);
    });
    return [=](const HttpRequest& request, HttpReply& reply) {
      note(request, reply);
      change(request, reply);
    };
  };
}

// What many servers take when nobody sets another limit.
Tamper refuses_long_prompts() {
  constexpr std::size_t kMost = std::size_t{100} << 10U;
  return [](const HttpRequest& request, HttpReply& reply) {
    if (operation_id(request) == "start" && request.body.size() > kMost) reply.status = 413;
  };
}

// Whatever a tool does in a job, it does for the first prompt.
Tamper works_for_the_first_prompt() {
  return in_answers_to("messages", [](const HttpRequest&, Json& body) {
    const Json first = body["messages"].empty() ? Json() : body["messages"][0]["id"];
    for (Json& message : body["messages"]) {
      if (message["role"] != "progress") continue;
      Json envelope = Json::parse(message["content"].get<std::string>());
      envelope["processed_message_id"] = first;
      message["content"] = envelope.dump();
    }
  });
}

void without_foreign_letters(Json& agent) {
  const std::string name = agent["name"];
  if (RE2::FullMatch(name, "[^\\x00-\\x7F]+")) agent["agent_id"] = "";
}

}  // namespace

BrokenServers servers_broken_in_content() {
  const Edit long_ago = set("updated_at", "2001-01-01T00:00:00.000Z");
  return {
      {"prompts end at 64 KiB", "messages/long-prompt", in_prompts(cutting_to(k64KiB))},
      {"line ends of prompts are made one", "messages/long-prompt",
       in_prompts(making_line_ends_one())},
      {"prompts are escaped for HTML", "messages/long-prompt", in_prompts(escaping_html())},
      {"tags are taken out of prompts", "messages/long-prompt",
       in_prompts(dropping("<[a-zA-Z/][^>]*>"))},
      {"a byte order mark before a prompt goes", "messages/long-prompt",
       in_prompts(dropping("^\\x{FEFF}"))},
      {"noncharacters are replaced", "messages/long-prompt",
       in_prompts(replacing("[\\x{FDD0}-\\x{FDEF}\\x{FFFE}\\x{FFFF}]", "\uFFFD"))},
      {"control characters go", "messages/long-prompt",
       in_prompts(dropping("[\\x01-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F]"))},
      {"C1 controls are read as Windows-1252", "messages/long-prompt",
       in_prompts(replacing("\\x{80}", "\u20AC"))},
      {"Hangul is composed", "messages/long-prompt",
       in_prompts(replacing("\\x{1112}\\x{1161}\\x{11AB}", "\uD55C"))},
      {"look-alikes are one character", "messages/long-prompt",
       in_prompts(replacing("\\x{212B}", "\u00C5"))},
      {"ligatures are spelled out", "messages/long-prompt",
       in_prompts(replacing("\\x{FB01}", "fi"))},
      {"invisible characters go", "messages/long-prompt",
       in_prompts(dropping("[\\x{AD}\\x{200B}\\x{200E}\\x{202A}-\\x{202E}\\x{2060}-\\x{2069}]"))},
      {"private characters go", "messages/long-prompt",
       in_prompts(dropping("[\\x{E000}-\\x{F8FF}]"))},
      {"no-break spaces are blanks", "messages/long-prompt", in_prompts(replacing("\\x{A0}", " "))},
      {"quotes are made straight", "messages/long-prompt",
       in_prompts(replacing("[\\x{201C}\\x{201D}]", "\""))},
      {"backslashes escape", "messages/long-prompt", in_prompts(replacing("\\\\n", "\n"))},
      {"percent signs escape", "messages/long-prompt", in_prompts(replacing("%41", "A"))},
      {"plus signs are blanks", "messages/long-prompt", in_prompts(replacing("\\+", " "))},
      {"placeholders in prompts are filled in", "messages/long-prompt",
       in_prompts(dropping("\\{\\{[a-z]+\\}\\}"))},
      {"timelines show how a prompt begins", "messages/long-prompt",
       in_timelines(each(short_prompt))},
      {"polls show how a prompt begins", "messages/long-prompt", in_body_of("poll", short_prompt)},
      {"100 KiB are too much", "messages/long-prompt", refuses_long_prompts},
      {"follow-ups end at 64 KiB", "messages/long-prompt",
       in_follow_ups(rewrite("content", cutting_to(k64KiB)))},
      {"attachments of follow-ups are reversed", "attachments/keep-their-order",
       in_follow_ups(reverse_attachments)},
      {"an answer by its id has no files", "messages/by-id-as-in-timeline",
       in_body_of("poll",
                  [](Json& message) {
                    if (message["role"] == "assistant") message.erase("attachment_ids");
                  })},
      {"an answer by its id has no usage", "messages/by-id-as-in-timeline",
       in_body_of("poll", erase("model"))},
      {"progress by its id has no type", "messages/by-id-as-in-timeline",
       in_body_of("poll", erase("progress_type"))},
      {"progress is of the first prompt", "progress/of-its-own-prompt", works_for_the_first_prompt},
      {"an agent without Latin letters has no slug", "agents/texts-come-back",
       in_each_agent(without_foreign_letters)},
      {"prompts that are JSON are read", "messages/prompts-are-only-text",
       in_each("user", read_as_json)},
      {"empty lines before a prompt go", "messages/prompts-are-only-text",
       in_prompts(dropping("^\\n+"))},
      {"prompts are known by their text", "conversation/same-prompt-twice",
       knows_prompts_by_their_text},
      {"answers end at 64 KiB", "messages/answers-come-back", in_answers(cutting_to(k64KiB))},
      {"answers are trimmed", "messages/answers-come-back", in_answers(trimming())},
      {"answers are escaped for HTML", "messages/answers-come-back", in_answers(escaping_html())},
      {"answers that are JSON are read", "messages/answers-come-back",
       in_each("assistant", read_as_json)},
      {"of a failure's text the first line is kept", "messages/answers-come-back",
       in_each("system", rewrite("content", keeping_the_first_line()))},
      {"a tool's output ends at 64 KiB", "progress/texts-come-back",
       in_each_envelope(rewrite("tool_output", cutting_to(k64KiB)))},
      {"of a tool's input the first line is kept", "progress/texts-come-back",
       in_each_envelope(rewrite("tool_input", keeping_the_first_line()))},
      {"text deltas are escaped for HTML", "progress/texts-come-back",
       in_each_envelope(rewrite("text_delta", escaping_html()))},
      {"timelines are of the newest fifty", "conversation/whole-timeline",
       in_timelines(newest_fifty)},
      {"timelines end after fifty", "conversation/whole-timeline", in_timelines(first_fifty)},
      {"the same progress is told once", "conversation/whole-timeline",
       in_timelines(each_progress_once)},
      {"files end at 1 MiB", "attachments/long-file",
       in_body_of("attachment", rewrite("data", cutting_to(std::size_t{1398100})))},
      {"a byte order mark before a file goes", "attachments/long-file",
       in_body_of("attachment", without_byte_order_mark)},
      {"file names are trimmed", "attachments/names-come-back", in_names_of_files(trimming())},
      {"file names end at 100 bytes", "attachments/names-come-back",
       in_names_of_files(cutting_to(100))},
      {"file names are composed", "attachments/names-come-back", in_names_of_files(composing())},
      {"percent signs in file names escape", "attachments/names-come-back",
       in_names_of_files(replacing("%41", "A"))},
      {"file names are escaped for HTML", "attachments/names-come-back",
       in_names_of_files(escaping_html())},
      {"files are never hidden", "attachments/names-come-back",
       in_names_of_files(dropping("^\\.+"))},
      {"every file has an extension", "attachments/names-come-back",
       in_names_of_files(replacing("^([^.]+)\\z", "\\1.bin"))},
      {"file names lose their direction", "attachments/names-come-back",
       in_names_of_files(dropping("[\\x{202A}-\\x{202E}]"))},
      {"file names lose their folder", "attachments/names-come-back",
       in_names_of_files(dropping("^.*/"))},
      {"attachments of a prompt are reversed", "attachments/keep-their-order",
       in_each("user", reverse_attachments)},
      {"names of agents end at 64 bytes", "agents/texts-come-back",
       in_agents("name", cutting_to(64))},
      {"names of agents are trimmed", "agents/texts-come-back", in_agents("name", trimming())},
      {"names of agents are escaped for HTML", "agents/texts-come-back",
       in_agents("name", escaping_html())},
      {"names of agents are composed", "agents/texts-come-back", in_agents("name", composing())},
      {"descriptions have one line", "agents/texts-come-back",
       in_agents("description", keeping_the_first_line())},
      {"system prompts end at 64 KiB", "agents/texts-come-back",
       in_agents("system_prompt", cutting_to(k64KiB))},
      {"line ends of system prompts are made one", "agents/texts-come-back",
       in_agents("system_prompt", making_line_ends_one())},
      {"the list of agents hides system prompts", "agents/texts-come-back",
       in_body_of("agents", each(erase("system_prompt")))},
      {"ten instances are the most", "agents/texts-come-back",
       in_each_agent(capping("instances_count", 10))},
      {"agents change before they are there", "ids/times-in-order", in_each_agent(long_ago)},
      {"a conversation begins with its last change", "ids/times-in-order",
       in_each_conversation(created_with_last_change)},
      {"failures come before everything", "ids/times-in-order",
       in_each("system", set("created_at", "2001-01-01T00:00:00.000Z"))},
      {"numbers have 32 bits", "usage/large-numbers",
       in_each("assistant", capping("input_tokens", INT32_MAX))},
  };
}

}  // namespace nairi::contracts
