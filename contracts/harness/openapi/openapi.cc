#include "harness/openapi/openapi.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "harness/cases/files.h"
#include "harness/openapi/openapi_reader.h"
#include "harness/openapi/request_reader.h"
#include "text/characters.h"
#include "text/json_source.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

constexpr std::string_view kNothing = "nothing";
constexpr std::string_view kForm = "multipart/form-data";

// How much of a path is spelled out: of two that fit, the one that says more is meant.
std::size_t literal_length(std::string_view path) {
  return path.find('{') == std::string_view::npos ? path.size()
                                                  : path.size() - (path.find('}') - path.find('{'));
}

// "application/json" of "application/json; charset=utf-8".
std::string_view media_type(std::string_view content_type) {
  return mock::trimmed(content_type.substr(0, content_type.find(';')));
}

bool is_media(std::string_view content_type, std::string_view wanted) {
  const std::string_view got = media_type(content_type);
  return mock::equal_ignoring_case(got, wanted) ||
         (wanted == "application/json" && got.ends_with("+json"));
}

void check_media_type(const MediaShape& media, std::string_view content_type,
                      Violations& violations) {
  if (is_media(content_type, media.type)) return;
  violations.push_back(
      {"header Content-Type", media.type,
       content_type.empty() ? std::string(kNothing) : mock::in_quotes(content_type), media.source});
}

void check_json(const MediaShape& media, Source source, std::string_view body,
                const std::optional<Json>& value, Violations& violations) {
  if (value) {
    check_value(*media.schema, *value, {.source = source, .pointer = {}}, violations);
    return;
  }
  violations.push_back({"", "JSON", body.empty() ? std::string(kNothing) : mock::in_quotes(body),
                        source_of(*media.schema, source)});
}

void check_form(const MediaShape& media, Source source, std::string_view content_type,
                std::string_view body, Violations& violations) {
  const Schema& form = media.schema->target == nullptr ? *media.schema : *media.schema->target;
  for (const std::string& name : form.required) {
    const auto part = find_form_part(content_type, body, name);
    if (part) continue;
    violations.push_back(
        {"form " + name, "a file", part.error(), source_of(*form.properties.at(name), source)});
  }
}

void check_body(const RequestShape& request, std::string_view content_type, std::string_view body,
                Violations& violations) {
  if (body.empty()) {
    if (!request.required) return;
    violations.push_back({"", "a body", std::string(kNothing), request.source});
    return;
  }
  const std::size_t before = violations.size();
  check_media_type(request.content, content_type, violations);
  if (request.content.type != kForm) {
    check_json(request.content, request.source, body, parse_bounded(body), violations);
  } else if (violations.size() == before) {
    check_form(request.content, request.source, content_type, body, violations);
  }
}

// A parameter's text as the value that its schema describes, or as text when it is no such value.
Json parameter_value(const ParameterShape& parameter, const std::string& text) {
  if (parameter.is_list) {
    Json list = Json::array();
    std::string_view rest = text;
    while (true) {
      const std::string_view word = rest.substr(0, rest.find(','));
      list.push_back(word);
      if (word.size() == rest.size()) return list;
      rest.remove_prefix(word.size() + 1);
    }
  }
  if (takes(*parameter.schema, JsonType::integer)) {
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc{} && stop == end) return number;
  }
  return text;
}

void check_query(const OperationShape& shape, std::string_view text, Source around,
                 Violations& violations) {
  const auto query = read_query(text);
  if (!query) {
    violations.push_back({"query", "percent-encoded text", mock::in_quotes(text), around});
    return;
  }
  for (const ParameterShape& parameter : shape.parameters) {
    if (parameter.in_path) continue;
    const std::string pointer = "query " + parameter.name;
    // Of a repeated one the first counts (assumed).
    const auto given =
        std::ranges::find(*query, parameter.name, &QueryParameters::value_type::first);
    if (given != query->end()) {
      check_value(*parameter.schema, parameter_value(parameter, given->second),
                  {.source = parameter.source, .pointer = pointer}, violations);
    } else if (parameter.required) {
      violations.push_back(
          {pointer, in_words(*parameter.schema), std::string(kNothing), parameter.source});
    }
  }
}

