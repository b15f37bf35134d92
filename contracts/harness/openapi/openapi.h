// contracts/openapi.json as a judge: whether a reply, or a request, fits what is known of the API.
//
//   const OpenApi& api = OpenApi::built_in();
//   if (const ApiOperation* start = api.find("POST", "/conversations/start")) {
//     for (const Violation& wrong : api.check_reply(*start, 200, "application/json", body)) …
//   }
//
// Not judged: texts and values that no schema fixes, and whether a request is authorized.
// Thread-safety: immutable; every member may be called from any thread.
#ifndef NAIRI_CONTRACTS_HARNESS_OPENAPI_OPENAPI_H_
#define NAIRI_CONTRACTS_HARNESS_OPENAPI_OPENAPI_H_

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "harness/cases/values.h"
#include "harness/openapi/api_operation.h"
#include "nairi/mock/world_file.h"

namespace nairi::contracts {

class OpenApi {
 public:
  // contracts/openapi.json, as it was when this library was built.
  static const OpenApi& built_in();

  // Another document of OpenAPI 3.1, made of no more than what ours uses: whatever else it says is
  // refused, as it would not be checked.
  static tl::expected<OpenApi, mock::Diagnostics> parse(std::string_view text,
                                                        const std::string& file = "openapi.json");

  const std::vector<ApiOperation>& operations() const { return operations_; }

  // The operation that a target below the API's prefix is about, still percent-encoded; a query
  // does not matter, and slugs may contain '/', raw or as %2F. nullptr: there is none (nor for
  // HEAD).
  const ApiOperation* find(std::string_view method, std::string_view target) const;

  // Every way in which a reply does not fit. Additional fields are fine. `content_type` and `body`
  // are empty when there are none. A reply to HEAD can't be checked: it has no body.
  Violations check_reply(const ApiOperation& operation, int status, std::string_view content_type,
                         std::string_view body) const;
  // The same when the body was read already: `value` is what parse_bounded() made of it.
  Violations check_reply(const ApiOperation& operation, int status, std::string_view content_type,
                         std::string_view body, const std::optional<Json>& value) const;

  // Every way in which a request does not fit. Additional fields and unknown query parameters are
  // fine. `target` is path and query below the API's prefix, as find() takes it.
  Violations check_request(const ApiOperation& operation, std::string_view target,
                           std::string_view content_type, std::string_view body) const;

  // Every way in which `value` could not stand at `pointer` of a reply's body, whose other fields
  // nobody looks at; fields that `value` itself lacks are not missed. `status` is "404" or "2xx".
  // Requires a pointer that is well formed. A status or a place that is not described takes
  // anything.
  Violations check_part(const ApiOperation& operation, std::string_view status,
                        std::string_view pointer, const Json& value) const;

 private:
  explicit OpenApi(std::vector<ApiOperation> operations) : operations_(std::move(operations)) {}
  std::vector<ApiOperation> operations_;
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_OPENAPI_OPENAPI_H_
