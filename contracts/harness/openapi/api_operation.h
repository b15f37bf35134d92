// What is known of an operation of the API, and one way in which a reply or a request does not fit.
#ifndef NAIRI_CONTRACTS_HARNESS_OPENAPI_API_OPERATION_H_
#define NAIRI_CONTRACTS_HARNESS_OPENAPI_API_OPERATION_H_

#include <memory>
#include <string>
#include <vector>

#include "harness/cases/source.h"

namespace nairi::contracts {

// One reply that an operation is known to give.
struct DocumentedReply {
  std::string status;  // "404"; "2XX" where nobody says which one it is
  Source source = Source::assumed;
};

struct OperationShape;  // what its requests and replies must look like

struct ApiOperation {
  std::string id;      // "start": what the engine's route table calls it
  std::string method;  // "POST"
  std::string path;    // "/conversations/{job_id}/continue", below the API's prefix
  Source source = Source::assumed;
  std::vector<DocumentedReply> replies;
  std::shared_ptr<const OperationShape> shape;
};

struct Violation {
  // JSON pointer into the body, and on into JSON text within it; else what is wrong: "status",
  // "header Content-Type", "query limit", "path job_id", "form file".
  std::string pointer;
  std::string wanted;
  std::string got;
  Source source = Source::assumed;  // of the field; else of the reply; else of the operation

  bool operator==(const Violation&) const = default;
};

using Violations = std::vector<Violation>;

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_OPENAPI_API_OPERATION_H_
