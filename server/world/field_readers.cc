#include "world/field_readers.h"

#include <filesystem>
#include <limits>

#include "text/placeholders.h"
#include "world/enum_words.h"

namespace nairi::mock {

std::optional<std::string> read_template(const Node& node, const TextRules& rules) {
  auto text = read_text(node);
  if (!text || !rules.templates) return text;
  if (auto mistake = placeholder_mistake(*text, rules.groups)) node.refuse(std::move(*mistake));
  return text;
}

std::vector<File> read_attachments(const ObjectReader& object, const FileOpener& open_file) {
  std::vector<File> files;
  object.list("attachments", [&](const Node& node) {
    const auto path = read_text(node);
    if (!path) return;
    auto bytes = open_file(*path);
    if (!bytes) {
      node.refuse("can't read the attachment " + in_quotes(*path) + ": " + bytes.error());
      return;
    }
    files.push_back({std::filesystem::path(*path).filename().string(), std::move(*bytes)});
  });
  return files;
}

std::optional<Usage> read_usage(const ObjectReader& object) {
  const auto node = object.find("usage");
  if (!node) return std::nullopt;
  const ObjectReader reader(*node, {"cost_usd", "input_tokens", "output_tokens",
                                    "cache_read_tokens", "cache_write_tokens", "model"});
  const auto tokens = [&](std::string_view key) {
    constexpr Range kTokens{0, std::numeric_limits<std::int64_t>::max()};
    return reader.integer(key, kTokens).value_or(0);
  };
  Usage usage;
  if (const auto cost = reader.require("cost_usd")) {
    if (cost->value->is_number() && cost->value->get<double>() >= 0) {
      usage.cost_usd = cost->value->get<double>();
    } else {
      cost->expected("a number that is not negative");
    }
  }
  reader.require("input_tokens");
  reader.require("output_tokens");
  usage.input_tokens = tokens("input_tokens");
  usage.output_tokens = tokens("output_tokens");
  usage.cache_read_tokens = tokens("cache_read_tokens");
  usage.cache_write_tokens = tokens("cache_write_tokens");
  usage.model = reader.require_text("model").value_or("");
  return usage;
}

std::optional<MessageSpec> read_message(const ObjectReader& object, const FileOpener& open_file) {
  MessageSpec message;
  object.require("role");
  const auto role = read_enum(object, "role", kRoleWords, role_from);
  message.status = read_enum(object, "status", kMessageStatusWords, message_status_from)
                       .value_or(MessageStatus::completed);
  message.attachments = read_attachments(object, open_file);
  message.usage = read_usage(object);
  if (!role) return std::nullopt;
  message.role = *role;
  return message;
}

void check_usage(const ObjectReader& object, Role role) {
  if (role == Role::assistant) return;
  object.refuse_keys({"usage"}, "belongs to a message of the role assistant");
}

void check_spoken(const ObjectReader& object, Role role) {
  object.require("content");
  check_usage(object, role);
  if (role == Role::system) {
    // Assumed: no source says that there are such.
    object.remark_keys({"attachments"}, "can't belong to a system message");
  }
}

}  // namespace nairi::mock
