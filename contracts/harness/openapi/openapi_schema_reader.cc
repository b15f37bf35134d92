#include <array>
#include <limits>
#include <utility>

#include "harness/openapi/openapi_reader.h"
#include "text/json_source.h"

namespace nairi::contracts {
namespace {

using mock::Node;
using mock::ObjectReader;

// Not checked: "format", which goes with a pattern, and what only says something to people.
const mock::Words kKeywords = {"$ref",
                               "type",
                               "enum",
                               "const",
                               "pattern",
                               "minimum",
                               "maximum",
                               "minItems",
                               "minLength",
                               "maxItems",
                               "items",
                               "required",
                               "if",
                               "then",
                               "properties",
                               "title",
                               "dependentRequired",
                               "contentSchema",
                               "examples",
                               "default",
                               "description",
                               "format",
                               "contentMediaType",
                               "contentEncoding"};

constexpr std::array<std::pair<std::string_view, JsonType>, 7> kTypes = {
    {{"object", JsonType::object},
     {"array", JsonType::array},
     {"string", JsonType::string},
     {"number", JsonType::number},
     {"integer", JsonType::integer},
     {"boolean", JsonType::boolean},
     {"null", JsonType::null}}};

std::optional<JsonType> type_from(std::string_view word) {
  for (const auto& [known, type] : kTypes) {
    if (known == word) return type;
  }
  return std::nullopt;
}

std::optional<JsonType> read_type(const Node& node) {
  mock::Words words;
  for (const auto& known : kTypes) words.push_back(known.first);
  return mock::read_word<JsonType>(node, words, type_from);
}

std::vector<std::string> read_texts(const Node& node) {
  std::vector<std::string> texts;
  mock::read_list(node, [&](const Node& element) {
    if (auto text = mock::read_text(element)) texts.push_back(std::move(*text));
  });
  return texts;
}

class SchemaReader {
 public:
  // `schemas` are what may be referred to.
  SchemaReader(const Schemas& schemas, bool graded) : schemas_(schemas), graded_(graded) {}

  Schema read(const Node& node, bool is_property = false) const {
    const ObjectReader object(node, kKeywords);
    Schema schema;
    if (object.has("x-source") || (is_property && graded_)) schema.source = read_source(object);
    if (const auto reference = object.find("$ref")) schema.target = read_reference(*reference);
    schema.title = object.text("title").value_or("");
    read_value_keywords(object, schema);
    read_object_keywords(object, schema);
    schema.items = child(object, "items", graded_);
    // What only distinguishes cases repeats fields that are graded elsewhere.
    schema.condition = child(object, "if", false);
    schema.consequence = child(object, "then", false);
    if (!schema.condition != !schema.consequence) node.refuse("\"if\" and \"then\" go together");
    schema.content = child(object, "contentSchema", graded_);
    return schema;
  }

 private:
  SchemaPtr child(const ObjectReader& object, std::string_view key, bool graded) const {
    const auto node = object.find(key);
    if (!node) return nullptr;
    return std::make_shared<const Schema>(SchemaReader(schemas_, graded).read(*node));
  }

  const Schema* read_reference(const Node& node) const {
    constexpr std::string_view kPrefix = "#/components/schemas/";
    const auto text = mock::read_text(node);
    if (!text) return nullptr;
    const auto found =
        text->starts_with(kPrefix) ? schemas_.find(text->substr(kPrefix.size())) : schemas_.end();
    if (found != schemas_.end()) return found->second.get();
    node.expected("a schema of this document, " + std::string(kPrefix) + "…");
    return nullptr;
  }

  static void read_value_keywords(const ObjectReader& object, Schema& schema) {
    if (const auto node = object.find("type"); node && node->value->is_array()) {
      mock::read_list(*node, [&](const Node& element) {
        if (const auto type = read_type(element)) schema.types.push_back(*type);
      });
    } else if (node) {
      if (const auto type = read_type(*node)) schema.types.push_back(*type);
    }
    object.list("enum", [&](const Node& word) { schema.words.push_back(*word.value); });
    if (const auto word = object.find("const")) schema.words = {*word->value};
    if (const auto pattern = object.text("pattern")) {
      schema.pattern = std::make_shared<const RE2>(*pattern, RE2::Quiet);
      if (!schema.pattern->ok()) object.node().refuse("bad pattern: " + schema.pattern->error());
    }
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    schema.minimum = object.integer("minimum", {-kMost, kMost});
    schema.maximum = object.integer("maximum", {-kMost, kMost});
    schema.min_length = object.integer("minLength", {0, kMost});
    schema.min_items = object.integer("minItems", {0, kMost});
    schema.max_items = object.integer("maxItems", {0, kMost});
  }

  void read_object_keywords(const ObjectReader& object, Schema& schema) const {
    if (const auto node = object.find("required")) schema.required = read_texts(*node);
    each_member(object, "properties", [&](const std::string& name, const Node& property) {
      schema.properties[name] = std::make_shared<const Schema>(read(property, true));
    });
    each_member(object, "dependentRequired", [&](const std::string& name, const Node& names) {
      schema.dependent_required[name] = read_texts(names);
    });
  }

  const Schemas& schemas_;
  bool graded_;  // whether each property must have an x-source
};

}  // namespace

std::optional<Source> read_source(const ObjectReader& object) {
  const auto node = object.require("x-source");
  if (!node) return std::nullopt;
  return mock::read_word<Source>(*node, {kSourceWords.begin(), kSourceWords.end()}, source_from);
}

void each_member(const ObjectReader& object, std::string_view key,
                 const std::function<void(const std::string&, const Node&)>& read) {
  const auto node = object.find(key);
  if (!node) return;
  if (!node->value->is_object()) {
    node->expected("an object");
    return;
  }
  for (const auto& [name, value] : node->value->items()) {
    read(name, {&value, mock::child_pointer(node->pointer, name), node->report});
  }
}

SchemaPtr read_schema(const Node& node, const Schemas& schemas) {
  return std::make_shared<const Schema>(SchemaReader(schemas, true).read(node));
}

std::shared_ptr<const Schemas> read_schemas(const ObjectReader& components) {
  auto schemas = std::make_shared<Schemas>();
  each_member(components, "schemas", [&](const std::string& name, const Node& /*node*/) {
    (*schemas)[name] = std::make_shared<Schema>();
  });
  each_member(components, "schemas", [&](const std::string& name, const Node& node) {
    // A schema that is another one, and that one the first, would have no end.
    if (node.value->contains("$ref")) node.refuse("a schema of its own, no $ref");
    *(*schemas)[name] = SchemaReader(*schemas, true).read(node);
  });
  return schemas;
}

}  // namespace nairi::contracts
