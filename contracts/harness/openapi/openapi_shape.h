// What the requests and replies of one operation must look like.
// Thread-safety: immutable once read.
#ifndef NAIRI_CONTRACTS_HARNESS_OPENAPI_OPENAPI_SHAPE_H_
#define NAIRI_CONTRACTS_HARNESS_OPENAPI_OPENAPI_SHAPE_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/openapi/api_operation.h"
#include "harness/openapi/openapi_schema.h"

namespace nairi::contracts {

// A body of one media type.
struct MediaShape {
  std::string type;
  Source source = Source::assumed;
  SchemaPtr schema;
};

struct ReplyShape {
  DocumentedReply documented;
  std::optional<MediaShape> content;  // none: it has no body
};

struct RequestShape {
  bool required = false;
  Source source = Source::assumed;
  MediaShape content;
};

struct ParameterShape {
  std::string name;
  bool in_path = false;  // else in the query
  bool required = false;
  bool is_list = false;  // separated by commas
  Source source = Source::assumed;
  SchemaPtr schema;
};

using Schemas = std::map<std::string, std::shared_ptr<Schema>>;

struct OperationShape {
  std::shared_ptr<const Schemas> schemas;  // keeps what the other schemas refer to
  std::vector<ParameterShape> parameters;
  std::optional<RequestShape> request;
  std::vector<ReplyShape> replies;

  // The reply described for "404" or "2xx"; for "200" also one described as "2XX", and the other
  // way round. nullptr: there is none.
  const ReplyShape* find_reply(std::string_view status) const;
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_OPENAPI_OPENAPI_SHAPE_H_
