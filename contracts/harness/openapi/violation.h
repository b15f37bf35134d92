// One way in which a reply or a request does not fit the description of the API.
#ifndef NAIRI_CONTRACTS_HARNESS_OPENAPI_VIOLATION_H_
#define NAIRI_CONTRACTS_HARNESS_OPENAPI_VIOLATION_H_

#include <string>
#include <vector>

#include "harness/cases/source.h"

namespace nairi::contracts {

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

#endif  // NAIRI_CONTRACTS_HARNESS_OPENAPI_VIOLATION_H_