void check_path(const ApiOperation& operation, std::string_view path, Violations& violations) {
  const auto encoded = path_parameter(operation.path, path);
  if (!encoded) {
    violations.push_back({"path", operation.path, mock::in_quotes(path), operation.source});
    return;
  }
  for (const ParameterShape& parameter : operation.shape->parameters) {
    if (!parameter.in_path) continue;
    const std::string pointer = "path " + parameter.name;
    if (const auto value = percent_decode(*encoded)) {
      check_value(*parameter.schema, *value, {.source = parameter.source, .pointer = pointer},
                  violations);
    } else {
      violations.push_back(
          {pointer, "percent-encoded text", mock::in_quotes(*encoded), parameter.source});
    }
  }
}

Violation unknown_status(const ApiOperation& operation, int status) {
  std::vector<std::string> statuses;
  for (const DocumentedReply& reply : operation.replies) statuses.push_back(reply.status);
  // Whoever says which success it is says that it is no other. Which 4xx refuses a call is said of
  // few mistakes; that it must be one of those is assumed.
  const ReplyShape* other = status / 100 == 2 ? operation.shape->find_reply("2XX") : nullptr;
  const Source source = other != nullptr    ? other->documented.source
                        : status / 100 == 4 ? Source::assumed
                                            : operation.source;
  return {"status", either(statuses), std::to_string(status), source};
}

OpenApi built_in_or_throw() {
  auto api = OpenApi::parse(embedded_text("contracts/openapi.json").value_or(""));
  if (api) return std::move(*api);
  throw std::logic_error("built-in " + mock::to_string(api.error().front()));
}

}  // namespace

const OpenApi& OpenApi::built_in() {
  static const OpenApi api = built_in_or_throw();
  return api;
}

tl::expected<OpenApi, mock::Diagnostics> OpenApi::parse(std::string_view text,
                                                        const std::string& file) {
  auto document = parse_document(text, file);
  if (!document) return tl::unexpected(std::move(document.error()));
  mock::Report report(file);
  std::vector<ApiOperation> operations = read_operations({&*document, "", &report});
  if (!report.empty()) return tl::unexpected(report.diagnostics(text));
  return OpenApi(std::move(operations));
}

const ApiOperation* OpenApi::find(std::string_view method, std::string_view target) const {
  const std::string_view path = target.substr(0, target.find('?'));
  std::string_view fitting;
  for (const ApiOperation& operation : operations_) {
    if (path_parameter(operation.path, path) &&
        literal_length(operation.path) > literal_length(fitting)) {
      fitting = operation.path;
    }
  }
  const auto found = std::ranges::find_if(operations_, [&](const ApiOperation& operation) {
    return operation.path == fitting && operation.method == method;
  });
  return found == operations_.end() ? nullptr : &*found;
}

Violations OpenApi::check_reply(const ApiOperation& operation, int status,
                                std::string_view content_type, std::string_view body) const {
  return check_reply(operation, status, content_type, body, parse_bounded(body));
}

Violations OpenApi::check_reply(const ApiOperation& operation, int status,
                                std::string_view content_type, std::string_view body,
                                const std::optional<Json>& value) const {
  const ReplyShape* reply = operation.shape->find_reply(std::to_string(status));
  if (reply == nullptr) return {unknown_status(operation, status)};
  Violations violations;
  const Source source = reply->documented.source;
  if (reply->content) {
    check_media_type(*reply->content, content_type, violations);
    check_json(*reply->content, source, body, value, violations);
  } else if (!body.empty()) {
    violations.push_back({"", "no body", mock::in_quotes(body), source});
  }
  return violations;
}

Violations OpenApi::check_request(const ApiOperation& operation, std::string_view target,
                                  std::string_view content_type, std::string_view body) const {
  const auto [path, query] = split_target(target);
  Violations violations;
  check_path(operation, path, violations);
  check_query(*operation.shape, query, operation.source, violations);
  if (operation.shape->request) {
    check_body(*operation.shape->request, content_type, body, violations);
  }
  return violations;
}

Violations OpenApi::check_part(const ApiOperation& operation, std::string_view status,
                               std::string_view pointer, const Json& value) const {
  const ReplyShape* reply = operation.shape->find_reply(status);
  if (reply == nullptr || !reply->content) return {};
  const SchemaPlace place = descend(*reply->content->schema, reply->documented.source, pointer);
  Violations violations;
  if (place.schema != nullptr) {
    check_value(*place.schema, value,
                {.source = place.source, .pointer = std::string(pointer), .partial = true},
                violations);
  }
  return violations;
}

}  // namespace nairi::contracts
