// What several parts of a world file have in common: files, usage, template texts, enum words.
#ifndef NAIRI_MOCK_WORLD_FIELD_READERS_H_
#define NAIRI_MOCK_WORLD_FIELD_READERS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nairi/mock/world.h"
#include "text/object_reader.h"
#include "world/files.h"
#include "world/names.h"

namespace nairi::mock {

// What all readers of one file share.
struct WorldContext {
  Names& names;
  const FileOpener& open_file;
};

// Whether a text may have placeholders, and which.
struct TextRules {
  bool templates = true;
  std::optional<int> groups = {};  // of the turn's regex
};

// The string at `node`, checked against `rules`.
std::optional<std::string> read_template(const Node& node, const TextRules& rules);

std::vector<File> read_attachments(const ObjectReader& object, const FileOpener& open_file);
std::optional<Usage> read_usage(const ObjectReader& object);

// Of a message that is there from the beginning or that a script adds: role, status, files and
// usage. nullopt without a role that is known (reported).
std::optional<MessageSpec> read_message(const ObjectReader& object, const FileOpener& open_file);
void check_usage(const ObjectReader& object, Role role);
// What a message with a text has, and has not.
void check_spoken(const ObjectReader& object, Role role);

// The member `key` as one of four words.
template <typename Value>
std::optional<Value> read_enum(const ObjectReader& object, std::string_view key,
                               const std::array<std::string_view, 4>& words,
                               std::optional<Value> (*from)(std::string_view)) {
  const auto node = object.find(key);
  if (!node) return std::nullopt;
  return read_word(*node, Words(words.begin(), words.end()), from);
}

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_WORLD_FIELD_READERS_H_
