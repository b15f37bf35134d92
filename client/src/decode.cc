#include "decode.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "failure.h"
#include "json_reader.h"

namespace nairi {
namespace {

// What each character is worth in base64; -1: it is no digit.
constexpr std::array<int, 256> kBase64 = [] {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<int, 256> worth{};
  worth.fill(-1);
  for (std::size_t i = 0; i < kDigits.size(); ++i) {
    worth[static_cast<unsigned char>(kDigits[i])] = static_cast<int>(i);
  }
  return worth;
}();

// nullopt for anything that is not exactly base64. By hand, so that who has a transport of their
// own links no OpenSSL.
std::optional<std::string> decode_base64(std::string_view text) {
  const std::string_view digits = text.substr(0, text.find_last_not_of('=') + 1);
  if (text.size() % 4 != 0 || text.size() - digits.size() > 2) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  int unused = 0;  // how many of the lowest bits are no byte yet
  for (const char digit : digits) {
    const int worth = kBase64[static_cast<unsigned char>(digit)];
    if (worth < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(worth);
    unused += 6;
    if (unused >= 8) {
      unused -= 8;
      bytes += static_cast<char>(bits >> unused & 0xFF);
    }
  }
  return bytes;
}

// REFERENCE: Messages: the six are there together or not at all.
std::optional<Usage> read_usage(FieldReader& in) {
  const auto cost = in.number("cost_usd");
  const auto input = in.integer("input_tokens");
  const auto output = in.integer("output_tokens");
  const auto cache_read = in.integer("cache_read_tokens");
  const auto cache_write = in.integer("cache_write_tokens");
  const auto model = in.text("model");
  if (!cost && !input && !output && !cache_read && !cache_write && !model) return std::nullopt;
  return Usage{.cost_usd = cost.value_or(0),
               .input_tokens = input.value_or(0),
               .output_tokens = output.value_or(0),
               .cache_read_tokens = cache_read.value_or(0),
               .cache_write_tokens = cache_write.value_or(0),
               .model = model.value_or("")};
}

Result<Message> read_message(const Json& value, const std::string& pointer, std::string raw) {
  FieldReader in(value, pointer);
  Message message;
  message.id = in.required_text("id");
  message.job_id = in.required_text("job_id");
  message.role = in.required_text("role");
  message.status = in.required_text("status");
  message.content = in.text("content").value_or("");
  message.created_at = in.text("created_at").value_or("");
  message.updated_at = in.text("updated_at").value_or("");
  message.attachment_ids = in.texts("attachment_ids");
  message.usage = read_usage(in);
  message.progress_type = in.text("progress_type");
  message.tool_use_id = in.text("tool_use_id");
  message.parent_tool_use_id = in.text("parent_tool_use_id");
  message.tool_name = in.text("tool_name");
  message.tool_status = in.text("tool_status");
  message.raw_json = std::move(raw);
  return in.finish(std::move(message));
}

Result<Conversation> read_conversation(const Json& value, const std::string& pointer,
                                       std::string raw) {
  FieldReader in(value, pointer);
  Conversation conversation;
  conversation.id = in.required_text("id");
  conversation.status = in.required_text("status");
  conversation.created_at = in.text("created_at").value_or("");
  conversation.updated_at = in.text("updated_at").value_or("");
  conversation.raw_json = std::move(raw);
  return in.finish(std::move(conversation));
}

Result<Agent> read_agent(const Json& value, const std::string& pointer, std::string raw) {
  FieldReader in(value, pointer);
  Agent agent;
  agent.id = in.required_text("id");
  agent.agent_id = in.required_text("agent_id");
  agent.name = in.text("name").value_or("");
  agent.instances_count = in.integer("instances_count").value_or(0);
  agent.is_self_hosted = in.boolean("is_self_hosted").value_or(false);
  agent.description = in.text("description");
  agent.system_prompt = in.text("system_prompt");
  agent.created_at = in.text("created_at").value_or("");
  agent.updated_at = in.text("updated_at").value_or("");
  agent.raw_json = std::move(raw);
  return in.finish(std::move(agent));
}

std::string raw_text(const Document& document) {
  return document.text.empty() ? document.value.dump() : std::string(document.text);
}

template <typename T>
using Read = Result<T> (*)(const Json& value, const std::string& pointer, std::string raw);

// `array` is the list of the document.
template <typename T>
Result<std::vector<T>> read_each(const Document& document, const Json& array,
                                 const std::string& pointer, Read<T> read) {
  const bool has_texts = document.elements.size() == array.size();
  std::vector<T> items;
  items.reserve(array.size());
  for (std::size_t i = 0; i < array.size(); ++i) {
    std::string raw = has_texts ? std::string(document.elements[i]) : array[i].dump();
    Result<T> item = read(array[i], pointer + "/" + std::to_string(i), std::move(raw));
    if (!item) return tl::unexpected(std::move(item.error()));
    items.push_back(std::move(*item));
  }
  return items;
}

// A document that is one object with one list in it.
template <typename T>
Result<std::vector<T>> read_list(const Document& document, const char* key, Read<T> read) {
  FieldReader in(document.value, "");
  const Json* array = in.required_array(key);
  if (!array) return in.finish(std::vector<T>());
  return read_each(document, *array, std::string("/") + key, read);
}

// A document that is one object of which one text counts.
Result<std::string> decode_one_text(std::string_view text, const char* key) {
  return parse_json(text).and_then([key](const Json& document) {
    FieldReader in(document, "");
    return in.finish(in.required_text(key));
  });
}

}  // namespace

Result<Turn> decode_turn(std::string_view text) {
  return parse_json(text).and_then([](const Json& document) {
    FieldReader in(document, "");
    Turn turn;
    turn.job_id = in.required_text("job_id");
    turn.message_id = in.required_text("message_id");
    return in.finish(std::move(turn));
  });
}

Result<Message> decode_message(std::string_view text) {
  return parse_document(text).and_then([](const Document& document) {
    return read_message(document.value, "", raw_text(document));
  });
}

Result<std::vector<Message>> decode_messages(std::string_view text) {
  return parse_document(text).and_then(
      [](const Document& document) { return read_list(document, "messages", read_message); });
}

Result<Progress> decode_progress(std::string_view text) {
  return parse_json(text).and_then([](const Json& document) {
    FieldReader in(document, "");
    Progress progress;
    progress.progress_type = in.required_text("progress_type");
    progress.processed_message_id = in.text("processed_message_id");
    progress.text_delta = in.text("text_delta");
    progress.summary = in.text("summary");
    progress.tool_name = in.text("tool_name");
    progress.tool_input = in.text("tool_input");
    progress.tool_output = in.text("tool_output");
    progress.tool_status = in.text("tool_status");
    progress.tool_description = in.text("tool_description");
    progress.tool_use_id = in.text("tool_use_id");
    progress.parent_tool_use_id = in.text("parent_tool_use_id");
    progress.raw_json = document.dump();
    return in.finish(std::move(progress));
  });
}

Result<ConversationPage> decode_conversations(std::string_view text) {
  return parse_document(text).and_then([](const Document& document) -> Result<ConversationPage> {
    auto conversations = read_list(document, "conversations", read_conversation);
    if (!conversations) return tl::unexpected(std::move(conversations.error()));
    FieldReader in(document.value, "");
    ConversationPage page;
    page.conversations = std::move(*conversations);
    page.has_cursors = in.has("next_cursor");
    page.next_cursor = in.text("next_cursor");
    return in.finish(std::move(page));
  });
}

Result<Agent> decode_agent(std::string_view text) {
  return parse_document(text).and_then(
      [](const Document& document) { return read_agent(document.value, "", raw_text(document)); });
}

Result<std::vector<Agent>> decode_agents(std::string_view text) {
  return parse_document(text).and_then([](const Document& document) -> Result<std::vector<Agent>> {
    if (!document.value.is_array()) {
      return malformed("", "expected an array, came " + kind_of(document.value));
    }
    return read_each(document, document.value, "", read_agent);
  });
}

Result<std::string> decode_deployment(std::string_view text) {
  return decode_one_text(text, "status");
}

Result<std::string> decode_attachment_id(std::string_view text) {
  return decode_one_text(text, "attachment_id");
}

Result<Attachment> decode_attachment(std::string_view text) {
  return parse_json(text).and_then([](Json document) -> Result<Attachment> {
    FieldReader in(document, "");
    Attachment attachment;
    attachment.id = in.required_text("id");
    attachment.filename = in.text("filename").value_or("");
    const auto data = in.text("data");
    auto checked = in.finish(std::move(attachment));
    if (!checked) return checked;
    if (!data) return malformed("/data", "expected a string, came nothing");
    auto bytes = decode_base64(*data);
    if (!bytes) return malformed("/data", "expected base64, came other text");
    checked->data = std::move(*bytes);
    document.erase("data");
    checked->raw_json = document.dump();
    return checked;
  });
}

std::string decode_error_text(std::string_view text) {
  const auto document = parse_json(text);
  if (!document || !document->is_object()) return {};
  const auto error = document->find("error");
  return error != document->end() && error->is_string() ? error->get<std::string>() : "";
}

}  // namespace nairi
