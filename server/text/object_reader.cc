#include "text/object_reader.h"

#include <utility>

#include "text/json_source.h"

namespace nairi::mock {
namespace {

std::string expectation(const Node& node, std::string_view what) {
  return "expected " + std::string(what) + ", got " + describe(*node.value);
}

std::string missing_key(std::string_view key) {
  return "missing required key " + in_quotes(key);
}

// "\"a\", \"b\" or \"c\""
std::string one_of(const Words& words) {
  std::string list;
  for (const std::string_view word : words) {
    if (!list.empty()) list += word == words.back() ? " or " : ", ";
    list += in_quotes(word);
  }
  return list;
}

}  // namespace

void Node::expected(std::string_view what) const {
  refuse(expectation(*this, what));
}

std::optional<std::string> read_text(const Node& node) {
  if (node.value->is_string()) return node.value->get<std::string>();
  node.expected("a string");
  return std::nullopt;
}

std::optional<bool> read_flag(const Node& node) {
  if (node.value->is_boolean()) return node.value->get<bool>();
  node.expected("true or false");
  return std::nullopt;
}

std::optional<std::int64_t> read_integer(const Node& node, Range range) {
  // An unsigned number beyond int64 would come back negative.
  const bool fits = node.value->is_number_integer() &&
                    (!node.value->is_number_unsigned() ||
                     std::in_range<std::int64_t>(node.value->get<std::uint64_t>()));
  if (fits) {
    const auto number = node.value->get<std::int64_t>();
    if (number >= range.least && number <= range.most) return number;
  }
  node.expected("an integer from " + std::to_string(range.least) + " to " +
                std::to_string(range.most));
  return std::nullopt;
}

void read_list(const Node& node, const std::function<void(const Node&)>& read) {
  if (!node.value->is_array()) {
    node.expected("an array");
    return;
  }
  std::size_t index = 0;
  for (const auto& element : *node.value) {
    if (node.report->full()) break;
    read({&element, child_pointer(node.pointer, index++), node.report});
  }
}

void expected_one_of(const Node& node, const Words& words) {
  node.expected(one_of(words));
}

void remark_one_of(const Node& node, const Words& words) {
  node.remark(expectation(node, one_of(words)));
}

ObjectReader::ObjectReader(Node node) : node_(std::move(node)) {
  if (!is_object()) node_.expected("an object");
}

ObjectReader::ObjectReader(Node node, const Words& known) : ObjectReader(std::move(node)) {
  if (!is_object()) return;
  for (const auto& [key, value] : node_.value->items()) {
    if (node_.report->full()) return;
    if (key.starts_with("x-") || contains(known, key)) continue;
    node_.report->add_at_key(node_.pointer, key,
                             "unknown key " + in_quotes(key) + hint(key, known));
  }
}

std::optional<Node> ObjectReader::find(std::string_view key) const {
  if (!is_object()) return std::nullopt;
  const auto member = node_.value->find(key);
  if (member == node_.value->end()) return std::nullopt;
  return Node{&*member, child_pointer(node_.pointer, key), node_.report};
}

std::optional<Node> ObjectReader::require(std::string_view key) const {
  auto member = find(key);
  if (!member && is_object()) node_.refuse(missing_key(key));
  return member;
}

std::optional<std::string> ObjectReader::text(std::string_view key) const {
  const auto member = find(key);
  return member ? read_text(*member) : std::nullopt;
}

std::optional<std::string> ObjectReader::require_text(std::string_view key) const {
  const auto member = require(key);
  return member ? read_text(*member) : std::nullopt;
}

std::optional<bool> ObjectReader::flag(std::string_view key) const {
  const auto member = find(key);
  return member ? read_flag(*member) : std::nullopt;
}

std::optional<std::int64_t> ObjectReader::integer(std::string_view key, Range range) const {
  const auto member = find(key);
  return member ? read_integer(*member, range) : std::nullopt;
}

void ObjectReader::list(std::string_view key, const std::function<void(const Node&)>& read) const {
  const auto member = find(key);
  if (member) read_list(*member, read);
}

void ObjectReader::refuse_keys(const Words& keys, std::string_view why) const {
  for (const std::string_view key : keys) {
    if (!has(key)) continue;
    node_.report->add_at_key(node_.pointer, std::string(key),
                             in_quotes(key) + " " + std::string(why));
  }
}

void ObjectReader::remark_keys(const Words& keys, std::string_view why) const {
  for (const std::string_view key : keys) {
    if (!has(key)) continue;
    node_.report->add_hint_at_key(node_.pointer, std::string(key),
                                  in_quotes(key) + " " + std::string(why));
  }
}

void ObjectReader::remark_missing(std::string_view key) const {
  if (is_object() && !has(key)) node_.remark(missing_key(key));
}

}  // namespace nairi::mock
