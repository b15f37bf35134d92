// Reads a document of OpenAPI 3.1, strictly: what would not be checked is refused.
#ifndef NAIRI_CONTRACTS_HARNESS_OPENAPI_OPENAPI_READER_H_
#define NAIRI_CONTRACTS_HARNESS_OPENAPI_OPENAPI_READER_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/openapi/openapi_shape.h"
#include "text/object_reader.h"

namespace nairi::contracts {

// The member "x-source"; reports one that is missing or no source.
std::optional<Source> read_source(const mock::ObjectReader& object);

// Calls `read` for each member of the object's member `key`, if that is there.
void each_member(const mock::ObjectReader& object, std::string_view key,
                 const std::function<void(const std::string& name, const mock::Node&)>& read);

// The "schemas" of a document's "components".
std::shared_ptr<const Schemas> read_schemas(const mock::ObjectReader& components);
// Any other schema, which may refer to those.
SchemaPtr read_schema(const mock::Node& node, const Schemas& schemas);

// All operations of a document, in the order of their paths.
std::vector<ApiOperation> read_operations(const mock::Node& document);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_OPENAPI_OPENAPI_READER_H_
