// Reads JSON values strictly: each accessor reports what is wrong and where, and goes on.
//
//   ObjectReader agent(node, {"agent_id", "name"});       // reports unknown keys
//   auto slug = agent.require_text("agent_id");           // nullopt: reported
//
// Thread-safety: none; the JSON and the Report must outlive all that is made from them.
#ifndef NAIRI_MOCK_TEXT_OBJECT_READER_H_
#define NAIRI_MOCK_TEXT_OBJECT_READER_H_

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "text/report.h"
#include "text/wording.h"

namespace nairi::mock {

// A value and where it stands.
struct Node {
  const nlohmann::json* value;
  std::string pointer;
  Report* report;

  void refuse(std::string message) const { report->add(pointer, std::move(message)); }
  // "expected <what>, got the number 3"
  void expected(std::string_view what) const;
  // What is merely unusual.
  void remark(std::string message) const { report->add_hint(pointer, std::move(message)); }
};

struct Range {
  std::int64_t least;
  std::int64_t most;
};

// Each reports and gives nullopt when the value is something else.
std::optional<std::string> read_text(const Node& node);
std::optional<bool> read_flag(const Node& node);
std::optional<std::int64_t> read_integer(const Node& node, Range range);

// The value that `from` finds for one of `words`; "expected one of …" when there is none.
template <typename Value>
std::optional<Value> read_word(const Node& node, const Words& words,
                               std::optional<Value> (*from)(std::string_view));

// Calls `read` for each element; reports a value that is not an array.
void read_list(const Node& node, const std::function<void(const Node&)>& read);

class ObjectReader {
 public:
  // Reports a value that is not an object, and members that are not among `known`; names that begin
  // with "x-" are free.
  ObjectReader(Node node, const Words& known);
  // Reports only a value that is not an object.
  explicit ObjectReader(Node node);

  const Node& node() const { return node_; }
  bool is_object() const { return node_.value->is_object(); }
  bool has(std::string_view key) const { return find(key).has_value(); }

  std::optional<Node> find(std::string_view key) const;
  // Reports a member that is not there.
  std::optional<Node> require(std::string_view key) const;

  std::optional<std::string> text(std::string_view key) const;
  std::optional<std::string> require_text(std::string_view key) const;
  std::optional<bool> flag(std::string_view key) const;
  std::optional<std::int64_t> integer(std::string_view key, Range range) const;
  // Nothing is reported for a list that is not there.
  void list(std::string_view key, const std::function<void(const Node&)>& read) const;

  // Reports each of `keys` that is there, at its name.
  void refuse_keys(const Words& keys, std::string_view why) const;

  // Hints with the words of refuse_keys() and require().
  void remark_keys(const Words& keys, std::string_view why) const;
  void remark_missing(std::string_view key) const;

 private:
  Node node_;
};

void expected_one_of(const Node& node, const Words& words);
// The same as a hint.
void remark_one_of(const Node& node, const Words& words);

template <typename Value>
std::optional<Value> read_word(const Node& node, const Words& words,
                               std::optional<Value> (*from)(std::string_view)) {
  if (node.value->is_string()) {
    if (const auto value = from(node.value->get_ref<const std::string&>())) return value;
  }
  expected_one_of(node, words);
  return std::nullopt;
}

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TEXT_OBJECT_READER_H_
