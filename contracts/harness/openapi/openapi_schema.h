// The part of JSON Schema (draft 2020-12, as OpenAPI 3.1 uses it) that contracts/openapi.json is
// made of. Written here because a violation must tell what was wanted, what came, and whose word it
// goes against (`x-source`), which general validators don't.
//
// Thread-safety: immutable once read.
#ifndef NAIRI_CONTRACTS_HARNESS_OPENAPI_OPENAPI_SCHEMA_H_
#define NAIRI_CONTRACTS_HARNESS_OPENAPI_OPENAPI_SCHEMA_H_

#include <re2/re2.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cases/source.h"
#include "harness/cases/values.h"
#include "harness/openapi/api_operation.h"

namespace nairi::contracts {

struct Schema;
using SchemaPtr = std::shared_ptr<const Schema>;

enum class JsonType { object, array, string, number, integer, boolean, null };

struct Schema {
  std::string title;               // says what is wanted, in place of the keywords
  std::optional<Source> source;    // none: that of what it is in
  const Schema* target = nullptr;  // of $ref; the other keywords hold besides
  std::vector<JsonType> types;     // any, when empty
  std::vector<Json> words;         // enum, or const alone; any value, when empty
  std::shared_ptr<const re2::RE2> pattern;
  std::optional<std::int64_t> minimum;
  std::optional<std::int64_t> maximum;
  std::optional<std::int64_t> min_length;
  std::optional<std::int64_t> min_items;
  std::optional<std::int64_t> max_items;
  SchemaPtr items;
  std::vector<std::string> required;
  std::map<std::string, SchemaPtr> properties;
  std::map<std::string, std::vector<std::string>> dependent_required;
  SchemaPtr condition;    // if
  SchemaPtr consequence;  // then
  SchemaPtr content;      // contentSchema, of JSON text
};

// "a", "a or b", "a, b or c".
std::string either(const std::vector<std::string>& words);

// What a value must be, in words: "an integer from 1 to 100".
std::string in_words(const Schema& schema);

// Whether the schema, or what it refers to, takes values of that type.
bool takes(const Schema& schema, JsonType type);

// Whose word the schema is, or the one that it refers to.
Source source_of(const Schema& schema, Source around);

// What is described at a place below `schema`, and where that description comes from; no schema
// when nothing is said about it.
struct SchemaPlace {
  const Schema* schema;
  Source source;
};
SchemaPlace descend(const Schema& schema, Source source, std::string_view pointer);

// The value of JSON text that does not nest beyond reason; nullopt when it is none.
std::optional<Json> parse_bounded(std::string_view text);

// How a value is checked.
struct Checking {
  Source source;         // of what has none of its own
  std::string pointer;   // of the value
  bool partial = false;  // what is not there is not missed
};

// Adds every way in which `value` does not fit.
void check_value(const Schema& schema, const Json& value, const Checking& checking,
                 Violations& violations);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_OPENAPI_OPENAPI_SCHEMA_H_
