#include "harness/cases/call_reader.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

#include "text/json_source.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

using mock::Node;
using mock::ObjectReader;

constexpr std::int64_t kMostBytes = std::int64_t{64} << 20;

const mock::Words& method_words() {
  static const mock::Words words{"get", "head", "post", "put", "patch", "delete", "options"};
  return words;
}

// Every text within a value that is sent.
void check_names_within(const Node& node, const KnownNames& names) {
  const Json& value = *node.value;
  if (value.is_string()) check_names(node, value.get_ref<const std::string&>(), names);
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      check_names_within({&value[i], mock::child_pointer(node.pointer, i), node.report}, names);
    }
  }
  if (value.is_object()) {
    for (const auto& [key, child] : value.items()) {
      check_names_within({&child, mock::child_pointer(node.pointer, key), node.report}, names);
    }
  }
}

void read_method(const ObjectReader& object, const KnownNames& names, Call& call) {
  for (const std::string_view method : method_words()) {
    const auto path = object.find(method);
    if (!path) continue;
    if (!call.method.empty()) {
      return object.node().refuse("a call has one method");
    }
    call.method = method;
    std::transform(call.method.begin(), call.method.end(), call.method.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    call.path = mock::read_text(*path).value_or("");
    check_names(*path, call.path, names);
    if (!call.path.starts_with('/')) path->expected("a path below the API's prefix, from \"/\"");
  }
  if (call.method.empty()) {
    object.node().refuse("a call has a method and a path, such as \"get\": \"/agents\"");
  }
}

std::vector<std::pair<std::string, std::string>> read_headers(const ObjectReader& object,
                                                              const KnownNames& names) {
  std::vector<std::pair<std::string, std::string>> headers;
  const auto node = object.find("headers");
  if (!node) return headers;
  if (!node->value->is_object()) {
    node->expected("an object");
    return headers;
  }
  for (const auto& [name, value] : node->value->items()) {
    const Node child{&value, mock::child_pointer(node->pointer, name), node->report};
    if (auto text = mock::read_text(child)) {
      check_names(child, *text, names);
      headers.emplace_back(name, std::move(*text));
    }
  }
  return headers;
}

Part read_part(const Node& node, const KnownNames& names) {
  const ObjectReader object(node, {"name", "filename", "text", "zero_bytes"});
  Part part;
  part.name = object.require_text("name").value_or("");
  part.filename = object.text("filename");
  if (const auto text = object.text("text")) {
    check_names(*object.find("text"), *text, names);
    part.text = *text;
  }
  part.size = static_cast<std::size_t>(object.integer("zero_bytes", {0, kMostBytes}).value_or(0));
  if (object.has("text") == object.has("zero_bytes")) {
    node.refuse("a part has \"text\" or \"zero_bytes\"");
  }
  return part;
}

std::map<std::string, Json> read_header_patterns(const ObjectReader& object, KnownNames& names) {
  std::map<std::string, Json> headers;
  const auto node = object.find("headers");
  if (!node) return headers;
  if (!node->value->is_object()) {
    node->expected("an object");
    return headers;
  }
  for (const auto& [name, pattern] : node->value->items()) {
    check_pattern({&pattern, mock::child_pointer(node->pointer, name), node->report}, names);
    headers[name] = pattern;
  }
  return headers;
}

// "2xx"
bool is_status_class(const Json& status) {
  const auto& text = status.get_ref<const std::string&>();
  return text.size() == 3 && text.ends_with("xx") && text[0] >= '1' && text[0] <= '5';
}

}  // namespace

Call read_call(const Node& node, const KnownNames& names) {
  mock::Words known{"auth", "headers", "json", "body", "times", "multipart"};
  known.insert(known.end(), method_words().begin(), method_words().end());
  const ObjectReader object(node, known);
  Call call;
  if (!object.is_object()) return call;
  read_method(object, names, call);
  call.auth = object.text("auth");
  if (call.auth) check_names(*object.find("auth"), *call.auth, names);
  call.headers = read_headers(object, names);
  if (const auto json = object.find("json")) {
    check_names_within(*json, names);
    call.json = *json->value;
  }
  call.body = object.text("body");
  call.body_times = static_cast<std::size_t>(object.integer("times", {1, kMostBytes}).value_or(1));
  if (!call.body) object.refuse_keys({"times"}, "goes with \"body\" only");
  object.list("multipart",
              [&](const Node& part) { call.multipart.push_back(read_part(part, names)); });
  if (call.json.has_value() + call.body.has_value() + !call.multipart.empty() > 1) {
    node.refuse("a call has one of \"json\", \"body\" and \"multipart\"");
  }
  return call;
}

Expected read_expected(const Node& node, KnownNames& names) {
  const ObjectReader object(node, {"status", "headers", "json", "body"});
  Expected expected;
  if (!object.is_object()) return expected;
  const auto read_pattern = [&](std::string_view key, Json& pattern) {
    if (const auto child = object.find(key)) {
      check_pattern(*child, names);
      pattern = *child->value;
    }
  };
  read_pattern("status", expected.status);
  const bool bad_status = expected.status.is_string() && !is_status_class(expected.status);
  if (bad_status)
    object.find("status")->expected("a status such as 200, or a class such as \"2xx\"");
  expected.headers = read_header_patterns(object, names);
  read_pattern("json", expected.json);
  read_pattern("body", expected.body);
  return expected;
}

}  // namespace nairi::contracts
