#include "harness/openapi/openapi_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "text/characters.h"

namespace nairi::contracts {
namespace {

using mock::Node;
using mock::ObjectReader;

// Methods of a path, as OpenAPI spells them.
constexpr std::array<std::string_view, 5> kMethods = {"get", "post", "put", "patch", "delete"};

class DocumentReader {
 public:
  explicit DocumentReader(const Node& document)
      : document_(document,
                  {"openapi", "info", "servers", "security", "tags", "paths", "components"}),
        components_(document_.require("components").value_or(document),
                    {"schemas", "parameters", "responses", "securitySchemes"}),
        schemas_(read_schemas(components_)) {}

  std::vector<ApiOperation> read() const {
    std::vector<ApiOperation> operations;
    document_.require("paths");
    each_member(document_, "paths", [&](const std::string& path, const Node& node) {
      const ObjectReader item(node, {"parameters", "get", "post", "put", "patch", "delete"});
      for (const std::string_view method : kMethods) {
        if (const auto operation = item.find(method)) {
          operations.push_back(read_operation(path, method, item, *operation));
        }
      }
    });
    return operations;
  }

 private:
  ApiOperation read_operation(const std::string& path, std::string_view method,
                              const ObjectReader& item, const Node& node) const {
    const ObjectReader object(node, {"operationId", "tags", "summary", "description", "parameters",
                                     "requestBody", "responses"});
    ApiOperation operation;
    operation.id = object.require_text("operationId").value_or("");
    operation.path = path;
    operation.method = method;
    std::ranges::transform(operation.method, operation.method.begin(), [](char c) {
      return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    });
    operation.source = read_source(object).value_or(Source::assumed);
    auto shape = std::make_shared<OperationShape>();
    shape->schemas = schemas_;
    for (const ObjectReader& holder : {item, object}) {
      holder.list("parameters", [&](const Node& parameter) {
        shape->parameters.push_back(read_parameter(followed(parameter, "parameters")));
      });
    }
    if (const auto body = object.find("requestBody")) shape->request = read_request(*body);
    object.require("responses");
    each_member(object, "responses", [&](const std::string& status, const Node& reply) {
      shape->replies.push_back(read_reply(status, followed(reply, "responses")));
      operation.replies.push_back(shape->replies.back().documented);
    });
    operation.shape = std::move(shape);
    return operation;
  }

  ParameterShape read_parameter(const Node& node) const {
    const ObjectReader object(
        node, {"name", "in", "required", "description", "style", "explode", "schema"});
    ParameterShape parameter;
    parameter.name = object.require_text("name").value_or("");
    const auto in = object.require_text("in");
    parameter.in_path = in == "path";
    if (in && in != "path" && in != "query") object.find("in")->expected("\"path\" or \"query\"");
    parameter.required = object.flag("required").value_or(false);
    parameter.source = read_source(object).value_or(Source::assumed);
    parameter.schema = required_schema(object);
    parameter.is_list = takes(*parameter.schema, JsonType::array);
    if (parameter.is_list && object.flag("explode") != false) {
      node.refuse("expected a list with \"explode\": false, which commas separate");
    }
    return parameter;
  }

  RequestShape read_request(const Node& node) const {
    const ObjectReader object(node, {"required", "description", "content"});
    RequestShape request;
    request.required = object.flag("required").value_or(false);
    request.source = read_source(object).value_or(Source::assumed);
    object.require("content");
    request.content = read_content(object, request.source).value_or(MediaShape{});
    return request;
  }

  ReplyShape read_reply(const std::string& status, const Node& node) const {
    const ObjectReader object(node, {"description", "content"});
    const Source source = read_source(object).value_or(Source::assumed);
    return {{status, source}, read_content(object, source)};
  }

  // The one media type of a body.
  std::optional<MediaShape> read_content(const ObjectReader& object, Source around) const {
    std::optional<MediaShape> media;
    each_member(object, "content", [&](const std::string& type, const Node& node) {
      if (media) node.refuse("expected one media type");
      const ObjectReader content(node, {"schema"});
      const auto own = content.has("x-source") ? read_source(content) : std::nullopt;
      media = {type, own.value_or(around), required_schema(content)};
    });
    return media;
  }

  SchemaPtr required_schema(const ObjectReader& object) const {
    const auto node = object.require("schema");
    return node ? read_schema(*node, *schemas_) : std::make_shared<const Schema>();
  }

  // The node itself, or the one of "components" that its $ref names.
  Node followed(const Node& node, std::string_view kind) const {
    if (!node.value->contains("$ref")) return node;
    const std::string prefix = "#/components/" + std::string(kind) + "/";
    const auto text = ObjectReader(node, {"$ref"}).text("$ref");
    std::optional<Node> found;
    if (text && text->starts_with(prefix)) {
      each_member(components_, kind, [&](const std::string& name, const Node& component) {
        if (name == text->substr(prefix.size())) found = component;
      });
    }
    if (!found) node.refuse("expected a reference to something in " + prefix);
    return found.value_or(node);
  }

  ObjectReader document_;
  ObjectReader components_;
  std::shared_ptr<const Schemas> schemas_;
};

}  // namespace

const ReplyShape* OperationShape::find_reply(std::string_view status) const {
  const auto first = [&](auto fits) -> const ReplyShape* {
    const auto found = std::ranges::find_if(
        replies, [&](const ReplyShape& reply) { return fits(reply.documented.status); });
    return found == replies.end() ? nullptr : &*found;
  };
  const auto is_range = [](std::string_view text) {
    return text.size() == 3 && mock::equal_ignoring_case(text.substr(1), "XX");
  };
  if (const auto* same = first(
          [&](const std::string& known) { return mock::equal_ignoring_case(known, status); })) {
    return same;
  }
  return first([&](const std::string& known) {
    return (is_range(known) || is_range(status)) && known.substr(0, 1) == status.substr(0, 1);
  });
}

std::vector<ApiOperation> read_operations(const Node& document) {
  return DocumentReader(document).read();
}

}  // namespace nairi::contracts
